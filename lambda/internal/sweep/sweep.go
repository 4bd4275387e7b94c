// Package sweep acts on what looking at every trail shows without an event: it puts back what is wrong as far as the
// mode allows, reports it, and ends what is over.
//
// It renders no message and knows no channel; it refuses to know what events and queues lead to.
package sweep

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/heartbeat"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/sweep/look"
)

const (
	// forReporting is the time kept for reporting: repairs end at the latest this long before the deadline.
	forReporting = 20 * time.Second
	// forLooking is the part of the time that looking may take, in percent.
	forLooking = 40
	// maxSweeping bounds a sweep where the context has no deadline.
	maxSweeping = 5 * time.Minute
)

// Looker looks at every trail, and for new ones when it is time, or where discover says so.
type Looker interface {
	Look(ctx context.Context, discover bool) look.Report
}

// Incidents are what is known to be wrong, whoever found it.
type Incidents interface {
	// Open returns the incidents that are not closed, by the trail's ARN.
	Open(ctx context.Context) map[string]incident.Unsettled
	// Heard reports whether a message about the trail has named the caller of an event.
	Heard(ctx context.Context, trail, eventID, caller string) bool
}

// Summaries reports what was left to a summary. Untold counts the messages that no channel accepted; the error says what
// was neither accepted nor parked.
type Summaries interface {
	Send(ctx context.Context) (untold int, err error)
}

// Sweeper sweeps. Its fields are set once; it is safe for concurrent use.
type Sweeper struct {
	Looker  Looker // nil: there is no sweep
	Reports Reports
	Repairs Repairs
	Claims  Claims
	Ends    Ends
	Records Records
	Names   Names
	// Summaries reports what has happened again and again, before the end of what it is about; nil: there is no table.
	Summaries Summaries
	// Redrive takes up again what waits in the queues, where the time left is enough.
	Redrive func(context.Context)
	// Deployment checks the part of the deployment that is the sweep's to check; nil: there is none.
	Deployment Deployment
	// Evidence compares the trails' buckets and keys; nil: no baseline describes any.
	Evidence Evidence
	// Outside is pinged after a scheduled sweep that did all that it is for; nil: nobody is.
	Outside heartbeat.Outside
	Clock   clock.Clock
	Log     *slog.Logger
}

// Scheduled sweeps. The schedule of every minute sweeps only while an incident is contested.
func (s *Sweeper) Scheduled(ctx context.Context, ev events.Event) error {
	if ev.DetailType == events.ContestedSweep && (s.Looker == nil || !s.contested(ctx)) {
		return nil
	}
	return s.Sweep(ctx, ev)
}

// contested reports whether somebody undoes again what the guard restores. Without the table that is not known.
func (s *Sweeper) contested(ctx context.Context) bool {
	for _, u := range s.Ends.open(ctx) {
		if u.Contested() {
			return true
		}
	}
	return false
}

// Sweep looks at every trail, puts back what is wrong as far as the mode allows, and reports it. The error says what
// was neither accepted nor parked.
func (s *Sweeper) Sweep(ctx context.Context, ev events.Event) error {
	if s.Looker == nil {
		s.Log.InfoContext(ctx, "scheduled event ignored", "event_id", ev.ID)
		return nil
	}
	r := s.begin(ctx, ev)
	r.actOnAll(ctx)
	s.Names.later(ctx, r)
	if s.Summaries != nil {
		untold, err := s.Summaries.Send(ctx)
		r.untold, r.errs = r.untold+untold, append(r.errs, err)
	}
	s.Ends.incidents(ctx, r)
	r.checkEvidence(ctx)
	overview{r}.reportBlind(ctx)
	overview{r}.reportUncovered(ctx)
	if table := s.Records.Table; table != nil && r.seen.Discovered && r.seen.MemoryErr == nil {
		state.Log(ctx, s.Log, table.Discover(ctx))
	}
	if !r.event {
		r.checkDeployment(ctx)
		s.Redrive(ctx)
	}
	r.pingOutside(ctx)
	measure(ctx, r)
	return errors.Join(r.errs...)
}

// begin looks at the trails.
func (s *Sweeper) begin(ctx context.Context, ev events.Event) *run {
	r := &run{
		sweeper:  s,
		at:       s.Clock.Now(),
		id:       ev.Time,
		event:    ev.Kind == events.KindRecord,
		restored: map[string]bool{},
		found:    map[finding.Kind]int{},
	}
	left := s.Clock.Left(ctx, forReporting, maxSweeping)
	r.until = r.at.Add(left)
	ctx, cancel := context.WithTimeout(ctx, left*forLooking/100)
	defer cancel()
	r.reported = s.Reports.Once.All(ctx)
	r.seen = s.Looker.Look(ctx, blindBefore(r.reported)) // what could not be seen may be over
	return r
}
