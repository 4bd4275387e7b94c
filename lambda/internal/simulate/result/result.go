// Package result holds what is known of a scenario that was played: the timeline with every message, the trail's
// phases, the checks. It is plain data that anything can be rendered from; it knows neither how it came about nor how
// it is shown.
package result

import (
	"strings"
	"time"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/trail"
)

// Result is all that is known of a scenario that was played. It is plain data: whatever shows a run, on a terminal, as
// JSON or as a page, is made from it and from nothing else. Texts in it may be written by anybody.
type Result struct {
	// Name is the scenario's, or where an event came from; Title says what happens. Group is what it is listed under.
	Name, Title, Group string
	// NotPlayed says why the scenario makes no sense for the deployment; empty: it was played.
	NotPlayed string
	// Assumptions are sentences about what the template uses and does not hold.
	Assumptions []string
	// Start and End are in virtual time.
	Start, End time.Time
	// Timeline is what happened, in order: who did what, and every message whole (Raw of KindSlack is the payload, Text of
	// KindSNS the e-mail).
	Timeline Timeline
	Checks   []Verdict
	Trail    Trail
	Metrics  []localcloud.Metric
	// Unmet are the faults that the scenario injected and that no call met.
	Unmet []string
}

// Verdict says whether one check passed.
type Verdict struct {
	Check string // such as "logging was restored"
	Why   string // it did not; empty: it did
}

// Held reports whether every check passed.
func (r Result) Held() bool { return len(r.Broken()) == 0 }

// Broken returns the checks that did not pass.
func (r Result) Broken() []Verdict {
	var broken []Verdict
	for _, v := range r.Checks {
		if v.Why != "" {
			broken = append(broken, v)
		}
	}
	return broken
}

// Trail is what became of the trail that a scenario is about.
type Trail struct {
	ARN string // empty: there is none
	// Before is the trail as it was set up, which is its baseline where the deployment declares one.
	Before baseline.State
	// Phases follow each other without a gap, from the first to the last change. Before the first the trail is as it was
	// set up, and the last lasts to the end.
	Phases []Phase
}

// Phase is a time in which the trail was in one state.
type Phase struct {
	From, To time.Time
	State    State
	// Changes are how it then differs from Before.
	Changes []trail.Change
}

// State is how a trail records.
type State string

// The states of a trail. In all but the first it is dark: it records less than it did before.
const (
	Recording State = "recording"
	Weakened  State = "weakened"
	Stopped   State = "stopped"
	Deleted   State = "deleted"
)

// Dark is how long the trail was dark, all together.
func (t Trail) Dark() time.Duration {
	var dark time.Duration
	for _, p := range t.Phases {
		if p.State != Recording {
			dark += p.To.Sub(p.From)
		}
	}
	return dark
}

// Ends is the state of the trail at the end.
func (t Trail) Ends() State {
	if len(t.Phases) == 0 {
		return Recording
	}
	return t.Phases[len(t.Phases)-1].State
}

// NameOf is the name of the trail with an ARN.
func NameOf(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }

// SecondChannel is the Slack channel of the second trail, where a route has given it one.
const SecondChannel = "C0SECOND001"
