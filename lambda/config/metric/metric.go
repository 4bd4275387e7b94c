// Package metric names what Trailkeeper measures of itself. The functions write these as CloudWatch metrics in the
// embedded metric format; the alarms and the dashboards read them. It knows no client and no value.
package metric

// Namespace is that of every metric.
const Namespace = "Trailkeeper"

// The dimensions. Every metric has Stack; those of a channel or a reason have that as well, beside their sum. Nothing
// that a caller of AWS can write is ever a dimension, so that their number is bounded: CloudWatch charges for each
// combination.
const (
	DimensionStack   = "Stack"   // the deployment's name
	DimensionChannel = "Channel" // "slack" or "sns", however many destinations there are
	DimensionReason  = "Reason"  // one of Reasons
)

// The metrics.
const (
	Heartbeat     = "Heartbeat"     // Count: 1 for each sweep that ended
	SweepDuration = "SweepDuration" // Milliseconds
	// The trails as the last sweep saw them, each in one of these.
	TrailsHealthy  = "TrailsHealthy"  // Count
	TrailsWeakened = "TrailsWeakened" // Count: weaker than the baseline, or without delivery
	TrailsStopped  = "TrailsStopped"  // Count: not logging, or missing
	// Count: Regions of which a sweep could not see everything, the state table and the baselines included.
	CannotSee = "CannotSee"
	Findings  = "Findings" // Count, of a sweep
	// Count: 1 for each ping of the heartbeat outside of AWS that was not taken.
	HeartbeatFailures = "HeartbeatFailures"

	Incidents = "Incidents"          // Count: opened
	Contested = "ContestedIncidents" // Count: incidents in which somebody began to undo what was restored
	// Milliseconds, of a trail that recorded less than its baseline, when a restore ends it.
	DarkTime = "DarkTime"
	Attempts = "Attempts" // Count: refused calls
	// Milliseconds, from the event, or the stop that no event reported, to the verified restore.
	TimeToRestore       = "TimeToRestore"
	RemediationFailures = "RemediationFailures" // Count, by Reason

	Deliveries       = "Deliveries"       // Count, by Channel: accepted by the far end
	DeliveryFailures = "DeliveryFailures" // Count, by Channel: refused, whether parked or lost
	DeliveryLatency  = "DeliveryLatency"  // Milliseconds, by Channel
	Parked           = "Parked"           // Count: kept in the failure queue
	Lost             = "Lost"             // Count: neither accepted nor parked
	Redriven         = "Redriven"         // Count: taken from a queue and handled or sent

	WardenHeartbeat = "WardenHeartbeat" // Count: 1 for each run of the warden that ended
	// Of a run of the warden, and of the guard's sweep where it checks the warden:.
	DeploymentDiffers  = "DeploymentDiffers"  // Count: resources that are not as they were deployed when it ends
	DeploymentRestored = "DeploymentRestored" // Count: resources that it has restored
	DeploymentUnseen   = "DeploymentUnseen"   // Count: resources that it could not check in full

	Detections = "Detections" // Count: findings of rules over records
	RuleErrors = "RuleErrors" // Count: records that a rule could not be applied to

	TestAlerts     = "TestAlerts"     // Count: test alerts that arrived, and whose messages every channel accepted
	TestAlertsSent = "TestAlertsSent" // Count: test alerts that the operator's command sent, as it says itself
)

// The metrics of refused calls, in a namespace of the settings, with the dimension AccountId and without any. They are
// those of the Terraform module that posts CloudTrail to Slack, so that its alarms and dashboards go on.
const (
	DimensionAccount = "AccountId"
	RefusedCalls     = "TotalAccessDeniedEvents"        // Count: ignored ones included
	RefusedIgnored   = "TotalIgnoredAccessDeniedEvents" // Count: those that an ignore rule takes
)

// The reasons of RemediationFailures.
const (
	ReasonThrottled = "throttled"
	ReasonDenied    = "denied"
	ReasonGone      = "gone"  // the trail, its bucket, key, role or topic
	ReasonLimit     = "limit" // the attempt cap, or a quota of AWS
	ReasonOther     = "other"
)

// Reasons lists them.
func Reasons() []string {
	return []string{ReasonThrottled, ReasonDenied, ReasonGone, ReasonLimit, ReasonOther}
}
