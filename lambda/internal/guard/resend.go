package guard

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/redrive"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/sanitize"
)

// send sends a message out of the failure queue. What of it can be read again is read again.
func (h *Handler) send(ctx context.Context, p report.Parked) error {
	err := h.resend(ctx, p, func(proven bool) (finding.Finding, error) { return h.derive(ctx, p, proven) })
	if errors.Is(err, report.ErrNoDestination) {
		return &redrive.FinalError{Err: err}
	}
	return err
}

// derive makes the notification anew. One that the state table proves to be the deployment's own says what it said; of any other only what its event
// or its finding is about is told, with the words, the severity and the links that this deployment has for that. Of both, the trail is read now: what
// is not so any more is told as history, and the incident is the one that the table has.
func (h *Handler) derive(ctx context.Context, p report.Parked, proven bool) (finding.Finding, error) {
	n, err := p.Notification, error(nil)
	if !proven {
		n, err = h.unproven(p)
		n.Text = p.Digest
	}
	if err != nil {
		return n, err
	}
	incident := n.Incident
	n.Runbook, n.Stack, n.Partition, n.Incident = h.runbook(), h.cfg.Stack, h.cfg.Partition, nil
	n.Late = &finding.Late{Parked: p.Time.UTC(), Now: h.standing(ctx, n)}
	n.Late.History = !proven && n.Late.Now != "" || contradicts(n)
	if !proven && n.Severity == finding.SeverityCritical && (n.Late.Now == "" || n.Late.Now == standingWell) {
		n.Severity = finding.SeverityHigh // what nobody proves, and reading the trail does not show
	}
	if n.Incident = incident; n.Incident != nil && h.book != nil {
		n = h.book.Refresh(ctx, n)
	} else {
		n.Incident = nil
	}
	if i := n.Incident; i != nil && !asItShould(n) && i.State == finding.IncidentRestored {
		n.Incident = nil // the table says that it is closed, and the trail says otherwise
	}
	if i := n.Incident; i != nil && n.Late.History {
		still := *i
		still.Closing = false
		n.Incident = &still
	}
	return message.Late(n, p.Time, p.Reason, proven), nil
}

// unproven is what a message is about that anybody may have written: the event in it, as the guard would assess it, or the finding of a trail of this
// deployment. The error is final: there is nothing in it that can be told.
func (h *Handler) unproven(p report.Parked) (finding.Finding, error) {
	if len(p.Payload) > 0 {
		return h.unprovenEvent(p)
	}
	was := p.Notification
	n := finding.Finding{
		EventID: "undelivered-" + p.Digest[:min(24, len(p.Digest))], EventTime: p.Time.UTC(), Outcome: finding.OutcomeUnproven, Severity: finding.SeverityHigh,
		Subject: finding.Subject{Region: h.region, Account: first(h.cfg.Accounts...)},
	}
	t, err := events.ParseTrailARN(was.Subject.ARN)
	known := []finding.Kind{
		finding.KindNotLogging, finding.KindWeakened, finding.KindMissing, finding.KindDeliveryError, finding.KindStale, finding.KindNoTrail, finding.KindCannotSee, finding.KindRecorded, finding.KindRecovered,
		finding.KindConfirmed, finding.KindFalseApproval, finding.KindTrueApproval,
	}
	switch {
	case !slices.Contains(known, was.Kind):
		return n, &redrive.FinalError{Err: errors.New("it holds neither an event nor a finding, and is not known to be this deployment's own")}
	case was.Kind == finding.KindNoTrail || was.Kind == finding.KindCannotSee:
	case err != nil:
		return n, &redrive.FinalError{Err: fmt.Errorf("its trail is none: %w", err)}
	case t.Partition != h.cfg.Partition || !slices.Contains(h.cfg.Accounts, t.Account):
		return n, &redrive.FinalError{Err: fmt.Errorf("its trail %.200s is none of this deployment's", t.ARN())}
	case !plausibleRegion(t.Region):
		return n, &redrive.FinalError{Err: fmt.Errorf("there is no Region %.64q", t.Region)}
	default:
		n.Subject.ARN, n.Subject.Name, n.Account, n.Region = t.ARN(), t.Name, t.Account, t.Region
	}
	n.Kind = was.Kind
	return n, nil
}

// unprovenEvent is the event of a message, with the severity that it has for the guard.
func (h *Handler) unprovenEvent(p report.Parked) (finding.Finding, error) {
	ev, err := events.Parse(p.Payload)
	if err != nil || p.PayloadCut {
		return finding.Finding{}, &redrive.FinalError{Err: errors.New("the event in it cannot be read, and it is not known to be this deployment's own")}
	}
	if ev.Kind == events.KindTest {
		return finding.Finding{
			EventID: sanitize.Bound(first(ev.ID, p.Digest), 128), EventTime: h.sentAt(ev), Outcome: finding.OutcomeTest, Severity: finding.SeverityLow,
			Subject: finding.Subject{Account: first(h.cfg.Accounts...), Region: h.region},
		}, nil
	}
	a := assess.Assess(ev, assess.Scope{
		Mode: h.cfg.Mode, Accounts: h.cfg.Accounts, Partition: h.cfg.Partition, RoleARN: h.cfg.RoleARN, Exceptions: h.exceptions,
	})
	if a.Decision == assess.Ignored {
		return finding.Finding{}, &redrive.FinalError{Err: errors.New("the event in it is none that this deployment tells of")}
	}
	n := h.notification(ev, a)
	n.Detail, n.NextStep = "", ""
	if n.Outcome != finding.OutcomeAttempt && n.Outcome != finding.OutcomeNotOurs {
		n.Outcome = finding.OutcomeUnproven
	}
	return n, nil
}
