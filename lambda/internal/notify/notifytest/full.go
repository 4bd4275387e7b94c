package notifytest

import (
	"encoding/json"
	"time"

	"trailkeeper/lambda/internal/notify"
)

// Full is a notification in which every field has a value that no other has, so that what a rendering loses or takes for another is seen: no event
// is such. There are two of every list's entries, and more where an entry has a kind.
func Full() notify.Notification {
	return notify.Notification{
		EventID: "id-of-the-event", EventName: "StopLogging", EventTime: At(), Finding: "weakened",
		Severity: notify.SeverityCritical, Outcome: notify.OutcomePartlyRestored,
		Detail: "The detail says it.", NextStep: "Take the next step.", AfterCall: 1111 * time.Millisecond, SinceEvent: 22 * time.Second,
		Actor: "role Caller", ActorARN: "arn:aws:sts::111122223333:assumed-role/CallerOfARN/x", Principal: "arn:aws:iam::111122223333:role/Principal",
		TrailARN: "arn:aws:cloudtrail:ap-south-2:444455556666:trail/trail-of-arn", TrailName: "trail-by-name",
		Account: "777788889999", Region: "ca-west-1", Partition: "aws", SourceIP: "203.0.113.77", UserAgent: "agent/9.9",
		ErrorCode: "RefusedCode", ErrorMessage: "the far end's message", Request: json.RawMessage(`{"asked":"in-request"}`),
		Changes: []notify.Change{
			change("first", notify.DoneRestored, "weakens"), change("second", notify.DoneNotRestored, "new_dependency"),
			change("third", notify.DoneAccepted, "neutral"), change("fourth", notify.DoneNothing, "strengthens"),
		},
		Baseline:    &notify.Baseline{Kind: "declared", CapturedAt: At().Add(-100 * 24 * time.Hour)},
		Unconfirmed: true, Verifying: true, Cause: "denied", Occasion: "the other stop", Declared: true, Partial: true,
		Dark:   &notify.Dark{From: At().Add(-11 * time.Minute), Acted: At().Add(-12 * time.Minute), To: At().Add(-13 * time.Minute)},
		Absent: true, Ended: "not_logging", Incident: incident(), Recipient: "121212343434", Channel: "slack:C0CHANNEL01", Reason: "503: the channel's reason",
		Runbook: "https://runbook.example/page", Late: &notify.Late{Parked: At().Add(14 * time.Minute), Now: "not logging", History: true}, Stack: "stack-of-ours",
	}
}

func change(name string, done notify.Done, effect string) notify.Change {
	return notify.Change{
		Field: name + "Field", Before: name + "-before", After: name + "-after", Effect: effect, Sentence: "The " + name + " sentence.", Done: done,
		Reason: "For the " + name + " reason.",
	}
}

func incident() *notify.Incident {
	glance := func(name string, o notify.Outcome, at time.Duration) notify.Glance {
		return notify.Glance{
			EventID: "id-" + name, EventName: "Call" + name, Time: At().Add(at), Actor: "user " + name, SourceIP: "198.51.100." + name,
			Headline: "Headline " + name + " stands.", Outcome: o,
		}
	}
	return &notify.Incident{
		ID: "inc-of-full", State: notify.IncidentContested, Opened: At().Add(-21 * time.Minute), Since: At().Add(-22 * time.Minute),
		Closed: At().Add(-23 * time.Minute), Count: 31, First: glance("41", notify.OutcomeRetrying, -24*time.Minute),
		Last:  glance("42", notify.OutcomeGaveUp, -25*time.Minute),
		Heard: []notify.Heard{{Severity: notify.SeverityLow, Event: "HeardFirst"}, {Severity: notify.SeverityHigh, Event: "HeardSecond"}},
		Dark:  26 * time.Minute, Absent: true,
		Flags: notify.Flags{Turned: true, Closing: true, Contested: true, Darker: true, Resumed: true},
	}
}

// fulls are Full as each kind of message.
func fulls() []Sample {
	with := func(change func(*notify.Notification)) notify.Notification {
		n := Full()
		change(&n)
		return n
	}
	event := func(n *notify.Notification) { n.Finding, n.Ended, n.Unconfirmed, n.Late = "", "", false, nil }
	sweep := func(finding string) func(*notify.Notification) {
		return func(n *notify.Notification) {
			n.Finding, n.Outcome, n.Unconfirmed, n.Late, n.Incident.Flags = finding, notify.OutcomeNotified, false, nil, notify.Flags{}
		}
	}
	return []Sample{
		{"full", Full()},
		{"full-event", with(event)},
		{"full-restored", with(func(n *notify.Notification) {
			event(n)
			n.Outcome, n.Incident.State, n.Incident.Absent = notify.OutcomeRestored, notify.IncidentRestored, false
			n.Incident.Closed = n.Incident.Since.Add(3 * time.Minute)
		})},
		{"full-started", with(func(n *notify.Notification) {
			event(n)
			n.EventName, n.Outcome = "StartLogging", notify.OutcomeAccepted
		})},
		{"full-approved", with(func(n *notify.Notification) { event(n); n.Outcome, n.Incident = notify.OutcomeApproved, nil })},
		{"full-refused", with(func(n *notify.Notification) { event(n); n.Outcome, n.Incident = notify.OutcomeAttempt, nil })},
		{"full-undelivered", with(func(n *notify.Notification) { n.Outcome, n.Late = notify.OutcomeUndelivered, nil })},
		{"full-alarm", with(sweep(notify.FindingAlarm))},
		{"full-no-trail", with(sweep("no_trail"))},
		{"full-recovered", with(sweep("recovered"))},
		{"full-confirmed", with(func(n *notify.Notification) { sweep("confirmed")(n); n.Ended = "weakened" })},
		{"full-repeated", with(func(n *notify.Notification) { event(n); n.Outcome, n.EventName = notify.OutcomeRepeated, "UpdateTrail" })},
	}
}
