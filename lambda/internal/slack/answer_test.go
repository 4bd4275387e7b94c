package slack

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/internal/finding"
)

// TestRetryAfter: the header's seconds count, up to an hour; what is none is a second.
func TestRetryAfter(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"":            time.Second,
		"soon":        time.Second,
		"-1":          time.Second,
		"-30":         time.Second,
		"0":           0,
		"1":           time.Second,
		" 30 ":        30 * time.Second,
		"3600":        time.Hour,
		"3601":        time.Hour,
		"99999999999": time.Hour,
	} {
		if got := retryAfter(http.Header{"Retry-After": {header}}); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

// TestName: of an answer only what looks like one of Slack's names is shown, up to 64 characters.
func TestName(t *testing.T) {
	for s, kept := range map[string]bool{
		"channel_not_found":      true,
		"chat:write,chat.update": true,
		strings.Repeat("a", 64):  true,
		strings.Repeat("a", 65):  false,
		"xoxb-1":                 false,
		"A":                      false,
		"a b":                    false,
	} {
		if got := name(s); got != s && kept || got != "" && !kept {
			t.Errorf("%q: %q, want it kept: %t", s, got, kept)
		}
	}
}

// TestValidTSLength: a ts of 64 characters is one, of 65 is not.
func TestValidTSLength(t *testing.T) {
	for n, want := range map[int]bool{64: true, 65: false} {
		if ts := "1." + strings.Repeat("2", n-2); validTS(ts) != want {
			t.Errorf("%d characters: %t, want %t", n, !want, want)
		}
	}
}

// TestAttrs: a log names the message, and the incident where there is one.
func TestAttrs(t *testing.T) {
	n := finding.Finding{EventID: "e1"}
	d := &delivery{by: &Notifier{}, note: n}
	if got := fmt.Sprint(d.attrs(errors.New("x"))); !strings.Contains(got, "e1") || strings.Contains(got, "incident") {
		t.Error(got)
	}
	d.note.Incident = &finding.Incident{ID: "inc-1"}
	if got := fmt.Sprint(d.attrs(errors.New("x"))); !strings.Contains(got, "incident=inc-1") {
		t.Error(got)
	}
}
