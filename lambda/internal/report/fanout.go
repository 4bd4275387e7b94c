package report

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
)

// Fanout delivers to every channel. Its fields are set once; it is safe for concurrent use.
type Fanout struct {
	To     Destinations
	Parker Parker // nil: what a channel refuses is lost
	Claims *Claims
	// Collapse reports whether a message on a destination is left to a summary; nil: none is.
	Collapse func(ctx context.Context, n finding.Finding, destination string) bool
	// Runbook is the address of the page about each kind of message; empty: none.
	Runbook string
	// AccountNames are shown beside the IDs of accounts.
	AccountNames map[string]string
	// Observe sees each report, for the metrics; nil: nobody does.
	Observe func(context.Context, Deliveries)
	Log     *slog.Logger
	Clock   clock.Clock

	proofs proofs
}

// Deliver sends n to every channel side by side, but to those that have it, as the claims say. What one
// refuses is parked together with payload, the original event, and the channels that accepted n are notified. Each of
// these has a share of the time, so that Deliver returns more than a second before ctx ends, whatever hangs. The error
// says what was neither accepted nor parked; a notice that fails is only logged.
func (f *Fanout) Deliver(ctx context.Context, n finding.Finding, payload json.RawMessage) (Deliveries, error) {
	to := f.To.of(n)
	sent := make(Deliveries, len(to))
	eachSide(all(to), func(i int) { sent[i] = f.deliverOnce(ctx, to[i], n, payload) })
	if failed := sent.failed(); len(failed) > 0 {
		share := f.share(ctx, forParking, forNotices)
		eachSide(failed, func(i int) { f.park(ctx, &sent[i], n, payload, share) })
	}
	eachSide(all(to), func(i int) {
		if sent[i].Status != StatusDelivered {
			f.Claims.settle(ctx, sent[i], n, payload)
		}
	})
	for _, d := range sent {
		d.log(ctx, f.Log, n)
	}
	if f.Observe != nil {
		f.Observe(ctx, sent)
	}
	f.notifyOthers(ctx, to, sent, n)
	return sent, sent.Err()
}

func all(to []Notifier) []int {
	indices := make([]int, len(to))
	for i := range indices {
		indices[i] = i
	}
	return indices
}

// eachSide runs do for each of these indices side by side, and waits for all.
func eachSide(indices []int, do func(i int)) {
	var wg sync.WaitGroup
	for _, i := range indices {
		wg.Go(func() { do(i) })
	}
	wg.Wait()
}

// deliverOnce delivers what the channel has not had.
func (f *Fanout) deliverOnce(ctx context.Context, to Notifier, n finding.Finding, payload json.RawMessage) Delivery {
	d := Delivery{Channel: to.Name()}
	if !sends(f.Claims.state(ctx, &d, n, d.subject(n, payload), "")) {
		return d
	}
	if f.Collapse != nil && f.Collapse(ctx, n, d.Channel) {
		d.Status = StatusCollapsed
		return d
	}
	d = f.deliver(ctx, to, n, f.share(ctx, forDelivering, forParking+forNotices))
	if d.Err == nil {
		f.Claims.settle(ctx, d, n, payload) // before anything else can go wrong
	}
	return d
}

// deliver gives one notifier its share of the time. Whatever was kept of them, runbook and names are those of today.
func (f *Fanout) deliver(ctx context.Context, to Notifier, n finding.Finding, share time.Duration) Delivery {
	n.Runbook, n.AccountName = f.Runbook, f.AccountNames[n.Account]
	start := f.Clock.Now()
	d := Delivery{Channel: to.Name(), Status: StatusDelivered}
	d.Err = within(ctx, share, "the "+d.Channel+" notifier", func(ctx context.Context) error { return to.Notify(ctx, n) })
	d.Latency = f.Clock.Now().Sub(start)
	return d
}

// park keeps a message that was refused, and records in d whether that worked in its share of the time.
func (f *Fanout) park(
	ctx context.Context, d *Delivery, n finding.Finding, payload json.RawMessage, share time.Duration,
) {
	d.Status = statusLost
	if f.Parker == nil {
		d.ParkErr = errors.New("there is no failure queue")
		return
	}
	if !json.Valid(n.Request) {
		n.Request = nil
	}
	p := Parked{
		Version:      ParkedVersion,
		Channel:      d.Channel,
		Subject:      SubjectOf(n, d.Channel, payload),
		Reason:       d.Err.Error(),
		Time:         f.Clock.Now().UTC(),
		Notification: n,
		Payload:      PayloadJSON(payload),
	}
	digest := make(chan string, 1) // a queue that hangs may answer after its time
	d.ParkErr = within(ctx, share, "the failure queue's sender", func(ctx context.Context) error {
		sum, err := f.Parker.Park(ctx, p)
		digest <- sum
		return err
	})
	if d.ParkErr == nil {
		d.Status, d.digest = statusParked, <-digest
		f.proofs.add(d.digest)
	}
}
