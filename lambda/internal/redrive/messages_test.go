package redrive

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/redrive/queues"
	"trailkeeper/lambda/internal/report"
)

// forgedFor is a message that somebody wrote into the queue: everything that it says is the writer's.
func forgedFor(t *testing.T, fixture string, change func(*report.Parked)) report.Parked {
	t.Helper()
	p := report.Parked{
		Version: report.ParkedVersion,
		Channel: finding.ChannelSlack,
		Subject: "e digest slack restored",
		Reason:  "FORGED reason",
		Time:    now,
		Notification: finding.Finding{
			EventID:      "FORGED",
			EventName:    "StopLogging",
			Severity:     finding.SeverityCritical,
			Outcome:      finding.OutcomeRestored,
			Notes:        []finding.Note{finding.Say(finding.NoteText, "FORGED detail.")},
			Next:         []finding.Note{finding.Say(finding.NoteText, "FORGED step")},
			Actor:        "FORGED actor",
			Subject:      finding.Subject{ARN: management.ARN(), Name: "FORGED name"},
			Runbook:      "https://forged.example.com/",
			Stack:        "FORGED",
			ErrorMessage: "FORGED error",
			Changes:      []finding.Change{{Field: "FORGED"}},
		},
	}
	if fixture != "" {
		p.Payload = payload(t, fixture)
	}
	if change != nil {
		change(&p)
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	return p.Read(string(text))
}

// TestForgedMessage: nothing that it says is reported, but what its event is about; it is reported as what was, with
// how the trail stands now, and it is in no incident, whatever incident it names.
func TestForgedMessage(t *testing.T) {
	w, m := remembering(nil)
	w.answer(t, "stop-logging", finding.OutcomeRestored)
	real := w.Slack[0].Incident
	w.Slack = nil
	w.standing = standingAs{logging: false}
	forged := forgedFor(t, "stop-logging", func(p *report.Parked) {
		closed := *real
		closed.State, closed.Flags = finding.IncidentRestored, finding.Flags{Closing: true}
		p.Notification.Incident = &closed
	})
	if err := w.send(t.Context(), forged); err != nil || len(w.Slack) != 1 {
		t.Fatalf("%v, reported %d", err, len(w.Slack))
	}
	n := w.Slack[0]
	text, err := json.Marshal(n)
	if err != nil || strings.Contains(string(text), "FORGED") || strings.Contains(string(text), "forged.example") {
		t.Errorf("%v: %s", err, text)
	}
	if n.Outcome != finding.OutcomeUnproven || n.Incident != nil || n.Severity != finding.SeverityCritical ||
		n.Runbook != w.Config.Runbook ||
		n.Stack != w.Config.Stack {
		t.Errorf("%+v", n)
	}
	if h := message.Headline(
		n,
	); !strings.HasPrefix(h, "Unverified: CloudTrail logging was stopped on trail management-events, at ") ||
		!strings.HasSuffix(h, "; now: not logging") {
		t.Errorf("headline %q", h)
	}
	delivered := producertest.Kept[struct{ State string }](t, m, "event")
	maps.DeleteFunc(delivered, func(_ string, e struct{ State string }) bool { return e.State != "delivered" })
	if len(delivered) != 3 { // the event on two channels, and the forgery under a name of its own
		t.Errorf("noted as told: %v", delivered)
	}
}

// TestForgedFinding: a finding that no sweep made is one only by its kind and its trail, and takes the place of none.
func TestForgedFinding(t *testing.T) {
	for name, test := range map[string]struct {
		finding, trail, want string
	}{
		"recovered": {"recovered", management.ARN(), "Unverified: CloudTrail trail management-events has recovered, at " +
			"2026-03-02 09:15:30 UTC; now: not logging"},
		"a foreign account": {"recovered", "arn:aws:cloudtrail:eu-west-1:999988887777:trail/x", ""},
		"another partition": {"recovered", "arn:aws-cn:cloudtrail:cn-north-1:111122223333:trail/x", ""},
		"no Region":         {"recovered", "arn:aws:cloudtrail:xx-nowhere-1:111122223333:trail/x", ""},
		"no trail":          {"recovered", "all of them", ""},
		"no such finding":   {"all_is_well", management.ARN(), ""},
		"an alarm":          {string(finding.KindAlarm), management.ARN(), ""},
		"no finding":        {"", management.ARN(), ""},
	} {
		w, _ := remembering(nil)
		w.standing = standingAs{}
		err := w.send(t.Context(), forgedFor(t, "", func(p *report.Parked) {
			p.Notification.Kind, p.Notification.Subject.ARN = finding.Kind(test.finding), test.trail
		}))
		if _, final := errors.AsType[*queues.FinalError](
			err,
		); final != (test.want == "") ||
			len(w.Slack) > 0 != (test.want != "") {
			t.Fatalf("%s: %v, reported %+v", name, err, w.Slack)
		}
		if test.want == "" {
			continue
		}
		text, _ := json.Marshal(w.Slack[0])
		if message.Headline(w.Slack[0]) != test.want || strings.Contains(string(text), "FORGED") ||
			!strings.HasPrefix(w.Slack[0].EventID, "undelivered-") {
			t.Errorf("%s: %q, %s", name, message.Headline(w.Slack[0]), text)
		}
	}
}

// TestForgedPayloads: of a test alert a test is reported, and whatever else it is, nothing.
func TestForgedPayloads(t *testing.T) {
	for payload, sent := range map[string]bool{
		`{"id":"1","source":"trailkeeper","detail-type":"Trailkeeper Test Alert",
			"detail":{"by":"FORGED"}}`: true,
		`{"id":"1","source":"aws.scheduler","detail-type":"Scheduled Event",
			"detail":{}}`: false,
		`{"id":"1","source":"trailkeeper","detail-type":"Trailkeeper Redrive",
			"detail":{}}`: false,
		`{"id":"1","source":"aws.cloudwatch","detail-type":"CloudWatch Alarm State Change",
			"detail":{"alarmName":"trailkeeper/FORGED","state":{"value":"ALARM"}}}`: false,
		`"text"`: false,
		`{"id":"1","source":"aws.s3","detail-type":"AWS API Call via CloudTrail","detail":{"eventSource":"s3.amazonaws.com",
			"eventName":"FORGED","eventID":"x"}}`: false,
	} {
		w, _ := remembering(nil)
		w.standing = standingAs{}
		err := w.send(t.Context(), forgedFor(t, "", func(p *report.Parked) { p.Payload = json.RawMessage(payload) }))
		text, _ := json.Marshal(w.Slack)
		if _, final := errors.AsType[*queues.FinalError](
			err,
		); final == sent || (len(w.Slack) == 1) != sent ||
			strings.Contains(string(text), "FORGED") {
			t.Errorf("%s: %v, reported %s", payload, err, text)
		}
		if sent && w.Slack[0].Outcome != finding.OutcomeTest {
			t.Errorf("%s: %s", payload, text)
		}
	}
	w, _ := remembering(nil)
	cut := forgedFor(t, "stop-logging", func(p *report.Parked) { p.PayloadCut = true })
	if _, final := errors.AsType[*queues.FinalError](w.send(t.Context(), cut)); !final {
		t.Error("an event that was cut is told as a whole one")
	}
}

// TestForgedDestination that no setting names is final: it is reported nowhere.
func TestForgedDestination(t *testing.T) {
	w, _ := remembering(nil)
	w.standing = standingAs{logging: true}
	err := w.send(t.Context(), forgedFor(t, "stop-logging", func(p *report.Parked) { p.Channel = "slack:C0ATTACKER1" }))
	if _, final := errors.AsType[*queues.FinalError](err); !final || len(w.Slack)+len(w.SNS) > 0 {
		t.Errorf("%v, reported %v %v", err, w.Slack, w.SNS)
	}
}

// TestOwnLateMessage: what proves to be the deployment's own says what it said, and what has become of it since. Only
// what is so still may close.
func TestOwnLateMessage(t *testing.T) {
	for name, test := range map[string]struct {
		now     standingAs
		history bool
		says    string
		closes  bool
	}{
		"it is so still": {standingAs{logging: true}, false, "logging", true},
		"stopped again":  {standingAs{logging: false}, true, "not logging", false},
		"deleted": {
			standingAs{err: fmt.Errorf("read: %w", &smithy.GenericAPIError{Code: "TrailNotFoundException"})},
			true, "deleted",
			false,
		},
		"it cannot be read": {standingAs{err: errors.New("throttled")}, true, "not known", false},
	} {
		w, _ := remembering(errors.New("503"))
		w.answer(t, "stop-logging", finding.OutcomeRetrying)
		w.answer(t, "stop-logging", finding.OutcomeRestored)
		w.standing = test.now
		w.Fanout.To.Defaults = []report.Notifier{
			producertest.NotifyFunc{
				Channel: finding.ChannelSlack,
				Send:    func(n finding.Finding) error { w.Slack = append(w.Slack, n); return nil },
			},
		}
		own := w.Queue[len(w.Queue)-1]
		if err := w.send(t.Context(), own); err != nil || len(w.Slack) != 1 {
			t.Fatalf("%s: %v, reported %d", name, err, len(w.Slack))
		}
		n := w.Slack[0]
		if n.Outcome != finding.OutcomeRestored || n.Late == nil || n.Late.History != test.history ||
			string(n.Late.Now) != test.says ||
			message.Detail(n) == "" ||
			!strings.Contains(message.Detail(n), "because 503") ||
			n.Actor != own.Notification.Actor {
			t.Errorf("%s: %+v %+v", name, n, n.Late)
		}
		closes := n.Incident != nil && n.Incident.State == finding.IncidentRestored
		if closes != test.closes || test.closes && !n.Incident.Closing {
			t.Errorf("%s: incident %+v", name, n.Incident)
		}
	}
}

// TestContradicts: what is reported of a trail, against how it stands.
func TestContradicts(t *testing.T) {
	type stands = []finding.Standing
	const (
		well, off, gone = finding.StandingLogging, finding.StandingOff, finding.StandingDeleted
		weak, unknown   = finding.StandingWeakened, finding.StandingUnknown
	)
	for _, test := range []struct {
		outcome        finding.Outcome
		event, finding string
		history        stands // where it stands so, it is history
	}{
		{finding.OutcomeRestored, "StopLogging", "", stands{off, gone, weak, unknown}},
		{finding.OutcomeNoDrift, "UpdateTrail", "", stands{off, gone, weak, unknown}},
		{finding.OutcomeNotified, "", "recovered", stands{off, gone, weak, unknown}},
		{finding.OutcomeNotified, "", "confirmed", stands{off, gone, weak, unknown}},
		{finding.OutcomeGaveUp, "StopLogging", "", stands{well, gone}},
		{finding.OutcomeCannotRestore, "", "weakened", stands{well, gone}},
		{finding.OutcomeNotified, "DeleteTrail", "", stands{well, off, weak}},
		{finding.OutcomeCannotRestore, "", "missing", stands{well, off, weak}},
		{finding.OutcomeNotified, "StartLogging", "", stands{off, gone, weak, unknown}},
		{finding.OutcomeNotified, "", "delivery_error", stands{gone, off}},
		{finding.OutcomePartlyRestored, "PutEventSelectors", "", stands{gone}},
		{finding.OutcomeAttempt, "StopLogging", "", nil},
	} {
		for _, now := range (stands{well, off, gone, weak, unknown, ""}) {
			n := finding.Finding{
				Outcome:   test.outcome,
				EventName: test.event,
				Kind:      finding.Kind(test.finding),
				Late:      &finding.Late{Now: now},
			}
			want := slices.Contains(test.history, now)
			if got := contradicts(n); got != want {
				t.Errorf("%s %s%s, now %q: history %t; want %t", test.outcome, test.event, test.finding, now, got, want)
			}
		}
	}
}

// TestEventsOfNowhere are final, before anything is called: 120 of them take no time.
func TestEventsOfNowhere(t *testing.T) {
	in := func(region string) []byte {
		return []byte(strings.ReplaceAll(string(payload(t, "stop-logging")), "eu-west-1", region))
	}
	for region, final := range map[string]bool{
		"xx-nowhere-1":  true,
		"eu-west":       true,
		"eu-west-x":     true,
		"mars":          true,
		"eu-west-1":     false,
		"us-gov-east-1": false,
		"eu-north-7":    false,
	} {
		w, _ := remembering(nil)
		err := w.events.Handle(t.Context(), in(region))
		if _, got := errors.AsType[*queues.FinalError](err); got != final || final && len(w.Order) > 0 {
			t.Errorf("%s: %v, did %v", region, err, w.Order)
		}
	}
	w, _ := remembering(nil)
	w.handled = fmt.Errorf("start logging: %w", &net.DNSError{Name: "cloudtrail", IsNotFound: true})
	for range 2 {
		if _, final := errors.AsType[*queues.FinalError](w.events.Handle(t.Context(), in("eu-north-7"))); !final {
			t.Error("a Region without an endpoint is tried again")
		}
	}
	if n := strings.Count(strings.Join(w.Order, " "), "handle"); n != 1 {
		t.Errorf("handled %d times in a Region that does not exist", n)
	}
	if _, final := errors.AsType[*queues.FinalError](w.events.Handle(t.Context(), in("eu-west-1"))); final {
		t.Error("the function's own Region is taken for none")
	}
}
