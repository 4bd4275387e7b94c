package guard

import (
	"context"
	"time"

	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/store"
)

// ledger is the state table as the fan-out uses it.
type ledger struct{ memory memory }

// Claim implements report.Claims.
func (l ledger) Claim(ctx context.Context, subject string, lease time.Duration, digest string) (report.ClaimState, error) {
	state, err := l.memory.ClaimEvent(ctx, subject, lease, digest)
	return map[store.Turn]report.ClaimState{
		store.TurnOurs: report.Claimed, store.TurnBusy: report.InFlight, store.TurnTold: report.Delivered,
		store.TurnUnknown: report.Unknown,
	}[state], err
}

// Delivered implements report.Claims.
func (l ledger) Delivered(ctx context.Context, subject string) error {
	return l.memory.EventSent(ctx, subject)
}

// Parked implements report.Claims.
func (l ledger) Parked(ctx context.Context, subject, digest string) error {
	return l.memory.EventParked(ctx, subject, digest)
}

// Release implements report.Claims.
func (l ledger) Release(ctx context.Context, subject string) error {
	return l.memory.EventReleased(ctx, subject)
}
