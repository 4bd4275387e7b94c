// Package store puts together what the guard must remember from one run to the next.
//
// It adds nothing to what the packages below state keep, and refuses to know DynamoDB.
package store

import (
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/claims"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/state/repeats"
)

// Store is all of it. It is safe for concurrent use.
type Store struct {
	*known.Book
	*known.Approvals
	*known.Baselines
	*known.Discovery
	*claims.Findings
	*claims.Events
	*claims.Threads
	*repeats.Counters
	documents state.Documents
	clock     clock.Clock
}

// New returns what the documents say.
func New(documents state.Documents, clk clock.Clock) *Store {
	return &Store{
		Book:      known.NewBook(documents, clk),
		Approvals: known.NewApprovals(documents, clk),
		Baselines: known.NewBaselines(documents, clk),
		Discovery: known.NewDiscovery(documents, clk),
		Findings:  claims.NewFindings(documents, clk),
		Events:    claims.NewEvents(documents, clk),
		Threads:   claims.NewThreads(documents, clk),
		Counters:  repeats.New(documents, clk),
		documents: documents,
		clock:     clk,
	}
}
