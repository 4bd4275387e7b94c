package main

import (
	"strings"
	"testing"
	"time"
)

// TestProgress: nothing is said of what is quick; then the step that takes long, and each further one, until the end.
func TestProgress(t *testing.T) {
	var (
		out  strings.Builder
		late func()
	)
	p := newProgress(&out, func(d time.Duration, f func()) *time.Timer {
		if d != 3*time.Second {
			t.Errorf("says something after %v", d)
		}
		late = f
		return nil
	})
	p.step("one")
	p.step("two")
	if out.Len() > 0 {
		t.Errorf("%q is said at once", &out)
	}
	late()
	p.step("three")
	p.end()
	p.step("four")
	if want := "trailkeeper: two …\ntrailkeeper: three …\n"; out.String() != want {
		t.Errorf("%q; want %q", &out, want)
	}
	out.Reset()
	quick := newProgress(&out, func(_ time.Duration, f func()) *time.Timer { late = f; return nil })
	quick.step("one")
	quick.end()
	if late(); out.Len() > 0 {
		t.Errorf("%q after the end", &out)
	}
}
