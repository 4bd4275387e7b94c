package evidence

import (
	"context"
	"slices"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/signs"
	"trailkeeper/lambda/internal/state/claims"
)

// settle reports what differs, once as long as it is the same, and that it is over. Out is what became of the key; nil:
// nothing was done.
func (p *pass) settle(ctx context.Context, of subject, out *enabled) {
	name := "evidence " + of.ARN
	if len(of.changes) == 0 {
		p.over(ctx, of, name)
		return
	}
	n := p.finding(of, finding.KindEvidence, of.parts(p.id)...)
	n.Severity, n.Changes = of.severity, of.changes
	n.Baseline = &finding.Baseline{Kind: "declared", CapturedAt: of.differing[0].CapturedAt}
	n.Note(finding.NoteEvidenceFound)
	sign, rest := signs.Open(of.parts()...), ""
	if out != nil {
		sign, rest = p.tellEnabled(&n, of, *out)
	}
	of.advise(&n)
	if p.Once.Claim(ctx, name, sign) != claims.Claimed || !p.report(ctx, n) {
		return
	}
	p.Once.Reported(ctx, name, sign)
	if rest != "" && p.Once.Claim(ctx, name, rest) == claims.Claimed {
		p.Once.Reported(ctx, name, rest) // the same message has said so
	}
}

// over reports that what was reported is over. Where a repair was tried whose end nobody saw, it may be why.
func (p *pass) over(ctx context.Context, of subject, name string) {
	sign, was := p.reported[name]
	if !was || len(of.unseen) > 0 || !p.Once.Over(ctx, name, sign) || !signs.IsOpen(sign) {
		return
	}
	n := p.finding(of, finding.KindEvidenceOver, of.ARN, "over", p.id)
	n.Severity, n.Ended = finding.SeverityLow, finding.KindEvidence
	n.Baseline = &finding.Baseline{Kind: "declared", CapturedAt: of.baselines[0].CapturedAt}
	if signs.IsTried(sign) {
		n.Note(finding.NoteEvidenceTried)
	} else {
		n.Note(finding.NoteEvidenceOver)
	}
	p.report(ctx, n)
}

// finding starts a finding about a bucket or key, with an ID of these parts.
func (p *pass) finding(of subject, kind finding.Kind, id ...string) finding.Finding {
	return finding.Finding{
		EventID: "evidence-" + signs.Digest(id...), Kind: kind, EventTime: p.Clock.Now().UTC(), Outcome: finding.OutcomeNotified,
		Subject: of.Subject, Stack: p.Scope.Stack,
	}
}

// enable has a key enabled where a baseline asks for it and the settings let it. Nil: nothing was done; a key that somebody
// else has enabled meanwhile is read again.
func (p *pass) enable(ctx context.Context, of *subject) *enabled {
	if !slices.ContainsFunc(of.changes, isOff) || !slices.ContainsFunc(of.baselines, p.Enabler.may) {
		return nil
	}
	out := p.Enabler.enable(ctx, of.ARN)
	if out.err != nil || out.was != stateEnabled {
		return &out
	}
	*of = subject{Subject: of.Subject, baselines: of.baselines}
	of.read(ctx, p.Reader)
	return nil
}

// isOff reports whether a change is that a key cannot be used.
func isOff(c finding.Change) bool { return c.Field == fieldEnabled }

// tellEnabled says in a finding what became of the key, and that nothing else of it is restored. It returns the sign of
// that, and of what is left to somebody; empty: nothing is.
func (p *pass) tellEnabled(n *finding.Finding, of subject, out enabled) (sign, rest string) {
	out.word(n)
	n.Changes = slices.Clone(n.Changes)
	left := subject{Subject: of.Subject}
	for i := range n.Changes {
		switch c := &n.Changes[i]; {
		case isOff(*c) && out.err == nil:
			c.Done = finding.DoneRestored
		case isOff(*c):
			c.Done = finding.DoneNotRestored
		default:
			c.Done, c.Why = finding.DoneNotRestored, []finding.Note{finding.Say(finding.NoteNeverRestored)}
			left.changes = append(left.changes, *c)
		}
	}
	if out.err != nil {
		return signs.Tried(of.parts()...), ""
	}
	if len(left.changes) > 0 {
		n.Outcome, rest = finding.OutcomePartlyRestored, signs.Open(left.parts()...)
	}
	return signs.Done(of.parts(p.id)...), rest
}
