package claims

import (
	"context"
	"time"

	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/state/claims"
)

// EventTable is the state table, as far as it knows which messages were delivered.
type EventTable interface {
	ClaimEvent(ctx context.Context, subject string, lease time.Duration, digest string) (claims.State, error)
	EventSent(ctx context.Context, subject string) error
	EventParked(ctx context.Context, subject, digest string) error
	EventReleased(ctx context.Context, subject string) error
}

// Events are the claims to single messages. It implements report.Claims.
type Events struct{ Table EventTable }

// Claim implements report.Claims.
func (e Events) Claim(
	ctx context.Context,
	subject string,
	lease time.Duration,
	digest string,
) (report.ClaimState, error) {
	turn, err := e.Table.ClaimEvent(ctx, subject, lease, digest)
	return map[claims.State]report.ClaimState{
		claims.Claimed:   report.Claimed,
		claims.InFlight:  report.InFlight,
		claims.Delivered: report.Delivered,
		claims.Unknown:   report.Unknown,
	}[turn], err
}

// Delivered implements report.Claims.
func (e Events) Delivered(ctx context.Context, subject string) error {
	return e.Table.EventSent(ctx, subject)
}

// Parked implements report.Claims.
func (e Events) Parked(ctx context.Context, subject, digest string) error {
	return e.Table.EventParked(ctx, subject, digest)
}

// Release implements report.Claims.
func (e Events) Release(ctx context.Context, subject string) error {
	return e.Table.EventReleased(ctx, subject)
}
