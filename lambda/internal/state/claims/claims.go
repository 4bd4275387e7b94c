// Package claims keeps who delivers what, so that of several runs one does, and nothing is delivered twice.
//
// It refuses to know what is delivered and where. Whoever goes on without an answer of it delivers twice at worst.
package claims

import "time"

// State says who is to deliver something.
type State int

// The states.
const (
	Claimed   State = iota // the caller: it was not delivered, or the run that was to has failed
	InFlight               // another run is about to
	Delivered              // nobody: it was
	Unknown                // what was to be claimed is not what was noted
)

// The states as documents have them.
const (
	claimed   = "claimed"
	delivered = "delivered"
	parked    = "parked"
)

// longestLease is longer than the longest run of a function: a claim that says it counts for longer is forged.
const longestLease = 16 * time.Minute

// lapsed reports whether a claim counts no more.
func lapsed(until, now time.Time) bool {
	return until.Before(now) || until.After(now.Add(longestLease))
}

// of is who is to deliver what is not the caller's to claim. Only what says that it was delivered, or is kept for
// later, counts as delivered: a claim that was given back meanwhile, and a state that nothing here writes, are no word
// that anything was.
func of(noted string) State {
	if noted == delivered || noted == parked {
		return Delivered
	}
	return InFlight
}
