package respond

import (
	"errors"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/report"
)

// TestOwnRefusedCall: what the guard itself may not do is reported once a day, and not after each sweep; what others
// may not, each time or in a summary.
func TestOwnRefusedCall(t *testing.T) {
	for own, want := range map[bool]int{true: 1, false: 3} {
		w, _ := remembering(restored, nil, nil)
		w.noSweep = true // nobody sums up
		w.reportWith()
		if own {
			w.Config.RoleARN = "arn:aws:iam::111122223333:role/Deployer" // of the fixture
		}
		for i := range 3 {
			event := strings.Replace(
				string(payload(t, "stop-logging")),
				`"eventID": "`,
				`"errorCode": "AccessDenied", "eventID": "`+string(rune('a'+i)),
				1,
			)
			if _, err := w.Invoke(t.Context(), []byte(event)); err != nil {
				t.Fatal(err)
			}
		}
		if len(w.SNS) != want {
			t.Errorf("own %v: delivered %d times; want %d", own, len(w.SNS), want)
		}
	}
}

// TestOwnRefusedCallIsNotLost: when nobody could be notified, the run again of the event reports it.
func TestOwnRefusedCallIsNotLost(t *testing.T) {
	w, _ := remembering(restored, nil, nil)
	w.Config.RoleARN = "arn:aws:iam::111122223333:role/Deployer" // of the fixture
	fanout := w.Fanout
	healthy := fanout.To.Defaults
	fanout.To.Defaults, fanout.Parker = []report.Notifier{
		producertest.NotifyFunc{Channel: "sns", Send: func(finding.Finding) error { return errors.New("down") }},
	}, nil
	event := []byte(
		strings.Replace(string(payload(t, "stop-logging")), `"eventID": "`, `"errorCode": "AccessDenied", "eventID": "a`, 1),
	)
	if _, err := w.Invoke(t.Context(), event); err == nil {
		t.Error("nobody was told, and Lambda is not asked to run the event again")
	}
	fanout.To.Defaults = healthy
	for range 2 {
		if _, err := w.Invoke(t.Context(), event); err != nil || len(w.SNS) != 1 {
			t.Errorf("%v, delivered %d times; want 1", err, len(w.SNS))
		}
	}
}
