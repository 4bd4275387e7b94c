package watch

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"trailkeeper/lambda/config"
)

const digestKey = "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/03/02/" +
	"111122223333_CloudTrail-Digest_eu-west-1_main_eu-west-1_20260302T091500Z.json.gz"

// TestRemovalIsReportedOnce: S3 may tell of one removal twice, and by two ways; another removal of the file is another.
func TestRemovalIsReportedOnce(t *testing.T) {
	f := newFarEnd(t)
	f.table = map[string]json.RawMessage{}
	h, _ := f.filesWatch(t, nil)
	removed := notice("ObjectRemoved:Delete", logKey("a"))
	byBus := strings.Replace(bridge("Object Deleted", logKey("a")), `"object":{`, `"object":{"sequencer":"0055",`, 1)
	again := strings.Replace(removed, `"sequencer":"0055"`, `"sequencer":"0056"`, 1)
	for i, payload := range []string{removed, queue(removed), byBus, queue(text(topic(removed))), again} {
		if _, err := h.Invoke(t.Context(), []byte(payload)); err != nil {
			t.Fatal(err)
		}
		if n, want := len(f.bodies["chat.postMessage"]), 1+i/4; n != want || len(f.bodies["Publish"]) != want {
			t.Errorf("after %d notifications: %d messages, want %d", i+1, n, want)
		}
	}
}

// TestRemoved: log and digest files that are removed are reported, with who removed them.
func TestRemoved(t *testing.T) {
	for name, tt := range map[string]struct {
		payload string
		want    []string // empty: nothing
	}{
		"log": {
			notice("ObjectRemoved:Delete", logKey("a")),
			[]string{"A log file of CloudTrail was removed", "AWS:AIDAEXAMPLE", "198.51.100.7", "*High*", logKey("a")},
		},
		"digest":  {notice("ObjectRemoved:Delete", digestKey), []string{"A digest file of CloudTrail was removed"}},
		"hidden":  {notice("ObjectRemoved:DeleteMarkerCreated", digestKey), []string{"its versions are still there"}},
		"expired": {notice("LifecycleExpiration:Delete", logKey("a")), []string{"lifecycle", "*Low*", "🔵"}},
		"by the bus, in a queue": {
			queue(bridge("Object Deleted", logKey("a"))), []string{"A log file of CloudTrail was removed", "111122223333"},
		},
		"another file":   {notice("ObjectRemoved:Delete", "AWSLogs/111122223333/vpcflowlogs/eu-west-1/x.gz"), nil},
		"another prefix": {notice("ObjectRemoved:Delete", "old/"+logKey("a")), nil},
	} {
		f := newFarEnd(t)
		h, _ := f.filesWatch(t, nil)
		if _, err := h.Invoke(t.Context(), []byte(tt.payload)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		sent := f.bodies["chat.postMessage"]
		if (len(sent) == 1) != (tt.want != nil) || len(sent) != len(f.bodies["Publish"]) || len(f.got) > 0 {
			t.Errorf("%s: %d messages, %d objects read", name, len(sent), len(f.got))
		}
		if name == "log" {
			f.compare(t, "log-removed")
		}
		for _, part := range tt.want {
			if !strings.Contains(fmt.Sprint(sent), part) {
				t.Errorf("%s: no %q in %s", name, part, sent)
			}
		}
	}
	f := newFarEnd(t)
	h := f.watch(t, func(env map[string]string) { delete(env, config.EnvRemovedLogs) })
	if _, err := h.Invoke(t.Context(), []byte(notice("ObjectRemoved:Delete", logKey("a")))); err != nil ||
		len(f.seen) > 0 {
		t.Errorf("switched off: %v, %q", err, f.seen)
	}
}
