package kernel

import (
	"testing"
	"time"
)

func TestRetries(t *testing.T) {
	since := time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC)
	n := func(n int) *int { return &n }
	for name, tt := range map[string]struct {
		policy    RetryPolicy
		tries     int
		after     time.Duration
		pause     time.Duration
		exhausted string
	}{
		"the first":       {RetryPolicy{}, 1, 0, time.Second, ""},
		"the third":       {RetryPolicy{}, 3, 3 * time.Second, 4 * time.Second, ""},
		"never longer":    {RetryPolicy{}, 30, time.Hour, 15 * time.Minute, ""},
		"the last":        {RetryPolicy{}, 185, time.Hour, 15 * time.Minute, ""},
		"one too many":    {RetryPolicy{}, 186, time.Hour, 0, "MaximumRetryAttempts"},
		"not even one":    {RetryPolicy{MaximumRetryAttempts: n(0)}, 1, 0, 0, "MaximumRetryAttempts"},
		"within a day":    {RetryPolicy{}, 100, 24*time.Hour - 15*time.Minute, 15 * time.Minute, ""},
		"after a day":     {RetryPolicy{}, 100, 24 * time.Hour, 0, "MaximumEventAgeInSeconds"},
		"within its age":  {RetryPolicy{MaximumEventAgeInSeconds: n(60)}, 1, 59 * time.Second, time.Second, ""},
		"beyond its age":  {RetryPolicy{MaximumEventAgeInSeconds: n(60)}, 1, time.Minute, 0, "MaximumEventAgeInSeconds"},
		"both at an end":  {RetryPolicy{n(0), n(60)}, 1, time.Hour, 0, "MaximumRetryAttempts"},
		"more than usual": {RetryPolicy{MaximumRetryAttempts: n(5)}, 5, time.Minute, 16 * time.Second, ""},
	} {
		pause, exhausted := tt.policy.Next(tt.tries, since, since.Add(tt.after))
		if pause != tt.pause || exhausted != tt.exhausted {
			t.Errorf("%s: %s %q; want %s %q", name, pause, exhausted, tt.pause, tt.exhausted)
		}
	}
}
