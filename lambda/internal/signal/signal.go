// Package signal answers what reaches a function and is no record of a call: test alerts, alarms out of the dead
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

// Words are what differs from function to function.
type Words struct {
	Test       finding.NoteID // which way a test alert took
	WhoInvoked finding.NoteID // what to do about a payload that nobody can read
}

// Responder answers signals. Its fields are set once; it is safe for concurrent use.
type Responder struct {
	Reporter report.Reporter
	Parker   report.Parker
	Deliver  Deliver
	Measure  func(context.Context, ...metrics.Metric)
	// Base is what every finding has: who speaks.
	Base finding.Finding
	// Words are those of a function; empty: the guard's.
	Words Words
	Clock clock.Clock
	Log   *slog.Logger
}
