package sweep

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/bearing"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/signs"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

// Ends ends what is over.
type Ends struct {
	Scope     assess.Scope
	Pending   Pending   // nil: there is no table
	Incidents Incidents // nil: there is no table
	// Exists reads a trail; the error is trail.ErrNotFound where CloudTrail knows none. Nil: it is not asked.
	Exists func(ctx context.Context, arn string) error
}

// settle ends what is over: what was reported of the trail, and what was accepted and not confirmed.
func (e *Ends) settle(ctx context.Context, r *run, s *look.Sight) {
	if s.State.ARN == "" {
		return // not seen
	}
	seen := s.State.Unseen[trail.PartLogging] == ""
	over := map[finding.Kind]bool{
		finding.KindMissing:       true,
		finding.KindNotLogging:    seen && s.State.Logging,
		finding.KindDeliveryError: seen,
		finding.KindStale:         seen,
		finding.KindWeakened:      len(s.State.Unseen) == 0 && !weakened(s),
	}
	for kind, visible := range over {
		subject := look.Finding{Kind: kind, Trail: s.Trail}.Subject()
		sign, was := r.reported[subject]
		if !was || !visible || s.Found(kind) {
			continue
		}
		if r.clear(ctx, subject, sign) && signs.IsOpen(sign) {
			e.reportRecovered(ctx, r, s, kind)
		}
	}
	left := signs.Left(s.Trail)
	if sign, was := r.reported[left]; was && len(s.State.Unseen) == 0 && !s.Found(finding.KindWeakened) {
		r.clear(ctx, left, sign)
	}
	e.settlePending(ctx, r, s)
}

// settlePending ends what was accepted and not confirmed, and reports that, unless a repair of this run was reported.
func (e *Ends) settlePending(ctx context.Context, r *run, s *look.Sight) {
	p := s.Known.Pending
	repaired := r.restored[s.Trail.ARN()]
	if p.EventID == "" || e.Pending == nil || !sees(s, p.EventName) ||
		!repaired && (s.Found(finding.KindMissing) || len(s.Worse()) > 0) {
		return
	}
	ours, err := e.Pending.ResolvePending(ctx, s.Trail.ARN(), p)
	if err != nil || !ours || s.Found(finding.KindNotLogging, finding.KindWeakened) {
		return
	}
	f := look.Finding{
		Kind:   finding.KindConfirmed,
		Trail:  s.Trail,
		Region: s.Trail.Region,
		Sign:   p.EventID,
	}
	n := r.finding(f)
	n.Severity, n.SinceEvent = finding.SeverityMedium, max(0, r.at.Sub(p.Since))
	switch p.EventName {
	case "StopLogging":
		n.Ended = finding.KindNotLogging
	case "DeleteTrail":
		n.Ended = finding.KindMissing
	default:
		n.Ended = finding.KindWeakened
	}
	n.Note(finding.NoteConfirmed, sanitize.Bound(p.EventName, 64), sanitize.Bound(p.EventID, 128), p.Since)
	r.report(ctx, f, n)
}

// weakened reports whether a trail is weaker than its baseline while it logs, approved or not.
func weakened(s *look.Sight) bool {
	return slices.ContainsFunc(s.Worse(), func(f trail.Field) bool { return f != trail.FieldLogging })
}

// sees reports whether the parts of the trail were seen that a call can change.
func sees(s *look.Sight, call string) bool {
	fields := trail.FieldsOf(call)
	if len(fields) == 0 {
		return len(s.State.Unseen) == 0
	}
	return !slices.ContainsFunc(fields, func(f trail.Field) bool { return s.State.Unseen[f.Part()] != "" })
}

// reportRecovered reports that something is over which the guard has not put right.
func (e *Ends) reportRecovered(ctx context.Context, r *run, s *look.Sight, was finding.Kind) {
	f := look.Finding{
		Kind:   finding.KindRecovered,
		Trail:  s.Trail,
		Region: s.Trail.Region,
		Sign:   string(was) + r.id,
	}
	n := r.finding(f)
	n.Severity, n.Ended = finding.SeverityLow, was
	n.Note(map[finding.Kind]finding.NoteID{
		finding.KindMissing:       finding.NoteThereAgain,
		finding.KindNotLogging:    finding.NoteLogsAgain,
		finding.KindWeakened:      finding.NoteNotWeaker,
		finding.KindDeliveryError: finding.NoteDeliversAgain,
		finding.KindStale:         finding.NoteDigestsAgain,
	}[was])
	n.Note(finding.NotePutRight)
	r.report(ctx, f, n)
}

const (
	// maxUnfounded bounds the incidents of unknown trails that one sweep looks at.
	maxUnfounded = 5
	// maxAsking bounds the question whether there is such a trail, and longestUnknown is how long an incident stays open
	// of a trail that nobody has ever seen and that cannot be asked for.
	maxAsking      = 5 * time.Second
	longestUnknown = 24 * time.Hour
)

// incidents ends those of trails that this sweep finds in order: somebody has put them right, and no finding of a sweep
// was left to end.
func (e *Ends) incidents(ctx context.Context, r *run) {
	open := e.open(ctx)
	for i := range r.seen.Sights {
		s := &r.seen.Sights[i]
		if s.Unfounded() && len(s.Findings) == 0 {
			continue
		}
		u, ok := open[s.Trail.ARN()]
		delete(open, s.Trail.ARN())
		if !ok || !ends(s, u, r.at) {
			continue
		}
		f := look.Finding{
			Kind:   finding.KindRecovered,
			Trail:  s.Trail,
			Region: s.Trail.Region,
			Sign:   u.ID + r.id,
		}
		n := r.finding(f)
		n.Severity = finding.SeverityLow
		n.Note(finding.NoteInOrder)
		noteEnd(&n, u)
		r.report(ctx, f, n)
	}
	e.unfounded(ctx, r, open)
}

// open returns the incidents that are not closed, by the trail's ARN.
func (e *Ends) open(ctx context.Context) map[string]incident.Unsettled {
	if e.Incidents == nil {
		return nil
	}
	return e.Incidents.Open(ctx)
}

// ends reports whether a sight ends an incident.
func ends(s *look.Sight, u incident.Unsettled, at time.Time) bool {
	switch {
	case s.State.ARN == "" || len(s.State.Unseen) > 0 || len(s.Findings) > 0 || len(s.Worse()) > 0:
		return false
	case u.Noted.After(at): // it was found wrong after this sweep began to look
		return false
	case at.Before(u.Quiet): // whoever fights over it may only be resting
		return false
	}
	comparable := s.Baseline.ARN != "" || !slices.Contains(u.Aspects, bearing.Settings)
	return comparable
}

// noteEnd says how an incident came to its end that a sweep finds.
func noteEnd(n *finding.Finding, u incident.Unsettled) {
	switch {
	case u.Contested():
		n.Note(finding.NoteWasContested, int(incident.Calm.Minutes()))
	case u.Closed.IsZero():
		n.Note(finding.NotePutRight)
	default:
		n.Note(finding.NoteEndNotDelivered, u.Closed)
	}
}

// unfounded ends the incidents of trails that this sweep does not know, where CloudTrail does not know them either: a
// record alone opened them, which may be forged. One of which reading has ever shown anything stays, and so does one of
// a trail that is there: the next discovery finds it.
func (e *Ends) unfounded(ctx context.Context, r *run, open map[string]incident.Unsettled) {
	asked := 0
	for _, arn := range slices.Sorted(maps.Keys(open)) {
		u := open[arn]
		t, err := events.ParseTrailARN(arn)
		if err != nil || !u.Closed.IsZero() || u.Noted.After(r.at) || everSeen(u.Incident) || e.Exists == nil ||
			e.Scope.ModeOf(arn, "") == exception.ModeExclude {
			continue
		}
		if asked++; asked > maxUnfounded {
			return
		}
		why := e.absent(ctx, r, arn, u)
		if why == "" {
			continue
		}
		f := look.Finding{
			Kind:   finding.KindRecovered,
			Trail:  t,
			Region: t.Region,
			Sign:   u.ID + r.id,
		}
		n := r.finding(f)
		n.Severity, n.Absent = finding.SeverityLow, true
		n.Note(why, arn)
		n.Note(finding.NoteNeverKnown)
		n.Advise(finding.NextWhereFrom, sanitize.Bound(u.Incident.First.EventID, 64))
		r.report(ctx, f, n)
	}
}

// absent says why an incident is of no trail, or nothing where it may be of one.
func (e *Ends) absent(ctx context.Context, r *run, arn string, u incident.Unsettled) finding.NoteID {
	ctx, cancel := context.WithTimeout(ctx, maxAsking)
	defer cancel()
	switch err := e.Exists(ctx, arn); {
	case errors.Is(err, trail.ErrNotFound):
		return finding.NoteNoSuchTrail
	case err != nil && r.at.Sub(u.Incident.Opened) > longestUnknown:
		return finding.NoteTrailNotSeen
	}
	return ""
}

// everSeen reports whether reading a trail has shown anything of an incident: a sweep has found something, or it was
// dark.
func everSeen(i finding.Incident) bool {
	found := []finding.Kind{
		finding.KindNotLogging, finding.KindWeakened, finding.KindMissing, finding.KindDeliveryError, finding.KindStale,
	}
	return i.Dark > 0 ||
		slices.ContainsFunc(
			i.RouteKeys, func(h finding.RouteKey) bool { return slices.Contains(found, finding.Kind(h.Event)) },
		)
}
