package backtest_test

import (
	"fmt"
	"runtime/debug"
	"testing"

	"trailkeeper/lambda/internal/backtest"
)

// TestCollection: whatever a run of many files does, garbage is collected afterwards as before.
func TestCollection(t *testing.T) {
	files := map[string]string{}
	for i := range 20 {
		files[fmt.Sprint(i, ".json")] = logFile(quietOne)
	}
	root := archiveOf(t, files)
	for _, percent := range []int{-1, 50, 100, 1000} {
		before := debug.SetGCPercent(percent)
		r := run(t, root, backtest.Options{Set: rulesOf(t)})
		if after := debug.SetGCPercent(before); after != percent || r.Records != int64(len(files)) {
			t.Errorf("%d percent became %d; %d records", percent, after, r.Records)
		}
	}
}
