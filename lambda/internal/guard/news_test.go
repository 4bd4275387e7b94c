package guard

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/config/route"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/notify"
	"trailkeeper/lambda/internal/redrive"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/store"
	"trailkeeper/lambda/internal/sweep"
	"trailkeeper/lambda/internal/trail"
)

// remembering is a world with a table.
func remembering(res remediate.Result, slackErr, snsErr error) (*world, *table) {
	w := newWorld(res, slackErr, snsErr, nil)
	m := newTable()
	w.memory = m
	told := w.notices.(*news)
	told.book = &incident.Book{Table: m, Clock: w.clock, Log: w.log}
	told.Observe, told.Collapse, w.resend = told.deliveries, w.collapse, told.Redeliver
	return w, m
}

// metrics sums up the figures that were logged, by name, and by name and channel or reason.
func (w *world) metrics(t *testing.T) map[string]float64 {
	t.Helper()
	sum := map[string]float64{}
	for line := range strings.SplitSeq(strings.TrimSpace(w.logged.String()), "\n") {
		var root map[string]any
		if json.Unmarshal([]byte(line), &root) != nil || root["_aws"] == nil {
			continue
		}
		for name, v := range root {
			if n, ok := v.(float64); ok {
				sum[name] += n
				for _, dimension := range []string{"Channel", "Reason"} {
					if value, ok := root[dimension].(string); ok {
						sum[name+" "+value] += n
					}
				}
			}
		}
	}
	return sum
}

// TestIncident: what happens to a trail is one incident, whose ID every message has, and it is counted once.
func TestIncident(t *testing.T) {
	w, _ := remembering(restored, nil, nil)
	for _, fixture := range []string{"stop-logging", "stop-logging", "delete-trail"} {
		if _, err := w.Invoke(t.Context(), payload(t, fixture)); err != nil {
			t.Fatal(err)
		}
	}
	first, last := w.slack[0].Incident, w.slack[len(w.slack)-1].Incident
	if first == nil || last == nil || first.ID != last.ID || first.State != notify.IncidentRestored || last.State != notify.IncidentHuman || last.Count != 2 {
		t.Fatalf("%+v, then %+v", first, last)
	}
	m := w.metrics(t)
	if m["Incidents"] != 1 || m["TimeToRestore"] == 0 || m["Deliveries"] != 6 || m["Deliveries slack"] != 3 || m["DeliveryFailures"] != 0 {
		t.Errorf("metrics %v", m)
	}
}

// TestFigures of what goes wrong.
func TestFigures(t *testing.T) {
	refused := &smithy.GenericAPIError{Code: "AccessDeniedException"}
	denied := remediate.Result{Outcome: notify.OutcomeCannotRestore, Detail: "No.", Err: refused}
	for name, test := range map[string]struct {
		res             remediate.Result
		slackErr        error
		fixture         string
		want            map[string]float64
		withoutIncident bool
	}{
		"restored":          {restored, nil, "stop-logging", map[string]float64{"Incidents": 1, "Deliveries sns": 1, "RemediationFailures": 0}, false},
		"denied":            {denied, nil, "stop-logging", map[string]float64{"Incidents": 1, "RemediationFailures": 1, "RemediationFailures denied": 1, "TimeToRestore": 0}, false},
		"refused call":      {restored, nil, "stop-logging-denied", map[string]float64{"Attempts": 1, "Incidents": 0}, true},
		"Slack refuses":     {restored, errors.New("403"), "stop-logging", map[string]float64{"DeliveryFailures slack": 1, "Parked": 1, "Lost": 0, "Deliveries sns": 1}, false},
		"neither is parked": {restored, errors.New("403"), "stop-logging", map[string]float64{"DeliveryFailures slack": 1, "Parked": 0, "Lost": 1}, false},
	} {
		w, _ := remembering(test.res, test.slackErr, nil)
		if name == "neither is parked" {
			w.notices.(*news).Parker = nil
		}
		_, _ = w.Invoke(t.Context(), payload(t, test.fixture)) // the result is the business of TestFaults
		got := w.metrics(t)
		for metric, want := range test.want {
			if got[metric] != want {
				t.Errorf("%s: %s is %v; want %v of %v", name, metric, got[metric], want, got)
			}
		}
		if (w.sns[0].Incident == nil) != test.withoutIncident {
			t.Errorf("%s: incident %+v", name, w.sns[0].Incident)
		}
	}
}

const testAlert = `{"id":"t-1","source":"trailkeeper","detail-type":"Trailkeeper Test Alert","account":"111122223333","region":"eu-west-1","time":"2026-03-02T09:15:27Z","detail":{"by":"cli"}}`

// TestTestAlert says TEST, changes nothing, and counts only when every channel has it.
func TestTestAlert(t *testing.T) {
	for name, slackErr := range map[string]error{"both": nil, "not Slack": errors.New("403")} {
		w, _ := remembering(restored, slackErr, nil)
		if _, err := w.Invoke(t.Context(), []byte(testAlert)); err != nil {
			t.Fatal(err)
		}
		if len(w.sns) == 0 || !strings.HasPrefix(w.sns[0].Headline(), "TEST") || w.sns[0].Incident != nil || slices.Contains(w.order, "restart") {
			t.Errorf("%s: told %+v, did %v", name, w.sns, w.order)
		}
		if got := w.metrics(t)["TestAlerts"]; (got == 1) != (slackErr == nil) {
			t.Errorf("%s: %v test alerts", name, got)
		}
	}
}

type redriveFunc func(until time.Time) redrive.Report

func (f redriveFunc) Run(_ context.Context, until time.Time) redrive.Report { return f(until) }

// TestRedrive: the operator gets the report, every sweep redrives, and a sweep without time leaves it.
func TestRedrive(t *testing.T) {
	w, _ := remembering(restored, nil, nil)
	var until []time.Time
	w.redriver = redriveFunc(func(u time.Time) redrive.Report {
		until = append(until, u)
		return redrive.Report{Queues: []redrive.QueueReport{{Name: "failures", Read: 2, Sent: 1, Handled: 1}}}
	})
	answer, err := w.Invoke(t.Context(), []byte(`{"id":"1","source":"trailkeeper","detail-type":"Trailkeeper Redrive"}`))
	if err != nil || !strings.Contains(string(answer), `"name":"failures"`) || w.metrics(t)["Redriven"] != 2 {
		t.Errorf("%s, %v, %v", answer, err, w.metrics(t))
	}
	w.sweepNow(t)
	if len(until) != 2 {
		t.Errorf("%d redrives; want one of the operator's and one of the sweep's", len(until))
	}
	w.clock = clock.Real() // by which the context's deadline goes
	ctx, cancel := context.WithTimeout(t.Context(), leastForRedriving)
	defer cancel()
	if _, err := w.Invoke(ctx, payload(t, "scheduled-event")); err != nil || len(until) != 2 {
		t.Errorf("%v, %d redrives; a sweep without time redrives", err, len(until))
	}
}

// TestRepeatsOnAWebhook are told once; what a human must see, and what a bot puts into a thread, every time.
func TestRepeatsOnAWebhook(t *testing.T) {
	denied := remediate.Result{Outcome: notify.OutcomeCannotRestore, Detail: "No.", Err: errors.New("denied")}
	for name, test := range map[string]struct {
		res         remediate.Result
		channel     string
		sweeps      bool
		slack       int
		payloadSame bool
	}{
		"webhook":             {restored, "", true, 1, false},
		"bot":                 {restored, "C0123456789", true, 3, false},
		"a human must see it": {denied, "", true, 2, false},
		"nobody to sum it up": {restored, "", false, 3, false},
	} {
		w, _ := remembering(test.res, nil, nil)
		w.cfg.SlackChannel = test.channel
		if !test.sweeps {
			w.sweeper = nil
		}
		for i := range 3 {
			event := strings.Replace(string(payload(t, "stop-logging")), `"eventID": "`, `"eventID": "`+string(rune('a'+i)), 1)
			if _, err := w.Invoke(t.Context(), []byte(event)); err != nil {
				t.Fatal(err)
			}
		}
		if len(w.slack) != test.slack || len(w.sns) != 3 {
			t.Errorf("%s: Slack was told %d times, SNS %d times; want %d and 3", name, len(w.slack), len(w.sns), test.slack)
		}
	}
}

// TestSummary: what was kept from a webhook is told once its window is over, to that destination alone, and not dropped before it was.
func TestSummary(t *testing.T) {
	last := `{"event_id":"e9","event_name":"StopLogging","actor":"user mallory","headline":"CloudTrail logging was stopped on trail main and restored in 230 ms"}`
	repeat := store.Repeat{Key: "inc-0011223344556677 slack StopLogging restored", Since: now.Add(-window), Count: 12, Text: last}
	young := repeat
	young.Since = now.Add(-window + time.Second)
	for name, test := range map[string]struct {
		repeat   store.Repeat
		slackErr error
		parked   bool
		summed   bool
	}{
		"over":     {repeat, nil, false, true},
		"not over": {young, nil, false, false},
		"parked":   {repeat, errors.New("403"), true, true},
		"not told": {repeat, errors.New("403"), false, false},
	} {
		w, m := remembering(restored, test.slackErr, nil)
		m.repeats = []store.Repeat{test.repeat}
		if name == "not told" {
			w.notices.(*news).Parker = nil
		}
		_, _ = w.Invoke(t.Context(), payload(t, "scheduled-event"))
		if got := slices.Contains(m.noted, "summed "+repeat.Key); got != test.summed || len(w.sns) != 0 || (len(w.queue) > 0) != test.parked {
			t.Errorf("%s: summed %v, SNS %+v, parked %d", name, got, w.sns, len(w.queue))
		}
		if test.summed && test.slackErr == nil {
			if n := w.slack[0]; n.Outcome != notify.OutcomeRepeated || !strings.HasPrefix(n.Headline(), "Again: 12 times more since 2026-03-02 09:05:30 UTC: CloudTrail logging was stopped") {
				t.Errorf("%s: %q", name, n.Headline())
			}
		}
	}
}

// TestAlarmOutOfTheDeadLetters is told late, where it is the deployment's own; others' are not.
func TestAlarmOutOfTheDeadLetters(t *testing.T) {
	for name, want := range map[string]string{
		"trailkeeper/guard-errors": "Trailkeeper itself: Alarm trailkeeper/guard-errors went to ALARM at 2026-03-02 09:15:27 UTC",
		"trailkeeper/over":         "",
		"billing":                  "",
	} {
		w, _ := remembering(restored, nil, nil)
		state := map[bool]string{true: "OK", false: "ALARM"}[name == "trailkeeper/over"]
		alarm := `{"id":"a-1","source":"aws.cloudwatch","detail-type":"CloudWatch Alarm State Change","account":"111122223333","region":"eu-west-1",
			"time":"2026-03-02T09:15:27Z","detail":{"alarmName":"` + name + `","state":{"value":"` + state + `"},"configuration":{"description":"The guard failed."}}}`
		if _, err := w.Invoke(t.Context(), []byte(alarm)); err != nil {
			t.Fatal(err)
		}
		switch {
		case want == "" && len(w.slack) != 0:
			t.Errorf("%s: %+v", name, w.slack)
		case want != "" && (len(w.slack) != 1 || len(w.sns) != 0 || w.slack[0].Headline() != want || w.slack[0].Incident != nil):
			t.Errorf("%s: %+v", name, w.slack)
		}
	}
}

// TestOwnRefusedCall: what the guard itself may not do is told once a day, and not after each sweep; what others may not, each time.
func TestOwnRefusedCall(t *testing.T) {
	for own, want := range map[bool]int{true: 1, false: 3} {
		w, _ := remembering(restored, nil, nil)
		if own {
			w.cfg.RoleARN = "arn:aws:iam::111122223333:role/Deployer" // of the fixture
		}
		for i := range 3 {
			event := strings.Replace(string(payload(t, "stop-logging")), `"eventID": "`, `"errorCode": "AccessDenied", "eventID": "`+string(rune('a'+i)), 1)
			if _, err := w.Invoke(t.Context(), []byte(event)); err != nil {
				t.Fatal(err)
			}
		}
		if len(w.sns) != want {
			t.Errorf("own %v: told %d times; want %d", own, len(w.sns), want)
		}
	}
}

// TestOwnRefusedCallIsNotLost: when nobody could be told, the run again of the event tells.
func TestOwnRefusedCallIsNotLost(t *testing.T) {
	w, _ := remembering(restored, nil, nil)
	w.cfg.RoleARN = "arn:aws:iam::111122223333:role/Deployer" // of the fixture
	fanout := w.notices.(*news).Fanout
	healthy := fanout.Notifiers
	fanout.Notifiers, fanout.Parker = []notify.Notifier{notifyFunc{"sns", func(notify.Notification) error { return errors.New("down") }}}, nil
	event := []byte(strings.Replace(string(payload(t, "stop-logging")), `"eventID": "`, `"errorCode": "AccessDenied", "eventID": "a`, 1))
	if _, err := w.Invoke(t.Context(), event); err == nil {
		t.Error("nobody was told, and Lambda is not asked to run the event again")
	}
	fanout.Notifiers = healthy
	for range 2 {
		if _, err := w.Invoke(t.Context(), event); err != nil || len(w.sns) != 1 {
			t.Errorf("%v, told %d times; want 1", err, len(w.sns))
		}
	}
}

// TestEndOnAWebhook: what ends an incident that was told to be open is told, however much like it was told before.
func TestEndOnAWebhook(t *testing.T) {
	w, _ := remembering(restored, nil, nil)
	w.cfg.SlackChannel = ""
	results := []remediate.Result{restored, throttle, restored, restored}
	w.restarts = restartFunc(func(events.Trail, time.Time, time.Time) remediate.Result {
		defer func() { results = results[1:] }()
		return results[0]
	})
	for _, id := range []string{"a", "b", "b", "c"} {
		event := strings.Replace(string(payload(t, "stop-logging")), `"eventID": "`, `"eventID": "`+id, 1)
		_, _ = w.Invoke(t.Context(), []byte(event))
	}
	var told []string
	for _, n := range w.slack {
		told = append(told, string(n.Outcome)+" "+string(n.Incident.State))
	}
	if want := []string{"restored restored", "retrying open", "restored restored"}; !slices.Equal(told, want) {
		t.Errorf("the webhook was told %q; want %q", told, want)
	}
}

// TestSweepTellsALostEnd once, and says that it was the guard.
func TestSweepTellsALostEnd(t *testing.T) {
	w, m, _ := sweeping(t, config.ModeRestore, sighted(func(*sweep.Sight) {}))
	told := w.notices.(*news)
	at := now
	w.clock.Now = func() time.Time { return at }
	told.book = &incident.Book{Table: m, Clock: w.clock, Log: w.log}
	stopped := notify.Notification{EventID: "e1", EventName: "StopLogging", Outcome: notify.OutcomeRetrying, TrailARN: management.ARN()}
	first, _ := told.book.Note(t.Context(), stopped)
	stopped.Outcome = notify.OutcomeRestored
	told.book.Note(t.Context(), stopped) // and the run ends before it tells
	for range 3 {
		at = at.Add(2 * incident.Quiet)
		w.sweepNow(t)
	}
	if len(w.sns) != 1 || w.sns[0].Incident == nil || w.sns[0].Incident.ID != first.Incident.ID ||
		!strings.Contains(w.sns[0].Detail, "It was put right at 2026-03-02 09:15:30 UTC, but the message about that is not known to have reached anybody.") {
		t.Errorf("told %+v", w.sns)
	}
}

// TestEndGoesToAllWhoHeard, by whatever routes they heard.
func TestEndGoesToAllWhoHeard(t *testing.T) {
	named := func(name string) notify.Notifier { return &notifyFunc{name: name} }
	made := map[string]notify.Notifier{"C1": named("slack:C1"), "C2": named("slack:C2"), "C3": named("slack:C3")}
	to := router(route.List{Routes: []route.Route{
		{Events: []string{"StopLogging"}, Slack: []string{"C1"}}, {Severity: "critical", Slack: []string{"C2"}}, {Events: []string{"DeleteTrail"}, Slack: []string{"C3"}},
	}}, made, []notify.Notifier{named("slack")})
	heard := []notify.Heard{{Severity: "critical", Event: "StopLogging"}, {Severity: "critical", Event: "weakened"}}
	for closing, want := range map[bool]string{false: "slack", true: "slack slack:C1 slack:C2"} {
		n := notify.Notification{Finding: "recovered", Severity: notify.SeverityLow, Incident: &notify.Incident{Heard: heard}}
		n.Incident.Closing = closing
		var names []string
		for _, one := range to(n) {
			names = append(names, one.Name())
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("closing %v: to %q; want %q", closing, got, want)
		}
	}
}

// TestLateEventOfAnApprovedStop is told, and does not undo the stop; one without an approval, or of a later stop, is undone.
func TestLateEventOfAnApprovedStop(t *testing.T) {
	for name, test := range map[string]struct {
		approved bool
		noted    time.Time
		want     notify.Outcome
	}{
		"approved":      {true, now, notify.OutcomeApproved},
		"not approved":  {false, now, notify.OutcomeRestored},
		"stopped later": {true, now.Add(-time.Hour), notify.OutcomeRestored},
	} {
		w, m := remembering(restored, nil, nil)
		m.trails[management.ARN()] = store.Trail{Approved: []store.Approved{{
			EventName: "StopLogging", Principal: "p", At: test.noted, Fields: []string{"logging"}, State: trail.State{ARN: management.ARN()},
		}}}
		if test.approved {
			w.exceptions.Approvals = []exception.Approval{{
				Principal: "p", Events: []string{"StopLogging"}, Trail: management.ARN(), Reason: "move", Expires: now.Add(time.Hour),
			}}
		}
		if err := w.handle(t.Context(), payload(t, "stop-logging")); err != nil {
			t.Fatal(err)
		}
		if w.slack[0].Outcome != test.want || slices.Contains(w.order, "restart") == (test.want == notify.OutcomeApproved) {
			t.Errorf("%s: %s, did %v", name, w.slack[0].Outcome, w.order)
		}
	}
}

// TestAnotherStop: what an old event undoes is told where it is another stop than its own.
func TestAnotherStop(t *testing.T) {
	for after, want := range map[time.Duration]string{time.Second: "", time.Hour: "stopped again since the event"} {
		res := restored
		res.Stopped = now.Add(after)
		w, _ := remembering(res, nil, nil)
		if _, err := w.Invoke(t.Context(), payload(t, "stop-logging")); err != nil {
			t.Fatal(err)
		}
		if got := w.slack[0]; (got.Occasion != "") != (want != "") || !strings.Contains(got.Detail, want) {
			t.Errorf("%v later: %q, %q", after, got.Occasion, got.Detail)
		}
	}
}

// TestSweepClosesIncidents: of a trail that it finds in order; not of one that it cannot see or compare.
func TestSweepClosesIncidents(t *testing.T) {
	undeclared := func(s *sweep.Sight) { s.Baseline, s.Kind = trail.State{}, "" }
	for name, test := range map[string]struct {
		sight sweep.Sight
		event string
		want  bool
	}{
		"in order":              {sighted(func(*sweep.Sight) {}), "stop-logging", true},
		"still off":             {sighted(off), "stop-logging", false},
		"not seen in full":      {sighted(func(s *sweep.Sight) { s.State.Unseen = map[trail.Part]string{trail.PartTags: "x"} }), "stop-logging", false},
		"nothing to compare":    {sighted(undeclared), "update", false},
		"logging needs no more": {sighted(undeclared), "stop-logging", true},
	} {
		w, m, _ := sweeping(t, config.ModeNotify, test.sight)
		told := w.notices.(*news)
		told.book = &incident.Book{Table: m, Clock: w.clock, Log: w.log}
		n := notify.Notification{EventID: "e1", EventName: "StopLogging", Outcome: notify.OutcomeCannotRestore, TrailARN: management.ARN()}
		if test.event == "update" {
			n.EventName = "UpdateTrail"
		}
		if noted, _ := told.book.Note(t.Context(), n); noted.Incident == nil {
			t.Fatal("no incident")
		}
		w.sweepNow(t)
		open := told.Open(t.Context())
		if _, still := open[management.ARN()]; still == test.want {
			t.Errorf("%s: open %v", name, open)
		}
	}
}

// TestTestAlertGoesEverywhere, whatever the routes say.
func TestTestAlertGoesEverywhere(t *testing.T) {
	w, _ := remembering(restored, nil, nil)
	told, further := w.notices.(*news), 0
	one := notifyFunc{"slack:C0PAYMENTS01", func(notify.Notification) error { further++; return nil }}
	told.Further = []notify.Notifier{one}
	told.Route = func(notify.Notification) []notify.Notifier { return []notify.Notifier{one} }
	if _, err := w.Invoke(t.Context(), []byte(testAlert)); err != nil {
		t.Fatal(err)
	}
	if len(w.slack) != 1 || len(w.sns) != 1 || further != 1 || w.metrics(t)["TestAlerts"] != 1 {
		t.Errorf("Slack %d, SNS %d, further %d, metrics %v", len(w.slack), len(w.sns), further, w.metrics(t))
	}
}
