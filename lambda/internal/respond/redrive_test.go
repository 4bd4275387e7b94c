package respond

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/trail"
)

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

// TestLateEventOfAnApprovedStop is reported, and does not undo the stop; a fresh one is undone, and so is one without
// an approval of just this: of this call, this trail, and before the end of the minute after it, which CloudTrail has
// confirmed and by which the trail is seen to be off.
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
		"approved": {
			"StopLogging", "StopLogging", management.ARN(), called, false, false, false, asStopped, finding.OutcomeApproved,
		},
		"fresh": {
			"StopLogging", "StopLogging", management.ARN(), called, true, false, false, asStopped, finding.OutcomeRestored,
		},
		"not approved": {
			"", "StopLogging", management.ARN(), called, false, false, false, asStopped, finding.OutcomeRestored,
		},
		"another call": {
			"UpdateTrail", "UpdateTrail", management.ARN(), called, false, false, false, asStopped, finding.OutcomeRestored,
		},
		"approved for another trail": {
			"StopLogging", "StopLogging", other, called, false, false, false, asStopped, finding.OutcomeRestored,
		},
		"59 s after it": {
			"StopLogging", "StopLogging", management.ARN(), at(-59 * time.Second), false, false, false, asStopped,
			finding.OutcomeApproved,
		},
		"a minute after it": {
			"StopLogging", "StopLogging", management.ARN(), at(-time.Minute), false, false, false, asStopped,
			finding.OutcomeRestored,
		},
		"before it": {
			"StopLogging", "StopLogging", management.ARN(), at(time.Minute), false, false, false, asStopped,
			finding.OutcomeApproved,
		},
		"without a time": {
			"StopLogging", "StopLogging", management.ARN(), called, false, false, true, asStopped, finding.OutcomeRestored,
		},
		"without the table": {
			"StopLogging", "StopLogging", management.ARN(), called, false, true, false, asStopped, finding.OutcomeRestored,
		},
		"waited for": {
			"StopLogging", "StopLogging", management.ARN(), "", false, false, false, asStopped, finding.OutcomeRestored,
		},
		"waited for, by the guard's own role": {
			"StopLogging", "StopLogging", management.ARN(), "", false, false, false, asStopped, finding.OutcomeRestored,
		},
		"started since": {
			"StopLogging", "StopLogging", management.ARN(), called, false, false, false,
			stands{logging: true},
			finding.OutcomeRestored,
		},
		"59 s later stopped again": {
			"StopLogging", "StopLogging", management.ARN(), called, false, false, false,
			stands{later: 59 * time.Second},
			finding.OutcomeApproved,
		},
		"61 s later stopped again": {
			"StopLogging", "StopLogging", management.ARN(), called, false, false, false,
			stands{later: 61 * time.Second},
			finding.OutcomeRestored,
		},
		"it cannot be read": {
			"StopLogging", "StopLogging", management.ARN(), called, false, false, false,
			stands{err: errors.New("x")},
			finding.OutcomeRestored,
		},
		"its status is not seen": {
			"StopLogging", "StopLogging", management.ARN(), called, false, false, false,
			stands{unseen: true},
			finding.OutcomeRestored,
		},
	} {
		w, m := remembering(restored, nil, nil)
		m.Known[management.ARN()] = known.Trail{Held: now, Approved: []known.Approved{
			{EventID: "x", EventName: "UpdateTrail", Principal: deployer},
			{
				EventID:   "e",
				EventName: test.call,
				Principal: deployer,
				At:        now,
				Fields:    []string{"logging"},
			},
		}}
		w.reads = test.stands.after(test.made)
		if test.broken {
			m.Err = errors.New("the state table is gone")
		}
		p := &past{Events: map[string]events.Event{}}
		if test.made != "" {
			p.Known(t, "stop-logging", func(r map[string]any) {
				r["eventID"], r["eventTime"], r["eventName"], r["requestParameters"] = "e", test.made, test.call, map[string]any{
					"name": test.trail,
				}
			})
		}
		w.judge = &approval.Judge{History: p, Clock: w.Clock, Approvals: []exception.Approval{
			{
				Principal: mallory,
				Events:    []string{"StopLogging"},
				Trail:     management.ARN(),
				Reason:    "another",
				Expires:   now.Add(time.Hour),
			},
			{
				Principal: deployer,
				Events:    []string{test.approved},
				Trail:     test.trail,
				Reason:    "move",
				Expires:   now.Add(time.Hour),
			},
		}}
		event := payload(t, "stop-logging")
		if name == "waited for, by the guard's own role" {
			event = bytes.ReplaceAll(event, []byte(deployer), []byte(w.Config.RoleARN))
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
		if w.Slack[0].Outcome != test.want || slices.Contains(w.Order, "restart") == (test.want == finding.OutcomeApproved) ||
			test.fresh && p.Asked > 0 {
			t.Errorf("%s: %s, did %v", name, w.Slack[0].Outcome, w.Order)
		}
	}
}

// TestLateEventOfAnotherKind is handled as ever, although the trail is stopped under an approval.
func TestLateEventOfAnotherKind(t *testing.T) {
	for fixture, want := range map[string]string{
		"delete-trail": "recreate", "update-trail-minimise": "restore", "remove-tags": "restore",
	} {
		w, made := restoring(remediate.Result{}, nil)
		m := newTable()
		m.Known[management.ARN()] = known.Trail{Approved: []known.Approved{{
			EventID:   "e",
			EventName: "StopLogging",
			Principal: deployer,
			At:        now,
		}}}
		p := &past{Events: map[string]events.Event{}}
		p.Known(t, "stop-logging", func(r map[string]any) { r["eventID"] = "e" })
		w.remember(m)
		w.judge = &approval.Judge{History: p, Clock: w.Clock, Approvals: []exception.Approval{
			{
				Principal: deployer,
				Events:    []string{"StopLogging"},
				Trail:     exception.AnyTrail,
				Reason:    "move",
				Expires:   now.Add(time.Hour),
			},
		}}
		if err := w.handle(
			t.Context(), payload(t, fixture),
		); err != nil || !slices.Equal(*made, []string{want}) ||
			w.Slack[0].Outcome == finding.OutcomeApproved {
			t.Errorf("%s: %v, did %v, reported %s; want %s", fixture, err, *made, w.Slack[0].Outcome, want)
		}
	}
}
