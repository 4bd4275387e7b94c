package guard

import (
	"context"
	"strings"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

const (
	// mostNaming is how long after a finding its actor is looked for: the event history may be late.
	mostNaming = time.Hour
	// leastPerName is what a look for an actor must have.
	leastPerName = 2 * time.Second
)

// nameLater looks for the actors of what was told without one, when all trails have been seen to, and tells who they were.
func (r *sweepRun) nameLater(ctx context.Context) {
	for i := range r.report.Sights {
		s := &r.report.Sights[i]
		for _, kind := range []finding.Kind{finding.KindNotLogging, finding.KindMissing, finding.KindWeakened} {
			f := look.Finding{Kind: kind, Trail: s.Trail, Region: s.Trail.Region}
			if sign, was := r.told[unnamedSubject(f)]; was && r.past != nil && r.until.Sub(r.clock.Now()) >= leastPerName {
				r.nameOnce(ctx, s, f, sign)
			}
		}
	}
}

// nameOnce looks for one actor. What is too old, or no note of ours, is dropped; so is a call whose event arrived meanwhile, or before.
func (r *sweepRun) nameOnce(ctx context.Context, s *look.Sight, f look.Finding, sign string) {
	when, rest, _ := strings.Cut(sign, " ")
	_, list, _ := strings.Cut(rest, " ")
	since, err := time.Parse(time.RFC3339, when)
	if age := r.at.Sub(since); err != nil || age > mostNaming || age < -mostNaming {
		r.forget(ctx, unnamedSubject(f), sign)
		return
	}
	var fields []trail.Field
	for _, field := range trail.Fields() {
		if strings.Contains(","+list+",", ","+string(field)+",") {
			fields = append(fields, field)
		}
	}
	if f.Kind != finding.KindMissing && len(fields) == 0 {
		r.forget(ctx, unnamedSubject(f), sign)
		return
	}
	ev, found, _ := r.madeBy(ctx, r.at, s, fields...)
	if !found || !r.forget(ctx, unnamedSubject(f), sign) || r.reported(ctx, ev, s.Trail) {
		return
	}
	named := look.Finding{Kind: finding.KindNamed, Trail: s.Trail, Region: s.Trail.Region, Sign: sign + ev.Record.EventID}
	n := r.finding(named)
	n.Detail = "This is who is behind what the sweep found at " + finding.Time(since) + " (" + string(f.Kind) + ")."
	r.nameIn(&n, ev, true)
	n.NextStep = "Find out who made this call, and whether they should be able to."
	r.tell(ctx, named, n)
}

// reported reports whether the event of a call arrived, so that a message about the trail has named its caller.
func (r *sweepRun) reported(ctx context.Context, ev events.Event, t events.Trail) bool {
	return r.book != nil && r.book.Heard(ctx, t.ARN(), ev.Record.EventID, principal(ev.Record))
}
