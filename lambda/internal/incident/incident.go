// Package incident keeps together what happens to one subject: from the first sign that it is out of its baseline to
// the restore that reading it again has shown, and what follows soon after.
//
// It restores nothing, reports to nobody and knows no kind of subject: a finding says itself what it bears on. It
// trusts the table no further than that a forged entry may add to a message; no entry ever keeps one back, and only an
// outcome that rests on reading the subject closes an incident.
package incident

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"slices"
	"time"

	"trailkeeper/lambda/internal/circuit"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/state"
)

const (
	// Quiet is how long after the verified restore what happens to the subject still belongs to the incident, and opens it
	// again.
	Quiet = time.Hour
	// forDelivery is how long the message about a verified restore may be on its way before the sweep reports it.
	forDelivery = clock.LongestRun
	// forNoting bounds what is noted after a message.
	forNoting = 300 * time.Millisecond
	// keeping is how long an incident is remembered after it was last touched.
	keeping = 90 * 24 * time.Hour
	// maxRemembered bounds the event IDs by which a repeated event is known, and what the messages were routed by.
	maxRemembered = 40
)

// Book notes incidents: one document for each subject. It is safe for concurrent use.
type Book struct {
	Documents state.Documents
	Clock     clock.Clock
	Log       *slog.Logger
	// Breaker bounds the questions to Documents; nil: each by itself.
	Breaker *circuit.Breaker
}

func (b *Book) of() state.Of[entry] {
	return state.Of[entry]{
		Documents: b.Documents,
		Kind:      "incident",
		Clock:     b.Clock,
		Keep:      keeping,
	}
}

// Note adds a notification to the incident of its subject, and returns it with the incident as it then stands. It opens
// one where the subject is out of its baseline. What belongs to none, and what the table does not answer in time, is
// returned as it is. Opened says that there is an incident that was not known before; where the table does not answer,
// every message of a subject out of its baseline says so.
func (b *Book) Note(ctx context.Context, n finding.Finding) (noted finding.Finding, opened bool) {
	if n.Bearing.Role == finding.RoleNone || n.Subject.ARN == "" {
		return n, false
	}
	asked := 0
	err := b.Breaker.Ask(ctx, func(ctx context.Context) error {
		err := b.of().Change(ctx, "note the subject's incident", n.Subject.ARN, func(e *state.Entry[entry]) bool {
			asked++
			next, fresh, ok := follow(e.Value.read(), n, b.Clock.Now())
			if noted, opened = n, fresh; ok {
				noted = raised(n, next.State)
				noted.Incident = &next.Incident
				e.Value = next
			}
			return ok
		})
		if err != nil && asked > 1 { // the table has answered, so that it is not silent
			return errBusy
		}
		return err
	})
	if err == nil {
		return noted, opened
	}
	b.Log.WarnContext(ctx, "incident", "event_id", n.EventID, "error", err.Error())
	return n, n.Bearing.Role == finding.RoleOpens && !errors.Is(err, errBusy)
}

// errBusy says that the table has answered, and that other runs note what happens to the same subject.
var errBusy = errors.New("other runs were first each time")

// get returns the incident of a subject as the table has it; nil: none.
func (b *Book) get(ctx context.Context, subject string) (e *entry, err error) {
	err = b.Breaker.Ask(ctx, func(ctx context.Context) error {
		found, err := b.of().Get(ctx, "read the subject's incident", subject)
		e = found.read()
		return err
	})
	return e, err
}

// Refresh returns a notification that was kept for a while with its incident as the table has it now. Where the table
// does not answer, or has another, it is in none: nothing is known of how that stands. What was new with the message is
// so only where it still agrees with the table.
func (b *Book) Refresh(ctx context.Context, n finding.Finding) finding.Finding {
	if n.Incident == nil {
		return n
	}
	e, err := b.get(ctx, n.Subject.ARN)
	if err != nil || e == nil || e.ID != n.Incident.ID {
		n.Incident = nil
		return n
	}
	was := n.Incident.Flags
	e.Flags = finding.Flags{
		Turned:    was.Turned && e.State == finding.IncidentHuman,
		Closing:   was.Closing && e.State == finding.IncidentRestored,
		Resumed:   was.Resumed,
		Contested: was.Contested && e.State == finding.IncidentContested,
		Darker:    was.Darker && e.State == finding.IncidentContested,
	}
	n.Incident = &e.Incident
	return n
}

// Delivered notes that a notification which Note returned has reached somebody, or is parked. Without it, what it says
// of the incident's state is reported again: by the next message, and at an incident's end by the sweep. Before says
// that it had reached them before: then it may have been without what is new now.
func (b *Book) Delivered(ctx context.Context, n finding.Finding, before bool) {
	if n.Incident == nil || n.Incident.Flags == (finding.Flags{}) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, forNoting)
	defer cancel()
	err := b.of().Change(ctx, "note the subject's incident", n.Subject.ARN, func(e *state.Entry[entry]) bool {
		now := e.Value.read()
		if now == nil || now.ID != n.Incident.ID || !now.Undelivered || now.State != n.Incident.State ||
			before && now.By != short(n.EventID) {
			return false // something else has happened since
		}
		now.Undelivered = false
		e.Value = *now
		return true
	})
	if err != nil {
		b.Log.WarnContext(ctx, "incident", "event_id", n.EventID, "error", err.Error())
	}
}

// Heard reports whether an event of this caller is among what an incident of the subject has heard of. A record of the
// same event that names another caller is another one: whoever forges it keeps nobody from being named.
func (b *Book) Heard(ctx context.Context, subject, event, principal string) bool {
	e, err := b.get(ctx, subject)
	return err == nil && e != nil && slices.Contains(e.Events, heard(event, principal))
}

// newID is unlike that of any other incident.
func newID(n finding.Finding, now time.Time) string {
	return idPrefix + hash(n.Subject.ARN+"\n"+n.EventID+"\n"+now.UTC().Format(time.RFC3339Nano), 8)
}

const idPrefix = "inc-"

func short(eventID string) string { return hash(eventID, 6) }

// heard stands for an event of a caller; a finding has none.
func heard(event, principal string) string {
	if principal == "" {
		return short(event)
	}
	return short(event + "\n" + principal)
}

func hash(s string, bytes int) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:bytes])
}
