package report

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/sanitize"
)

// ErrNoDestination is why a message can never be sent: no setting names its destination, and there is no other.
var ErrNoDestination = errors.New(
	"its destination is not in the settings; configure it again, and run trailkeeper redrive",
)

// Redeliver sends what is in the failure queue again, to the destination that refused it. What is told is derived anew:
// derive is told whether it is proven that this deployment parked exactly this text. Where it is not, the message has a
// name of its own in the claims, so that it takes the place of no other, and may be left to a summary: whoever writes
// into the queue fills no destination. It parks nothing: after an error the caller leaves the message in the queue. Nil
// means that the far end has accepted the message, now or before, or that a summary will tell of it.
func (f *Fanout) Redeliver(ctx context.Context, p Parked, derive func(proven bool) (finding.Finding, error)) error {
	d, proven, ours := f.reclaim(ctx, p)
	n := finding.Finding{EventID: p.Notification.EventID, Outcome: p.Notification.Outcome}
	if ours {
		to, told, err := f.derived(p, proven, derive)
		if err != nil {
			d.Err, d.Status = err, StatusWaiting
			if !proven {
				d.Status = StatusLost // its own name is free again
			}
			f.settle(ctx, d, n, p.Payload)
			return err
		}
		if !proven && f.Collapse != nil && f.Collapse(ctx, told, to.Name()) {
			d.Status = StatusCollapsed
		} else {
			d = f.redelivered(ctx, d, to, told)
		}
	}
	f.settle(ctx, d, n, p.Payload)
	f.logDelivery(ctx, d, n)
	if f.Observe != nil && d.Status != StatusRepeated && d.Status != StatusBusy &&
		p.Notification.Kind != finding.KindAlarm { // no alarm about an alarm
		f.Observe(ctx, Deliveries{d})
	}
	if d.Status == StatusBusy {
		return errors.New("another run is about to send it")
	}
	return d.Err
}

// redelivered sends a message that was claimed.
func (f *Fanout) redelivered(ctx context.Context, was Delivery, to Notifier, n finding.Finding) Delivery {
	d := f.deliver(ctx, to, n, f.share(ctx, forDelivering, forReturning))
	d.parkedAs, d.digest = was.parkedAs, was.digest
	if d.Err != nil {
		d.Status = StatusWaiting
	}
	return d
}

// reclaim claims a message out of the queue: under the name by which it was parked where the claims prove that, or this
// process remembers it, and otherwise under one of its own.
func (f *Fanout) reclaim(ctx context.Context, p Parked) (d Delivery, proven, ours bool) {
	d = Delivery{Channel: p.Channel, parkedAs: p.Subject, digest: p.Digest}
	n := finding.Finding{EventID: p.Notification.EventID}
	if p.Subject != "" && p.Digest != "" {
		state := f.claimState(ctx, &d, n, p.Subject, p.Digest)
		if state == Unknown && f.proofs.has(p.Digest) {
			state = f.claimState(ctx, &d, n, p.Subject, "")
			return d, true, state == Claimed || state == Unknown
		}
		if state != Unknown {
			return d, true, state == Claimed
		}
	}
	d.parkedAs = "undelivered " + p.Digest + " " + sanitize.Bound(p.Channel, finding.MaxName)
	state := f.claimState(ctx, &d, n, d.parkedAs, "")
	if state == Delivered { // or it is noted as waiting in the queue
		if again := f.claimState(ctx, &d, n, d.parkedAs, p.Digest); again != Unknown {
			state = again
		}
	}
	if ours = state == Claimed || state == Unknown; ours {
		d.Status = ""
	}
	return d, false, ours
}

// derived is what is told, and where. A message that proves to be ours and whose destination is gone goes where it
// would go now.
func (f *Fanout) derived(
	p Parked,
	proven bool,
	derive func(bool) (finding.Finding, error),
) (Notifier, finding.Finding, error) {
	n, err := derive(proven)
	if err != nil {
		return nil, n, err
	}
	to := f.find(n, p.Channel)
	if to == nil && proven {
		to = f.instead(n, p.Channel)
		n = message.Moved(n, p.Channel)
	}
	if to == nil {
		return nil, n, fmt.Errorf("the destination %.100q: %w", p.Channel, ErrNoDestination)
	}
	return to, n, nil
}

// find returns a destination by its name, or nil.
func (f *Fanout) find(n finding.Finding, name string) Notifier {
	for _, to := range slices.Concat(f.route(n), f.Notifiers, f.Further) {
		if to.Name() == name {
			return to
		}
	}
	return nil
}

// instead returns where a message goes whose destination is gone: to one of the same channel, or else to any. Nil:
// there is none.
func (f *Fanout) instead(n finding.Finding, name string) Notifier {
	to := slices.Concat(f.route(n), f.Notifiers)
	for _, one := range to {
		if message.ChannelKind(one.Name()) == message.ChannelKind(name) {
			return one
		}
	}
	if len(to) == 0 {
		return nil
	}
	return to[0]
}
