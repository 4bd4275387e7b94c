package repeat

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"trailkeeper/lambda/internal/circuit"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/claims"
)

type counter interface {
	Repeated(ctx context.Context, key, event, content string, window time.Duration) (bool, error)
	Bounded(
		ctx context.Context, key, event, total, content string, window time.Duration, limit int64,
	) (bool, error)
}

// Limiter says what is left to a summary.
type Limiter struct {
	Table   counter // nil: nothing is counted, and nothing sends summaries
	Once    *report.Once
	Breaker *circuit.Breaker
	Log     *slog.Logger
	// IsWebhook reports whether a destination is an incoming webhook, which has no threads.
	IsWebhook func(destination string) bool
}

// Collapse reports whether a message on a destination is left to a summary, which Summaries sends. Where it cannot be
// counted, it is reported.
func (l *Limiter) Collapse(ctx context.Context, n finding.Finding, destination string) bool {
	what, ok := l.sameAs(n, destination)
	if !ok {
		return false
	}
	if l.Table == nil {
		return what.always && l.within(ctx, what, destination)
	}
	if isFirst := l.isFirst(ctx, n, what, destination); isFirst && !what.begins {
		return false
	}
	return l.count(ctx, n, what, destination) && !what.begins
}

// count counts a message that may repeat what a destination was notified of, and reports whether it does.
func (l *Limiter) count(ctx context.Context, n finding.Finding, what same, destination string) (repeat bool) {
	last, err := json.Marshal(message.Summarize(n))
	if err != nil {
		return false // it always encodes
	}
	outcome := string(n.Outcome)
	if what.event == fought {
		outcome = fought
	}
	key := what.of + " " + destination + " " + what.event + " " + outcome
	err = l.Breaker.Insist(ctx, state.ErrChanged, func(ctx context.Context) (err error) {
		if what.total == "" {
			repeat, err = l.Table.Repeated(ctx, key, itself(n), string(last), what.window)
			return err
		}
		total := what.total + " " + destination + " - " + outcome
		repeat, err = l.Table.Bounded(ctx, key, itself(n), total, string(last), what.window, maxRefused)
		return err
	})
	if err != nil {
		l.Log.WarnContext(ctx, "state table", "event_id", n.EventID, "error", err.Error())
	}
	if err != nil && !errors.Is(err, state.ErrChanged) && what.always {
		return l.within(ctx, what, destination)
	}
	// Where very many are at it, those that were first are counted, and a summary reports them.
	return repeat && (err == nil || errors.Is(err, state.ErrChanged))
}

// within reports whether a message of the same was sent within this window, as far as it is known without a count. Where
// it was not, this call says that it is now.
func (l *Limiter) within(ctx context.Context, what same, destination string) bool {
	subject := "once " + what.of + " " + destination
	sign := l.Once.Clock.Now().UTC().Truncate(what.window).Format(time.RFC3339)
	if l.Once.Claim(ctx, subject, sign) != claims.Claimed {
		return true
	}
	l.Once.Reported(ctx, subject, sign)
	return false
}

// itself is by what a message is known as no repeat of itself, where it comes again because it was lost. What anybody
// may have written is known by its text: many may have the event of one.
func itself(n finding.Finding) string {
	return cmp.Or(n.Text, n.EventID)
}

// isFirst reports whether a message of a contested incident is the first of its caller and call on a destination.
func (l *Limiter) isFirst(ctx context.Context, n finding.Finding, what same, destination string) bool {
	if what.first == "" {
		return false
	}
	subject := "first " + destination + " " + what.first
	if l.Once.Claim(ctx, subject, n.Incident.ID) != claims.Claimed {
		return false
	}
	l.Once.Reported(ctx, subject, n.Incident.ID)
	return true
}
