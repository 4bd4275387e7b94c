package finding

import (
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
	// IncidentDetected: records that a rule takes for one matter. Nothing opened it and nothing ends it; it is over when
	// none has come for a while.
	IncidentDetected IncidentState = "detected"
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

// EventSummary is one event or finding of an incident in short. Its texts are bounded, and as hostile as those of a
// finding.
type EventSummary struct {
	EventID   string    `json:"event_id"`
	EventName string    `json:"event_name,omitempty"`
	Time      time.Time `json:"time,omitzero"`
	Actor     string    `json:"actor,omitempty"`
	SourceIP  string    `json:"source_ip,omitempty"`
	Headline  string    `json:"headline"`
	Outcome   Outcome   `json:"outcome"`
}

// The longest texts of a summary, in runes.
const (
	maxSummaryID   = 128
	maxSummaryText = 200
)

// Bounded cleans and bounds the texts: those of a summary that was kept may be forged.
func (g EventSummary) Bounded() EventSummary {
	g.EventID = sanitize.Bound(g.EventID, maxSummaryID)
	g.EventName = sanitize.Bound(g.EventName, maxSummaryID)
	g.SourceIP = sanitize.Bound(g.SourceIP, maxSummaryID)
	g.Actor, g.Headline = sanitize.Bound(g.Actor, maxSummaryText), sanitize.Bound(g.Headline, maxSummaryText)
	g.Outcome = Outcome(sanitize.Bound(string(g.Outcome), maxSummaryID))
	return g
}

// Bearing is what a finding means for the incident of its subject. Its producer says it: nothing that reports knows
// what a call or a reading means.
type Bearing struct {
	Role Role
	// Aspects are those of the subject that it is about. None, where it ends something: all.
	Aspects []Aspect
	// Stand is how they stand: open, needs_human, or restored; empty: it does not say.
	Stand IncidentState
}

// Role is the part of a finding in an incident. It is a closed set.
type Role string

// The roles.
const (
	RoleNone  Role = ""      // it belongs to no incident
	RoleJoins Role = "joins" // it belongs to the one that there is
	RoleOpens Role = "opens" // the subject is, or was, out of its baseline: it opens one where there is none
	RoleEnds  Role = "ends"  // reading the subject shows that what was wrong is over
)

// Aspect is a part of a subject that can be wrong by itself. Its values are those of the producers; incidents keep
// them.
type Aspect string

// Minor says of a finding that very many like it may come of nothing, so that together they are bounded. It is a closed
// set.
type Minor string

// The kinds of it.
const (
	MinorNone  Minor = ""
	MinorQuiet Minor = "quiet" // nothing is known to have weakened the subject
	MinorGone  Minor = "gone"  // there is no such subject any more, which is reported by itself
	// MinorDetected: a rule matches a record, as it may match any number of them.
	MinorDetected Minor = "detected"
	// MinorExpired: a lifecycle removed a file, as it may remove thousands a day.
	MinorExpired Minor = "expired"
)

// Dark is a time in which a trail recorded less than its baseline, as reading the trail has shown.
type Dark struct {
	From time.Time `json:"from"` // of the stop or change
	// Acted is when a write of ours was accepted that was to end it; zero: none was.
	Acted time.Time `json:"acted,omitzero"`
	To    time.Time `json:"to,omitzero"` // of the verified restore; zero: it lasts
}

// DarkSteps are the dark times at which a contested incident escalates: by what is lost, and not by how often somebody
// strikes. After the last it does so once for each further one of the same length.
func DarkSteps() []time.Duration {
	return []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour}
}

// DarkStep is how many steps a dark time has passed.
func DarkStep(d time.Duration) int {
	steps := DarkSteps()
	last := steps[len(steps)-1]
	if d >= last {
		return len(steps) - 1 + int(d/last)
	}
	passed := 0
	for _, s := range steps {
		if d >= s {
			passed++
		}
	}
	return passed
}
