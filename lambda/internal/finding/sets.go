package finding

import "slices"

// Kind says what was found where no event arrived. It is a closed set; the values are part of the SNS JSON.
type Kind string

// The kinds.
const (
	KindNotLogging    Kind = "not_logging"    // GetTrailStatus says that the trail is not logging
	KindWeakened      Kind = "weakened"       // it records less than its baseline, or has a new dependency
	KindMissing       Kind = "missing"        // CloudTrail knows no such trail any more
	KindDeliveryError Kind = "delivery_error" // CloudTrail cannot deliver the trail's files
	KindStale         Kind = "stale"          // the trail logs, and has delivered no digest for hours
	KindNoTrail       Kind = "no_trail"       // no trail records the write management events of the guard's Region
	KindCannotSee     Kind = "cannot_see"     // something could not be read
	KindHeartbeat     Kind = "heartbeat"      // the heartbeat outside of AWS cannot be sent as it is set up
	KindRecorded      Kind = "recorded"       // the first baseline of a trail was recorded
	KindConfirmed     Kind = "confirmed"      // what was accepted and not confirmed is so
	KindRecovered     Kind = "recovered"      // what was found is over, and not by the guard's doing
	KindFalseApproval Kind = "false_approval" // a record claimed an approval that CloudTrail does not know
	KindTrueApproval  Kind = "true_approval"  // CloudTrail has confirmed a call that is approved
	KindNamed         Kind = "named"          // the event history shows who is behind what was found before
	KindAlarm         Kind = "alarm"          // one of the deployment's own alarms
	KindLastQueue     Kind = "last_queue"     // messages went to the last queue
	KindRuleError     Kind = "rule_error"     // a rule could not be applied to a record
	KindLogRemoved    Kind = "log_removed"    // a log or digest file was removed from its bucket

	KindEvidence     Kind = "evidence_differs"   // the bucket or key of a trail is not as its baseline has it
	KindEvidenceOver Kind = "evidence_recovered" // it is again, and no repair was seen to have done so

	KindDeploymentDiffers   Kind = "deployment_differs"   // a resource of the deployment is not as it was deployed
	KindDeploymentRecovered Kind = "deployment_recovered" // it is again, and not by Trailkeeper's doing
	KindDeploymentUnseen    Kind = "deployment_unseen"    // part of the deployment could not be checked
)

// Outcome is what became of an event. The values are part of the SNS JSON and of its message attributes.
type Outcome string

// The outcomes.
const (
	OutcomeRestored       Outcome = "restored"        // the trail logs again, as GetTrailStatus says
	OutcomeAccepted       Outcome = "accepted"        // the restore was accepted; reading the trail has not confirmed it
	OutcomeAlreadyLogging Outcome = "already_logging" // GetTrailStatus says the trail was logging before our call
	OutcomeAttempt        Outcome = "attempt_refused" // AWS refused the call: nothing has changed
	OutcomeNotified       Outcome = "notified_only"   // nothing was to be done, or the mode forbids it
	OutcomeRetrying       Outcome = "retrying"        // not restored; Lambda runs the event again
	OutcomeCannotRestore  Outcome = "cannot_restore"  // not restored, and a retry cannot change that
	OutcomeGaveUp         Outcome = "gave_up"         // not restored, and this was the last retry
	OutcomePartlyRestored Outcome = "partly_restored" // some of what weakens the trail is restored, some is not
	OutcomeNoDrift        Outcome = "no_drift"        // nothing weakens the trail, compared with its baseline
	OutcomeApproved       Outcome = "approved"        // the change was approved in advance: nothing was undone
	OutcomeNotOurs        Outcome = "not_ours"        // the record does not agree with this deployment: no call was made
	OutcomeUnreadable     Outcome = "unreadable"      // the payload is no event
	OutcomeUndelivered    Outcome = "undelivered"     // another channel did not accept a notification
	OutcomeRepeated       Outcome = "repeated"        // the same has happened again and again; Detail says how often
	OutcomeTest           Outcome = "test"            // a test alert: nothing has happened
	OutcomeUnproven       Outcome = "unproven"        // out of a queue, and not known to be ours
	OutcomeDetected       Outcome = "detected"        // a rule matches the record: nothing is to be restored
)

// Severity orders notifications.
type Severity string

// The severities, from the least.
const (
	SeverityLow      Severity = "low"
	SeverityMedium   Severity = "medium"
	SeverityHigh     Severity = "high"
	SeverityCritical Severity = "critical"
)

// severities are all of them, from the least.
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

// The channels. ChannelGuard is no notifier: the guard itself parks under it what it cannot read. A further destination
// of a channel is named after it: "slack:C0123456789", "slack:secret:KEY", "sns:NAME" of a topic.
const (
	ChannelSlack = "slack"
	ChannelSNS   = "sns"
	ChannelGuard = "guard"
)

// Standing is how a trail stands when a late message is sent. The values are words of that message, and part of the
// SNS JSON.
type Standing string

// The standings.
const (
	StandingLogging  Standing = "logging"
	StandingOff      Standing = "not logging"
	StandingDeleted  Standing = "deleted"
	StandingWeakened Standing = "weaker than its baseline"
	StandingUnknown  Standing = "not known"
)
