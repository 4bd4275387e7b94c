package findingtest

import (
	"encoding/json"
	"time"

	"trailkeeper/lambda/internal/finding"
)

// Full is a notification in which every field has a value that no other has, so that what a rendering loses or takes
// for another is seen: no event is such. There are two of every list's entries, and more where an entry has a kind.
func Full() finding.Finding {
	return finding.Finding{
		EventID:     "id-of-the-event",
		EventName:   "StopLogging",
		EventTime:   At(),
		EventSource: "source.amazonaws.com",
		Kind:        finding.KindWeakened,
		Title:       "what happened, in the words of a rule",
		Source:      "rule-of-ours",
		Severity:    finding.SeverityCritical,
		Outcome:     finding.OutcomePartlyRestored,
		Notes: []finding.Note{
			finding.Say("note_one", "says the first value"),
			finding.Say("note_two", "says the second"),
		},
		Next:       []finding.Note{finding.Say("next_one", "is to be done"), finding.Say("next_two", "is done then")},
		AfterCall:  1111 * time.Millisecond,
		SinceEvent: 22 * time.Second,
		Age:        33 * time.Second,
		Rule: &finding.Rule{
			Runbook:    "https://rule.example/guide",
			References: []string{"T1562.008", "https://reference.example/page"},
			Route:      "name-of-route",
		},
		Actor:     "role Caller",
		ActorARN:  "arn:aws:sts::111122223333:assumed-role/CallerOfARN/x",
		Principal: "arn:aws:iam::111122223333:role/Principal",
		Subject: finding.Subject{
			Type:      "AWS::Kind::OfSubject",
			ARN:       "arn:aws:cloudtrail:ap-south-2:444455556666:trail/trail-of-arn",
			Name:      "trail-by-name",
			Account:   "777788889999",
			Region:    "ca-west-1",
			Partition: "aws",
		},
		SourceIP:     "203.0.113.77",
		UserAgent:    "agent/9.9",
		ErrorCode:    "RefusedCode",
		ErrorMessage: "the far end's message",
		Request:      json.RawMessage(`{"asked":"in-request"}`),
		Changes: []finding.Change{
			change("first", finding.DoneRestored, "weakens"), change("second", finding.DoneNotRestored, "new_dependency"),
			change("third", finding.DoneAccepted, "neutral"), change("fourth", finding.DoneNothing, "strengthens"),
		},
		Baseline:    &finding.Baseline{Kind: "declared", CapturedAt: At().Add(-100 * 24 * time.Hour)},
		Unconfirmed: true,
		Unlisted:    true,
		Verifying:   true,
		Cause:       "denied",
		Occasion:    "the other stop",
		Declared:    true,
		Partial:     true,
		Dark: &finding.Dark{
			From:  At().Add(-11 * time.Minute),
			Acted: At().Add(-12 * time.Minute),
			To:    At().Add(-13 * time.Minute),
		},
		Absent:      true,
		Ended:       finding.KindNotLogging,
		Incident:    incident(),
		Recipient:   "121212343434",
		Channel:     "slack:C0CHANNEL01",
		Reason:      "503: the channel's reason",
		Runbook:     "https://runbook.example/page",
		AccountName: "name-of-account",
		Late:        &finding.Late{Parked: At().Add(14 * time.Minute), Now: "not logging", History: true},
		Stack:       "stack-of-ours",
	}
}

func change(name string, done finding.Done, effect finding.Effect) finding.Change {
	return finding.Change{
		Field:    name + "Field",
		Before:   name + "-before",
		After:    name + "-after",
		Effect:   effect,
		Sentence: "The " + name + " sentence.",
		Done:     done,
		Reason:   "For the " + name + " reason.",
		Why:      []finding.Note{finding.Say(finding.NoteID("why_"+name), "is why "+name+" stays")},
	}
}

func incident() *finding.Incident {
	glance := func(name string, o finding.Outcome, at time.Duration) finding.EventSummary {
		return finding.EventSummary{
			EventID:   "id-" + name,
			EventName: "Call" + name,
			Time:      At().Add(at),
			Actor:     "user " + name,
			SourceIP:  "198.51.100." + name,
			Headline:  "Headline " + name + " stands.",
			Outcome:   o,
		}
	}
	return &finding.Incident{
		ID:     "inc-of-full",
		State:  finding.IncidentContested,
		Opened: At().Add(-21 * time.Minute),
		Since:  At().Add(-22 * time.Minute),
		Closed: At().Add(-23 * time.Minute),
		Count:  31,
		First:  glance("41", finding.OutcomeRetrying, -24*time.Minute),
		Last:   glance("42", finding.OutcomeGaveUp, -25*time.Minute),
		RouteKeys: []finding.RouteKey{
			{Severity: finding.SeverityLow, Event: "HeardFirst"},
			{Severity: finding.SeverityHigh, Event: "HeardSecond"},
		},
		Dark:   26 * time.Minute,
		Absent: true,
		Flags: finding.Flags{
			Turned:    true,
			Closing:   true,
			Contested: true,
			Darker:    true,
			Resumed:   true,
		},
	}
}

// fulls are Full as each kind of message: about a trail, but for one of a producer that brings its own title.
func fulls() []Sample {
	with := func(change func(*finding.Finding)) finding.Finding {
		n := Full()
		n.Title, n.Source, n.Type = "", "", finding.TypeTrail
		change(&n)
		return n
	}
	event := func(n *finding.Finding) { n.Kind, n.Ended, n.Unconfirmed, n.Late = "", "", false, nil }
	sweep := func(kind finding.Kind) func(*finding.Finding) {
		return func(n *finding.Finding) {
			n.Kind = kind
			n.Outcome = finding.OutcomeNotified
			n.Unconfirmed = false
			n.Late = nil
			n.Incident.Flags = finding.Flags{}
		}
	}
	return []Sample{
		{"full", with(func(*finding.Finding) {})},
		{"full-own", with(func(n *finding.Finding) {
			event(n)
			n.Title, n.Source, n.Type = Full().Title, Full().Source, "AWS::IAM::Role"
			n.ARN, n.Name = "arn:aws:iam::777788889999:role/role-of-arn", "role-by-name"
			n.Outcome, n.Incident = finding.OutcomeNotified, nil
		})},
		{"full-event", with(event)},
		{"full-restored", with(func(n *finding.Finding) {
			event(n)
			n.Outcome, n.Incident.State, n.Incident.Absent = finding.OutcomeRestored, finding.IncidentRestored, false
			n.Incident.Closed = n.Incident.Since.Add(3 * time.Minute)
		})},
		{"full-started", with(func(n *finding.Finding) {
			event(n)
			n.EventName, n.Outcome = "StartLogging", finding.OutcomeAccepted
		})},
		{"full-approved", with(func(n *finding.Finding) { event(n); n.Outcome, n.Incident = finding.OutcomeApproved, nil })},
		{"full-refused", with(func(n *finding.Finding) { event(n); n.Outcome, n.Incident = finding.OutcomeAttempt, nil })},
		{"full-undelivered", with(func(n *finding.Finding) { n.Outcome, n.Late = finding.OutcomeUndelivered, nil })},
		{"full-alarm", with(sweep(finding.KindAlarm))},
		{"full-no-trail", with(sweep(finding.KindNoTrail))},
		{"full-recovered", with(sweep(finding.KindRecovered))},
		{
			"full-confirmed",
			with(func(n *finding.Finding) { sweep(finding.KindConfirmed)(n); n.Ended = finding.KindWeakened }),
		},
		{"full-repeated", with(func(n *finding.Finding) {
			event(n)
			n.Outcome = finding.OutcomeRepeated
			n.EventName = "UpdateTrail"
		})},
	}
}
