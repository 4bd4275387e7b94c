package report

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"trailkeeper/lambda/internal/finding"
)

// Status is what became of one notification on one channel.
type Status string

// The statuses.
const (
	StatusDelivered Status = "delivered" // the far end accepted it
	statusParked    Status = "parked"    // it is in the failure queue
	statusLost      Status = "lost"      // neither
	statusWaiting   Status = "waiting"   // it still is in the failure queue: its destination did not take it again
	StatusRepeated  Status = "repeated"  // the far end accepted it before, or it is parked already
	StatusCollapsed Status = "collapsed" // a summary will report it, with what else happens meanwhile
	statusBusy      Status = "busy"      // another run of the same event is about to deliver it
)

// Delivery is what one channel did with a notification.
type Delivery struct {
	Channel string
	Status  Status
	Err     error // why it was not delivered
	ParkErr error // why it was not parked either
	Latency time.Duration

	parkedAs string // the subject of a message from the failure queue
	digest   string // of what is in the failure queue
}

// log logs it: an error where the channel did not take the message.
func (d Delivery) log(ctx context.Context, to *slog.Logger, n finding.Finding) {
	level := slog.LevelInfo
	attrs := []slog.Attr{
		slog.String("channel", d.Channel),
		slog.String("status", string(d.Status)),
		slog.Int64("latency_ms", d.Latency.Milliseconds()),
		slog.String("event_id", n.EventID),
		slog.String("outcome", string(n.Outcome)),
	}
	if d.Err != nil {
		level = slog.LevelError
		attrs = append(attrs, slog.String("error", d.Err.Error()))
	}
	if d.ParkErr != nil {
		attrs = append(attrs, slog.String("park_error", d.ParkErr.Error()))
	}
	to.LogAttrs(ctx, level, "notification", attrs...)
}

// Deliveries are those of one finding, in the order of the notifiers.
type Deliveries []Delivery

// Err joins an error for each channel whose message was lost, or is with another run that may fail.
func (all Deliveries) Err() error {
	var errs []error
	for _, d := range all {
		if d.Status == statusLost || d.Status == statusBusy {
			errs = append(errs, fmt.Errorf("notify %s: %w", d.Channel, errors.Join(d.Err, d.ParkErr)))
		}
	}
	return errors.Join(errs...)
}

// Repeated reports whether every channel was notified before.
func (all Deliveries) Repeated() bool {
	return len(all) > 0 && !slices.ContainsFunc(all, func(d Delivery) bool { return d.Status != StatusRepeated })
}

// Told reports whether a channel accepted the message, now or before, or a summary will report it; also where there was
// none to notify.
func (all Deliveries) Told() bool {
	return len(all) == 0 || slices.ContainsFunc(all, func(d Delivery) bool {
		return d.Status == StatusDelivered && d.Err == nil || d.Status == StatusRepeated || d.Status == StatusCollapsed
	})
}

// failed and accepted are the indices of the deliveries that did not work and that did.
func (all Deliveries) failed() []int {
	return all.indices(func(d Delivery) bool { return d.Err != nil && d.Status != statusBusy })
}

func (all Deliveries) accepted() []int {
	return all.indices(func(d Delivery) bool { return d.Err == nil })
}

func (all Deliveries) indices(of func(Delivery) bool) []int {
	var found []int
	for i, d := range all {
		if of(d) {
			found = append(found, i)
		}
	}
	return found
}
