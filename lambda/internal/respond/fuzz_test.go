package respond

import (
	"errors"
	"testing"

	"trailkeeper/events"
)

// FuzzRespond: whatever a record says, it is answered, and where something is parked, somebody is notified.
func FuzzRespond(f *testing.F) {
	for _, fixture := range []string{
		"stop-logging", "stop-logging-hostile", "stop-logging-denied", "put-event-selectors-advanced", "ec2-state-change",
	} {
		f.Add(payload(f, fixture))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		if _, err := events.Parse(payload); err != nil {
			return
		}
		w := newWorld(restored, errors.New("down"), nil, nil)
		if _, err := w.Invoke(t.Context(), payload); err != nil {
			t.Errorf("%q: %v", payload, err)
		}
		if len(w.Queue) != 0 && len(w.SNS) == 0 {
			t.Errorf("%q: parked, and nobody told", payload)
		}
	})
}
