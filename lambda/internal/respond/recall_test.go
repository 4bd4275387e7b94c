package respond

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/trail"
)

// recalling is a world in mode restore whose restore gives res and keeps its orders, with a table.
func recalling(res remediate.Result, declared error) (*world, *table, *[]remediate.Request) {
	w, _ := restoring(res, declared)
	m := newTable()
	orders := new([]remediate.Request)
	w.Config.Mode, w.recorded = config.ModeRestore, true
	w.remember(m)
	w.restores = orderFunc(func(o remediate.Request) remediate.Result {
		*orders = append(*orders, o)
		if o.Recall != nil && o.Recall(context.Background()).Capped {
			return remediate.Result{Before: res.Before, Capped: true, Err: errors.New("capped")}
		}
		return res
	})
	return w, m, orders
}

var putBackOnce = remediate.Result{
	Before:     []trail.Change{moved},
	Restored:   []trail.Change{moved},
	AfterCall:  time.Second,
	RestoredAt: now.Add(time.Second),
	Calls:      []string{"StartLogging", "UpdateTrail"},
	Counts:     true,
}

// TestAttemptsAreCountedAndCapped: each restore that is about more than what blinds counts; at the cap it is reported
// loudly once, and then told all the same.
func TestAttemptsAreCountedAndCapped(t *testing.T) {
	w, m, _ := recalling(putBackOnce, nil)
	invoke := func() finding.Finding {
		t.Helper()
		if _, err := w.Invoke(t.Context(), payload(t, "update-trail-minimise")); err != nil {
			t.Fatal(err)
		}
		return w.Slack[len(w.Slack)-1]
	}
	if n := invoke(); n.Outcome != finding.OutcomeRestored || m.Attempts != 1 || !slices.Contains(m.Noted, "disturb") {
		t.Fatalf("%s, %d attempts, noted %v", n.Outcome, m.Attempts, m.Noted)
	}
	m.Known[management.ARN()] = known.Trail{Attempts: known.Attempts{Since: now.Add(-time.Minute), Count: attemptCap - 1}}
	if n := invoke(); n.Outcome != finding.OutcomeRestored {
		t.Errorf("one below the cap: %s", n.Outcome)
	}
	m.Known[management.ARN()] = known.Trail{Attempts: known.Attempts{Since: now.Add(-time.Minute), Count: attemptCap}}
	n := invoke()
	if n.Outcome != finding.OutcomeCannotRestore || n.Severity != finding.SeverityCritical ||
		!strings.Contains(message.NextStep(n), "The sweep goes on every 5 min.") {
		t.Errorf("at the cap: %s %s %q", n.Outcome, n.Severity, message.NextStep(n))
	}
	if n := invoke(); n.Severity != finding.SeverityHigh || strings.Contains(message.NextStep(n), "Act now") {
		t.Errorf("beyond the cap: %s %q", n.Severity, message.NextStep(n))
	}
	m.Known[management.ARN()] = known.Trail{Attempts: known.Attempts{Since: now.Add(-time.Hour), Count: attemptCap}}
	if n := invoke(); n.Outcome != finding.OutcomeRestored {
		t.Errorf("an hour later: %s", n.Outcome)
	}
	w, m, _ = recalling(
		remediate.Result{
			Before:   []trail.Change{blind},
			Restored: []trail.Change{blind},
			Calls:    []string{"PutEventSelectors"},
		},
		nil,
	)
	if invoke(); m.Attempts != 0 {
		t.Error("a restore of what blinds was counted")
	}
}

// TestOwnRepairThatLeftSomethingIsReportedOnce: the event of the guard's own UpdateTrail shows what could not be put
// back, which was reported; anything else is reported, whoever made the call.
func TestOwnRepairThatLeftSomethingIsReportedOnce(t *testing.T) {
	partly := remediate.Result{
		Before:   []trail.Change{blind, moved},
		Restored: []trail.Change{blind},
		Left:     []remediate.Left{left},
		Err:      errors.New("x"),
		Calls:    []string{"UpdateTrail"},
	}
	again := remediate.Result{Before: []trail.Change{moved}, Left: []remediate.Left{left}, Err: errors.New("x")}
	other := again
	other.Left = []remediate.Left{{Change: blind, Why: producertest.Because("no")}}
	w, _, _ := recalling(partly, nil)
	own := bytes.ReplaceAll(payload(t, "update-trail-minimise"), []byte(`"type": "IAMUser",`),
		[]byte(`"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"arn": "`+w.Config.RoleARN+`"}},`))
	for i, step := range []struct {
		res       remediate.Result
		payload   []byte
		delivered int
	}{
		{partly, payload(t, "update-trail-minimise"), 1},
		{again, own, 1},
		{other, own, 2},
		{again, payload(t, "update-trail-minimise"), 3},
	} {
		w.restores = orderFunc(func(remediate.Request) remediate.Result { return step.res })
		if _, err := w.Invoke(t.Context(), step.payload); err != nil || len(w.Slack) != step.delivered {
			t.Errorf("step %d: delivered %d times, %v; want %d", i, len(w.Slack), err, step.delivered)
		}
	}
}

// TestRestoreGoesOnWithoutTheTable, from the declared baseline, and says what could not be looked up.
func TestRestoreGoesOnWithoutTheTable(t *testing.T) {
	w, m, orders := recalling(putBackOnce, nil)
	m.Err = errors.New("read what is known of the trail: DynamoDB throttles the state table trailkeeper-State")
	if _, err := w.Invoke(t.Context(), payload(t, "update-trail-minimise")); err != nil {
		t.Fatal(err)
	}
	n := w.Slack[0]
	if len(*orders) != 1 || n.Outcome != finding.OutcomeRestored ||
		!strings.Contains(message.Detail(n), "DynamoDB throttles the state table trailkeeper-State. So approved changes") {
		t.Errorf("%d orders, %s: %q", len(*orders), n.Outcome, message.Detail(n))
	}
}

// TestRecordedBaseline is used where none is declared, and creates no trail.
func TestRecordedBaseline(t *testing.T) {
	w, m, orders := recalling(putBackOnce, fs.ErrNotExist)
	m.Known[management.ARN()] = known.Trail{Recorded: &known.Recorded{Version: 3, At: now.AddDate(0, 0, -2), State: fit()}}
	if _, err := w.Invoke(t.Context(), payload(t, "update-trail-minimise")); err != nil {
		t.Fatal(err)
	}
	if len(*orders) != 1 || (*orders)[0].Kind != trail.Recorded ||
		message.Of(w.Slack[0]).Changes.Title != "Changes against the recorded baseline of 2026-02-28 (1 day old)" {
		t.Errorf("%+v: %s", *orders, message.Of(w.Slack[0]).Changes.Title)
	}
	w.Config.Mode = config.ModeRecreate
	if _, err := w.Invoke(t.Context(), payload(t, "delete-trail")); err != nil {
		t.Fatal(err)
	}
	if len(*orders) != 1 || !strings.Contains(message.NextStep(w.Slack[1]), "baseline capture") {
		t.Errorf("a trail was created from a recorded baseline: %+v", *orders)
	}
	w, m, orders = recalling(putBackOnce, fs.ErrNotExist)
	m.Err = errors.New("the state table is gone")
	if _, err := w.Invoke(t.Context(), payload(t, "update-trail-minimise")); err != nil {
		t.Fatal(err)
	}
	if len(*orders) != 0 || !strings.Contains(message.NextStep(w.Slack[0]), "baseline capture") ||
		!strings.Contains(message.Detail(w.Slack[0]), "the state table is gone") {
		t.Errorf("without a baseline: %+v %q %q", *orders, message.Detail(w.Slack[0]), message.NextStep(w.Slack[0]))
	}
}

// TestOverridesAfterEvents: an event about one call does not undo what an override leaves alone.
func TestOverridesAfterEvents(t *testing.T) {
	w, _, orders := recalling(putBackOnce, nil)
	w.exceptions.Overrides = []exception.Override{
		{Trail: management.ARN(), Events: []string{"UpdateTrail", "StopLogging"}, Mode: config.ModeNotify},
	}
	if _, err := w.Invoke(t.Context(), payload(t, "put-event-selectors-blinding")); err != nil {
		t.Fatal(err)
	}
	want := append([]trail.Field{trail.FieldLogging}, trail.FieldsOf("UpdateTrail")...)
	if len(*orders) != 1 || !slices.Equal((*orders)[0].Leave, want) {
		t.Errorf("left alone: %+v; want %v", *orders, want)
	}
}

// TestTagsDoNotUseTheCapUp, and the escalation is reported although a channel had to be tried again.
func TestTagsDoNotUseTheCapUp(t *testing.T) {
	w, m, _ := recalling(
		remediate.Result{Before: []trail.Change{blind}, Restored: []trail.Change{blind}, Calls: []string{"AddTags"}},
		nil,
	)
	if _, err := w.Invoke(t.Context(), payload(t, "remove-tags")); err != nil || m.Attempts != 0 {
		t.Errorf("%d attempts, %v", m.Attempts, err)
	}
	broken := newWorld(restored, errors.New("x"), errors.New("y"), errors.New("z"))
	again, m, _ := recalling(putBackOnce, nil)
	m.Known[management.ARN()] = known.Trail{Attempts: known.Attempts{Since: now.Add(-time.Minute), Count: attemptCap}}
	reporter := again.Reporter
	again.Reporter = broken.Reporter
	if _, err := again.Invoke(t.Context(), payload(t, "update-trail-minimise")); err == nil {
		t.Fatal("told by broken channels")
	}
	again.Reporter = reporter
	if _, err := again.Invoke(
		t.Context(), payload(t, "update-trail-minimise"),
	); err != nil ||
		!strings.Contains(message.NextStep(again.Slack[0]), "Act now") {
		t.Errorf("%v, %q", err, message.NextStep(again.Slack[0]))
	}
}

// TestUnnamedTrailIsReconciled: a call whose record does not name its trail leads to a sweep after it was reported.
func TestUnnamedTrailIsReconciled(t *testing.T) {
	for fixture, want := range map[string]string{
		"stop-logging-omitted":        "sweep",
		"put-event-selectors-omitted": "",
		"stop-logging-forged":         "",
		"stop-logging-denied":         "",
	} {
		w := newWorld(restored, nil, nil, nil)
		if _, err := w.Invoke(t.Context(), payload(t, fixture)); err != nil {
			t.Fatal(err)
		}
		if got := slices.Contains(w.Order, "sweep"); got != (want != "") {
			t.Errorf("%s: swept %v", fixture, got)
		}
	}
	w := newWorld(restored, nil, nil, nil)
	for range 3 {
		if _, err := w.Invoke(t.Context(), payload(t, "stop-logging-omitted")); err != nil {
			t.Fatal(err)
		}
	}
	swept := len(slices.DeleteFunc(slices.Clone(w.Order), func(s string) bool { return s != "sweep" }))
	if w.noSweep = true; swept != 1 {
		t.Errorf("three such events within a minute: %d sweeps", swept)
	}
	if _, err := w.Invoke(t.Context(), payload(t, "stop-logging-omitted")); err != nil {
		t.Errorf("without a sweep: %v", err)
	}
}

// TestWhatIsNotConfirmedIsAwaited, so that a later sweep settles it.
func TestWhatIsNotConfirmedIsAwaited(t *testing.T) {
	accepted := remediate.Result{Outcome: finding.OutcomeAccepted, Notes: producertest.Because("Not yet confirmed.")}
	for name, test := range map[string]struct {
		res  remediate.Result
		want bool
	}{
		"restored": {restored, false},
		"accepted": {accepted, true},
		"retrying": {throttle, true},
		"final":    {final, false},
	} {
		w, m := remembering(test.res, nil, nil)
		_, _ = w.Invoke(t.Context(), payload(t, "stop-logging"))
		if got := slices.ContainsFunc(
			m.Noted, func(s string) bool { return strings.HasPrefix(s, "await") },
		); got != test.want {
			t.Errorf("%s: noted %v", name, m.Noted)
		}
	}
}
