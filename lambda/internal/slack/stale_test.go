package slack

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
)

// TestStaleThread: where the thread is gone, whatever Slack says of that, the message stands for itself, and the later
// ones follow it.
func TestStaleThread(t *testing.T) {
	for name, test := range map[string]struct {
		fails   string // Slack's answer to the reply; empty: ok, and posted at the root
		deleted bool
		follows int // the message that the third follows
		logs    string
	}{
		"there":                     {"", false, 0, ""},
		"gone, and Slack is silent": {"", true, 1, "WARN slack thread"},
		"gone, and Slack says so":   {"thread_not_found", true, 1, "WARN slack thread"},
		"it takes no replies":       {"cannot_reply_to_message", false, 1, "WARN slack thread"},
		"locked":                    {"thread_locked", false, 1, "WARN slack thread"},
		"it takes no broadcast":     {"cant_broadcast_message", false, 0, "WARN slack thread"},
	} {
		w, b, log := newWorkspace(), newBoard(), &bytes.Buffer{}
		n := w.notifier(b, (&fakeClock{}).clock(), log)
		notify := func(count int) {
			t.Helper()
			if err := n.Notify(t.Context(), incident(findingtest.Stopped(), finding.IncidentRestored, count)); err != nil {
				t.Fatal(name, err)
			}
		}
		notify(1)
		first := w.messages[0].ts
		if test.deleted {
			w.messages[0].ts = "deleted"
		}
		if test.fails != "" {
			w.fails["chat.postMessage"] = []string{test.fails}
		}
		notify(2)
		if second := w.messages[1]; (second.thread == first) != (test.fails == "" && !test.deleted) || second.updates != 0 {
			t.Errorf("%s: the second is in thread %q, and was changed %d times", name, second.thread, second.updates)
		}
		if got := logged(t, log.String(), "00000002-2f4b-4c2e-9d55-0f6f0f1f2a3b"); got != test.logs {
			t.Errorf("%s: log %q, want %q", name, got, test.logs)
		}
		notify(3)
		parent := w.messages[test.follows]
		if third := w.messages[2]; third.thread != parent.ts || parent.updates == 0 || len(w.messages) != 3 {
			t.Errorf(
				"%s: the third is in thread %q; want %q, which was changed %d times",
				name,
				third.thread,
				parent.ts,
				parent.updates,
			)
		}
	}
}

// TestWhatSlackSaysOfAReply: the answer to a reply to a message that it does not know (seen in 2026), and near misses.
func TestWhatSlackSaysOfAReply(t *testing.T) {
	for name, test := range map[string]struct {
		answer string
		want   accepted
	}{
		"of an unknown message": {
			`{"ok":true,"channel":"C1","ts":"1800000000.000200","message":{"text":"x","ts":"1800000000.000200"}}`,
			accepted{"1800000000.000200", true},
		},
		"of a known one": {
			`{"ok":true,"ts":"1800000000.000200","message":{"text":"x","thread_ts":"1800000000.000100"}}`,
			accepted{"1800000000.000200", false},
		},
		"without the message": {`{"ok":true,"channel":"C1","ts":"1800000000.000200"}`, accepted{"1800000000.000200", false}},
	} {
		got, f := judge(&http.Response{StatusCode: http.StatusOK}, []byte(test.answer), true)
		if f != nil || got != test.want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, f, test.want)
		}
	}
	refusal := strings.NewReplacer("true", "false").Replace(`{"ok":true,"error":"thread_not_found","message":{}}`)
	if got, f := judge(&http.Response{StatusCode: http.StatusOK}, []byte(refusal), true); f == nil || got != (accepted{}) {
		t.Errorf("a refusal is taken: %+v, %v", got, f)
	}
}
