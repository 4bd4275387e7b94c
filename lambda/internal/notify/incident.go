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
	// IncidentContested: somebody undoes again what the guard restores. It stays so until the trail has been quiet for a while, as reading it shows,
	// however it stands in between.
	IncidentContested IncidentState = "contested"
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
	Heard  []Heard   `json:"heard,omitempty"` // by what its messages were routed so far
	// Dark is the dark time: how long the trail recorded less than its baseline so far, from each stop or change to each verified restore.
	Dark time.Duration `json:"dark,omitempty"`
	// Absent says that it ended because there is no such trail, and never was as far as anybody has seen.
	Absent bool `json:"absent,omitempty"`
	Flags
}

// Flags say what is new with a message about an incident.
type Flags struct {
	// Turned says that the guard is at its end, and was not before.
	Turned bool `json:"turned,omitempty"`
	// Closing says that the incident, of which it was told that it is open, is closed.
	Closing bool `json:"closing,omitempty"`
	// Contested says that the incident is contested, and was not before.
	Contested bool `json:"contested,omitempty"`
	// Darker says that the dark time of a contested incident has passed one of DarkSteps.
	Darker bool `json:"darker,omitempty"`
	// Resumed says that nothing was heard of the incident for an hour before: in its thread alone, the message might not be seen.
	Resumed bool `json:"resumed,omitempty"`
}

// Heard is by what a message is routed within its incident, whose trail is always the same.
type Heard struct {
	Severity Severity `json:"severity"`
	Event    string   `json:"event"` // or the finding
}

// Line says in a line which incident it is and how it stands: "inc-… · ×3 · needs a human, open since 2026-03-02 09:15:30 UTC".
func (i Incident) Line() string {
	line := Bound(i.ID, maxCall)
	if i.Count > 1 {
		line += fmt.Sprintf(" · ×%d", i.Count)
	}
	return line + " · " + i.Standing()
}

// Standing is the state with its times: "open since …", "restored after 34 s, dark for 34 s", "contested since …, dark for 1 min 20 s".
func (i Incident) Standing() string {
	if i.Dark > 0 {
		return i.standing() + ", dark for " + Duration(i.Dark)
	}
	return i.standing()
}

func (i Incident) standing() string {
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
		if i.Absent {
			return "closed, because there is no such trail"
		}
		if began.IsZero() || i.Closed.Before(began) {
			return "restored"
		}
		return "restored after " + Duration(i.Closed.Sub(began))
	case IncidentHuman:
		return "needs a human, open" + since
	case IncidentContested:
		return "contested" + since
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
		EventID: n.EventID, EventName: n.EventName, Time: n.EventTime.UTC(), Actor: n.Actor, SourceIP: n.SourceIP, Headline: n.Headline(), Outcome: n.Outcome,
	}.Bounded()
}

// Bounded cleans and bounds the texts: those of a glance that was kept may be forged.
func (g Glance) Bounded() Glance {
	g.EventID, g.EventName, g.SourceIP = Bound(g.EventID, mostGlanceID), Bound(g.EventName, mostGlanceID), Bound(g.SourceIP, mostGlanceID)
	g.Actor, g.Headline = Bound(g.Actor, mostGlanceText), Bound(g.Headline, mostGlanceText)
	g.Outcome = Outcome(Bound(string(g.Outcome), mostGlanceID))
	return g
}

// Escalates reports whether a notification must be seen by people who do not follow the incident's thread: the guard is at an end and a human has to
// go on, somebody has begun to undo what the guard restores, the dark time of that has grown, or nothing was heard of the incident for a while. A restore
// that is to be tried again is no such case: it ends in one, or in a restored trail.
func Escalates(n Notification) bool {
	if n.Incident != nil {
		f := n.Incident.Flags
		return f.Turned || f.Contested || f.Darker || f.Resumed
	}
	switch n.Outcome {
	case OutcomeCannotRestore, OutcomeGaveUp, OutcomePartlyRestored:
		return true
	}
	return false
}

// Heard is by what the notification for itself is routed.
func (n Notification) Heard() Heard {
	event := n.Finding
	if event == "" {
		event = n.EventName
	}
	return Heard{Severity: n.Severity, Event: Bound(event, mostGlanceID)}
}

// Routed are those by which the notification is routed: its own, and for one that closes an incident, or says that it needs a human or is contested,
// those of all messages about it, so that whoever was told of the beginning is told of that.
func (n Notification) Routed() []Heard {
	all := []Heard{n.Heard()}
	if n.Incident == nil || !n.Incident.Closing && !n.Incident.Turned && !n.Incident.Contested {
		return all
	}
	for _, h := range n.Incident.Heard {
		if !slices.Contains(all, h) {
			all = append(all, h)
		}
	}
	return all
}

// RoutedSeverity is the highest of Routed, by which subscriptions filter.
func (n Notification) RoutedSeverity() Severity {
	highest := n.Severity
	for _, h := range n.Routed() {
		highest = Higher(highest, h.Severity)
	}
	return highest
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
