package message

import (
	"testing"
	"time"

	"trailkeeper/lambda/internal/finding"
)

// TestIsRegion: 5 to 32 characters of lower case, digits and dashes, of which none is at an end.
func TestIsRegion(t *testing.T) {
	for region, want := range map[string]bool{
		"eu-west-1":                         true,
		"a-b-1":                             true,
		"ab-1":                              false,
		"-eu-west-1":                        false,
		"eu-west-1-":                        false,
		"eu-West-1":                         false,
		"eu.west.1":                         false,
		"eu-west-1/":                        false,
		"abcdefghijklmnopqrstuvwxyz-abcd-1": false,
		"abcdefghijklmnopqrstuvwxyz-abc-1":  true,
	} {
		if got := isRegion(region); got != want {
			t.Errorf("%q: a Region %v; want %v", region, got, want)
		}
	}
}

// TestSummarizeKeepsWhatAnIncidentShows of a finding, in UTC.
func TestSummarizeKeepsWhatAnIncidentShows(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	f := finding.Finding{
		EventID:   "id",
		EventName: "StopLogging",
		EventTime: at.In(time.FixedZone("", 3600)),
		Actor:     "user alice",
		SourceIP:  "203.0.113.7",
		Outcome:   finding.OutcomeRestored,
	}
	want := finding.EventSummary{
		EventID:   "id",
		EventName: "StopLogging",
		Time:      at,
		Actor:     "user alice",
		SourceIP:  "203.0.113.7",
		Headline:  Headline(f),
		Outcome:   finding.OutcomeRestored,
	}
	if got := Summarize(f); got != want || got.Headline == "" {
		t.Errorf("%+v; want %+v", got, want)
	}
}

// TestSentencesAreJoined: what an error says is one line, and where nothing is left of it, neither is what joins it.
func TestSentencesAreJoined(t *testing.T) {
	for why, want := range map[string]string{
		"":            "It failed",
		" \n":         "It failed",
		"no\nanswer":  "It failed: no answer",
		"zone is off": "It failed: zone is off",
	} {
		if got := colon("It failed", why); got != want {
			t.Errorf("%q: %q; want %q", why, got, want)
		}
	}
	for text, want := range map[string]string{
		"zone is off": "Zone is off",
		"a trail":     "A trail",
		"Already":     "Already",
		"{x":          "{x",
		"`x":          "`x",
		"":            "",
	} {
		if got := capital(text); got != want {
			t.Errorf("%q: %q; want %q", text, got, want)
		}
	}
}

// TestNowOf: only a late message says how it stands now, and only where that is known.
func TestNowOf(t *testing.T) {
	for name, test := range map[string]struct {
		late *finding.Late
		want string
	}{
		"in time":   {nil, ""},
		"not known": {&finding.Late{}, ""},
		"known":     {&finding.Late{Now: "deleted"}, "; now: deleted"},
	} {
		if got := nowOf(finding.Finding{Late: test.late}); got != test.want {
			t.Errorf("%s: %q; want %q", name, got, test.want)
		}
	}
}
