// Package bearing says what a finding about a trail means for the trail's incident: which part of the trail is wrong,
// and whether that opens or ends one.
//
// It reads nothing but the finding, and words nothing. What reports, renders and delivers knows no trail, and goes by
// what this package says.
package bearing

import (
	"context"
	"encoding/json"
	"slices"

	"trailkeeper/events"
	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/report"
)

// The aspects of a trail. The table keeps them.
const (
	Logging  finding.Aspect = "logging"
	Settings finding.Aspect = "settings" // and selectors, tags: what a baseline compares
	Exists   finding.Aspect = "exists"
	Delivery finding.Aspect = "delivery"
	Digests  finding.Aspect = "digests"
)

// trailType is the type of a finding's subject that is a trail.
const trailType = finding.TypeTrail

// Reporter reports findings about trails with their bearing.
type Reporter struct{ Next report.Reporter }

// Report hands a finding on, as With completes it.
func (r Reporter) Report(ctx context.Context, n finding.Finding, payload json.RawMessage) (report.Deliveries, error) {
	return r.Next.Report(ctx, With(n), payload)
}

// With is the finding with its bearing.
func With(n finding.Finding) finding.Finding {
	if _, err := events.ParseTrailARN(n.Subject.ARN); err == nil {
		n.Type = trailType
	}
	n.Bearing, n.Minor = of(n), minor(n)
	return n
}

// of is what a finding means for the incident of its trail.
func of(n finding.Finding) finding.Bearing {
	if !concerns(n) {
		return finding.Bearing{}
	}
	if a, ok := aspectOfKind(n.Ended); n.Kind == finding.KindRecovered || n.Kind == finding.KindConfirmed {
		b := finding.Bearing{Role: finding.RoleEnds}
		if ok {
			b.Aspects = []finding.Aspect{a}
		}
		return b
	}
	b := finding.Bearing{Role: finding.RoleJoins, Aspects: aspects(n), Stand: stand(n)}
	if opens(n) {
		b.Role = finding.RoleOpens
	}
	if b.Stand == finding.IncidentRestored {
		b.Aspects = restored(n, b.Aspects)
	}
	return b
}

// concerns reports whether a finding is about what happens to a trail, and not to another resource.
func concerns(n finding.Finding) bool {
	switch n.Outcome {
	case finding.OutcomeNotOurs,
		finding.OutcomeUnreadable,
		finding.OutcomeUndelivered,
		finding.OutcomeApproved,
		finding.OutcomeTest,
		finding.OutcomeRepeated:
		return false
	}
	switch n.Kind {
	case finding.KindRecorded, finding.KindCannotSee, finding.KindHeartbeat, finding.KindDeploymentDiffers,
		finding.KindDeploymentRecovered, finding.KindDeploymentUnseen:
		return false
	}
	return n.Subject.ARN != "" && !n.Declared && (n.Type == "" || n.Type == trailType)
}

// opens reports whether a finding says that the trail is, or was, out of its baseline. A refused call and a change that
// nothing was compared with only join an incident that there is.
func opens(n finding.Finding) bool {
	if _, ok := aspectOfKind(n.Kind); ok {
		return true
	}
	switch n.Outcome {
	case finding.OutcomeAttempt, finding.OutcomeNoDrift:
		return false
	case finding.OutcomeNotified:
		return !n.Unconfirmed && (n.EventName == "StopLogging" || n.EventName == "DeleteTrail")
	}
	return true
}

// stand is how what the finding is about stands after it. Only what reading the trail has shown puts anything right.
func stand(n finding.Finding) finding.IncidentState {
	switch n.Outcome {
	case finding.OutcomeRestored, finding.OutcomeAlreadyLogging, finding.OutcomeNoDrift:
		switch {
		case n.Outcome == finding.OutcomeNoDrift && n.Standing(): // what is approved is not put right
			return ""
		case n.Partial: // what could not be read is not known to be in order
			return finding.IncidentOpen
		}
		return finding.IncidentRestored
	case finding.OutcomeAccepted, finding.OutcomeRetrying:
		return finding.IncidentOpen
	case finding.OutcomeCannotRestore, finding.OutcomeGaveUp, finding.OutcomePartlyRestored:
		return finding.IncidentHuman
	case finding.OutcomeNotified:
		if opens(n) {
			return finding.IncidentHuman
		}
	}
	return ""
}

// restored are the aspects that a verified restore puts right, of a finding about these. A trail that was created again
// is as its baseline has it; what it delivers is yet to be seen.
func restored(n finding.Finding, about []finding.Aspect) []finding.Aspect {
	if slices.Contains(about, Exists) || n.EventName == "CreateTrail" {
		return []finding.Aspect{Exists, Logging, Settings}
	}
	return append(slices.Clone(about), Exists)
}

// aspectOfKind is what is wrong with a trail where a sweep finds this.
func aspectOfKind(kind finding.Kind) (a finding.Aspect, ok bool) {
	a, ok = map[finding.Kind]finding.Aspect{
		finding.KindNotLogging:    Logging,
		finding.KindWeakened:      Settings,
		finding.KindMissing:       Exists,
		finding.KindDeliveryError: Delivery,
		finding.KindStale:         Digests,
	}[kind]
	return a, ok
}

// aspects are what a finding is about; none: nothing that can be wrong.
func aspects(n finding.Finding) []finding.Aspect {
	if n.Kind != "" {
		if a, ok := aspectOfKind(n.Kind); ok {
			return []finding.Aspect{a}
		}
		return nil
	}
	switch n.EventName {
	case "StopLogging":
		return []finding.Aspect{Logging}
	case "DeleteTrail":
		return []finding.Aspect{Exists}
	case "StartLogging":
		if n.Dark != nil { // our own did not hold
			return []finding.Aspect{Logging}
		}
	case "UpdateTrail", "PutEventSelectors", "PutInsightSelectors", "PutEventConfiguration", "AddTags", "RemoveTags":
		return []finding.Aspect{Settings}
	case "CreateTrail":
		if n.Baseline != nil { // it was compared
			return []finding.Aspect{Settings}
		}
	}
	return nil
}

// minor reports whether a finding is about a stop of a trail that is not there, whose deletion is reported by itself;
// or about a call after which reading the trail shows nothing that was put back, or one that is only reported and
// stops, deletes and weakens nothing by itself.
func minor(n finding.Finding) finding.Minor {
	if n.EventName == "StopLogging" && n.Cause == metric.ReasonGone && n.Outcome == finding.OutcomeCannotRestore {
		return finding.MinorGone
	}
	if n.Kind != "" || n.Dark != nil {
		return finding.MinorNone
	}
	switch n.Outcome {
	case finding.OutcomeAlreadyLogging, finding.OutcomeNoDrift:
		return finding.MinorQuiet
	case finding.OutcomeNotified:
		if slices.Contains([]string{"AddTags", "RemoveTags", "StartLogging", "CreateTrail"}, n.EventName) {
			return finding.MinorQuiet
		}
	}
	return finding.MinorNone
}
