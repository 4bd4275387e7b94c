package guard

import (
	"context"
	"fmt"
	"slices"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/store"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

// act puts right what is wrong with one trail, as far as the mode allows, and tells of each finding.
func (r *sweepRun) act(ctx context.Context, s *look.Sight, until time.Time) {
	inOrder := []finding.Kind{finding.KindNotLogging, finding.KindMissing, finding.KindWeakened, finding.KindDeliveryError, finding.KindStale}
	slices.SortStableFunc(s.Findings, func(a, b look.Finding) int { return slices.Index(inOrder, a.Kind) - slices.Index(inOrder, b.Kind) })
	for _, f := range s.Findings {
		n := r.finding(f)
		n.Dark = r.darkAsFound(s, f)
		switch f.Kind {
		case finding.KindNotLogging:
			r.start(ctx, s, &n, until)
		case finding.KindWeakened:
			r.putBack(ctx, s, f, &n, until)
		case finding.KindMissing:
			r.rebuild(ctx, s, &n, until)
		case finding.KindDeliveryError:
			n.NextStep = "Look at the policies of the bucket, its key, the log group and its role: files that cannot be delivered are lost after a while."
		case finding.KindStale:
			n.NextStep = "Look at the bucket's policy and at health.aws.amazon.com."
		}
		n.Detail += expired(f.Expired) + doubts(s, fieldsOf(f)...) + r.howFound(s, f)
		r.tellOf(ctx, s, f, n)
	}
}

// mode is the one that counts for a call on the trail.
func (r *sweepRun) mode(s *look.Sight, call string) config.Mode {
	return r.exceptions.Mode(s.Trail.ARN(), call, r.cfg.Mode)
}

// howFound says that no event arrived, or when the last one did.
func (r *sweepRun) howFound(s *look.Sight, f look.Finding) string {
	if f.Kind == finding.KindDeliveryError || f.Kind == finding.KindStale {
		return ""
	}
	switch {
	case r.event:
		return " Found after an event whose record does not name its trail."
	case r.memory == nil || r.report.MemoryErr != nil:
		return " Found by the sweep."
	case s.Known.Tampered(r.at, time.Hour):
		return " Found by the sweep; the last event about the trail arrived at " + finding.Time(s.Known.TamperedAt) + "."
	}
	return noEvent
}

// held lists the fields whose change an approval in force may cover although no event has shown who made it, as long as its event may still be
// on its way, and says so. Without the table nothing is held back.
func (r *sweepRun) held(ctx context.Context, s *look.Sight, fields ...trail.Field) (held []trail.Field, says string) {
	var covered exception.Approval
	for _, f := range fields {
		for _, a := range r.exceptions.Approvals {
			if (a.Trail == s.Trail.ARN() || a.Trail == exception.AnyTrail) && slices.Contains(a.Events, f.Call()) && !r.at.After(a.Expires) {
				held, covered = append(held, f), a
			}
		}
	}
	if len(held) == 0 || r.memory == nil || r.report.MemoryErr != nil {
		return nil, ""
	}
	if approved, says, known := r.heldByHistory(ctx, s, held); known {
		return approved, says
	}
	since, err := r.memory.Hold(ctx, s.Known)
	switch {
	case err != nil:
		r.log.WarnContext(ctx, "state table", "error", err.Error())
		return nil, ""
	case r.at.Sub(since) >= holding:
		return nil, " An approval for " + covered.Principal + " is in force, but nothing has confirmed that it made this change."
	}
	return held, " An approval for " + covered.Principal + " may cover it, and no event has shown who made it: without one it is put back after " +
		finding.Time(since.Add(holding)) + "."
}

// expired words the approvals under which the change was made, and which are over.
func expired(all []store.Approved) string {
	if len(all) == 0 {
		return ""
	}
	a := all[len(all)-1]
	return fmt.Sprintf(" It was changed under an approval for %s (%s), which expired at %s, and the baseline was not changed.",
		sanitize.Bound(a.Principal, 200), sanitize.Bound(a.Reason, 200), finding.Time(a.Expires))
}

// start starts logging on a trail that is known to have logged.
func (r *sweepRun) start(ctx context.Context, s *look.Sight, n *finding.Finding, until time.Time) {
	byHand := "aws cloudtrail start-logging --region " + s.Trail.Region + " --name " + s.Trail.ARN()
	n.Severity = finding.SeverityCritical
	held, says := r.held(ctx, s, trail.FieldLogging)
	defer func() { n.Detail += says }()
	switch mode := r.mode(s, "StopLogging"); {
	case len(held) > 0:
		return
	case !mode.AtLeast(config.ModeRestart):
		n.Detail += " Mode notify changes nothing; mode restart would start it."
		n.NextStep = "Run " + byHand
		return
	case s.Baseline.ARN == "" && s.Known.Seen.IsZero() && s.Known.Pending.EventName != "StopLogging":
		n.Severity = finding.SeverityMedium
		n.Detail += " It has no baseline, and no sweep has seen it logging, so it was not started."
		n.NextStep = "If it should log, run " + byHand + " Otherwise exclude it with an entry in overrides."
		return
	}
	res := r.restarts.Restart(ctx, s.Trail, s.State.Delivery.Stopped, until)
	n.Outcome, n.Detail, n.NextStep, n.AfterCall = res.Outcome, res.Detail, res.NextStep, res.AfterCall
	n.Dark.Acted, n.Dark.To = res.Accepted, res.Started
	if !res.Stopped.IsZero() {
		n.Dark = darkOfStop(res, s.State.Delivery.Stopped)
	}
	switch res.Outcome {
	case finding.OutcomeRestored, finding.OutcomeAlreadyLogging:
		n.Severity = finding.SeverityHigh
		r.restored[s.Trail.ARN()] = true
		if !res.Stopped.IsZero() && !res.Restored.IsZero() {
			n.SinceEvent = max(0, res.Restored.Sub(res.Stopped))
		}
	case finding.OutcomeRetrying:
		n.Detail += r.nextSweep()
		n.NextStep = "If no message of success follows, run " + byHand
	case finding.OutcomeAccepted:
		r.note(ctx, func(ctx context.Context) error {
			return r.memory.AddPending(ctx, s.Trail.ARN(), store.Pending{EventID: n.EventID, EventName: "StopLogging", Since: r.at})
		})
	}
}

func (r *sweepRun) nextSweep() string {
	if r.cfg.SweepMinutes > 0 {
		return fmt.Sprintf(" The next sweep tries again in %d min.", r.cfg.SweepMinutes)
	}
	return " The next sweep tries again."
}

// putBack restores the fields that the modes allow, and tells of the others.
func (r *sweepRun) putBack(ctx context.Context, s *look.Sight, f look.Finding, n *finding.Finding, until time.Time) {
	n.Baseline = &finding.Baseline{Kind: string(s.Kind), CapturedAt: s.CapturedAt}
	held, says := r.held(ctx, s, weakFields(f)...)
	defer func() { n.Detail += says }()
	leave := append(r.leave(s.Trail.ARN()), held...)
	target := s.Baseline
	if s.Found(finding.KindNotLogging) {
		target.Logging = false // it was seen to before
	}
	if !slices.ContainsFunc(weakFields(f), func(field trail.Field) bool { return !slices.Contains(leave, field) }) {
		n.Severity = finding.SeverityCritical
		for _, c := range f.Changes {
			n.Changes = append(n.Changes, finding.Change{Field: string(c.Field), Before: c.Before, After: c.After, Effect: string(c.Effect), Sentence: c.Sentence})
		}
		if len(held) > 0 {
			n.Detail = "The trail is weaker than its baseline."
			return
		}
		n.Detail = "The trail is weaker than its baseline. Mode " + string(r.cfg.Mode) + ", or an override, leaves that alone; mode restore would put it back."
		n.NextStep = "Put it back, or declare the change with trailkeeper baseline accept."
		return
	}
	res := r.restores.Restore(ctx, remediate.Order{Baseline: target, Kind: s.Kind, Settled: true, Until: until, Leave: leave})
	wordRestore(n, res, r.nextSweep())
	n.Dark = darkOfRestore(res, r.changedAt(s), r.clock.Now())
	if n.Outcome == finding.OutcomeRestored {
		r.restored[s.Trail.ARN()] = true
	}
	if n.Outcome == finding.OutcomeNoDrift {
		r.restored[s.Trail.ARN()] = true
		n.Outcome, n.Detail = finding.OutcomeAlreadyLogging, "Another run has put the trail back meanwhile."
	}
}

// fieldsOf are those that a finding is about.
func fieldsOf(f look.Finding) []trail.Field {
	if f.Kind == finding.KindNotLogging {
		return []trail.Field{trail.FieldLogging}
	}
	return weakFields(f)
}

// weakFields are the fields of a finding that are weaker than in the baseline.
func weakFields(f look.Finding) []trail.Field {
	var all []trail.Field
	for _, c := range trail.Weakened(f.Changes) {
		all = append(all, c.Field)
	}
	return all
}

// rebuild creates a trail that is gone.
func (r *sweepRun) rebuild(ctx context.Context, s *look.Sight, n *finding.Finding, until time.Time) {
	n.Severity = finding.SeverityCritical
	onPurpose := " If it was removed on purpose, remove its baseline file and deploy."
	switch {
	case s.Kind != trail.Declared:
		n.Detail += " Only a declared baseline says how to create it again, and it has none."
		n.NextStep = "If it should be there, create it again and run start-logging; then capture its baseline and deploy."
		return
	case !r.mode(s, "DeleteTrail").AtLeast(config.ModeRecreate):
		n.Detail += " Only mode recreate creates it again."
		n.NextStep = "Create it again with the settings of its baseline, then run start-logging." + onPurpose
		return
	}
	res := r.restores.Recreate(ctx, remediate.Order{Baseline: s.Baseline, Kind: s.Kind, Until: until})
	n.Baseline = &finding.Baseline{Kind: string(s.Kind), CapturedAt: s.CapturedAt}
	wordRestore(n, res, r.nextSweep())
	n.Dark = darkOfRestore(res, r.changedAt(s), r.clock.Now())
	if n.Outcome == finding.OutcomeRestored {
		r.restored[s.Trail.ARN()] = true
	} else {
		n.NextStep += onPurpose
	}
}
