package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"trailkeeper/lambda/internal/clock"
)

// How the time for notifying is shared: a channel that hangs must leave enough for parking its message and telling the others.
const (
	mostDelivering = 12 * time.Second
	forFailures    = 6 * time.Second
)

// Fanout tells every channel. Its fields are set once; it is safe for concurrent use.
type Fanout struct {
	Notifiers []Notifier
	Parker    Parker // nil: what a channel refuses is lost
	Log       *slog.Logger
	Clock     clock.Clock
}

// Tell is Deliver without the report.
func (f *Fanout) Tell(ctx context.Context, n Notification, payload json.RawMessage) error {
	_, err := f.Deliver(ctx, n, payload)
	return err
}

// Deliver sends n to every channel side by side. What one refuses is parked together with payload, the original event, and the channels
// that accepted n are told so. The error says what was neither accepted nor parked; a notice that fails is only logged.
func (f *Fanout) Deliver(ctx context.Context, n Notification, payload json.RawMessage) (Report, error) {
	report := Report{Deliveries: make([]Delivery, len(f.Notifiers))}
	f.eachSide(ctx, f.all(), func(ctx context.Context, i int) {
		report.Deliveries[i] = f.deliver(ctx, f.Notifiers[i], n)
	})
	for i := range report.Deliveries {
		if d := &report.Deliveries[i]; d.Err != nil {
			f.park(ctx, d, n, payload)
		}
		f.logDelivery(ctx, report.Deliveries[i], n)
	}
	f.tellOthers(ctx, report, n)
	return report, report.Err()
}

func (f *Fanout) all() []int {
	all := make([]int, len(f.Notifiers))
	for i := range all {
		all[i] = i
	}
	return all
}

// eachSide runs do for each of the notifiers with these indices side by side, and waits for all.
func (f *Fanout) eachSide(ctx context.Context, indices []int, do func(ctx context.Context, i int)) {
	var wg sync.WaitGroup
	for _, i := range indices {
		wg.Go(func() { do(ctx, i) })
	}
	wg.Wait()
}

// deliver gives one notifier its share of the time. It returns when that is over, even if the notifier does not.
func (f *Fanout) deliver(ctx context.Context, to Notifier, n Notification) Delivery {
	start := f.Clock.Now()
	ctx, cancel := context.WithTimeout(ctx, max(time.Second, f.Clock.Left(ctx, forFailures, mostDelivering)))
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- guarded(ctx, to, n) }()
	d := Delivery{Channel: to.Name(), Status: StatusDelivered}
	select {
	case d.Err = <-done:
	case <-ctx.Done():
		select {
		case d.Err = <-done:
		default:
			d.Err = errors.New("no answer in the time that there was")
		}
	}
	d.Latency = f.Clock.Now().Sub(start)
	return d
}

// guarded turns a panic into an error. It says no more than the type of a value that was thrown, which may hold a secret.
func guarded(ctx context.Context, to Notifier, n Notification) (err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case runtime.Error:
			err = fmt.Errorf("the %s notifier crashed: %w", to.Name(), v)
		default:
			err = fmt.Errorf("the %s notifier crashed with a %T", to.Name(), v)
		}
	}()
	return to.Notify(ctx, n)
}

// park keeps a message that was refused, and records in d whether that worked.
func (f *Fanout) park(ctx context.Context, d *Delivery, n Notification, payload json.RawMessage) {
	d.Status = StatusLost
	if f.Parker == nil {
		d.ParkErr = errors.New("there is no failure queue")
		return
	}
	if !json.Valid(n.Request) {
		n.Request = nil
	}
	d.ParkErr = f.Parker.Park(ctx, Parked{
		Version: ParkedVersion, Channel: d.Channel, Reason: d.Err.Error(), Time: f.Clock.Now().UTC(),
		Notification: n, Payload: PayloadJSON(payload),
	})
	if d.ParkErr == nil {
		d.Status = StatusParked
	}
}

func (f *Fanout) logDelivery(ctx context.Context, d Delivery, n Notification) {
	level, attrs := slog.LevelInfo, []slog.Attr{
		slog.String("channel", d.Channel), slog.String("status", string(d.Status)), slog.Int64("latency_ms", d.Latency.Milliseconds()),
		slog.String("event_id", n.EventID), slog.String("outcome", string(n.Outcome)),
	}
	if d.Err != nil {
		level = slog.LevelError
		attrs = append(attrs, slog.String("error", d.Err.Error()))
	}
	if d.ParkErr != nil {
		attrs = append(attrs, slog.String("park_error", d.ParkErr.Error()))
	}
	f.Log.LogAttrs(ctx, level, "notification", attrs...)
}
