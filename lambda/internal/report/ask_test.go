package report_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"trailkeeper/lambda/internal/report"
)

// TestAsk: a question waits for 300 ms, and after one that went unanswered nothing more is asked about the same notification.
func TestAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := report.WithPatience(t.Context())
		asked := 0
		answered := func(context.Context) error { asked++; return nil }
		refused := func(context.Context) error { asked++; return errors.New("throttled") }
		silent := func(ctx context.Context) error { asked++; <-ctx.Done(); return ctx.Err() }

		began := time.Now()
		if report.Ask(ctx, answered) != nil || report.Ask(ctx, refused) == nil || report.Ask(ctx, answered) != nil || asked != 3 {
			t.Errorf("asked %d of 3 times: a refusal is an answer", asked)
		}
		for range 3 {
			if err := report.Ask(ctx, silent); err == nil {
				t.Error("silence is taken for an answer")
			}
		}
		if took := time.Since(began); took != report.Patience || asked != 4 {
			t.Errorf("asked %d times in %v; want 4 and %v", asked, took, report.Patience)
		}
		if err := report.Ask(report.WithPatience(t.Context()), answered); err != nil {
			t.Errorf("another notification: %v", err)
		}
		began = time.Now()
		_, _ = report.Ask(t.Context(), silent), report.Ask(t.Context(), silent)
		if took := time.Since(began); took != 2*report.Patience {
			t.Errorf("without a notification two questions take %v", took)
		}
	})
}
