package report

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/state/claims"
)

// ErrNoDestination is why a message can never be sent: no setting names its destination, and there is no other.
var ErrNoDestination = errors.New(
	"its destination is not in the settings; configure it again, and run trailkeeper redrive",
)

// Redeliver sends what is in the failure queue again, to the destination that refused it. What is reported is derived
// anew: derive is informed whether it is proven that this deployment parked exactly this text. Where it is not, the
// message has a name of its own in the claims, so that it takes the place of no other, and may be left to a summary:
// whoever writes into the queue fills no destination. It parks nothing: after an error the caller leaves the message
// in the queue. Nil means that the far end has accepted the message, now or before, or that a summary will report it.
func (f *Fanout) Redeliver(ctx context.Context, p Parked, derive func(proven bool) (finding.Finding, error)) error {
	d, proven, ours := f.reclaim(ctx, p)
	n := finding.Finding{EventID: p.Notification.EventID, Outcome: p.Notification.Outcome}
	if ours {
		to, note, err := f.derived(p, proven, derive)
		if err != nil {
			d.Err, d.Status = err, statusWaiting
			if !proven {
				d.Status = statusLost // its own name is free again
			}
			f.Claims.settle(ctx, d, n, p.Payload)
			return err
		}
		if !proven && f.Collapse != nil && f.Collapse(ctx, note, to.Name()) {
			d.Status = StatusCollapsed
		} else {
			d = f.redelivered(ctx, d, to, note)
		}
	}
	f.Claims.settle(ctx, d, n, p.Payload)
	d.log(ctx, f.Log, n)
	if f.Observe != nil && d.Status != StatusRepeated && d.Status != statusBusy &&
		p.Notification.Kind != finding.KindAlarm { // no alarm about an alarm
		f.Observe(ctx, Deliveries{d})
	}
	if d.Status == statusBusy {
		return errors.New("another run is about to send it")
	}
	return d.Err
}

// redelivered sends a message that was claimed.
func (f *Fanout) redelivered(ctx context.Context, was Delivery, to Notifier, n finding.Finding) Delivery {
	d := f.deliver(ctx, to, n, f.share(ctx, forDelivering, forReturning))
	d.parkedAs, d.digest = was.parkedAs, was.digest
	if d.Err != nil {
		d.Status = statusWaiting
	}
	return d
}

// reclaim claims a message out of the queue: under the name by which it was parked where the claims prove that, or this
// process remembers it, and otherwise under one of its own.
func (f *Fanout) reclaim(ctx context.Context, p Parked) (d Delivery, proven, ours bool) {
	d = Delivery{Channel: p.Channel, parkedAs: p.Subject, digest: p.Digest}
	n := finding.Finding{EventID: p.Notification.EventID}
	if p.Subject != "" && p.Digest != "" {
		state := f.Claims.state(ctx, &d, n, p.Subject, p.Digest)
		if state == claims.Unknown && f.proofs.has(p.Digest) {
			state = f.Claims.state(ctx, &d, n, p.Subject, "")
			return d, true, sends(state)
		}
		if state != claims.Unknown {
			return d, true, state == claims.Claimed
		}
	}
	d.parkedAs = "undelivered " + p.Digest + " " + sanitize.Bound(p.Channel, finding.MaxName)
	state := f.Claims.state(ctx, &d, n, d.parkedAs, "")
	if state == claims.Delivered { // or it is noted as waiting in the queue
		if again := f.Claims.state(ctx, &d, n, d.parkedAs, p.Digest); again != claims.Unknown {
			state = again
		}
	}
	if ours = sends(state); ours {
		d.Status = ""
	}
	return d, false, ours
}

// derived is what is reported, and where. A message that proves to be ours and whose destination is gone goes where it
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
	to := f.To.find(n, p.Channel)
	if to == nil && proven {
		to = f.To.instead(n, p.Channel)
		n = message.Moved(n, p.Channel)
	}
	if to == nil {
		return nil, n, fmt.Errorf("the destination %.100q: %w", p.Channel, ErrNoDestination)
	}
	return to, n, nil
}

// maxProofs bounds what a process remembers of what it has parked.
const maxProofs = 1000

// proofs are the digests of what this process has put into the failure queue. They prove a message where the claims
// could not note that, or where there is none.
type proofs struct {
	mu      sync.Mutex
	digests map[string]bool
}

func (p *proofs) add(digest string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.digests == nil || len(p.digests) >= maxProofs {
		p.digests = make(map[string]bool)
	}
	p.digests[digest] = true
}

func (p *proofs) has(digest string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return digest != "" && p.digests[digest]
}
