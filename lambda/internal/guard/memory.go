package guard

import (
	"context"
	"time"

	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/store"
	"trailkeeper/lambda/internal/trail"
)

// memory is the state table.
type memory interface {
	Trail(ctx context.Context, arn string) (store.Trail, error)
	Trails(ctx context.Context) ([]store.Trail, error)
	Discovered(ctx context.Context) (time.Time, error)
	Discover(ctx context.Context) error
	MarkHealthy(ctx context.Context, arn string) error
	RecordTampering(ctx context.Context, arn string) error
	AddPending(ctx context.Context, arn string, p store.Pending) error
	ResolvePending(ctx context.Context, arn string, p store.Pending) (bool, error)
	Record(ctx context.Context, state trail.State, known *store.Recorded) (store.Recorded, bool, error)
	Approve(ctx context.Context, a store.Approved) error
	Unapprove(ctx context.Context, a store.Approved) error
	Hold(ctx context.Context, known store.Trail) (time.Time, error)
	Release(ctx context.Context, arn string) error
	Forget(ctx context.Context, arn string) error
	Attempt(ctx context.Context, arn string) error
	Told(ctx context.Context) (map[string]string, error)
	Claim(ctx context.Context, subject, sign string, lease time.Duration) (store.Turn, error)
	Sent(ctx context.Context, subject, sign string) error
	Clear(ctx context.Context, subject, sign string) (bool, error)
	ClaimEvent(ctx context.Context, subject string, lease time.Duration, digest string) (store.Turn, error)
	EventSent(ctx context.Context, subject string) error
	EventParked(ctx context.Context, subject, digest string) error
	EventReleased(ctx context.Context, subject string) error
	incident.Table
	report.Threads
	Repeated(ctx context.Context, key, event, content string, window time.Duration) (bool, error)
	Beyond(ctx context.Context, key, content string, window time.Duration, most int64) (bool, error)
	Repeats(ctx context.Context) ([]store.Repeat, error)
	Summed(ctx context.Context, r store.Repeat) error
}

// note runs a write to the table whose failure changes nothing but what is known later: it is logged.
func (h *Handler) note(ctx context.Context, write func(context.Context) error) {
	if h.memory == nil {
		return
	}
	if err := write(ctx); err != nil {
		h.log.WarnContext(ctx, "state table", "error", err.Error())
	}
}

// turn asks whose turn it is to report something, and toldAll notes that it was reported.
func (h *Handler) turn(ctx context.Context, subject, sign string) store.Turn {
	return h.once.Claim(ctx, subject, sign)
}

func (h *Handler) toldAll(ctx context.Context, subject, sign string) {
	h.once.Reported(ctx, subject, sign)
}

// forget notes that something is over, and reports whether this run is to say so.
func (h *Handler) forget(ctx context.Context, subject, sign string) bool {
	return h.once.Over(ctx, subject, sign)
}

// everTold returns what was last reported of each subject.
func (h *Handler) everTold(ctx context.Context) map[string]string { return h.once.All(ctx) }

// openIncidents returns the incidents that are not closed, by the trail's ARN; none without the table.
func (h *Handler) openIncidents(ctx context.Context) map[string]incident.Unsettled {
	if h.book == nil {
		return nil
	}
	return h.book.Open(ctx)
}

// sendSummaries sends what was left to summaries.
func (h *Handler) sendSummaries(ctx context.Context) error {
	if h.summaries == nil {
		return nil
	}
	return h.summaries.Send(ctx)
}
