package signal

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"trailkeeper/lambda/internal/finding"
)

func TestUnreadablePayload(t *testing.T) {
	for _, bad := range []string{`{"version":`, `{"key1":"value1"}`, ``, `"\xff"`} {
		w := newWorld(nil, nil, nil)
		if _, err := w.Invoke(t.Context(), []byte(bad)); err != nil {
			t.Errorf("%q: %v", bad, err)
		}
		if len(w.Queue) != 1 || w.Queue[0].Channel != finding.ChannelGuard || len(w.Slack) != 1 ||
			w.Slack[0].Outcome != finding.OutcomeUnreadable {
			t.Errorf("%q: queue %+v, slack %+v", bad, w.Queue, w.Slack)
		}
		w = newWorld(nil, nil, errors.New("queue refused"))
		if _, err := w.Invoke(t.Context(), []byte(bad)); err == nil {
			t.Errorf("%q: neither handled nor parked, and no error", bad)
		}
	}
}

func TestUnreadablePayloadIsReportedThoughTheQueueHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(nil, nil, nil)
		w.Parker = hangs{}
		start := time.Now()
		if _, err := w.Invoke(
			t.Context(), []byte("{"),
		); err == nil || len(w.Slack) != 1 ||
			time.Since(start) > 5*time.Second {
			t.Errorf("%v after %v, %d messages", err, time.Since(start), len(w.Slack))
		}
	})
}
