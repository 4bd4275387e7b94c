package guard

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/notify"
	"trailkeeper/lambda/internal/redrive"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/store"
)

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
		m.trails[management.ARN()] = store.Trail{Approved: []store.Approved{
			{EventID: "x", EventName: "UpdateTrail", Principal: deployer}, {EventID: "e", EventName: "StopLogging", Principal: deployer, At: now},
		}}
		p := &past{events: map[string]events.Event{}}
		p.known(t, "stop-logging", func(r map[string]any) { r["eventID"], r["eventTime"] = "e", test.noted.Format(time.RFC3339) })
		w.judge = &approval.Judge{History: p, Clock: w.clock}
		if test.approved {
			w.judge.Approvals = []exception.Approval{{
				Principal: deployer, Events: []string{"StopLogging"}, Trail: management.ARN(), Reason: "move", Expires: now.Add(time.Hour),
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

// TestAlarmOutOfTheDeadLetters is told late, where it is the deployment's own; others' are not.
func TestAlarmOutOfTheDeadLetters(t *testing.T) {
	for name, want := range map[string]string{
		"trailkeeper/guard-errors": "Trailkeeper itself: Alarm trailkeeper/guard-errors went to ALARM at 2026-03-02 09:15:27 UTC",
		"trailkeeper/over":         "",
		"billing":                  "",
		// names that the stack gives to no alarm
		"trailkeeper/All is well": "", "trailkeeper/": "", "trailkeeper/guard-errors\n": "",
	} {
		w, _ := remembering(restored, nil, nil)
		state := map[bool]string{true: "OK", false: "ALARM"}[name == "trailkeeper/over"]
		alarm := `{"id":"a-1","source":"aws.cloudwatch","detail-type":"CloudWatch Alarm State Change","account":"111122223333","region":"eu-west-1",
			"time":"2026-03-02T09:15:27Z","detail":{"alarmName":` + strconv.Quote(name) + `,"state":{"value":"` + state + `"},"configuration":{"description":"The guard failed."}}}`
		if _, err := w.Invoke(t.Context(), []byte(alarm)); err != nil {
			t.Fatal(err)
		}
		switch {
		case want == "" && len(w.slack) != 0:
			t.Errorf("%s: %+v", name, w.slack)
		case want != "" && (len(w.slack) != 1 || len(w.sns) != 0 || w.slack[0].Headline() != want || w.slack[0].Incident != nil ||
			strings.Contains(w.slack[0].Detail, "The guard failed.")):
			t.Errorf("%s: %+v", name, w.slack)
		}
	}
}

// TestLateMessage has its incident as it stands when it is sent.
func TestLateMessage(t *testing.T) {
	results := []remediate.Result{throttle, restored}
	w, _ := remembering(restored, errors.New("403"), nil)
	w.restarts = restartFunc(func(events.Trail, time.Time, time.Time) remediate.Result {
		defer func() { results = results[1:] }()
		return results[0]
	})
	for range 2 {
		_, _ = w.Invoke(t.Context(), payload(t, "stop-logging"))
	}
	var late notify.Notification
	fanout := w.notices.(*news).Fanout
	fanout.Notifiers = []notify.Notifier{notifyFunc{notify.ChannelSlack, func(n notify.Notification) error { late = n; return nil }}}
	if err := w.send(t.Context(), w.queue[0]); err != nil {
		t.Fatal(err)
	}
	if late.Outcome != notify.OutcomeRetrying || late.Incident == nil || late.Incident.State != notify.IncidentRestored {
		t.Errorf("%s, %+v", late.Outcome, late.Incident)
	}
}
