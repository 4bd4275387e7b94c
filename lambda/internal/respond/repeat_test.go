package respond

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/state/repeats"
)

// TestRepeatsOnAWebhook are reported once; what a human must see, and what a bot puts into a thread, every time.
func TestRepeatsOnAWebhook(t *testing.T) {
	denied := remediate.Result{
		Outcome: finding.OutcomeCannotRestore,
		Notes:   producertest.Because("No."),
		Err:     errors.New("denied"),
	}
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
		w.Config.SlackChannel = test.channel
		if !test.sweeps {
			w.noSweep = true
			w.reportWith()
		}
		for i := range 3 {
			event := strings.Replace(string(payload(t, "stop-logging")), `"eventID": "`, `"eventID": "`+string(rune('a'+i)), 1)
			if _, err := w.Invoke(t.Context(), []byte(event)); err != nil {
				t.Fatal(err)
			}
		}
		if len(w.Slack) != test.slack || len(w.SNS) != 3 {
			t.Errorf("%s: Slack was delivered %d times, SNS %d times; want %d and 3", name, len(w.Slack), len(w.SNS), test.slack)
		}
	}
}

// TestEndOnAWebhook: what ends an incident that was reported to be open is reported, however much like it was reported
// before.
func TestEndOnAWebhook(t *testing.T) {
	w, _ := remembering(restored, nil, nil)
	w.Config.SlackChannel = ""
	results := []remediate.Result{restored, throttle, restored, restored}
	w.restarts = restartFunc(func(events.Trail, time.Time, time.Time) remediate.Result {
		defer func() { results = results[1:] }()
		return results[0]
	})
	for _, id := range []string{"a", "b", "b", "c"} {
		event := strings.Replace(string(payload(t, "stop-logging")), `"eventID": "`, `"eventID": "`+id, 1)
		_, _ = w.Invoke(t.Context(), []byte(event))
	}
	var delivered []string
	for _, n := range w.Slack {
		delivered = append(delivered, string(n.Outcome)+" "+string(n.Incident.State))
	}
	if want := []string{"restored restored", "retrying open", "restored restored"}; !slices.Equal(delivered, want) {
		t.Errorf("the webhook was reported %q; want %q", delivered, want)
	}
}

// counted notes what has happened again.
func counted(t *testing.T, m *table, r repeats.Repeat) {
	t.Helper()
	producertest.Keep(t, m, "repeat", r.Key, map[string]any{
		"since": r.Delivered,
		"again": r.Since,
		"count": r.Count,
		"last":  r.Text,
	})
}

// TestSummary: what was kept from a webhook is reported once its window is over, to that destination alone, and not
// dropped before it was.
func TestSummary(t *testing.T) {
	last := `{"event_id":"e9","event_name":"StopLogging","actor":"user mallory",
		"headline":"CloudTrail logging was stopped on trail main and restored in 230 ms"}`
	repeat := repeats.Repeat{
		Key:   "inc-0011223344556677 slack StopLogging restored",
		Since: now.Add(-window),
		Count: 12,
		Text:  last,
	}
	young := repeat
	young.Since = now.Add(-window + time.Second)
	forged := repeat
	forged.Since, forged.Delivered = now.AddDate(10, 0, 0), now.AddDate(10, 0, 0)
	for name, test := range map[string]struct {
		repeat   repeats.Repeat
		slackErr error
		parked   bool
		summed   bool
	}{
		"over":     {repeat, nil, false, true},
		"not over": {young, nil, false, false},
		"to come":  {forged, nil, false, true},
		"parked":   {repeat, errors.New("403"), true, true},
		"not told": {repeat, errors.New("403"), false, false},
	} {
		w, m := remembering(restored, test.slackErr, nil)
		counted(t, m, test.repeat)
		if name == "not told" {
			w.Fanout.Parker = nil
		}
		_, _ = w.Summaries.Send(t.Context())
		left, err := repeats.New(&m.Documents, w.Clock).Repeats(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := len(left) == 0; got != test.summed || len(w.SNS) != 0 || (len(w.Queue) > 0) != test.parked {
			t.Errorf("%s: summed %v, SNS %+v, parked %d", name, got, w.SNS, len(w.Queue))
		}
		if test.summed && test.slackErr == nil {
			if n := w.Slack[0]; n.Outcome != finding.OutcomeRepeated ||
				!strings.HasPrefix(
					message.Headline(n),
					"Repeated: 12 times more since "+finding.Time(test.repeat.Since)+": CloudTrail logging was stopped",
				) {
				t.Errorf("%s: %q", name, message.Headline(n))
			}
		}
	}
}
