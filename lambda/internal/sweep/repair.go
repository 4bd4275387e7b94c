package sweep

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/outcome"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

// Restarter starts logging on a trail.
type Restarter interface {
	Restart(ctx context.Context, trail events.Trail, stoppedAt, until time.Time) remediate.Result
}

// Restorer puts a trail back.
type Restorer interface {
	Restore(ctx context.Context, o remediate.Request) remediate.Result
	Recreate(ctx context.Context, o remediate.Request) remediate.Result
}

// Pending keeps what was accepted and not confirmed.
type Pending interface {
	AddPending(ctx context.Context, arn string, p known.Pending) error
	ResolvePending(ctx context.Context, arn string, p known.Pending) (ours bool, err error)
}

// Repairs puts right what is wrong with a trail.
type Repairs struct {
	Scope    assess.Scope
	Minutes  int // from one sweep to the next; 0: it is not known
	Restarts Restarter
	Restores Restorer
	Pending  Pending // nil: there is no table
	Clock    clock.Clock
	Log      *slog.Logger
}

// act puts right what is wrong with one trail, as far as the mode allows, and reports each finding.
func (p *Repairs) act(ctx context.Context, r *run, s *look.Sight, until time.Time) {
	inOrder := []finding.Kind{
		finding.KindNotLogging, finding.KindMissing, finding.KindWeakened, finding.KindDeliveryError, finding.KindStale,
	}
	slices.SortStableFunc(
		s.Findings, func(a, b look.Finding) int { return slices.Index(inOrder, a.Kind) - slices.Index(inOrder, b.Kind) },
	)
	for _, f := range s.Findings {
		n := r.finding(f)
		n.Dark = darkAsFound(r, s, f)
		switch f.Kind {
		case finding.KindNotLogging:
			p.start(ctx, r, s, &n, until)
		case finding.KindWeakened:
			p.putBack(ctx, r, s, f, &n, until)
		case finding.KindMissing:
			p.rebuild(ctx, r, s, &n, until)
		case finding.KindDeliveryError:
			n.Advise(finding.NextDeliveryPolicies)
		case finding.KindStale:
			n.Advise(finding.NextDigests)
		}
		noteExpired(&n, f.Expired)
		noteDoubts(&n, s, fieldsOf(f))
		noteFound(r, &n, s, f)
		r.reportOf(ctx, s, f, n)
	}
}

// start starts logging on a trail that is known to have logged.
func (p *Repairs) start(ctx context.Context, r *run, s *look.Sight, n *finding.Finding, until time.Time) {
	n.Severity = finding.SeverityCritical
	held, says := r.sweeper.Claims.held(ctx, r, s, trail.FieldLogging)
	defer func() { n.Notes = append(n.Notes, says...) }()
	switch mode := p.Scope.ModeOf(s.Trail.ARN(), "StopLogging"); {
	case len(held) > 0:
		return
	case !mode.AtLeast(config.ModeRestart):
		n.Note(finding.NoteModeNotify)
		n.Advise(finding.NextStart, s.Trail.Region, s.Trail.ARN())
		return
	case s.Baseline.ARN == "" && s.Known.Seen.IsZero() && s.Known.Pending.EventName != "StopLogging":
		n.Severity = finding.SeverityMedium
		n.Note(finding.NoteNeverSeen)
		n.Advise(finding.NextStartOrExclude, s.Trail.Region, s.Trail.ARN())
		return
	}
	res := p.Restarts.Restart(ctx, s.Trail, s.State.Delivery.Stopped, until)
	outcome.OfRestart(n, res)
	n.Dark.Acted, n.Dark.To = res.Accepted, res.Started
	if !res.Stopped.IsZero() {
		n.Dark = outcome.DarkOfStop(res, s.State.Delivery.Stopped)
	}
	switch res.Outcome {
	case finding.OutcomeRestored, finding.OutcomeAlreadyLogging:
		r.restored[s.Trail.ARN()] = true
		n.SinceEvent = outcome.Since(res.Stopped, res.RestoredAt)
	case finding.OutcomeRetrying:
		n.Notes, n.Next = append(n.Notes, p.nextSweep()), nil
		n.Advise(finding.NextStartUnless, s.Trail.Region, s.Trail.ARN())
	case finding.OutcomeAccepted:
		if p.Pending != nil {
			state.Log(
				ctx, p.Log,
				p.Pending.AddPending(ctx, s.Trail.ARN(), known.Pending{EventID: n.EventID, EventName: "StopLogging", Since: r.at}),
			)
		}
	}
}

// nextSweep says when the next sweep tries again.
func (p *Repairs) nextSweep() finding.Note {
	if p.Minutes > 0 {
		return finding.Say(finding.NoteNextSweepIn, p.Minutes)
	}
	return finding.Say(finding.NoteNextSweep)
}

// putBack restores the fields that the modes allow, and reports the others.
func (p *Repairs) putBack(
	ctx context.Context, r *run, s *look.Sight, f look.Finding, n *finding.Finding, until time.Time,
) {
	n.Baseline = &finding.Baseline{Kind: string(s.Kind), CapturedAt: s.CapturedAt}
	held, says := r.sweeper.Claims.held(ctx, r, s, weakFields(f)...)
	defer func() { n.Notes = append(n.Notes, says...) }()
	leave := append(p.Scope.Leaves(s.Trail.ARN()), held...)
	if !slices.ContainsFunc(weakFields(f), func(field trail.Field) bool { return !slices.Contains(leave, field) }) {
		p.leave(n, f, len(held) > 0)
		return
	}
	target := s.Baseline
	if s.Found(finding.KindNotLogging) {
		target.Logging = false // it was seen to before
	}
	res := p.Restores.Restore(ctx, remediate.Request{
		Baseline: target,
		Kind:     s.Kind,
		Settled:  true,
		Until:    until,
		Leave:    leave,
	})
	outcome.OfRestore(n, res, p.nextSweep())
	n.Dark = outcome.DarkOfRestore(res, r.changedAt(s), p.Clock.Now())
	switch n.Outcome {
	case finding.OutcomeRestored:
		r.restored[s.Trail.ARN()] = true
	case finding.OutcomeNoDrift:
		r.restored[s.Trail.ARN()] = true
		n.Outcome, n.Notes = finding.OutcomeAlreadyLogging, []finding.Note{finding.Say(finding.NotePutBackByRun)}
	}
}

// leave words a finding of which nothing is put back: it is held back, or the mode leaves it alone.
func (p *Repairs) leave(n *finding.Finding, f look.Finding, held bool) {
	n.Severity = finding.SeverityCritical
	for _, c := range f.Changes {
		n.Changes = append(n.Changes, outcome.Change(c, finding.DoneNothing))
	}
	n.Note(finding.NoteWeaker)
	if !held {
		n.Note(finding.NoteModeLeaves, string(p.Scope.Mode))
		n.Advise(finding.NextPutBackOrAccept)
	}
}

// rebuild creates a trail again that is gone, from its declared baseline.
func (p *Repairs) rebuild(ctx context.Context, r *run, s *look.Sight, n *finding.Finding, until time.Time) {
	n.Severity = finding.SeverityCritical
	switch {
	case s.Kind != trail.Declared:
		n.Note(finding.NoteNotDeclared)
		n.Advise(finding.NextCreateAndCapture)
		return
	case !p.Scope.ModeOf(s.Trail.ARN(), "DeleteTrail").AtLeast(config.ModeRecreate):
		n.Note(finding.NoteModeRecreates)
		n.Advise(finding.NextCreate)
		n.Advise(finding.NextRemoveBaseline)
		return
	}
	res := p.Restores.Recreate(ctx, remediate.Request{Baseline: s.Baseline, Kind: s.Kind, Until: until})
	n.Baseline = &finding.Baseline{Kind: string(s.Kind), CapturedAt: s.CapturedAt}
	outcome.OfRestore(n, res, p.nextSweep())
	n.Dark = outcome.DarkOfRestore(res, r.changedAt(s), p.Clock.Now())
	if n.Outcome == finding.OutcomeRestored {
		r.restored[s.Trail.ARN()] = true
		return
	}
	n.Advise(finding.NextRemoveBaseline)
}
