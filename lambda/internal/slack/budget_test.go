package slack

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/secret"
)

// TestInTime holds the budget: a Slack that hangs has three tries of 5 s, with 250 ms and 1 s between them, and no more
// is claimed.
func TestInTime(t *testing.T) {
	const late, gone = "Slack did not answer in time", "503: Slack failed"
	hang := func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() }
	fail := func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusServiceUnavailable, Body: http.NoBody}, nil
	}
	for _, c := range []struct {
		slack      roundTrip
		left, took time.Duration
		tries      int
		want       string
	}{
		{hang, time.Minute, 16250 * time.Millisecond, 3, late},
		{hang, 12 * time.Second, 12 * time.Second, 3, late},
		{hang, 4 * time.Second, 4 * time.Second, 1, late},
		{fail, time.Minute, 1250 * time.Millisecond, 3, gone + ", three times; "},
		{fail, time.Second, time.Second, 2, gone + ", twice; "},
		{fail, 100 * time.Millisecond, 100 * time.Millisecond, 1, gone + "; "},
	} {
		synctest.Test(t, func(t *testing.T) {
			tries, start := 0, time.Now()
			n := New(Options{
				HTTPClient: &http.Client{
					Transport: roundTrip(func(r *http.Request) (*http.Response, error) { tries++; return c.slack(r) }),
				},
				Secret: &secrets{
					values: []secret.Value{{Webhook: secret.NewKey("https://hooks.example/services/" + hookKey)}},
				},
				Clock: clock.Real(),
			})
			ctx, cancel := context.WithTimeout(t.Context(), c.left)
			defer cancel()
			err := n.Notify(ctx, findingtest.Stopped())
			if took := time.Since(
				start,
			); took != c.took || tries != c.tries || err == nil ||
				!strings.HasPrefix(err.Error(), c.want) {
				t.Errorf(
					"%v left: took %v in %d tries, want %v in %d; error %q, want %q",
					c.left,
					took,
					tries,
					c.took,
					c.tries,
					err,
					c.want,
				)
			}
		})
	}
}
