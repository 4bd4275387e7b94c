package message

import (
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message/notes"
)

// authorized is what is always to be found out of a call that weakened a trail.
const authorized = "Find out who is behind this and whether it was authorized"

// usualSteps are what is to be done after a finding about a trail whose producer has nothing special to say.
func usualSteps(f finding.Finding) []Step {
	if !aboutTrail(f) {
		return investigate(f, authorized) // what else there is to do, only its producer knows
	}
	switch f.Outcome {
	case finding.OutcomeRestored, finding.OutcomeAlreadyLogging:
		return append(investigate(f, authorized), gap(f)...)
	case finding.OutcomeNoDrift:
		if f.Worse(finding.DoneRestored) {
			return investigate(f, authorized)
		}
		return investigate(f, "No action is required for the trail. Check that the call was intended")
	case finding.OutcomePartlyRestored, finding.OutcomeCannotRestore, finding.OutcomeGaveUp:
		return append([]Step{byHand(f)}, investigate(f, authorized)...)
	case finding.OutcomeAccepted, finding.OutcomeUnproven:
		return []Step{{"Check the trail's status.", statusCommand(f)}}
	case finding.OutcomeRetrying:
		hand := byHand(f)
		hand.Text = "If no message reports the restore within five minutes: " + decapital(hand.Text)
		return []Step{hand}
	case finding.OutcomeApproved:
		return []Step{
			{
				Text: "No action is required now. Before the approval expires, accept the new state as the baseline, or the " +
					"change is reverted.",
			},
		}
	case finding.OutcomeAttempt, finding.OutcomeNotOurs:
		return investigate(f, "Find out why the call was attempted")
	case finding.OutcomeTest:
		return []Step{{Text: "No action is required. If the other channel does not show a TEST message, check that channel."}}
	case finding.OutcomeRepeated:
		return []Step{{Text: "Find out who repeats the call, and revoke their access."}}
	case finding.OutcomeDetected:
		return investigate(f, authorized)
	case finding.OutcomeUnreadable, finding.OutcomeUndelivered:
		return []Step{{Text: "Check the guard's log and the failure queue."}}
	}
	return notifiedSteps(f)
}

// notifiedSteps are those where nothing was done.
func notifiedSteps(f finding.Finding) []Step {
	switch f.Kind {
	case finding.KindNamed:
		return investigate(f, "Find out whether the call was authorized")
	case finding.KindTrueApproval, finding.KindConfirmed, finding.KindRecovered, finding.KindDeploymentRecovered, finding.KindEvidenceOver:
		return []Step{{Text: "No action is required."}}
	case finding.KindHeartbeat:
		return []Step{{Text: "Check the heartbeat's URL in the secret, and the guard's log."}}
	case finding.KindAlarm, finding.KindLastQueue, finding.KindCannotSee, finding.KindDeploymentDiffers, finding.KindDeploymentUnseen:
		return []Step{{Text: "Check the guard's log, and whether every trail is logging."}}
	case "":
	default:
		return []Step{{"Check the trail's status.", statusCommand(f)}}
	}
	switch wordsOf(f).state(f) {
	case stateHuman:
		return append([]Step{byHand(f)}, investigate(f, authorized)...)
	case stateUnverified:
		return append(
			[]Step{{"Check the trail's status.", statusCommand(f)}},
			investigate(f, "Find out who made the request")...)
	}
	if f.EventName == "" {
		return []Step{{Text: "Check the guard's log."}}
	}
	return investigate(f, "Check that the call was intended")
}

// investigate finds the event with all that CloudTrail knows of it; without an event, the calls on the trail.
func investigate(f finding.Finding, why string) []Step {
	if f.EventName != "" {
		return []Step{
			{
				why + ": review the event, and what else the caller did.",
				notes.Command(
					"aws cloudtrail lookup-events --region %s --lookup-attributes AttributeKey=EventId,AttributeValue=%s",
					f.Region,
					f.EventID,
				),
			},
		}
	}
	return []Step{
		{
			why + ": review the calls on the trail.",
			notes.Command(
				"aws cloudtrail lookup-events --region %s --lookup-attributes AttributeKey=ResourceName,AttributeValue=%s",
				f.Region,
				f.Subject.ARN,
			),
		},
	}
}

// gap says which time is in no log file, and where its events are.
func gap(f finding.Finding) []Step {
	from, to := f.EventTime, f.EventTime.Add(f.SinceEvent)
	if f.Dark != nil && !f.Dark.From.IsZero() && f.Dark.To.After(f.Dark.From) {
		from, to = f.Dark.From, f.Dark.To
	}
	if !aboutLogging(f) && f.Dark == nil || f.EventTime.IsZero() {
		return nil
	}
	if !to.After(from) || f.Kind != "" && f.Dark == nil {
		return []Step{
			{
				Text: "No log file of this trail holds the events between the stop and the restart. CloudTrail's event history " +
					"keeps the management events for 90 days.",
			},
		}
	}
	return []Step{{
		"No log file of this trail holds the events from " + finding.Time(from) + " to " + finding.Time(to) +
			". CloudTrail's event history keeps the management events for 90 days, in each Region.",
		notes.Command(
			"aws cloudtrail lookup-events --region %s --start-time %s --end-time %s", f.Region, stamp(from), stamp(to),
		),
	}}
}

// stamp is a time for the command line: whole seconds, in UTC.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// byHand restores what a call did.
func byHand(f finding.Finding) Step {
	if aboutLogging(f) {
		return Step{
			"Start logging by hand.",
			notes.Command("aws cloudtrail start-logging --region %s --name %s", f.Region, f.Subject.ARN),
		}
	}
	return Step{
		"Compare the trail with its baseline, and restore it by hand.",
		notes.Command("trailkeeper baseline diff --region %s --trail %s", f.Region, f.Subject.ARN),
	}
}

// statusCommand shows whether the trail logs.
func statusCommand(f finding.Finding) string {
	return notes.Command("aws cloudtrail get-trail-status --region %s --name %s", f.Region, f.Subject.ARN)
}
