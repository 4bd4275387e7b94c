package watch

import (
	"runtime/debug"
	"testing"
)

// TestFrugally: while a large file is decided, garbage is collected sooner, and afterwards as before.
func TestFrugally(t *testing.T) {
	const before = 100
	defer debug.SetGCPercent(debug.SetGCPercent(before))
	percent := func() int {
		now := debug.SetGCPercent(before)
		debug.SetGCPercent(now)
		return now
	}
	for length, want := range map[int64]int{-1: before, 0: before, 1<<20 - 1: before, 1 << 20: 50, 1 << 30: 50} {
		end := frugally(length)
		inside := percent()
		end()
		if after := percent(); inside != want || after != before {
			t.Errorf("of %d bytes: %d percent, then %d; want %d, then %d", length, inside, after, want, before)
		}
	}
}
