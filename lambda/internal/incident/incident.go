// Package incident keeps together what happens to one subject: from the first sign that it is out of its baseline to
// the restore that reading it again has shown, and what follows soon after.
//
// It restores nothing, reports to nobody and knows no kind of subject: a finding says itself what it bears on. It
// trusts the table no further than that a forged entry may add to a message; no entry ever keeps one back, and only an
// outcome that rests on reading the trail closes an incident.
package incident

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"trailkeeper/lambda/internal/circuit"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/store"
)

const (
	// Quiet is how long after the verified restore what happens to the subject still belongs to the incident, and opens it
	// again.
	Quiet = time.Hour
	// forTelling is how long the message about a verified restore may be on its way before the sweep tells of it.
	forTelling = clock.LongestRun
	// forNoting bounds what is noted after a message.
	forNoting = 300 * time.Millisecond
	// maxTries bounds how often a note is tried while other runs are first.
	maxTries = 5
	// maxRemembered bounds the event IDs by which a repeated event is known, and what the messages were routed by.
	maxRemembered = 40
)

// Table keeps an incident for each subject.
type Table interface {
	Incident(ctx context.Context, subject string) (store.Kept, error)
	Incidents(ctx context.Context) (map[string]store.Kept, error)
	KeepIncident(ctx context.Context, subject string, read state.Version, content string) (bool, error)
}

// Book notes incidents. It is safe for concurrent use.
type Book struct {
	Table Table
	Clock clock.Clock
	Log   *slog.Logger
	// Breaker bounds the questions to Table; nil: each by itself.
	Breaker *circuit.Breaker
}

// Note adds a notification to the incident of its subject, and returns it with the incident as it then stands. It opens
// one where the subject is out of its baseline. What belongs to none, and what the table does not answer in time, is
// returned as it is. Opened says that there is an incident that was not known before; where the table does not answer,
// every message of a subject out of its baseline says so.
func (b *Book) Note(ctx context.Context, n finding.Finding) (noted finding.Finding, opened bool) {
	if n.Bearing.Role == finding.RoleNone || n.Subject.ARN == "" {
		return n, false
	}
	err := b.Breaker.Ask(ctx, func(ctx context.Context) (err error) {
		noted, opened, err = b.note(ctx, n)
		return err
	})
	if err != nil {
		b.Log.WarnContext(ctx, "incident", "event_id", n.EventID, "error", err.Error())
		return n, n.Bearing.Role == finding.RoleOpens && !errors.Is(err, errBusy)
	}
	return noted, opened
}

func (b *Book) note(ctx context.Context, n finding.Finding) (noted finding.Finding, opened bool, err error) {
	for try := range maxTries {
		kept, err := b.Table.Incident(ctx, n.Subject.ARN)
		if err != nil && try > 0 { // it has answered, so that it is not silent
			return n, false, errBusy
		}
		if err != nil {
			return n, false, err
		}
		next, opened, ok := follow(read(kept.Text), n, b.Clock.Now())
		if !ok {
			return n, false, nil
		}
		written, err := b.keep(ctx, n.Subject.ARN, kept.Version, next)
		if err != nil && try > 0 {
			return n, false, errBusy
		}
		if err != nil {
			return n, false, err
		}
		if written {
			n = raised(n, next.State)
			n.Incident = &next.Incident
			return n, opened, nil
		}
	}
	return n, false, errBusy
}

// errBusy says that the table has answered, and that other runs note what happens to the same subject.
var errBusy = errors.New("other runs were first each time")

// Refresh returns a notification that was kept for a while with its incident as the table has it now. Where the table
// does not answer, or has another, it is in none: nothing is known of how that stands. What was new with the message is
// so only where it still agrees with the table.
func (b *Book) Refresh(ctx context.Context, n finding.Finding) finding.Finding {
	if n.Incident == nil {
		return n
	}
	var kept store.Kept
	err := b.Breaker.Ask(ctx, func(ctx context.Context) (err error) {
		kept, err = b.Table.Incident(ctx, n.Subject.ARN)
		return err
	})
	e := read(kept.Text)
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

// Told notes that a notification which Note returned has reached somebody, or is parked. Without it, what it says of
// the incident's state is told again: by the next message, and at an incident's end by the sweep. Before says that it
// had reached them before: then it may have been without what is new now.
func (b *Book) Told(ctx context.Context, n finding.Finding, before bool) {
	if n.Incident == nil || n.Incident.Flags == (finding.Flags{}) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, forNoting)
	defer cancel()
	for range maxTries {
		kept, err := b.Table.Incident(ctx, n.Subject.ARN)
		e := read(kept.Text)
		if err == nil &&
			(e == nil || e.ID != n.Incident.ID || !e.Untold || e.State != n.Incident.State || before && e.By != short(n.EventID)) {
			return // something else has happened since
		}
		written := false
		if err == nil {
			e.Untold = false
			written, err = b.keep(ctx, n.Subject.ARN, kept.Version, *e)
		}
		if err != nil {
			b.Log.WarnContext(ctx, "incident", "event_id", n.EventID, "error", err.Error())
			return
		}
		if written {
			return
		}
	}
}

// Heard reports whether an event of this caller is among what an incident of the subject has heard of. A record of the
// same event that names another caller is another one: whoever forges it keeps nobody from being named.
func (b *Book) Heard(ctx context.Context, subject, event, principal string) bool {
	var kept store.Kept
	err := b.Breaker.Ask(ctx, func(ctx context.Context) (err error) {
		kept, err = b.Table.Incident(ctx, subject)
		return err
	})
	e := read(kept.Text)
	return err == nil && e != nil && slices.Contains(e.Events, heard(event, principal))
}

func (b *Book) keep(ctx context.Context, subject string, version state.Version, e entry) (bool, error) {
	content, err := json.Marshal(e)
	if err != nil {
		return false, fmt.Errorf("write the incident of %s: %w", subject, err)
	}
	return b.Table.KeepIncident(ctx, subject, version, string(content))
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
