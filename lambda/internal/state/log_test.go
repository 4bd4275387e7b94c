package state_test

import (
	"bytes"
	"errors"
	"log/slog"
	"testing"

	"trailkeeper/lambda/internal/state"
)

// TestLog: an error is a warning of one line, and no error is none.
func TestLog(t *testing.T) {
	for want, err := range map[string]error{
		"": nil,
		"level=WARN msg=\"state table\" error=\"the table is gone\"\n": errors.New("the table is gone"),
	} {
		var logged bytes.Buffer
		state.Log(t.Context(), slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{
			ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey {
					return slog.Attr{}
				}
				return a
			},
		})), err)
		if logged.String() != want {
			t.Errorf("%v: %q; want %q", err, logged.String(), want)
		}
	}
}
