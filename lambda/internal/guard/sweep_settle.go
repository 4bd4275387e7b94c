package guard

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/bearing"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

// settle ends what is over: what was told of the trail, and what was accepted and not confirmed.
func (r *sweepRun) settle(ctx context.Context, s *look.Sight) {
	if s.State.ARN == "" {
		return // not seen
	}
	seen := func(p trail.Part) bool { return s.State.Unseen[p] == "" }
	over := map[finding.Kind]bool{
		finding.KindMissing: true, finding.KindNotLogging: seen(trail.PartLogging) && s.State.Logging, finding.KindDeliveryError: seen(trail.PartLogging),
		finding.KindStale: seen(trail.PartLogging), finding.KindWeakened: len(s.State.Unseen) == 0 && !weakened(s),
	}
	for kind, visible := range over {
		subject := look.Finding{Kind: kind, Trail: s.Trail}.Subject()
		sign, was := r.told[subject]
		if !was || !visible || s.Found(kind) {
			continue
		}
		if r.forget(ctx, subject, sign) && strings.HasPrefix(sign, signOpen) {
			r.tellRecovered(ctx, s, kind)
		}
	}
	if sign, was := r.told[leftSubject(s.Trail)]; was && len(s.State.Unseen) == 0 && !s.Found(finding.KindWeakened) {
		r.forget(ctx, leftSubject(s.Trail), sign)
	}
	p := s.Known.Pending
	repaired := r.restored[s.Trail.ARN()]
	if p.EventID == "" || r.memory == nil || !sees(s, p.EventName) || !repaired && (s.Found(finding.KindMissing) || len(s.Worse()) > 0) {
		return
	}
	if ours, err := r.memory.ResolvePending(ctx, s.Trail.ARN(), p); err != nil || !ours || s.Found(finding.KindNotLogging, finding.KindWeakened) {
		return // a repair of this run has been told
	}
	f := look.Finding{Kind: finding.KindConfirmed, Trail: s.Trail, Region: s.Trail.Region, Sign: p.EventID}
	n := r.finding(f)
	n.Severity, n.Ended, n.SinceEvent = finding.SeverityMedium, finding.KindNotLogging, max(0, r.at.Sub(p.Since))
	switch p.EventName {
	case "StopLogging":
	case "DeleteTrail":
		n.Ended = finding.KindMissing
	default:
		n.Ended = finding.KindWeakened
	}
	n.Detail = "What was done after " + sanitize.Bound(p.EventName, 64) + " (event " + sanitize.Bound(p.EventID, 128) + ", " + finding.Time(p.Since) + ") was not confirmed then. " +
		"The sweep finds the trail as it should be."
	r.tell(ctx, f, n)
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

// tellRecovered tells that something is over which the guard has not put right.
func (r *sweepRun) tellRecovered(ctx context.Context, s *look.Sight, was finding.Kind) {
	f := look.Finding{Kind: finding.KindRecovered, Trail: s.Trail, Region: s.Trail.Region, Sign: string(was) + r.id}
	n := r.finding(f)
	n.Severity, n.Ended = finding.SeverityLow, was
	n.Detail = map[finding.Kind]string{
		finding.KindMissing:       "The trail is there again.",
		finding.KindNotLogging:    "The trail logs again.",
		finding.KindWeakened:      "The trail is no longer weaker than its baseline.",
		finding.KindDeliveryError: "CloudTrail delivers the trail's files again.",
		finding.KindStale:         "CloudTrail delivers digests again.",
	}[was] + " Somebody else has put it right, or it has passed."
	r.tell(ctx, f, n)
}

// closeIncidents ends the incidents of trails that this sweep finds in order: somebody has put them right, and no finding of a sweep was left to end.
func (r *sweepRun) closeIncidents(ctx context.Context) {
	open := r.openIncidents(ctx)
	for i := range r.report.Sights {
		s := &r.report.Sights[i]
		if s.Unfounded() && len(s.Findings) == 0 {
			continue
		}
		u, ok := open[s.Trail.ARN()]
		delete(open, s.Trail.ARN())
		if !ok || s.State.ARN == "" || len(s.State.Unseen) > 0 || len(s.Findings) > 0 || len(s.Worse()) > 0 {
			continue
		}
		if u.Noted.After(r.at) {
			continue // it was found wrong after this sweep began to look
		}
		if r.at.Before(u.Quiet) {
			continue // whoever fights over it may only be resting
		}
		if s.Baseline.ARN == "" && slices.Contains(u.Aspects, bearing.Settings) {
			continue // there is nothing to compare it with
		}
		f := look.Finding{Kind: finding.KindRecovered, Trail: s.Trail, Region: s.Trail.Region, Sign: u.ID + r.id}
		n := r.finding(f)
		n.Severity = finding.SeverityLow
		n.Detail = "The sweep finds the trail in order: nothing of it is weaker than it should be. " + whoEnded(u)
		r.tell(ctx, f, n)
	}
	r.closeUnfounded(ctx, open)
}

// whoEnded says how an incident came to its end that a sweep finds.
func whoEnded(u incident.Unsettled) string {
	if u.Contested() {
		return fmt.Sprintf("It was contested, and nobody has touched it for %d minutes. Find out who it was all the same.", int(incident.Calm.Minutes()))
	}
	if u.Closed.IsZero() {
		return "Somebody else has put it right, or it has passed."
	}
	return "It was put right at " + finding.Time(u.Closed) + ", but the message about that is not known to have reached anybody."
}
