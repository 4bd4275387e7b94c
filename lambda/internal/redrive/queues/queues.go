// Package queues takes what could not be delivered or handled out of the queues where it waits, and has it delivered or
// handled now. The guard runs it in every sweep, and when the operator asks.
//
// It knows no channel and no trail: what sends a message and what handles an event are given to it. It believes nothing
// that a message says, and drops nothing: what is neither sent nor handled stays in its queue, and what never can be,
// or was tried for a week, goes to the last queue.
package queues

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/report"
)

type receiveMessageAPI interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
}

type deleteMessageAPI interface {
	DeleteMessage(context.Context, *sqs.DeleteMessageInput, ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error)
}

type changeMessageVisibilityAPI interface {
	ChangeMessageVisibility(
		context.Context, *sqs.ChangeMessageVisibilityInput, ...func(*sqs.Options),
	) (*sqs.ChangeMessageVisibilityOutput, error)
}

type sendMessageAPI interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
}

// API is what is called of SQS. The client's own retries are to be off.
type API interface {
	receiveMessageAPI
	deleteMessageAPI
	changeMessageVisibilityAPI
	sendMessageAPI
}

// Queue is one queue of what waits.
type Queue struct {
	Name   string // for the report and the log
	URL    string
	Client API
}

// Redriver empties queues. Its fields are set once; it is safe for concurrent use, and two runs at once get different
// messages from SQS.
type Redriver struct {
	Queues []Queue
	// Last takes what never can be sent or handled, and what was tried too often. Nil: such messages stay where they are.
	Last *Queue
	// Handle handles an event as if it had just arrived. It returns nil when that needs no retry: the event is done, or
	// parked again.
	Handle func(ctx context.Context, payload []byte) error
	// Takes reports whether Handle can handle a payload that is no event; nil: none.
	Takes func(payload []byte) bool
	// Send sends a message to the destination that refused it, and returns nil once that has accepted it.
	Send  func(ctx context.Context, p report.Parked) error
	Clock clock.Clock
	Log   *slog.Logger
}

// The bounds of one run. What is more than that waits for the next.
const (
	maxWork  = 500      // messages of a queue in each lane
	maxRead  = 1000     // messages of a queue that are received
	maxShown = 100      // messages of a lane that are made visible again at once: each takes a call
	maxHeld  = 16 << 20 // bytes of a queue's messages in each lane; one answer of SQS may go beyond it

	// leastTime is the time without which nothing more is begun, and firstShare what a message has at least of it.
	leastTime  = 2 * time.Second
	firstShare = 5 * time.Second
)

// Run reads every queue and sends and handles what is there until that time, in three lanes: events, messages, and what
// goes to the last queue. Each lane has its share of the reads and of the time, so that none waits for another; what
// one leaves over is the others'. The events come first, because a trail may still be stopped. In a lane the oldest
// come first, and in the last third of its time the newest, so that neither end is starved by the other. SQS gives the
// messages of a queue in no order: oldest first is among those that one run reads.
//
// A destination that refuses some of its messages, the newest among them, has the rest stay, so that they keep their
// order; one event that fails does not hold up the others. A message has half of its lane's time that is left, so that
// one which always takes too long does not keep all others waiting for ever.
//
// A message is deleted only after it was sent, handled, or taken by the last queue. What is left becomes visible again
// at once, if it is not too much, for which ctx should last a few seconds longer than until, and otherwise a minute
// after that.
func (r *Redriver) Run(ctx context.Context, until time.Time) Report {
	report := Report{Queues: make([]QueueReport, len(r.Queues))}
	waiting := r.readAll(ctx, until, report.Queues)
	busy := 0
	for _, messages := range waiting {
		if len(messages) > 0 {
			busy++
		}
	}
	for _, messages := range waiting {
		if len(messages) == 0 {
			continue
		}
		now := r.Clock.Now()
		l := &lane{
			queues:   r,
			messages: messages,
			began:    now,
			until:    now.Add(until.Sub(now) / time.Duration(busy)),
			reports:  report.Queues,
		}
		l.run(ctx)
		busy--
	}
	return report
}

// RunAgain is Run for everything, with what lies in the last queue: it is tried once more, and what still fails stays
// there.
func (r *Redriver) RunAgain(ctx context.Context, until time.Time) Report {
	if r.Last == nil {
		return r.Run(ctx, until)
	}
	all := *r
	all.Queues = append(slices.Clone(r.Queues), *r.Last)
	return all.Run(ctx, until)
}

// readAll reads the queues side by side and returns what they hold, by lane, the oldest first.
func (r *Redriver) readAll(ctx context.Context, until time.Time, reports []QueueReport) (waiting [lanes][]message) {
	found := make([][]message, len(r.Queues))
	var wg sync.WaitGroup
	for i := range r.Queues {
		reports[i].Name = r.Queues[i].Name
		wg.Go(func() { found[i] = r.read(ctx, until, i, &reports[i]) })
	}
	wg.Wait()
	for _, m := range slices.Concat(found...) {
		waiting[m.lane()] = append(waiting[m.lane()], m)
	}
	for _, messages := range waiting {
		slices.SortStableFunc(messages, func(a, b message) int { return a.at.Compare(b.at) })
	}
	return waiting
}
