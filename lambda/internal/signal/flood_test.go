package signal

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/producertest"
)

// TestFloodOfAlarms: events about alarms that nobody proves are reported so many times within a window, and each that
// cannot be told says so.
func TestFloodOfAlarms(t *testing.T) {
	alarm := func(i int) []byte {
		b, err := json.Marshal(map[string]any{
			"id":          fmt.Sprint("a-", i),
			"source":      "aws.cloudwatch",
			"detail-type": "CloudWatch Alarm State Change",
			"account":     "111122223333",
			"region":      "eu-west-1",
			"time":        "2026-03-02T09:15:27Z",
			"detail": map[string]any{
				"alarmName": fmt.Sprint("trailkeeper/alarm-", i),
				"state":     map[string]any{"value": "ALARM"},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	w := remembering(nil)
	for i := range 60 {
		if _, err := w.Invoke(t.Context(), alarm(i)); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.Slack) != maxRefused || len(w.SNS) != 0 {
		t.Errorf("Slack was delivered %d times, SNS %d times; want %d, 0", len(w.Slack), len(w.SNS), maxRefused)
	}
	stop := finding.Finding{
		EventID:   "e",
		EventName: "StopLogging",
		Outcome:   finding.OutcomeRestored,
		Subject:   finding.Subject{ARN: producertest.Management.ARN()},
	}
	if _, err := w.Reporter.Report(t.Context(), stop, nil); err != nil || len(w.Slack) != maxRefused+1 {
		t.Errorf("after it a stop is not told: %v, %d", err, len(w.Slack))
	}
	w = remembering(errors.New("slack is down"))
	if _, err := w.Invoke(t.Context(), alarm(0)); err == nil {
		t.Error("an alarm that Slack did not take is not said to be so")
	}
}
