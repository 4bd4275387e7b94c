package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Redeliver sends what is in the failure queue again, to the destination that refused it. It parks nothing: after an error the caller leaves the
// message in the queue. Nil means that the far end has accepted the message, now or before.
func (f *Fanout) Redeliver(ctx context.Context, p Parked) error {
	n := p.Notification
	n.Detail = late(p)
	to := f.find(n, p.Channel)
	if to == nil {
		to = f.instead(n, p.Channel)
		n.Detail += " Its destination " + Bound(p.Channel, maxCall) + " is not in the settings any more."
	}
	if to == nil {
		return fmt.Errorf("the destination %.100q is not in the settings any more; read the message and delete it, or configure the destination again", p.Channel)
	}
	d := Delivery{Channel: to.Name(), parkedAs: p.Subject}
	if f.claim(ctx, &d, n, p.Payload, true) {
		parkedAs := d.parkedAs
		d = f.deliver(ctx, to, n, f.share(ctx, forDelivering, forReturning))
		d.parkedAs = parkedAs
		if d.Err != nil {
			d.Status = StatusWaiting
		}
	}
	f.settle(ctx, d, n, p.Payload)
	f.logDelivery(ctx, d, n)
	if f.Observe != nil && d.Status != StatusRepeated && d.Status != StatusBusy && n.Finding != FindingAlarm { // no alarm about an alarm
		f.Observe(ctx, Report{Deliveries: []Delivery{d}})
	}
	if d.Status == StatusBusy {
		return errors.New("another run is about to send it")
	}
	return d.Err
}

// find returns a destination by its name, or nil.
func (f *Fanout) find(n Notification, name string) Notifier {
	for _, to := range slices.Concat(f.route(n), f.Notifiers, f.Further) {
		if to.Name() == name {
			return to
		}
	}
	return nil
}

// instead returns where a message goes whose destination is gone: to one of the same channel, or else to any. Nil: there is none.
func (f *Fanout) instead(n Notification, name string) Notifier {
	to := slices.Concat(f.route(n), f.Notifiers)
	for _, one := range to {
		if Kind(one.Name()) == Kind(name) {
			return one
		}
	}
	if len(to) == 0 {
		return nil
	}
	return to[0]
}

// late adds to a message that it comes late, and why.
func late(p Parked) string {
	detail := p.Notification.Detail
	if detail != "" {
		detail += " "
	}
	return detail + "This message is late: at " + Time(p.Time) + " it was parked, because " + Bound(p.Reason, maxReason) + "."
}
