package scheduler

import (
	"testing"
	"time"
)

var start = time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC)

func TestCron(t *testing.T) {
	at := func(s string) time.Time { v, _ := time.Parse(time.RFC3339, s); return v }
	for text, want := range map[string]string{
		"cron(7 9 ? * MON *)":               "2026-03-09T09:07:00Z",
		"cron(0/20 * * * ? *)":              "2026-03-02T09:20:00Z",
		"cron(0 12 1,15 * ? *)":             "2026-03-15T12:00:00Z",
		"cron(30 6 ? JAN-MAR TUE-THU 2026)": "2026-03-03T06:30:00Z",
	} {
		c, err := parseCron(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := (&schedule{cron: c}).after(start, start); !got.Equal(at(want)) {
			t.Errorf("%s fires at %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{
		"cron(7 9 * * MON *)", "cron(7 9 ? * MON)", "cron(60 9 ? * MON *)",
		"cron(7 9 ? * MON#1 *)", "rate(5 minutes)", "cron(7 9 ? * ? *)",
	} {
		if _, err := parseCron(text); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
}
