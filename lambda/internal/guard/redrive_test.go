package guard

import (
	"bytes"
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
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/redrive"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/store"
	"trailkeeper/lambda/internal/trail"
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

// stands is how a trail stands that was stopped at a time.
type stands struct {
	logging, unseen bool
	later           time.Duration
	err             error
}

var asStopped stands

func (s stands) after(made string) readFunc {
	state := fit()
	state.Logging = s.logging
	if at, err := time.Parse(time.RFC3339, made); err == nil {
		state.Delivery.Stopped = at.Add(s.later)
	}
	if s.unseen {
		state.Unseen = map[trail.Part]string{trail.PartLogging: "Throttled."}
	}
	return func(string) (trail.State, error) { return state, s.err }
}

type readFunc func(arn string) (trail.State, error)

func (f readFunc) Read(_ context.Context, arn string) (trail.State, error) { return f(arn) }

// TestLateEventOfAnApprovedStop is told, and does not undo the stop; a fresh one is undone, and so is one without an approval of just this: of this call, this
// trail, and before the end of the minute after it, which CloudTrail has confirmed and by which the trail is seen to be off.
func TestLateEventOfAnApprovedStop(t *testing.T) {
	const called = "2026-03-02T09:15:27Z" // of the fixture
	at := func(after time.Duration) string { return now.Add(after - 3*time.Second).Format(time.RFC3339) }
	other := strings.Replace(management.ARN(), "management-events", "other", 1)
	for name, test := range map[string]struct {
		approved, call, trail, made string
		fresh, broken, undated      bool
		stands                      stands
		want                        finding.Outcome
	}{
		"approved":                   {"StopLogging", "StopLogging", management.ARN(), called, false, false, false, asStopped, finding.OutcomeApproved},
		"fresh":                      {"StopLogging", "StopLogging", management.ARN(), called, true, false, false, asStopped, finding.OutcomeRestored},
		"not approved":               {"", "StopLogging", management.ARN(), called, false, false, false, asStopped, finding.OutcomeRestored},
		"another call":               {"UpdateTrail", "UpdateTrail", management.ARN(), called, false, false, false, asStopped, finding.OutcomeRestored},
		"approved for another trail": {"StopLogging", "StopLogging", other, called, false, false, false, asStopped, finding.OutcomeRestored},
		"59 s after it":              {"StopLogging", "StopLogging", management.ARN(), at(-59 * time.Second), false, false, false, asStopped, finding.OutcomeApproved},
		"a minute after it":          {"StopLogging", "StopLogging", management.ARN(), at(-time.Minute), false, false, false, asStopped, finding.OutcomeRestored},
		"before it":                  {"StopLogging", "StopLogging", management.ARN(), at(time.Minute), false, false, false, asStopped, finding.OutcomeApproved},
		"without a time":             {"StopLogging", "StopLogging", management.ARN(), called, false, false, true, asStopped, finding.OutcomeRestored},
		"without the table":          {"StopLogging", "StopLogging", management.ARN(), called, false, true, false, asStopped, finding.OutcomeRestored},
		"waited for":                 {"StopLogging", "StopLogging", management.ARN(), "", false, false, false, asStopped, finding.OutcomeRestored},
		"waited for, by the guard's own role": {
			"StopLogging", "StopLogging", management.ARN(), "", false, false, false, asStopped, finding.OutcomeRestored,
		},
		"started since":            {"StopLogging", "StopLogging", management.ARN(), called, false, false, false, stands{logging: true}, finding.OutcomeRestored},
		"59 s later stopped again": {"StopLogging", "StopLogging", management.ARN(), called, false, false, false, stands{later: 59 * time.Second}, finding.OutcomeApproved},
		"61 s later stopped again": {"StopLogging", "StopLogging", management.ARN(), called, false, false, false, stands{later: 61 * time.Second}, finding.OutcomeRestored},
		"it cannot be read":        {"StopLogging", "StopLogging", management.ARN(), called, false, false, false, stands{err: errors.New("x")}, finding.OutcomeRestored},
		"its status is not seen":   {"StopLogging", "StopLogging", management.ARN(), called, false, false, false, stands{unseen: true}, finding.OutcomeRestored},
	} {
		w, m := remembering(restored, nil, nil)
		m.trails[management.ARN()] = store.Trail{Held: now, Approved: []store.Approved{
			{EventID: "x", EventName: "UpdateTrail", Principal: deployer},
			{EventID: "e", EventName: test.call, Principal: deployer, At: now, Fields: []string{"logging"}},
		}}
		w.reads = test.stands.after(test.made)
		if test.broken {
			m.err = errors.New("the state table is gone")
		}
		p := &past{events: map[string]events.Event{}}
		if test.made != "" {
			p.known(t, "stop-logging", func(r map[string]any) {
				r["eventID"], r["eventTime"], r["eventName"], r["requestParameters"] = "e", test.made, test.call, map[string]any{"name": test.trail}
			})
		}
		w.judge = &approval.Judge{History: p, Clock: w.clock, Approvals: []exception.Approval{
			{Principal: mallory, Events: []string{"StopLogging"}, Trail: management.ARN(), Reason: "another", Expires: now.Add(time.Hour)},
			{Principal: deployer, Events: []string{test.approved}, Trail: test.trail, Reason: "move", Expires: now.Add(time.Hour)},
		}}
		event := payload(t, "stop-logging")
		if name == "waited for, by the guard's own role" {
			event = bytes.ReplaceAll(event, []byte(deployer), []byte(w.cfg.RoleARN))
		}
		if test.undated {
			event = bytes.Replace(event, []byte(`"eventTime": "`), []byte(`"eventTime": "x`), 1)
		}
		var err error
		if test.fresh {
			_, err = w.Invoke(t.Context(), event)
		} else {
			err = w.handle(t.Context(), event)
		}
		if err != nil {
			t.Fatal(err)
		}
		if w.slack[0].Outcome != test.want || slices.Contains(w.order, "restart") == (test.want == finding.OutcomeApproved) || test.fresh && p.asked > 0 {
			t.Errorf("%s: %s, did %v", name, w.slack[0].Outcome, w.order)
		}
	}
}

// TestLateEventOfAnotherKind is handled as ever, although the trail is stopped under an approval.
func TestLateEventOfAnotherKind(t *testing.T) {
	for fixture, want := range map[string]string{"delete-trail": "recreate", "update-trail-minimise": "restore", "remove-tags": "restore"} {
		w, made := restoring(remediate.RestoreResult{}, nil)
		m := newTable()
		m.trails[management.ARN()] = store.Trail{Approved: []store.Approved{{EventID: "e", EventName: "StopLogging", Principal: deployer, At: now}}}
		p := &past{events: map[string]events.Event{}}
		p.known(t, "stop-logging", func(r map[string]any) { r["eventID"] = "e" })
		w.remember(m)
		w.judge = &approval.Judge{History: p, Clock: w.clock, Approvals: []exception.Approval{
			{Principal: deployer, Events: []string{"StopLogging"}, Trail: exception.AnyTrail, Reason: "move", Expires: now.Add(time.Hour)},
		}}
		if err := w.handle(t.Context(), payload(t, fixture)); err != nil || !slices.Equal(*made, []string{want}) || w.slack[0].Outcome == finding.OutcomeApproved {
			t.Errorf("%s: %v, did %v, told %s; want %s", fixture, err, *made, w.slack[0].Outcome, want)
		}
	}
}

// TestAlarmOutOfTheDeadLetters is told late, where it is the deployment's own; others' are not.
func TestAlarmOutOfTheDeadLetters(t *testing.T) {
	for name, want := range map[string]string{
		"trailkeeper/guard-errors": "Trailkeeper alarm trailkeeper/guard-errors went to ALARM at 2026-03-02 09:15:27 UTC",
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
		case want != "" && (len(w.slack) != 1 || len(w.sns) != 0 || message.Headline(w.slack[0]) != want || w.slack[0].Incident != nil ||
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
	var late finding.Finding
	fanout := w.fanout
	fanout.Notifiers = []report.Notifier{notifyFunc{finding.ChannelSlack, func(n finding.Finding) error { late = n; return nil }}}
	if err := w.send(t.Context(), w.queue[0]); err != nil {
		t.Fatal(err)
	}
	if late.Outcome != finding.OutcomeRetrying || late.Incident == nil || late.Incident.State != finding.IncidentRestored {
		t.Errorf("%s, %+v", late.Outcome, late.Incident)
	}
}
