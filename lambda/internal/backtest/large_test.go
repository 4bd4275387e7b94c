package backtest_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"trailkeeper/lambda/internal/archive"
	"trailkeeper/lambda/internal/backtest"
)

// halted is a file of one record with a value of 1 MiB. Half of that can be read before the gate is opened.
type halted struct {
	rest   *strings.Reader
	inside *atomic.Int64
	gate   <-chan struct{}
}

func (h *halted) Close() error { return nil }

func (h *halted) Read(p []byte) (int, error) {
	if h.rest.Len() < 512<<10 {
		if h.gate != nil {
			h.inside.Add(1)
			<-h.gate
			h.gate = nil
		}
		return h.rest.Read(p)
	}
	return h.rest.Read(p[:min(len(p), 16<<10)])
}

// TestLargeAtOnce: of many workers, no more than four have a large value in memory, and the others wait for them.
func TestLargeAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const files = 8
		var inside atomic.Int64
		gate := make(chan struct{})
		text := logFile(strings.Replace(call(1, "ConsoleLogin", "alice", noon), "{", `{"x":"`+strings.Repeat("x", 1<<20)+`",`, 1))
		b := &archive.Bucket{Name: "logs", Get: func(context.Context, string) (io.ReadCloser, error) {
			return &halted{strings.NewReader(text), &inside, gate}, nil
		}}
		var listed []archive.File
		for i := range files {
			listed = append(listed, b.File(fmt.Sprint(i, ".json"), int64(len(text))))
		}
		done := make(chan *backtest.Report)
		go func() {
			o := backtest.Options{Set: rulesOf(t), Workers: files, Files: slices.Values(listed)}
			r, err := backtest.Run(t.Context(), o)
			if err != nil {
				t.Error(err)
			}
			done <- r
		}()
		synctest.Wait()
		if n := inside.Load(); n != 4 {
			t.Errorf("%d files have more than half a MiB of a value in memory at once; want 4", n)
		}
		close(gate)
		if r := <-done; r == nil || r.Records != files || r.Rules["login"].Matches != files || len(r.Skipped) > 0 {
			t.Errorf("then: %+v", r)
		}
	})
}
