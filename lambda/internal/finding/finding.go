// Package finding holds the nouns: what a producer (an event's response, the sweep, the watch) reports, about which
// subject, how bad it is and what became of it. Its sets are closed and typed.
//
// It knows no sentence, no channel and no AWS client, and it trusts no text: every field that a caller of AWS can write
// is hostile until a renderer has escaped and bounded it.
package finding

import (
	"encoding/json"
	"slices"
	"time"

	"trailkeeper/lambda/internal/sanitize"
)

// Finding is what a producer reports: all that a channel may show of one event or of what was found. Times are UTC. It
// is also what is parked when a channel refuses it, so its JSON form must round-trip.
type Finding struct {
	// EventID is CloudTrail's, which the EventBridge event carries too; of a finding, an ID of ours.
	EventID   string    `json:"event_id"`
	EventName string    `json:"event_name,omitempty"` // "StopLogging"
	EventTime time.Time `json:"event_time,omitzero"`
	// EventSource is the service that was called; empty: CloudTrail, or it is not known.
	EventSource string `json:"event_source,omitempty"`
	// Kind is what was found; empty where an event arrived.
	Kind Kind `json:"finding,omitempty"`
	// Title is the producer's own, as of a rule over any record: what happened, in one line. Empty: the catalogue has
	// words for the kind or the call. Source is who found it, such as a rule's ID; empty: the sweep.
	Title    string   `json:"title,omitempty"`
	Source   string   `json:"source,omitempty"`
	Severity Severity `json:"severity"`
	Outcome  Outcome  `json:"outcome"`
	// Notes say what the outcome means here, and Next what a human must do; none where there is nothing to do.
	Notes []Note `json:"notes,omitempty"`
	Next  []Note `json:"next,omitempty"`
	// AfterCall is the time from our first call to the confirmation; SinceEvent that from the event, or from the stop that
	// no event reported. Zero where nothing was restored, or it is not known.
	AfterCall  time.Duration `json:"after_call,omitempty"`
	SinceEvent time.Duration `json:"since_event,omitempty"`
	// Age is how long after its event a record came to the rule that found something in it; zero: not known.
	Age time.Duration `json:"age,omitempty"`
	// Rule is the rule over records that found it; nil: none did.
	Rule *Rule `json:"rule,omitempty"`

	Actor    string `json:"actor,omitempty"` // events.Actor's text
	ActorARN string `json:"actor_arn,omitempty"`
	// Principal is who made the call, without anything that a caller may choose for each one.
	Principal string `json:"principal,omitempty"`
	// Subject is what it is about.
	Subject
	SourceIP     string `json:"source_ip,omitempty"`
	UserAgent    string `json:"user_agent,omitempty"`
	ErrorCode    string `json:"error_code,omitempty"` // of a refused call
	ErrorMessage string `json:"error_message,omitempty"`
	// Request is the record's requestParameters, as recorded.
	Request json.RawMessage `json:"request,omitempty"`
	// Changes is how the trail differed from its baseline; Baseline says which one, nil where there was none to compare
	// with.
	Changes  []Change  `json:"changes,omitempty"`
	Baseline *Baseline `json:"baseline,omitempty"`
	// Unconfirmed says that the record does not show whether the call succeeded, as with a record that a VPC endpoint
	// wrote.
	Unconfirmed bool `json:"unconfirmed,omitempty"`
	// Unlisted says that CloudTrail's event history has no such record: it has calls on management events alone.
	Unlisted bool `json:"unlisted,omitempty"`
	// Verifying says that a record claims the approval, and that CloudTrail's event history has not confirmed it yet.
	Verifying bool `json:"verifying,omitempty"`
	// Cause is why the trail is not restored, in one of the words of metric.Reasons; empty: it is, or there was nothing to
	// restore.
	Cause string `json:"cause,omitempty"`
	// Occasion is the time of another stop than the event's, which was undone after it; empty: there was none. What is
	// done for another occasion is reported, although the event was reported before.
	Occasion string `json:"occasion,omitempty"`
	// Text is the digest of what a message was made of that anybody may have written; empty: of nothing such.
	Text string `json:"-"`
	// Bearing is what it means for the incident of its subject, and Minor whether very many like it may come of nothing.
	Bearing Bearing `json:"-"`
	Minor   Minor   `json:"-"`
	// Destination is the one that this is for, by its name; empty: the routes say. One that there is not any more stands
	// for those of the routes.
	Destination string `json:"-"`
	// Declared says that the declared baseline has it so: nothing is out of it, and nothing was read.
	Declared bool `json:"declared,omitempty"`
	// Partial says that some of the trail could not be read, so that not all of it is known to be in order.
	Partial bool `json:"partial,omitempty"`
	// Dark is the time in which the trail recorded less than its baseline, with what this is about; nil: none is known.
	Dark *Dark `json:"dark,omitempty"`
	// Absent says that CloudTrail knows no such trail and that no sweep ever did, where Kind is KindRecovered: there is
	// nothing to restore.
	Absent bool `json:"absent,omitempty"`
	// Ended is the finding that is over, where Kind is KindRecovered; empty: everything is.
	Ended Kind `json:"ended,omitempty"`
	// Incident is the one that this belongs to; nil where there is none, or where the table did not say.
	Incident *Incident `json:"incident,omitempty"`
	// Recipient is the account that the record was delivered to, by which a route chooses; Account is the trail's, where
	// that is known.
	Recipient string `json:"recipient,omitempty"`
	// Channel and Reason are those of the delivery that failed, where Outcome is OutcomeUndelivered.
	Channel string `json:"channel,omitempty"`
	Reason  string `json:"reason,omitempty"`
	// Runbook is the address of the page that says what to do about each kind of message, and AccountName that of Account;
	// empty: none is known. Whatever delivers it sets them.
	Runbook     string `json:"runbook,omitempty"`
	AccountName string `json:"account_name,omitempty"`
	// Late is set where the message comes out of the failure queue.
	Late *Late `json:"late,omitempty"`
	// Stack names the deployment that speaks.
	Stack string `json:"stack,omitempty"`
}

// Rule is what a rule over records says besides what it found. Its ID is the finding's Source.
type Rule struct {
	Runbook    string   `json:"runbook,omitempty"`    // what to do about what it finds: an address, or a name
	References []string `json:"references,omitempty"` // techniques of ATT&CK such as "T1562.008", and addresses
	Route      string   `json:"route,omitempty"`      // the name of the route that takes it; empty: whichever fits
}

// Worse reports whether there is a change that leaves the trail worse than its baseline, of which this became.
func (n Finding) Worse(done Done) bool {
	return slices.ContainsFunc(n.Changes, func(c Change) bool {
		return c.Done == done && c.Effect.Worse()
	})
}

// Standing reports whether the trail is worse than its baseline although nothing was put back: because of an approval.
func (n Finding) Standing() bool { return n.Worse(DoneNothing) }

// NotRestored counts the weakening changes and those of them that are still there.
func (n Finding) NotRestored() (left, all int) {
	for _, c := range n.Changes {
		if c.Done != DoneNothing {
			all++
		}
		if c.Done == DoneNotRestored {
			left++
		}
	}
	return left, all
}

// RouteKey is by what the finding for itself is routed.
func (n Finding) RouteKey() RouteKey {
	event := string(n.Kind)
	if event == "" {
		event = n.EventName
	}
	return RouteKey{Severity: n.Severity, Event: sanitize.Bound(event, maxSummaryID)}
}

// RouteKeys are those by which the finding is routed: its own, and for one that closes an incident, or says that it
// needs a human or is contested, those of all messages about it, so that whoever got the beginning gets
// that.
func (n Finding) RouteKeys() []RouteKey {
	all := []RouteKey{n.RouteKey()}
	if n.Incident == nil || !n.Incident.Closing && !n.Incident.Turned && !n.Incident.Contested {
		return all
	}
	for _, h := range n.Incident.RouteKeys {
		if !slices.Contains(all, h) {
			all = append(all, h)
		}
	}
	return all
}

// RoutedSeverity is the highest of RouteKeys, by which subscriptions filter.
func (n Finding) RoutedSeverity() Severity {
	highest := n.Severity
	for _, h := range n.RouteKeys() {
		highest = Higher(highest, h.Severity)
	}
	return highest
}

// Late says of a message that it comes out of the failure queue, long after what it reports.
type Late struct {
	Parked time.Time `json:"parked"`
	// Now is how the trail stands when the message is sent, as reading it shows; empty: it is about no trail.
	Now Standing `json:"now,omitempty"`
	// History says that what the message reports is not so any more, or is not known to be so. Then it closes nothing.
	History bool `json:"history,omitempty"`
}
