package guard

import (
	"context"
	"time"

	"trailkeeper/lambda/internal/notify"
	"trailkeeper/lambda/internal/store"
)

// ledger is the state table as the fan-out uses it.
type ledger struct{ memory memory }

// Claim implements notify.Ledger.
func (l ledger) Claim(ctx context.Context, subject string, lease time.Duration, digest string) (notify.Turn, error) {
	turn, err := l.memory.ClaimEvent(ctx, subject, lease, digest)
	return map[store.Turn]notify.Turn{
		store.TurnOurs: notify.TurnOurs, store.TurnBusy: notify.TurnBusy, store.TurnTold: notify.TurnTold,
		store.TurnUnknown: notify.TurnUnknown,
	}[turn], err
}

// Sent implements notify.Ledger.
func (l ledger) Sent(ctx context.Context, subject string) error {
	return l.memory.EventSent(ctx, subject)
}

// Parked implements notify.Ledger.
func (l ledger) Parked(ctx context.Context, subject, digest string) error {
	return l.memory.EventParked(ctx, subject, digest)
}

// Release implements notify.Ledger.
func (l ledger) Release(ctx context.Context, subject string) error {
	return l.memory.EventReleased(ctx, subject)
}
