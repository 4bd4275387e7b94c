// Package signal answers what reaches the guard and is no record of a call: test alerts, alarms out of the dead
// letters, and payloads that nobody can read.
//
// It touches no trail, and refuses to know what records, schedules and queues lead to.
package signal

import (
	"context"
	"log/slog"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/report"
)

// Deliver sends a parked message, as it is derived anew, to the destination that refused it.
type Deliver func(ctx context.Context, p report.Parked, derive func(proven bool) (finding.Finding, error)) error

// Responder answers signals. Its fields are set once; it is safe for concurrent use.
type Responder struct {
	Reporter report.Reporter
	Parker   report.Parker
	Deliver  Deliver
	Measure  func(context.Context, ...metrics.Metric)
	// Base is what every finding has: who speaks.
	Base  finding.Finding
	Clock clock.Clock
	Log   *slog.Logger
}
