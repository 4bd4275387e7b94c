package render

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/result"
)

func TestLinesFitAndHostileTextShowsNothing(t *testing.T) {
	long := strings.Repeat("very long words ", 30) + strings.Repeat("x", 300)
	r := result.Result{
		Name:   "n",
		Title:  long,
		Checks: []result.Verdict{{Check: "p", Why: long + "\x1b[2J"}},
		Timeline: []localcloud.Entry{
			{Kind: localcloud.KindSlack, Text: "a\x1b]0;title\x07b \u202egnol\nsecond line"},
			{
				Kind:    localcloud.KindCall,
				Who:     "mallory\r\n",
				Op:      "StopLogging",
				Subject: "arn:aws:cloudtrail:r:1:trail/" + strings.Repeat("t", 128),
				Err:     "X",
			},
			{Kind: localcloud.KindLost, Subject: "s", Err: long},
		},
	}
	var b strings.Builder
	if err := WriteText(&b, r, 80); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
			t.Errorf("%d characters: %s", n, line)
		}
	}
	if strings.ContainsAny(b.String(), "\x1b\x07\r\u202e") || strings.Contains(b.String(), "second line") {
		t.Errorf("hostile text got through:\n%q", b.String())
	}
}

func TestRepeatedLinesAreCounted(t *testing.T) {
	entry := func(op string, at time.Duration) localcloud.Entry {
		return localcloud.Entry{
			Kind: localcloud.KindCall,
			Who:  "w",
			Op:   op,
			At:   localcloud.Start.Add(at),
		}
	}
	r := result.Result{Start: localcloud.Start, Timeline: []localcloud.Entry{
		entry("A", 0), entry("B", 1), entry("A", 2*time.Second), entry("B", 3*time.Second), entry("C", 4*time.Second),
		entry("D", 5*time.Second), entry("D", 6*time.Second), entry("D", 7*time.Second),
	}}
	var got []string
	for _, l := range lines(r) {
		got = append(got, l.what+l.more)
	}
	want := "A|B (both 2 times, until 3.00 s)|C|D (3 times, until 7.00 s)"
	if strings.Join(got, "|") != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A block of lines is not cut in two: it begins with what its other lines come of. Lines within it that repeat
// themselves count as one.
func TestRepeatedBlocksBeginWell(t *testing.T) {
	stop := localcloud.Entry{Kind: localcloud.KindCall, Who: "mallory", Op: "StopLogging"}
	look := localcloud.Entry{Kind: localcloud.KindCall, Function: true, Op: "GetTrailStatus"}
	first := localcloud.Entry{Kind: localcloud.KindSlack, Via: localcloud.ViaFunction, Text: "stopped"}
	last := localcloud.Entry{
		Kind: localcloud.KindSNS,
		Via:  localcloud.ViaFunction,
		Text: "2.8 s after event 108cfb11-b692-411e-8eb9-04c1e901af27",
	}
	other := last
	other.Text = "3.1 s after event 6863aeac-296e-41f5-81b4-f9ee90526d2e"
	r := result.Result{
		Start: localcloud.Start,
		Timeline: []localcloud.Entry{
			stop,
			look,
			look,
			first,
			last,
			stop,
			look,
			look,
			last,
			stop,
			look,
			look,
			other,
			stop,
			look,
			other,
		},
	}
	for i := range r.Timeline {
		r.Timeline[i].At = localcloud.Start.Add(time.Duration(i) * time.Second)
	}
	var got []string
	for _, l := range lines(r) {
		got = append(got, l.what+l.more)
	}
	want := []string{
		"StopLogging",
		"GetTrailStatus (2 times, until 2.00 s)",
		"stopped",
		"2.8 s after event 108cfb11-b692-411e-8eb9-04c1e901af27",
		"StopLogging",
		"GetTrailStatus (2 times, until 7.00 s)",
		"2.8 s after event 108cfb11-b692-411e-8eb9-04c1e901af27 (these 3 lines 2 times, until 12.00 s)",
		"StopLogging",
		"GetTrailStatus",
		other.Text,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestVerdict(t *testing.T) {
	broken := result.Result{Name: "b", Checks: []result.Verdict{{Check: "p", Why: "w"}}}
	for want, results := range map[string][]result.Result{
		"1 scenario: all checks passed.":                {{}},
		"2 scenarios: checks failed in 1: b.":           {{}, broken},
		"1 scenario (1 not played): all checks passed.": {{}, {Name: "other", NotPlayed: "why"}},
	} {
		var b strings.Builder
		s := NewScreen(&b, Options{Width: 80, What: "scenario", Total: len(results)})
		for _, r := range results {
			if err := s.Show(r); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(false, ""); err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(b.String(), "\n\n"+want+"\n") {
			t.Errorf("got %q, want %q at the end", b.String(), want)
		}
		for _, r := range results {
			if !strings.Contains(b.String(), r.NotPlayed) {
				t.Errorf("nothing says %q:\n%s", r.NotPlayed, b.String())
			}
		}
	}
}

func TestOffset(t *testing.T) {
	for d, want := range map[time.Duration]string{
		40 * time.Millisecond:                 "0.04 s",
		59*time.Second + 990*time.Millisecond: "59.99 s",
		61 * time.Second:                      "1 min 01 s",
		25*time.Hour + time.Minute:            "25 h 01 min",
	} {
		if got := Offset(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}
