package cli

import (
	"bytes"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// The line is written over itself on a terminal, and is gone at the end; what is no terminal gets nothing.
func TestShowProgress(t *testing.T) {
	for _, tt := range []struct {
		live   bool
		passed time.Duration
		want   string
	}{
		{true, redraw - 1, "\r\x1b[K"},
		{true, redraw + 1, "\r\x1b[K1\r\x1b[K"},
		{true, time.Second + 1, "\r\x1b[K1\r\x1b[K2\r\x1b[K3\r\x1b[K4\r\x1b[K"},
		{false, time.Second + 1, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			var out bytes.Buffer
			asked := 0
			end := ShowProgress(&out, tt.live, func() string {
				asked++
				return fmt.Sprint(asked)
			})
			time.Sleep(tt.passed) // of the bubble's clock
			end()
			if got := out.String(); got != tt.want {
				t.Errorf("live %t, after %v: %q, want %q", tt.live, tt.passed, got, tt.want)
			}
		})
	}
}
