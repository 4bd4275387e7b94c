package finding

// Kind says what was found where no event arrived. It is a closed set; the values are part of the SNS JSON.
type Kind string

// The kinds.
const (
	KindNotLogging    Kind = "not_logging"    // GetTrailStatus says that the trail is not logging
	KindWeakened      Kind = "weakened"       // the trail records less than its baseline, or depends on what that does not have
	KindMissing       Kind = "missing"        // CloudTrail knows no such trail any more
	KindDeliveryError Kind = "delivery_error" // CloudTrail cannot deliver the trail's files
	KindStale         Kind = "stale"          // the trail logs, and has delivered no digest for hours
	KindNoTrail       Kind = "no_trail"       // no trail records the write management events of the guard's Region
	KindCannotSee     Kind = "cannot_see"     // something could not be read
	KindRecorded      Kind = "recorded"       // the first baseline of a trail was recorded
	KindConfirmed     Kind = "confirmed"      // what was accepted and not confirmed is so
	KindRecovered     Kind = "recovered"      // what was found is over, and not by the guard's doing
	KindFalseApproval Kind = "false_approval" // a record claimed an approval that CloudTrail does not know
	KindTrueApproval  Kind = "true_approval"  // CloudTrail has confirmed a call that is approved
	KindNamed         Kind = "named"          // the event history shows who is behind what was found before
	KindAlarm         Kind = "alarm"          // one of the deployment's own alarms
	KindLastQueue     Kind = "last_queue"     // messages went to the last queue
)
