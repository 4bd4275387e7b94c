package watch

import (
	"crypto/md5" //nolint:gosec // S3's own, for an ETag
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/objects"
	"trailkeeper/lambda/internal/state/decided"
	"trailkeeper/lambda/internal/state/statetest"
)

// TestDecidedIsNoted: a file that was decided to its end is remembered as it was then, and no other is.
func TestDecidedIsNoted(t *testing.T) {
	f := newFarEnd(t)
	whole := logOf(signIn(t, "1"))
	f.stored = map[string]string{
		"org-logs/" + logKey("good"):      whole,
		"org-logs/" + logKey("none"):      logOf(),
		"org-logs/" + logKey("truncated"): whole[:len(whole)-8],
		"org-logs/" + logKey("half"):      packed(`{"Records":[` + signIn(t, "2") + `,{"eventName":7}]}`),
	}
	h, _ := f.filesWatch(t, nil)
	memory := &statetest.Memory{}
	h.files.decided = decided.New(memory, clock.Real())
	keys := []string{logKey("good"), logKey("none"), logKey("truncated"), logKey("half"), logKey("gone"), digestKey}
	if _, err := h.Invoke(t.Context(), []byte(queue(notice("ObjectCreated:Put", keys...)))); err != nil {
		t.Fatal(err)
	}
	for i, key := range keys {
		body := f.stored["org-logs/"+key]
		etag := fmt.Sprintf("%x", md5.Sum([]byte(body))) //nolint:gosec // as above
		is, err := h.files.decided.Has(t.Context(), decided.Object{Bucket: "org-logs", Key: key, ETag: etag})
		if err != nil || is != (i < 2) {
			t.Errorf("%s: decided %t, %v", key, is, err)
		}
	}
	if all, _ := memory.List(t.Context(), "decided"); len(all) != 2 {
		t.Errorf("%d noted", len(all))
	}
}

// TestNotedAfterItIsReported: a file of which a message is lost is not noted, and one is where the table fails.
func TestNotedAfterItIsReported(t *testing.T) {
	f := newFarEnd(t)
	f.stored = map[string]string{"org-logs/" + logKey("a"): logOf(signIn(t, "1"))}
	f.down = []string{"chat.postMessage", "Publish", "SendMessage"}
	h, _ := f.filesWatch(t, nil)
	memory := &statetest.Memory{}
	h.files.decided = decided.New(memory, clock.Real())
	payload := []byte(notice("ObjectCreated:Put", logKey("a")))
	if _, err := h.Invoke(t.Context(), payload); err == nil {
		t.Fatal("no error")
	}
	if all, _ := memory.List(t.Context(), "decided"); len(all) != 0 {
		t.Error("noted before it was reported")
	}
	f = newFarEnd(t)
	f.stored = map[string]string{"org-logs/" + logKey("a"): logOf(signIn(t, "1"))}
	f.down = []string{"PutItem"}
	h, logged := f.filesWatch(t, nil)
	if _, err := h.Invoke(t.Context(), payload); err != nil || !strings.Contains(logged.String(), "state table") {
		t.Errorf("a table that is away: %v, %s", err, logged)
	}
}

// TestCatchUp: what the operator asks for is decided, and the answer says of each file what became of it.
func TestCatchUp(t *testing.T) {
	f := newFarEnd(t)
	f.table = map[string]json.RawMessage{}
	whole := logOf(signIn(t, "1"))
	f.stored = map[string]string{
		"org-logs/" + logKey("good"):      whole,
		"org-logs/" + logKey("truncated"): whole[:len(whole)-8],
	}
	h, _ := f.filesWatch(t, nil)
	asked := objects.Asked{Objects: []objects.Object{
		{Bucket: "org-logs", Key: logKey("good")},
		{Bucket: "org-logs", Key: logKey("truncated")},
		{Bucket: "other-logs", Key: logKey("good")},
		{Bucket: "org-logs", Key: logKey("gone")},
		{Bucket: "org-logs", Key: digestKey},
	}}
	answer, err := h.Invoke(t.Context(), asked.Payload())
	var got objects.Answers
	if err != nil || json.Unmarshal(answer, &got) != nil || len(got.Objects) != len(asked.Objects) {
		t.Fatalf("%s, %v", answer, err)
	}
	for i, want := range []string{"", "unexpected EOF", "not among the configured", "NoSuchKey", ""} {
		if said := got.Objects[i].Error; (said == "") != (want == "") || !strings.Contains(said, want) {
			t.Errorf("%s: %q; want %q", asked.Objects[i].Key, said, want)
		}
	}
	if len(f.bodies["chat.postMessage"]) != 1 || len(f.bodies["SendMessage"]) > 0 {
		t.Errorf("calls %q", f.seen)
	}
	if ev, err := events.Parse([]byte(`{"source":"trailkeeper","detail-type":"Trailkeeper Catch-Up","detail":{}}`)); err == nil ||
		!strings.Contains(string(asked.Payload()), `"source":"`+events.Source+`"`) {
		t.Errorf("it is an event of another kind: %+v", ev)
	}
}

// TestCatchUpOfNothing: a request that cannot be read is one that nobody of ours made.
func TestCatchUpOfNothing(t *testing.T) {
	for _, detail := range []string{
		`{}`, `{"objects":[]}`, `{"objects":[{"bucket":"org-logs","key":""}]}`,
		`{"objects":[` + strings.Repeat(`{},`, 100) + `{}]}`,
	} {
		f := newFarEnd(t)
		h, _ := f.filesWatch(t, nil)
		payload := `{"source":"trailkeeper","detail-type":"Trailkeeper Catch-Up","detail":` + detail + `}`
		if _, err := h.Invoke(t.Context(), []byte(payload)); err != nil || len(f.bodies["chat.postMessage"]) != 1 {
			t.Errorf("%.60s: %v, calls %q", detail, err, f.seen)
		}
	}
}
