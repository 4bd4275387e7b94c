package redrive

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/evidence"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/redrive/queues"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/sanitize"
)

// unproven is what a message is about that anybody may have written: the event in it, as the guard would assess it, or
// the finding of a trail of this deployment. The error is final: there is nothing in it that can be reported.
func (m *Messages) unproven(p report.Parked) (finding.Finding, error) {
	if len(p.Payload) > 0 {
		return m.unprovenEvent(p)
	}
	was := p.Notification
	n := finding.Finding{
		EventID:   "undelivered-" + p.Digest[:min(24, len(p.Digest))],
		EventTime: p.Time.UTC(),
		Outcome:   finding.OutcomeUnproven,
		Severity:  finding.SeverityHigh,
		Subject:   finding.Subject{Account: cmp.Or(m.Scope.Accounts...), Region: m.Region},
		Kind:      was.Kind,
	}
	known := []finding.Kind{
		finding.KindNotLogging,
		finding.KindWeakened,
		finding.KindMissing,
		finding.KindDeliveryError,
		finding.KindStale,
		finding.KindNoTrail,
		finding.KindCannotSee,
		finding.KindHeartbeat,
		finding.KindRecorded,
		finding.KindRecovered,
		finding.KindConfirmed,
		finding.KindFalseApproval,
		finding.KindTrueApproval,
		finding.KindEvidence,
		finding.KindEvidenceOver,
		finding.KindDeploymentDiffers,
		finding.KindDeploymentRecovered,
		finding.KindDeploymentUnseen,
	}
	if !slices.Contains(known, was.Kind) {
		return n, final(errors.New("it holds neither an event nor a finding, and is not known to be this deployment's own"))
	}
	switch was.Kind {
	case finding.KindNoTrail, finding.KindCannotSee, finding.KindHeartbeat, finding.KindEvidence, finding.KindEvidenceOver, finding.KindDeploymentDiffers,
		finding.KindDeploymentRecovered, finding.KindDeploymentUnseen:
		return n, nil
	}
	t, err := m.trail(was.Subject.ARN)
	if err != nil {
		return n, final(err)
	}
	n.Subject.ARN, n.Subject.Name, n.Account, n.Region = t.ARN(), t.Name, t.Account, t.Region
	return n, nil
}

// trail is the trail of this deployment that an unproven message names.
func (m *Messages) trail(arn string) (events.Trail, error) {
	t, err := events.ParseTrailARN(arn)
	switch {
	case err != nil:
		return t, fmt.Errorf("its trail is none: %w", err)
	case t.Partition != m.Scope.Partition || !slices.Contains(m.Scope.Accounts, t.Account):
		return t, fmt.Errorf("its trail %.200s is none of this deployment's", t.ARN())
	case !plausibleRegion(t.Region):
		return t, fmt.Errorf("there is no Region %.64q", t.Region)
	}
	return t, nil
}

// unprovenEvent is the event of a message, with the severity that it has for the guard.
func (m *Messages) unprovenEvent(p report.Parked) (finding.Finding, error) {
	ev, err := events.Parse(p.Payload)
	if err != nil || p.PayloadCut {
		return finding.Finding{}, final(
			errors.New("the event in it cannot be read, and it is not known to be this deployment's own"),
		)
	}
	if ev.Kind == events.KindTest {
		return finding.Finding{
			EventID:   sanitize.Bound(cmp.Or(ev.ID, p.Digest), 128),
			EventTime: ev.At(m.Clock.Now()),
			Outcome:   finding.OutcomeTest,
			Severity:  finding.SeverityLow,
			Subject:   finding.Subject{Account: cmp.Or(m.Scope.Accounts...), Region: m.Region},
		}, nil
	}
	if evidence.Concerns(ev.Record) {
		return evidence.Unjudged(ev, m.Scope), nil
	}
	a := assess.Assess(ev, m.Scope)
	if a.Decision == assess.Ignored {
		return finding.Finding{}, final(errors.New("the event in it is none that this deployment reports"))
	}
	n := m.Scope.Finding(ev, a)
	n.Notes, n.Next = nil, nil
	if n.Outcome != finding.OutcomeAttempt && n.Outcome != finding.OutcomeNotOurs {
		n.Outcome = finding.OutcomeUnproven
	}
	return n, nil
}

func final(err error) error { return &queues.FinalError{Err: err} }
