package backtest_test

import (
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/internal/backtest"
)

// TestFileTime: a file that takes too long is named with where in it the rest begins, and the others are read.
func TestFileTime(t *testing.T) {
	good := logFile(call(1, "ConsoleLogin", "alice", noon))
	root := archiveOf(t, map[string]string{
		"a.json": good,
		"b.json": logFile(call(2, "ConsoleLogin", "alice", noon) + strings.Repeat(" ", 8<<20)),
		"c.json": strings.Replace(good, "id-1", "id-3", 1),
	})
	now := noon
	tick := func() time.Time { // each look at the time takes a second
		now = now.Add(time.Second)
		return now
	}
	r := run(t, root, backtest.Options{Workers: 1, FileTime: 10 * time.Second, Now: tick})
	if len(r.Skipped) != 1 || r.Skipped[0].File != "b.json" || r.Skipped[0].Position == "" ||
		!strings.Contains(r.Skipped[0].Reason, "it takes too long: more than 10s; the rest is not read") {
		t.Errorf("%+v", r.Skipped)
	}
	if r.Rules["login"].Matches != 3 {
		t.Errorf("%d matches", r.Rules["login"].Matches)
	}
	if r := run(t, root, backtest.Options{Workers: 1}); len(r.Skipped) > 0 {
		t.Errorf("without a limit: %+v", r.Skipped)
	}
}
