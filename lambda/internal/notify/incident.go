package notify

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// IncidentState says how an incident stands. The values are part of the SNS JSON.
type IncidentState string

// The states.
const (
	IncidentOpen     IncidentState = "open"        // the trail is out of its baseline, and the guard is not done
	IncidentRestored IncidentState = "restored"    // reading the trail again has shown that it is as it should be
	IncidentHuman    IncidentState = "needs_human" // the guard cannot put it right
)

// Incident is one trail out of its baseline, from the first sign to the verified restore, as far as it has come. What happens to the trail soon
// after belongs to it as well and opens it again.
type Incident struct {
	ID     string        `json:"id"` // the same in every message about it
	State  IncidentState `json:"state"`
	Opened time.Time     `json:"opened"`
	// Since is when the trail was last found out of its baseline after it had been restored; zero: it has been so since Opened.
	Since  time.Time `json:"since,omitzero"`
	Closed time.Time `json:"closed,omitzero"` // of the verified restore; zero while it is not restored
	Count  int       `json:"count"`           // the events and findings so far, with this one
	First  Glance    `json:"first"`
	Last   Glance    `json:"last"`
	Peak   Severity  `json:"peak,omitempty"` // the highest of its messages
	// Turned says that with this message the guard is at its end, and was not before.
	Turned bool `json:"turned,omitempty"`
	// Closing says that this message closes it.
	Closing bool `json:"closing,omitempty"`
	// Resumed says that nothing was heard of the incident for an hour before: in its thread alone, the message might not be seen.
	Resumed bool `json:"resumed,omitempty"`
}

// Line says in a line which incident it is and how it stands: "inc-… · ×3 · needs a human, open since 2026-03-02 09:15:30 UTC".
func (i Incident) Line() string {
	line := Bound(i.ID, maxCall)
	if i.Count > 1 {
		line += fmt.Sprintf(" · ×%d", i.Count)
	}
	return line + " · " + i.Standing()
}

// Standing is the state with its times: "open since …", "restored after 34 s".
func (i Incident) Standing() string {
	since := ""
	if !i.Opened.IsZero() {
		since = " since " + Time(i.Opened)
	}
	began := i.Opened
	if !i.Since.IsZero() {
		began = i.Since
	}
	switch i.State {
	case IncidentRestored:
		if began.IsZero() || i.Closed.Before(began) {
			return "restored"
		}
		return "restored after " + Duration(i.Closed.Sub(began))
	case IncidentHuman:
		return "needs a human, open" + since
	}
	return "open" + since
}

// Glance is one event or finding of an incident in short. Its texts are bounded, and as hostile as those of a notification.
type Glance struct {
	EventID   string    `json:"event_id"`
	EventName string    `json:"event_name,omitempty"`
	Time      time.Time `json:"time,omitzero"`
	Actor     string    `json:"actor,omitempty"`
	SourceIP  string    `json:"source_ip,omitempty"`
	Headline  string    `json:"headline"`
	Outcome   Outcome   `json:"outcome"`
}

// The longest texts of a glance, in runes.
const (
	mostGlanceID   = 128
	mostGlanceText = 200
)

// Look is a notification in short.
func Look(n Notification) Glance {
	return Glance{
		EventID: Bound(n.EventID, mostGlanceID), EventName: Bound(n.EventName, mostGlanceID), Time: n.EventTime.UTC(), Actor: Bound(n.Actor, mostGlanceText),
		SourceIP: Bound(n.SourceIP, mostGlanceID), Headline: n.Headline(), Outcome: n.Outcome,
	}
}

// Escalates reports whether a notification must be seen by people who do not follow the incident's thread: the guard is at an end and a human has to
// go on, or nothing was heard of the incident for a while. A restore that is to be tried again is no such case: it ends in one, or in a restored trail.
func Escalates(n Notification) bool {
	if n.Incident != nil {
		return n.Incident.Turned || n.Incident.Resumed
	}
	switch n.Outcome {
	case OutcomeCannotRestore, OutcomeGaveUp, OutcomePartlyRestored:
		return true
	}
	return false
}

// RoutedSeverity is the severity by which a message is filtered: its own, and for the one that closes an incident the highest that the incident had, so
// that whoever was told of the beginning is told of the end.
func (n Notification) RoutedSeverity() Severity {
	if n.Incident != nil && n.Incident.Closing {
		return Higher(n.Severity, n.Incident.Peak)
	}
	return n.Severity
}

// RoutedSeverities are those by which a message is routed: for the one that closes an incident, all up to the highest that the incident had.
func (n Notification) RoutedSeverities() []Severity {
	all := []Severity{n.Severity}
	for _, s := range severities() {
		if rankOf(s) > rankOf(n.Severity) && rankOf(s) <= rankOf(n.RoutedSeverity()) {
			all = append(all, s)
		}
	}
	return all
}

func severities() []Severity {
	return []Severity{SeverityLow, SeverityMedium, SeverityHigh, SeverityCritical}
}

// Higher is the higher of two severities.
func Higher(a, b Severity) Severity {
	if rankOf(b) > rankOf(a) {
		return b
	}
	return a
}

func rankOf(s Severity) int {
	return slices.Index(severities(), s)
}

// Threads remembers which message opened an incident on a channel, so that the later ones can follow it.
type Threads interface {
	// Thread returns what Opened was told. Where nothing was: ours is true for exactly one caller, which sends the first message and calls Opened
	// or Failed next; for the others it is false, and id is empty until then.
	Thread(ctx context.Context, incident, channel string) (id string, ours bool, err error)
	Opened(ctx context.Context, incident, channel, id string) error
	Failed(ctx context.Context, incident, channel string) error
}
