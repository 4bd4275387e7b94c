package guard

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/store"
)

// refusedCall is a call that AWS refused, made in a session of a role, with all that a caller may choose at will: the session's name, the user agent,
// and the trail.
func refusedCall(t *testing.T, role, call string, i int) []byte {
	t.Helper()
	var event map[string]any
	if err := json.Unmarshal(payload(t, "stop-logging-denied"), &event); err != nil {
		t.Fatal(err)
	}
	arn := "arn:aws:iam::111122223333:role/" + role
	detail := event["detail"].(map[string]any)
	detail["eventName"], detail["eventID"], detail["userAgent"] = call, fmt.Sprintf("%s-%s-%d", role, call, i), fmt.Sprint("agent ", i)
	detail["requestParameters"] = map[string]any{"name": fmt.Sprint("trail-", i)}
	detail["userIdentity"] = map[string]any{
		"type": "AssumedRole", "principalId": fmt.Sprintf("AROAEXAMPLE%s:s%d", role, i), "accountId": "111122223333",
		"arn":            fmt.Sprintf("arn:aws:sts::111122223333:assumed-role/%s/s%d", role, i),
		"sessionContext": map[string]any{"sessionIssuer": map[string]any{"arn": arn, "userName": role}},
	}
	b, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestStorm: of many refused calls of one caller, each destination is told the first at once; another caller, another call and what succeeded are never
// taken for the same, and the calls of all callers together are bounded.
func TestStorm(t *testing.T) {
	for _, channel := range []string{"", "C0123456789"} {
		w, m := remembering(restored, nil, nil)
		w.cfg.SlackChannel = channel
		told := func(what string, want int, payloads ...[]byte) {
			t.Helper()
			slack, sns := len(w.slack), len(w.sns)
			for _, p := range payloads {
				if _, err := w.Invoke(t.Context(), p); err != nil {
					t.Fatal(err)
				}
			}
			if len(w.slack)-slack != want || len(w.sns)-sns != want {
				t.Errorf("channel %q, %s: Slack was told %d times, SNS %d times; want %d", channel, what, len(w.slack)-slack, len(w.sns)-sns, want)
			}
		}
		storm := func(role, call string, n int) (all [][]byte) {
			for i := range n {
				all = append(all, refusedCall(t, role, call, i))
			}
			return all
		}
		told("60 of one", 1, storm("Intern", "StopLogging", 60)...)
		told("another's", 1, storm("Deployer", "StopLogging", 60)...)
		told("another call", 1, storm("Intern", "DeleteTrail", 60)...)
		told("what succeeded", 1, payload(t, "stop-logging"))
		var many [][]byte
		for i := range 60 {
			many = append(many, refusedCall(t, fmt.Sprint("R", i), "StopLogging", i))
		}
		told("60 callers", maxRefused-3, many...)
		if got := w.metrics(t)[metric.Attempts]; got != 240 {
			t.Errorf("channel %q: %v attempts were counted", channel, got)
		}
		m.err = errors.New("throttled")
		told("without the table", 60, storm("Intern", "StopLogging", 60)...)
	}
}

// TestStormOfTests: test alerts are told once within a window, and of many the first counts.
func TestStormOfTests(t *testing.T) {
	w, _ := remembering(restored, nil, nil)
	for i := range 30 {
		test := fmt.Sprintf(`{"version":"0","id":"t%d","source":%q,"detail-type":%q,"account":"111122223333","region":"eu-west-1","detail":{}}`, i, events.Source, events.TestAlert)
		if ev, err := events.Parse([]byte(test)); err != nil || ev.Kind != events.KindTest {
			t.Fatalf("%v %+v", err, ev)
		}
		if _, err := w.Invoke(t.Context(), []byte(test)); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.slack) != 1 || len(w.sns) != 1 || w.metrics(t)[metric.TestAlerts] != 1 {
		t.Errorf("Slack was told %d times, SNS %d times, and %v counted", len(w.slack), len(w.sns), w.metrics(t)[metric.TestAlerts])
	}
}

// TestPrincipal is what a caller cannot choose anew for each call.
func TestPrincipal(t *testing.T) {
	const user = "arn:aws:iam::111122223333:user/a/mallory"
	for want, all := range map[string][]events.Identity{
		"arn:aws:iam::111122223333:role/x/Intern": {
			{ARN: "arn:aws:sts::111122223333:assumed-role/Intern/s1", IssuerARN: "arn:aws:iam::111122223333:role/x/Intern"},
			{ARN: "arn:aws:sts::111122223333:assumed-role/Intern/s2", IssuerARN: "arn:aws:iam::111122223333:role/x/Intern", PrincipalID: "AROA:s2"},
		},
		"arn:aws:sts::111122223333:assumed-role/Intern": {
			{ARN: "arn:aws:sts::111122223333:assumed-role/Intern/s1", PrincipalID: "AROA:s1"}, {ARN: "arn:aws:sts::111122223333:assumed-role/Intern/s/2"},
		},
		"arn:aws:sts::111122223333:federated-user/": {
			{ARN: "arn:aws:sts::111122223333:federated-user/a"}, {ARN: "arn:aws:sts::111122223333:federated-user/b", PrincipalID: "1:b"},
		},
		user:              {{ARN: user}, {IssuerARN: user, ARN: "arn:aws:sts::111122223333:federated-user/c"}},
		"AROAEXAMPLE":     {{PrincipalID: "AROAEXAMPLE:s1"}, {PrincipalID: "AROAEXAMPLE:s2", AccountID: "111122223333"}},
		"example.aws.com": {{InvokedBy: "example.aws.com"}},
		"111122223333":    {{AccountID: "111122223333"}},
	} {
		for _, id := range all {
			if got := principal(events.Record{Identity: id}); got != want {
				t.Errorf("%+v: %q; want %q", id, got, want)
			}
		}
	}
}

// fight stops the trail over and over, each time after the guard's answer, and returns the incident as it was last told.
func fight(t *testing.T, w *world, strikes int) {
	t.Helper()
	began := now.Add(-time.Hour)
	for i := range strikes {
		stopped := began.Add(time.Duration(i) * 10 * time.Second)
		w.clock.Now = func() time.Time { return stopped.Add(5 * time.Second) }
		w.book.Clock, w.summaries.Clock = w.clock, w.clock
		w.restarts = restartFunc(func(events.Trail, time.Time, time.Time) remediate.Result {
			return remediate.Result{
				Outcome: finding.OutcomeRestored, Restored: stopped.Add(4 * time.Second), Started: stopped.Add(4 * time.Second), Stopped: stopped,
				Accepted: stopped.Add(3 * time.Second), Detail: "ok.",
			}
		})
		event := strings.ReplaceAll(string(payload(t, "stop-logging")), "2026-03-02T09:15:27Z", stopped.Format(time.RFC3339))
		event = strings.Replace(event, `"eventID": "`, fmt.Sprintf(`"eventID": "%d-`, i), 1)
		if _, err := w.Invoke(t.Context(), []byte(event)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFightIsSummedUp on every channel: the first message, the one that says that it is contested, and each step of the dark time go out, and the rest is
// counted.
func TestFightIsSummedUp(t *testing.T) {
	for _, channel := range []string{"", "C0123456789"} {
		w, m := remembering(restored, nil, nil)
		w.cfg.SlackChannel = channel
		fight(t, w, 80)
		for name, sent := range map[string][]finding.Finding{"Slack": w.slack, "SNS": w.sns} {
			var got []string
			for _, n := range sent {
				got = append(got, fmt.Sprintf("%s %s ×%d %s", n.Severity, n.Incident.State, n.Incident.Count, n.Incident.Dark))
			}
			want := []string{"high restored ×1 4s", "critical contested ×2 8s", "critical contested ×15 1m0s", "critical contested ×75 5m0s"}
			if !slices.Equal(got, want) {
				t.Errorf("channel %q, %s was told %q; want %q", channel, name, got, want)
			}
		}
		m.err = errors.New("throttled")
		before := len(w.sns)
		if fight(t, w, 3); len(w.sns) != before+3 {
			t.Errorf("channel %q: without the table, %d of 3 were told", channel, len(w.sns)-before)
		}
	}
}

// TestFightOfTwo: another caller and another call are told in full, once.
func TestFightOfTwo(t *testing.T) {
	w, _ := remembering(restored, nil, nil)
	fight(t, w, 5)
	before := len(w.sns)
	contested := finding.Incident{ID: "inc-0011223344556677", State: finding.IncidentContested}
	for i, n := range []finding.Finding{
		{Principal: "role/one", EventName: "StopLogging"},
		{Principal: "role/two", EventName: "StopLogging"},
		{Principal: "role/one", EventName: "StopLogging"},
		{Principal: "role/two", EventName: "PutEventSelectors"},
		{Principal: "role/two", EventName: "PutEventSelectors"},
	} {
		n.EventID, n.Outcome, n.Incident = fmt.Sprint("e", i), finding.OutcomeRestored, &contested
		if _, err := w.reporter.Report(t.Context(), n, nil); err != nil {
			t.Fatal(err)
		}
	}
	// The window of this incident begins with the third, which is the first of nothing.
	if got := len(w.sns) - before; got != 4 {
		t.Errorf("%d were told; want 4", got)
	}
}

// TestSummaryOfAFight belongs to the incident, says how it stands, and comes once a minute.
func TestSummaryOfAFight(t *testing.T) {
	for _, ago := range []time.Duration{30 * time.Second, time.Minute} {
		w, m := remembering(restored, nil, nil)
		fight(t, w, 5)
		w.slack, w.sns = nil, nil
		var id string
		for _, u := range w.openIncidents(t.Context()) {
			id = u.ID
		}
		last := `{"event_id":"e9","event_name":"StopLogging","actor":"user mallory","headline":"CloudTrail logging was stopped on trail main"}`
		m.repeats = []store.Repeat{{Key: id + " sns contested contested", Told: w.clock.Now().Add(-ago), Since: w.clock.Now().Add(-time.Second), Count: 12, Text: last}}
		if _, err := w.Invoke(t.Context(), payload(t, "scheduled-event")); err != nil {
			t.Fatal(err)
		}
		switch {
		case ago < 50*time.Second && len(w.sns) == 0:
		case ago >= 50*time.Second && len(w.sns) == 1 && len(w.slack) == 0:
			n := w.sns[0]
			if n.Outcome != finding.OutcomeRepeated || n.Severity != finding.SeverityCritical || n.Incident == nil || n.Incident.ID != id ||
				n.Incident.State != finding.IncidentContested || n.Incident.Dark != 20*time.Second || n.Subject.ARN != management.ARN() || !strings.HasPrefix(n.Detail, "12 times more since") {
				t.Errorf("%+v", n)
			}
		default:
			t.Errorf("after %v, SNS was told %d times and Slack %d times", ago, len(w.sns), len(w.slack))
		}
	}
}

// TestContestedSweep: the schedule of every minute sweeps while an incident is contested, and does nothing else.
func TestContestedSweep(t *testing.T) {
	contested := []byte(`{"source":"aws.scheduler","detail-type":"` + events.ContestedSweep + `","account":"111122223333","region":"eu-west-1","detail":{}}`)
	for strikes, want := range map[int]bool{0: false, 1: false, 2: true} {
		w, _ := remembering(restored, nil, nil)
		fight(t, w, strikes)
		if _, err := w.Invoke(t.Context(), contested); err != nil || slices.Contains(w.order, "sweep") != want {
			t.Errorf("after %d strikes: %v, %v", strikes, w.order, err)
		}
		if beat := w.metrics(t)[metric.Heartbeat]; (beat > 0) != want {
			t.Errorf("after %d strikes: %v heartbeats", strikes, beat)
		}
	}
}

// TestStormOutOfTheQueue: whoever writes into the queues fills no destination: of what nobody proves, the first about a trail is told at once, and all
// together are bounded. What is proven is told every time.
func TestStormOutOfTheQueue(t *testing.T) {
	w, m := remembering(restored, nil, nil)
	w.restarts = standingAs{restartFunc: w.restarts.(restartFunc), logging: true}
	told := func(what string, want int, each func(i int) report.Parked) {
		t.Helper()
		before := len(w.slack)
		for i := range 60 {
			if err := w.send(t.Context(), each(i)); err != nil {
				t.Fatal(err)
			}
		}
		if got := len(w.slack) - before; got != want {
			t.Errorf("%s: Slack was told %d times; want %d", what, got, want)
		}
	}
	finding := func(kind, trail string, i int) report.Parked {
		return forgedFor(t, "", func(p *report.Parked) {
			p.Reason, p.Notification.Kind, p.Notification.Subject.ARN = fmt.Sprint(i), finding.Kind(kind), trail
		})
	}
	told("one trail", 1, func(i int) report.Parked { return finding("not_logging", management.ARN(), i) })
	told("another finding", 1, func(i int) report.Parked { return finding("weakened", management.ARN(), i) })
	told("an event", 1, func(i int) report.Parked {
		return forgedFor(t, "stop-logging", func(p *report.Parked) { p.Reason = fmt.Sprint(i) })
	})
	told("sixty trails", maxRefused-3, func(i int) report.Parked {
		return finding("not_logging", fmt.Sprintf("arn:aws:cloudtrail:eu-west-1:111122223333:trail/trail-%d", i), i)
	})
	told("proven", 60, func(i int) report.Parked {
		p := finding("not_logging", management.ARN(), 100+i)
		p.Subject = fmt.Sprint("s", i)
		m.parked[p.Subject] = p.Digest
		return p
	})
}

// TestStormOfGarbage: payloads that cannot be read are told once, and then summed up; each is kept.
func TestStormOfGarbage(t *testing.T) {
	w, _ := remembering(restored, nil, nil)
	for i := range 60 {
		if _, err := w.Invoke(t.Context(), fmt.Appendf(nil, `"garbage %d`, i)); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.slack) != 1 || len(w.sns) != 1 || len(w.queue) != 60 {
		t.Errorf("Slack was told %d times, SNS %d times, and %d are kept", len(w.slack), len(w.sns), len(w.queue))
	}
}
