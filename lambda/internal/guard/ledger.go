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
func (l ledger) Claim(ctx context.Context, subject, sign string, lease time.Duration) (notify.Turn, error) {
	turn, err := l.memory.Claim(ctx, subject, sign, lease)
	return map[store.Turn]notify.Turn{
		store.TurnOurs: notify.TurnOurs, store.TurnBusy: notify.TurnBusy, store.TurnTold: notify.TurnTold,
	}[turn], err
}

// Sent implements notify.Ledger.
func (l ledger) Sent(ctx context.Context, subject, sign string) error {
	return l.memory.Sent(ctx, subject, sign)
}

// Release implements notify.Ledger.
func (l ledger) Release(ctx context.Context, subject, sign string) error {
	_, err := l.memory.Clear(ctx, subject, sign)
	return err
}
