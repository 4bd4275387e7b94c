package signal

import (
	"fmt"
	"testing"

	"trailkeeper/events"
	"trailkeeper/lambda/config/metric"
)

// TestStormOfTests: test alerts are reported once within a window, and of many the first counts.
func TestStormOfTests(t *testing.T) {
	w := remembering(nil)
	for i := range 30 {
		test := fmt.Sprintf(
			`{"version":"0","id":"t%d","source":%q,"detail-type":%q,"account":"111122223333","region":"eu-west-1","detail":{}}`,
			i,
			events.Source,
			events.TestAlert,
		)
		if ev, err := events.Parse([]byte(test)); err != nil || ev.Kind != events.KindTest {
			t.Fatalf("%v %+v", err, ev)
		}
		if _, err := w.Invoke(t.Context(), []byte(test)); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.Slack) != 1 || len(w.SNS) != 1 || w.Metrics(t)[metric.TestAlerts] != 1 {
		t.Errorf(
			"Slack was told %d times, SNS %d times, and %v counted", len(w.Slack), len(w.SNS), w.Metrics(t)[metric.TestAlerts],
		)
	}
}

// TestStormOfGarbage: payloads that cannot be read are reported once, and then summed up; each is kept.
func TestStormOfGarbage(t *testing.T) {
	w := remembering(nil)
	for i := range 60 {
		if _, err := w.Invoke(t.Context(), fmt.Appendf(nil, `"garbage %d`, i)); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.Slack) != 1 || len(w.SNS) != 1 || len(w.Queue) != 60 {
		t.Errorf("Slack was delivered %d times, SNS %d times, and %d are kept", len(w.Slack), len(w.SNS), len(w.Queue))
	}
}
