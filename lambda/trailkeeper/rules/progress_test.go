package rules

import (
	"testing"
	"time"
	"unicode/utf8"

	"trailkeeper/lambda/internal/backtest"
	"trailkeeper/lambda/trailkeeper/cli"
)

func TestProgressLine(t *testing.T) {
	for _, tt := range []struct {
		listed, listedBytes, files, bytes, text int64
		all                                     bool
		passed                                  time.Duration
		want                                    string
	}{
		{0, 0, 0, 0, 0, false, 0, "[....................] 0/0+ files, 0 B"},
		{1000, 5000, 2, 1250, 12_300, false, time.Second, "[#####...............] 2/1000+ files, 12.3 kB, 12.3 kB/s"},
		{
			4, 1000, 1, 250, 9_960_000, true, 10 * time.Second,
			"[#####...............] 1/4 files, 10.0 MB, 996.0 kB/s, 30 s left",
		},
		{4, 1000, 4, 1000, 2_500_000_000, true, time.Minute, "[####################] 4/4 files, 2.5 GB, 41.7 MB/s"},
		{
			123456, 9e15, 23456, 1e15, 9.99e15, true, 99 * time.Hour,
			"[###.................] 23456/123456 files, 10.0 PB, 28.0 GB/s, 792 h left",
		},
	} {
		var p backtest.Progress
		p.Listed.Store(tt.listed)
		p.ListedBytes.Store(tt.listedBytes)
		p.Files.Store(tt.files)
		p.Bytes.Store(tt.bytes)
		p.Text.Store(tt.text)
		p.AllListed.Store(tt.all)
		got := progressLine(&p, tt.passed)
		if got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
		if utf8.RuneCountInString(got) > cli.Columns {
			t.Errorf("%q has more than %d columns", got, cli.Columns)
		}
	}
}
