package guard

import (
	"context"
	"sync"
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

// turns remembers what this execution environment told, for when there is no table to remember it.
type turns struct {
	mu   sync.Mutex
	told map[string]string // sign by subject
}

// turn asks whose turn it is to tell something, and done notes that it was told. Without the table, or where it does not answer, what this
// execution environment told is all that is known: something may then be told twice, and is never kept back.
func (h *Handler) turn(ctx context.Context, subject, sign string) store.Turn {
	if h.memory != nil {
		lease := h.clock.Left(ctx, 0, report.LongestRun) + report.LeaseMargin
		var turn store.Turn
		err := report.Ask(ctx, func(ctx context.Context) (err error) {
			turn, err = h.memory.Claim(ctx, subject, sign, lease)
			return err
		})
		if err == nil {
			return turn
		}
		h.log.WarnContext(ctx, "state table", "error", err.Error())
	}
	h.turns.mu.Lock()
	defer h.turns.mu.Unlock()
	if h.turns.told[subject] == sign {
		return store.TurnTold
	}
	return store.TurnOurs
}

func (h *Handler) toldAll(ctx context.Context, subject, sign string) {
	h.turns.mu.Lock()
	if h.turns.told == nil || len(h.turns.told) >= rememberedEvents {
		h.turns.told = make(map[string]string)
	}
	h.turns.told[subject] = sign
	h.turns.mu.Unlock()
	h.note(ctx, func(ctx context.Context) error { return h.memory.Sent(ctx, subject, sign) })
}

// forget notes that something is over, and reports whether this run is to tell so.
func (h *Handler) forget(ctx context.Context, subject, sign string) bool {
	h.turns.mu.Lock()
	delete(h.turns.told, subject)
	h.turns.mu.Unlock()
	if h.memory == nil {
		return true
	}
	ours, err := h.memory.Clear(ctx, subject, sign)
	if err != nil {
		h.log.WarnContext(ctx, "state table", "error", err.Error())
	}
	return ours
}

// everTold returns what was last told of each subject.
func (h *Handler) everTold(ctx context.Context) map[string]string {
	all := map[string]string{}
	h.turns.mu.Lock()
	for subject, sign := range h.turns.told {
		all[subject] = sign
	}
	h.turns.mu.Unlock()
	if h.memory == nil {
		return all
	}
	told, err := h.memory.Told(ctx)
	if err != nil {
		h.log.WarnContext(ctx, "state table", "error", err.Error())
		return all
	}
	return told
}
