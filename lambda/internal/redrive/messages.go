package redrive

import (
	"context"
	"errors"

	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/redrive/queues"
	"trailkeeper/lambda/internal/report"
)

// Incidents are those that the state table has.
type Incidents interface {
	// Refresh returns a finding with its incident as it stands now.
	Refresh(ctx context.Context, n finding.Finding) finding.Finding
}

// Messages sends messages out of the failure queue, with what can be read again now.
type Messages struct {
	Scope    assess.Scope
	Region   string // the guard's own
	Standing Standing
	// Incidents are nil where there is no table.
	Incidents Incidents
	// Deliver sends a parked message, as it is derived anew, to the destination that refused it.
	Deliver func(ctx context.Context, p report.Parked, derive func(proven bool) (finding.Finding, error)) error
	Clock   clock.Clock
}

// Send sends a message out of the failure queue. What of it can be read again is read again.
func (m *Messages) Send(ctx context.Context, p report.Parked) error {
	err := m.Deliver(ctx, p, func(proven bool) (finding.Finding, error) { return m.derive(ctx, p, proven) })
	if errors.Is(err, report.ErrNoDestination) {
		return &queues.FinalError{Err: err}
	}
	return err
}

// derive makes the finding anew. One that the state table proves to be the deployment's own says what it said; of any
// other only what its event or its finding is about is reported, with the words, the severity and the links that this
// deployment has for that. Of both, the trail is read now: what is not so any more is reported as history, and the
// incident is the one that the table has.
func (m *Messages) derive(ctx context.Context, p report.Parked, proven bool) (finding.Finding, error) {
	n, err := p.Notification, error(nil)
	if !proven {
		n, err = m.unproven(p)
		n.Text = p.Digest
	}
	if err != nil {
		return n, err
	}
	incident := n.Incident
	n.Stack, n.Partition, n.Incident = m.Scope.Stack, m.Scope.Partition, nil
	n.Late = &finding.Late{Parked: p.Time.UTC(), Now: m.Standing.of(ctx, n)}
	n.Late.History = !proven && n.Late.Now != "" || contradicts(n)
	if !proven && n.Severity == finding.SeverityCritical && (n.Late.Now == "" || n.Late.Now == finding.StandingLogging) {
		n.Severity = finding.SeverityHigh // what nobody proves, and reading the trail does not show
	}
	if incident != nil && m.Incidents != nil {
		n.Incident = incident
		n = m.refreshed(ctx, n)
	}
	return message.Late(n, p.Time, p.Reason, proven), nil
}

// refreshed is a finding with its incident as the table has it, where that does not contradict how the trail stands.
// History closes nothing.
func (m *Messages) refreshed(ctx context.Context, n finding.Finding) finding.Finding {
	n = m.Incidents.Refresh(ctx, n)
	if i := n.Incident; i != nil && !asItShould(n) && i.State == finding.IncidentRestored {
		n.Incident = nil // the table says that it is closed, and the trail says otherwise
	}
	if i := n.Incident; i != nil && n.Late.History {
		still := *i
		still.Closing = false
		n.Incident = &still
	}
	return n
}
