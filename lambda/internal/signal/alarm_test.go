package signal

import (
	"strconv"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/message"
)

// TestAlarmOutOfTheDeadLetters is reported late, where it is the deployment's own; others' are not.
func TestAlarmOutOfTheDeadLetters(t *testing.T) {
	for name, want := range map[string]string{
		"trailkeeper/guard-errors": "Trailkeeper alarm trailkeeper/guard-errors went to ALARM at 2026-03-02 09:15:27 UTC",
		"trailkeeper/over":         "",
		"billing":                  "",
		// names that the stack gives to no alarm
		"trailkeeper/All is well":    "",
		"trailkeeper/":               "",
		"trailkeeper/guard-errors\n": "",
	} {
		w := remembering(nil)
		state := map[bool]string{true: "OK", false: "ALARM"}[name == "trailkeeper/over"]
		alarm := `{"id":"a-1","source":"aws.cloudwatch","detail-type":"CloudWatch Alarm State Change",
			"account":"111122223333","region":"eu-west-1",
			"time":"2026-03-02T09:15:27Z","detail":{"alarmName":` + strconv.Quote(
			name,
		) + `,"state":{"value":"` + state + `"},"configuration":{"description":"The guard failed."}}}`
		if _, err := w.Invoke(t.Context(), []byte(alarm)); err != nil {
			t.Fatal(err)
		}
		switch {
		case want == "" && len(w.Slack) != 0:
			t.Errorf("%s: %+v", name, w.Slack)
		case want != "" && (len(w.Slack) != 1 || len(w.SNS) != 0 || message.Headline(w.Slack[0]) != want ||
			w.Slack[0].Incident != nil ||
			strings.Contains(message.Detail(w.Slack[0]), "The guard failed.")):
			t.Errorf("%s: %+v", name, w.Slack)
		}
	}
}
