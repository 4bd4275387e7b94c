// Package notify says what happened. A Notification holds the facts of one event and what was done about it; the packages below render
// and deliver it. Fanout tells every channel, parks what one refuses, and tells the others.
//
// It decides nothing, and it trusts no text: every field that a caller of AWS can write is hostile until a renderer has escaped and
// bounded it.
package notify

import (
	"encoding/json"
	"time"
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
	OutcomePartlyRestored Outcome = "partly_restored" // some of what weakens the trail is back as its baseline has it, some is not
	OutcomeNoDrift        Outcome = "no_drift"        // nothing weakens the trail, compared with its baseline
	OutcomeApproved       Outcome = "approved"        // the change was approved in advance: nothing was undone
	OutcomeNotOurs        Outcome = "not_ours"        // the record does not agree with this deployment: no call was made
	OutcomeUnreadable     Outcome = "unreadable"      // the payload is no event
	OutcomeUndelivered    Outcome = "undelivered"     // another channel did not take a notification; Detail says whether it is parked
	OutcomeRepeated       Outcome = "repeated"        // the same has happened again and again; Detail says how often
	OutcomeTest           Outcome = "test"            // a test alert: nothing has happened
	OutcomeUnproven       Outcome = "unproven"        // out of a queue, and not known to be ours: no more than what can be read again
)

// Notification is all that a channel may show of one event. Times are UTC. It is also what is parked when a channel refuses it, so its
// JSON form must round-trip.
type Notification struct {
	EventID   string    `json:"event_id"`             // CloudTrail's eventID, which the EventBridge message carries too; of a finding, an ID of ours
	EventName string    `json:"event_name,omitempty"` // "StopLogging"
	EventTime time.Time `json:"event_time,omitzero"`
	// Finding is what a sweep found, as package sweep names it; empty where an event arrived.
	Finding  string   `json:"finding,omitempty"`
	Severity Severity `json:"severity"`
	Outcome  Outcome  `json:"outcome"`
	// Detail says in one or two plain sentences what the outcome means here. It is ours, not the caller's.
	Detail string `json:"detail,omitempty"`
	// NextStep is what a human must do, as an imperative sentence; empty where there is nothing to do.
	NextStep string `json:"next_step,omitempty"`
	// AfterCall is the time from our first call to the confirmation; SinceEvent that from the event, or from the stop that no event reported. Zero
	// where nothing was restored, or it is not known.
	AfterCall  time.Duration `json:"after_call,omitempty"`
	SinceEvent time.Duration `json:"since_event,omitempty"`

	Actor    string `json:"actor,omitempty"` // events.Actor's text
	ActorARN string `json:"actor_arn,omitempty"`
	// Principal is who made the call, without anything that a caller may choose for each one.
	Principal    string `json:"principal,omitempty"`
	TrailARN     string `json:"trail_arn,omitempty"`
	TrailName    string `json:"trail_name,omitempty"`
	Account      string `json:"account,omitempty"`
	Region       string `json:"region,omitempty"`
	Partition    string `json:"partition,omitempty"`
	SourceIP     string `json:"source_ip,omitempty"`
	UserAgent    string `json:"user_agent,omitempty"`
	ErrorCode    string `json:"error_code,omitempty"` // of a refused call
	ErrorMessage string `json:"error_message,omitempty"`
	// Request is the record's requestParameters, as recorded.
	Request json.RawMessage `json:"request,omitempty"`
	// Changes is how the trail differed from its baseline; Baseline says which one, nil where there was none to compare with.
	Changes  []Change  `json:"changes,omitempty"`
	Baseline *Baseline `json:"baseline,omitempty"`
	// Unconfirmed says that the record does not show whether the call succeeded, as with a record that a VPC endpoint wrote.
	Unconfirmed bool `json:"unconfirmed,omitempty"`
	// Verifying says that a record claims the approval, and that CloudTrail's event history has not confirmed it yet.
	Verifying bool `json:"verifying,omitempty"`
	// Cause is why the trail is not restored, in one of the words of metric.Reasons; empty: it is, or there was nothing to restore.
	Cause string `json:"cause,omitempty"`
	// Occasion is the time of another stop than the event's, which was undone after it; empty: there was none. What is done for another occasion is
	// told, although the event was told before.
	Occasion string `json:"occasion,omitempty"`
	// Text is the digest of what a message was made of that anybody may have written; empty: of nothing such.
	Text string `json:"-"`
	// Declared says that the declared baseline has it so: nothing is out of it, and nothing was read.
	Declared bool `json:"declared,omitempty"`
	// Partial says that some of the trail could not be read, so that not all of it is known to be in order.
	Partial bool `json:"partial,omitempty"`
	// Dark is the time in which the trail recorded less than its baseline, with what this is about; nil: none is known.
	Dark *Dark `json:"dark,omitempty"`
	// Absent says that CloudTrail knows no such trail and that no sweep ever did, where Finding is "recovered": there is nothing to restore.
	Absent bool `json:"absent,omitempty"`
	// Ended is the finding that is over, where Finding is "recovered"; empty: everything is.
	Ended string `json:"ended,omitempty"`
	// Incident is the one that this belongs to; nil where there is none, or where the table did not say.
	Incident *Incident `json:"incident,omitempty"`
	// Recipient is the account that the record was delivered to, by which a route chooses; Account is the trail's, where that is known.
	Recipient string `json:"recipient,omitempty"`
	// Channel and Reason are those of the delivery that failed, where Outcome is OutcomeUndelivered.
	Channel string `json:"channel,omitempty"`
	Reason  string `json:"reason,omitempty"`
	// Runbook is the address of the page that says what to do about each kind of message; empty: none.
	Runbook string `json:"runbook,omitempty"`
	// Late is set where the message comes out of the failure queue.
	Late *Late `json:"late,omitempty"`
	// Stack names the deployment that speaks.
	Stack string `json:"stack,omitempty"`
}
