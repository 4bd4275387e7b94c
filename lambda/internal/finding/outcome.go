package finding

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
