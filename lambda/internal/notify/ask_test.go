package notify_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"trailkeeper/lambda/internal/notify"
)

// TestAsk: a question waits for 300 ms, and after one that went unanswered nothing more is asked about the same notification.
func TestAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := notify.WithPatience(t.Context())
		asked := 0
		answered := func(context.Context) error { asked++; return nil }
		refused := func(context.Context) error { asked++; return errors.New("throttled") }
		silent := func(ctx context.Context) error { asked++; <-ctx.Done(); return ctx.Err() }

		began := time.Now()
		if notify.Ask(ctx, answered) != nil || notify.Ask(ctx, refused) == nil || notify.Ask(ctx, answered) != nil || asked != 3 {
			t.Errorf("asked %d of 3 times: a refusal is an answer", asked)
		}
		for range 3 {
			if err := notify.Ask(ctx, silent); err == nil {
				t.Error("silence is taken for an answer")
			}
		}
		if took := time.Since(began); took != notify.Patience || asked != 4 {
			t.Errorf("asked %d times in %v; want 4 and %v", asked, took, notify.Patience)
		}
		if err := notify.Ask(notify.WithPatience(t.Context()), answered); err != nil {
			t.Errorf("another notification: %v", err)
		}
		began = time.Now()
		_, _ = notify.Ask(t.Context(), silent), notify.Ask(t.Context(), silent)
		if took := time.Since(began); took != 2*notify.Patience {
			t.Errorf("without a notification two questions take %v", took)
		}
	})
}
