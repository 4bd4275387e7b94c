package rules

import (
	"fmt"
	"io"
	"os"
	"time"

	"trailkeeper/lambda/internal/backtest"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/trailkeeper/cli"
)

// showProgress shows on a terminal how far a run is, until end is called.
func showProgress(stderr io.Writer, p *backtest.Progress) (end func()) {
	start := time.Now()
	return cli.ShowProgress(stderr, cli.TerminalOf(stderr, "never", os.Getenv).Live, func() string {
		return progressLine(p, time.Since(start))
	})
}

// progressLine is how far a run is after some time: a bar, files, bytes, the rate and the time that is left.
func progressLine(p *backtest.Progress, passed time.Duration) string {
	const width = 20
	listed, read, total := p.Listed.Load(), p.Bytes.Load(), p.ListedBytes.Load()
	share := 0.0
	if total > 0 {
		share = min(1, float64(read)/float64(total))
	}
	bar := make([]byte, width)
	for i := range bar {
		bar[i] = '.'
		if float64(i) < share*width {
			bar[i] = '#'
		}
	}
	more := cli.Choose(p.AllListed.Load(), "", "+")
	line := fmt.Sprintf("[%s] %d/%d%s files, %s", bar, p.Files.Load(), listed, more, size(p.Text.Load()))
	if seconds := passed.Seconds(); seconds >= 0.5 {
		line += fmt.Sprintf(", %s/s", size(int64(float64(p.Text.Load())/seconds)))
		const longest = 1000 * time.Hour
		left := float64(passed) * (1 - share) / share
		if share > 0 && share < 1 && more == "" && left < float64(longest) {
			line += ", " + finding.Duration(time.Duration(left).Round(time.Second)) + " left"
		}
	}
	return line
}

// soFar is what a run has read.
func soFar(p *backtest.Progress) string {
	return fmt.Sprintf("%d of %s read, %s, %s", p.Files.Load(), backtest.Counted(p.Listed.Load(), "file", "files"),
		backtest.Counted(p.Records.Load(), "record", "records"), size(p.Text.Load()))
}

// size writes a number of bytes.
func size(bytes int64) string {
	const step = 1000
	if bytes < step {
		return fmt.Sprintf("%d B", bytes)
	}
	value, unit := float64(bytes)/step, 0
	for ; value >= step-0.05 && unit < 4; unit++ {
		value /= step
	}
	return fmt.Sprintf("%.1f %cB", value, "kMGTP"[unit])
}
