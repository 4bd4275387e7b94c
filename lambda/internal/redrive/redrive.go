// Package redrive takes what could not be delivered or handled out of the queues where it waits, and has it delivered or handled now. The guard
// runs it in every sweep, and when the operator asks.
//
// It knows no channel and no trail: what sends a message and what handles an event are given to it. It drops nothing: what is neither sent nor
// handled stays in its queue, however often it was tried, and the report says why.
package redrive

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/notify"
)

type receiveMessageAPI interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
}

type deleteMessageAPI interface {
	DeleteMessage(context.Context, *sqs.DeleteMessageInput, ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error)
}

type changeMessageVisibilityAPI interface {
	ChangeMessageVisibility(context.Context, *sqs.ChangeMessageVisibilityInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error)
}

// API is what is called of SQS. The client's own retries are to be off.
type API interface {
	receiveMessageAPI
	deleteMessageAPI
	changeMessageVisibilityAPI
}

// Queue is one queue of what waits.
type Queue struct {
	Name   string // for the report and the log
	URL    string
	Client API
}

// Redriver empties queues. Its fields are set once; it is safe for concurrent use, and two runs at once get different messages from SQS.
type Redriver struct {
	Queues []Queue
	// Handle handles an event as if it had just arrived. It returns nil when that needs no retry: the event is done, or parked again.
	Handle func(ctx context.Context, payload []byte) error
	// Send sends a message to the destination that refused it, and returns nil once that has accepted it.
	Send  func(ctx context.Context, p notify.Parked) error
	Clock clock.Clock
	Log   *slog.Logger
}

// The bounds of one run. What is more than that waits for the next.
const (
	// mostRefusals of one destination, and then that of its newest message, show that it is the destination, and not the messages.
	mostRefusals = 2

	mostWork = 100      // messages of a queue that are to be sent or handled
	mostRead = 300      // messages of a queue, with those that only a human can judge
	mostHeld = 16 << 20 // bytes of a queue's messages; one answer of SQS may go beyond it

	// leastTime is the time without which nothing more is begun, and firstShare what a message has at least of it.
	leastTime  = 2 * time.Second
	firstShare = 5 * time.Second
)

// Run reads every queue and sends and handles what is there until that time: the events first, because a trail may still be stopped, and of each kind
// the oldest. A destination that refuses some of its messages, the newest among them, has the rest stay, so that they keep their order; one event
// that fails does not hold up the others. A message has half of the time that is left, so that one which always takes too long does not keep all
// others waiting for ever. SQS gives the messages of a queue in no order: oldest first is among those that one run reads.
//
// A message is deleted only after it was sent or handled. What is left becomes visible again at once; ctx should last a few seconds longer than
// until for that, and otherwise it becomes visible a minute after it.
func (r *Redriver) Run(ctx context.Context, until time.Time) Report {
	report := Report{Queues: make([]QueueReport, len(r.Queues))}
	waiting := r.readAll(ctx, until, report.Queues)
	lines := make(map[string]*line)
	done := make([]bool, len(waiting))
	for i, m := range waiting {
		l := lines[m.channel]
		if l == nil {
			l = &line{}
			lines[m.channel] = l
		}
		if m.kind == parked && l.stopped() && !l.probed {
			newest := lastOf(waiting, m.channel)
			l.probed, done[newest] = true, true
			l.takes = r.work(ctx, until, waiting[newest], l, &report.Queues[waiting[newest].queue])
		}
		switch {
		case done[i]:
		case m.kind == parked && l.stopped():
			r.leave(ctx, m, "it waits behind older ones that "+m.channel+" did not take", &report.Queues[m.queue])
		default:
			r.work(ctx, until, m, l, &report.Queues[m.queue])
		}
	}
	return report
}

// line is what a run knows of one destination.
type line struct {
	refused int  // how many of its messages
	probed  bool // its newest message was tried before its turn
	takes   bool // and was accepted: it is the messages that are refused
}

// stopped reports whether the destination takes nothing, as far as is known.
func (l *line) stopped() bool { return l.refused >= mostRefusals && !l.takes }

// lastOf is the index of a destination's newest message.
func lastOf(waiting []message, channel string) int {
	for i := len(waiting) - 1; i >= 0; i-- {
		if waiting[i].kind == parked && waiting[i].channel == channel {
			return i
		}
	}
	return -1
}

// readAll reads the queues side by side and returns what they hold, in the order in which it is worked on.
func (r *Redriver) readAll(ctx context.Context, until time.Time, reports []QueueReport) []message {
	found := make([][]message, len(r.Queues))
	var wg sync.WaitGroup
	for i := range r.Queues {
		reports[i].Name = r.Queues[i].Name
		wg.Go(func() { found[i] = r.read(ctx, until, i, &reports[i]) })
	}
	wg.Wait()
	all := slices.Concat(found...)
	slices.SortStableFunc(all, func(a, b message) int {
		if (a.kind == parked) != (b.kind == parked) {
			if a.kind == parked {
				return 1
			}
			return -1
		}
		return a.at.Compare(b.at)
	})
	return all
}

// work does what is to be done about one message, and notes it in the report of its queue. It reports whether the message was sent or handled.
func (r *Redriver) work(ctx context.Context, until time.Time, m message, l *line, report *QueueReport) bool {
	switch {
	case m.kind == forHumans:
		r.leave(ctx, m, m.why, report)
		return false
	case until.Sub(r.Clock.Now()) < leastTime || ctx.Err() != nil:
		r.leave(ctx, m, "the time of this run was up; the next sweep goes on", report)
		return false
	}
	start := r.Clock.Now()
	err := r.do(ctx, until, m)
	r.logOne(ctx, m, r.Clock.Now().Sub(start), err)
	if err != nil {
		l.refused++
		r.leave(ctx, m, plain(err), report)
		return false
	}
	report.count(m.kind)
	if err := r.remove(ctx, m); err != nil {
		report.leave(m, err.Error())
	}
	return true
}

// do sends or handles a message in its share of the time. What crashes on a message does not end the run: a message that crashed the function
// before is to be found in these queues.
func (r *Redriver) do(ctx context.Context, until time.Time, m message) (err error) {
	left := until.Sub(r.Clock.Now())
	ctx, cancel := context.WithTimeout(ctx, min(left, max(left/2, firstShare)))
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			err = crashed(v)
		}
	}()
	switch m.kind {
	case parked:
		return r.Send(ctx, m.parked)
	case settled:
		return nil
	default:
		return r.Handle(ctx, m.payload)
	}
}

func (r *Redriver) logOne(ctx context.Context, m message, took time.Duration, err error) {
	level, attrs := slog.LevelInfo, []slog.Attr{
		slog.String("queue", r.Queues[m.queue].Name), slog.String("kind", m.kind.String()), slog.String("channel", m.channel),
		slog.String("event_id", m.eventID), slog.String("message_id", m.id), slog.Int64("latency_ms", took.Milliseconds()),
	}
	if err != nil {
		level = slog.LevelWarn
		attrs = append(attrs, slog.String("error", plain(err)))
	}
	r.Log.LogAttrs(ctx, level, "redrive", attrs...)
}

// plain is an error as one line for the report.
func plain(err error) string {
	return strings.TrimRight(notify.Bound(strings.ReplaceAll(err.Error(), "\n", "; "), mostReason), ". ")
}
