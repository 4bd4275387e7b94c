package respond

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
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/state/repeats"
)

// refusedCall is a call that AWS refused, made in a session of a role, with all that a caller may choose at will: the
// session's name, the user agent, and the trail.
func refusedCall(t *testing.T, role, call string, i int) []byte {
	t.Helper()
	var event map[string]any
	if err := json.Unmarshal(payload(t, "stop-logging-denied"), &event); err != nil {
		t.Fatal(err)
	}
	arn := "arn:aws:iam::111122223333:role/" + role
	detail := event["detail"].(map[string]any)
	detail["eventName"], detail["eventID"], detail["userAgent"] = call, fmt.Sprintf(
		"%s-%s-%d", role, call, i,
	), fmt.Sprint(
		"agent ", i,
	)
	detail["requestParameters"] = map[string]any{"name": fmt.Sprint("trail-", i)}
	detail["userIdentity"] = map[string]any{
		"type":           "AssumedRole",
		"principalId":    fmt.Sprintf("AROAEXAMPLE%s:s%d", role, i),
		"accountId":      "111122223333",
		"arn":            fmt.Sprintf("arn:aws:sts::111122223333:assumed-role/%s/s%d", role, i),
		"sessionContext": map[string]any{"sessionIssuer": map[string]any{"arn": arn, "userName": role}},
	}
	b, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestStorm: of many refused calls of one caller, each destination is notified the first at once; another caller,
// another call and what succeeded are never taken for the same, and the calls of all callers together are bounded.
func TestStorm(t *testing.T) {
	for _, channel := range []string{"", "C0123456789"} {
		w, m := remembering(restored, nil, nil)
		w.Config.SlackChannel = channel
		delivered := func(what string, want int, payloads ...[]byte) {
			t.Helper()
			slack, sns := len(w.Slack), len(w.SNS)
			for _, p := range payloads {
				if _, err := w.Invoke(t.Context(), p); err != nil {
					t.Fatal(err)
				}
			}
			if len(w.Slack)-slack != want || len(w.SNS)-sns != want {
				t.Errorf(
					"channel %q, %s: Slack was told %d times, SNS %d times; want %d", channel, what, len(w.Slack)-slack,
					len(w.SNS)-sns, want,
				)
			}
		}
		storm := func(role, call string, n int) (all [][]byte) {
			for i := range n {
				all = append(all, refusedCall(t, role, call, i))
			}
			return all
		}
		delivered("60 of one", 1, storm("Intern", "StopLogging", 60)...)
		delivered("another's", 1, storm("Deployer", "StopLogging", 60)...)
		delivered("another call", 1, storm("Intern", "DeleteTrail", 60)...)
		delivered("what succeeded", 1, payload(t, "stop-logging"))
		var many [][]byte
		for i := range 60 {
			many = append(many, refusedCall(t, fmt.Sprint("R", i), "StopLogging", i))
		}
		delivered("60 callers", maxRefused-3, many...)
		if got := w.Metrics(t)[metric.Attempts]; got != 240 {
			t.Errorf("channel %q: %v attempts were counted", channel, got)
		}
		m.Err = errors.New("throttled")
		delivered("without the table", 60, storm("Intern", "StopLogging", 60)...)
	}
}

// fight stops the trail over and over, each time after the guard's answer, and returns the incident as it was last
// told.
func fight(t *testing.T, w *world, strikes int) {
	t.Helper()
	began := now.Add(-time.Hour)
	for i := range strikes {
		stopped := began.Add(time.Duration(i) * 10 * time.Second)
		w.Clock.Now = func() time.Time { return stopped.Add(5 * time.Second) }
		w.Book.Clock, w.Summaries.Clock = w.Clock, w.Clock
		w.restarts = restartFunc(func(events.Trail, time.Time, time.Time) remediate.Result {
			return remediate.Result{
				Outcome:    finding.OutcomeRestored,
				RestoredAt: stopped.Add(4 * time.Second),
				Started:    stopped.Add(4 * time.Second),
				Stopped:    stopped,
				Accepted:   stopped.Add(3 * time.Second),
				Notes:      producertest.Because("ok."),
			}
		})
		event := strings.ReplaceAll(string(payload(t, "stop-logging")), "2026-03-02T09:15:27Z", stopped.Format(time.RFC3339))
		event = strings.Replace(event, `"eventID": "`, fmt.Sprintf(`"eventID": "%d-`, i), 1)
		if _, err := w.Invoke(t.Context(), []byte(event)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFightIsSummedUp on every channel: the first message, the one that says that it is contested, and each step of the
// dark time go out, and the rest is counted.
func TestFightIsSummedUp(t *testing.T) {
	for _, channel := range []string{"", "C0123456789"} {
		w, m := remembering(restored, nil, nil)
		w.Config.SlackChannel = channel
		fight(t, w, 80)
		for name, sent := range map[string][]finding.Finding{"Slack": w.Slack, "SNS": w.SNS} {
			var got []string
			for _, n := range sent {
				got = append(got, fmt.Sprintf("%s %s ×%d %s", n.Severity, n.Incident.State, n.Incident.Count, n.Incident.Dark))
			}
			want := []string{
				"high restored ×1 4s",
				"critical contested ×2 8s",
				"critical contested ×15 1m0s",
				"critical contested ×75 5m0s",
			}
			if !slices.Equal(got, want) {
				t.Errorf("channel %q, %s was reported %q; want %q", channel, name, got, want)
			}
		}
		m.Err = errors.New("throttled")
		before := len(w.SNS)
		if fight(t, w, 3); len(w.SNS) != before+3 {
			t.Errorf("channel %q: without the table, %d of 3 were told", channel, len(w.SNS)-before)
		}
	}
}

// TestFightOfTwo: another caller and another call are reported in full, once.
func TestFightOfTwo(t *testing.T) {
	w, _ := remembering(restored, nil, nil)
	fight(t, w, 5)
	before := len(w.SNS)
	contested := finding.Incident{ID: "inc-0011223344556677", State: finding.IncidentContested}
	for i, n := range []finding.Finding{
		{Principal: "role/one", EventName: "StopLogging"},
		{Principal: "role/two", EventName: "StopLogging"},
		{Principal: "role/one", EventName: "StopLogging"},
		{Principal: "role/two", EventName: "PutEventSelectors"},
		{Principal: "role/two", EventName: "PutEventSelectors"},
	} {
		n.EventID, n.Outcome, n.Incident = fmt.Sprint("e", i), finding.OutcomeRestored, &contested
		if _, err := w.Reporter.Report(t.Context(), n, nil); err != nil {
			t.Fatal(err)
		}
	}
	// The window of this incident begins with the third, which is the first of nothing.
	if got := len(w.SNS) - before; got != 4 {
		t.Errorf("%d were told; want 4", got)
	}
}

// TestSummaryOfAFight belongs to the incident, says how it stands, and comes once a minute.
func TestSummaryOfAFight(t *testing.T) {
	for _, ago := range []time.Duration{30 * time.Second, time.Minute} {
		w, m := remembering(restored, nil, nil)
		fight(t, w, 5)
		for id := range producertest.Kept[any](t, m, "repeat") {
			producertest.Keep(t, m, "repeat", id, nil)
		}
		w.Slack, w.SNS = nil, nil
		var id string
		for _, u := range w.Book.Open(t.Context()) {
			id = u.ID
		}
		last := `{"event_id":"e9","event_name":"StopLogging","actor":"user mallory",
			"headline":"CloudTrail logging was stopped on trail main"}`
		counted(t, m, repeats.Repeat{
			Key:       id + " sns contested contested",
			Delivered: w.Clock.Now().Add(-ago),
			Since:     w.Clock.Now().Add(-time.Second),
			Count:     12,
			Text:      last,
		})
		if _, err := w.Summaries.Send(t.Context()); err != nil {
			t.Fatal(err)
		}
		switch {
		case ago < 50*time.Second && len(w.SNS) == 0:
		case ago >= 50*time.Second && len(w.SNS) == 1 && len(w.Slack) == 0:
			n := w.SNS[0]
			if n.Outcome != finding.OutcomeRepeated || n.Severity != finding.SeverityCritical || n.Incident == nil ||
				n.Incident.ID != id ||
				n.Incident.State != finding.IncidentContested ||
				n.Incident.Dark != 20*time.Second ||
				n.Subject.ARN != management.ARN() ||
				!strings.HasPrefix(message.Detail(n), "12 times more since") {
				t.Errorf("%+v", n)
			}
		default:
			t.Errorf("after %v, SNS was delivered %d times and Slack %d times", ago, len(w.SNS), len(w.Slack))
		}
	}
}
