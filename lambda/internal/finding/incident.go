package finding

import (
	"slices"
	"time"

	"trailkeeper/lambda/internal/sanitize"
)

// IncidentState says how an incident stands. The values are part of the SNS JSON.
type IncidentState string

// The states.
const (
	IncidentOpen     IncidentState = "open"        // the trail is out of its baseline, and the guard is not done
	IncidentRestored IncidentState = "restored"    // reading the trail again has shown that it is as it should be
	IncidentHuman    IncidentState = "needs_human" // the guard cannot put it right
	// IncidentContested: somebody undoes again what the guard restores. It stays so until the trail has been quiet for a
	// while, as reading it shows, however it stands in between.
	IncidentContested IncidentState = "contested"
)

// Incident is one trail out of its baseline, from the first sign to the verified restore, as far as it has come. What
// happens to the trail soon after belongs to it as well and opens it again.
type Incident struct {
	ID     string        `json:"id"` // the same in every message about it
	State  IncidentState `json:"state"`
	Opened time.Time     `json:"opened"`
	// Since is when the trail was last found out of its baseline after it had been restored; zero: it has been so since
	// Opened.
	Since     time.Time    `json:"since,omitzero"`
	Closed    time.Time    `json:"closed,omitzero"` // of the verified restore; zero while it is not restored
	Count     int          `json:"count"`           // the events and findings so far, with this one
	First     EventSummary `json:"first"`
	Last      EventSummary `json:"last"`
	RouteKeys []RouteKey   `json:"heard,omitempty"` // by what its messages were routed so far
	// Dark is the dark time: how long the trail recorded less than its baseline so far, from each stop or change to each
	// verified restore.
	Dark time.Duration `json:"dark,omitempty"`
	// Absent says that it ended because there is no such trail, and never was as far as anybody has seen.
	Absent bool `json:"absent,omitempty"`
	Flags
}

// Flags say what is new with a message about an incident.
type Flags struct {
	// Turned says that the guard is at its end, and was not before.
	Turned bool `json:"turned,omitempty"`
	// Closing says that the incident, which was reported to be open, is closed.
	Closing bool `json:"closing,omitempty"`
	// Contested says that the incident is contested, and was not before.
	Contested bool `json:"contested,omitempty"`
	// Darker says that the dark time of a contested incident has passed one of DarkSteps.
	Darker bool `json:"darker,omitempty"`
	// Resumed says that nothing was heard of the incident for an hour before: in its thread alone, the message might not
	// be seen.
	Resumed bool `json:"resumed,omitempty"`
}

// RouteKey is by what a message is routed within its incident, whose trail is always the same.
type RouteKey struct {
	Severity Severity `json:"severity"`
	Event    string   `json:"event"` // or the finding
}

// Escalates reports whether a notification must be seen by people who do not follow the incident's thread: the guard is
// at an end and a human has to go on, somebody has begun to undo what the guard restores, the dark time of that has
// grown, or nothing was heard of the incident for a while. A restore that is to be tried again is no such case: it ends
// in one, or in a restored trail.
func Escalates(n Finding) bool {
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

func (i Incident) bounded() Incident {
	i.ID, i.State = sanitize.Truncate(i.ID, MaxName), IncidentState(sanitize.Truncate(string(i.State), MaxName))
	i.First, i.Last = i.First.Bounded(), i.Last.Bounded()
	i.RouteKeys = slices.Clone(i.RouteKeys[:min(len(i.RouteKeys), maxEntries)])
	for k, h := range i.RouteKeys {
		i.RouteKeys[k] = RouteKey{
			Severity: Severity(sanitize.Truncate(string(h.Severity), MaxName)),
			Event:    sanitize.Truncate(h.Event, MaxName),
		}
	}
	return i
}
