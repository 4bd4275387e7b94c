package watch

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

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

// keyOf is the key of a log file that was delivered at 09:15 of this day.
func keyOf(day string) string {
	folder := day[:4] + "/" + day[4:6] + "/" + day[6:]
	return strings.NewReplacer("2026/03/02", folder, "20260302", day).Replace(logKey("a"))
}

// TestLifecycleDoesNotFlood: of files that expire as they should, and of those that do not, each bucket has one message
// until a summary: also where the table is down, and where there is none.
func TestLifecycleDoesNotFlood(t *testing.T) {
	for name, change := range map[string]func(f *farEnd, env map[string]string){
		"counted":        func(f *farEnd, _ map[string]string) { f.table = map[string]json.RawMessage{} },
		"the table down": func(f *farEnd, _ map[string]string) { f.down = []string{"GetItem", "PutItem", "Query"} },
		"no table":       func(_ *farEnd, env map[string]string) { delete(env, config.EnvTable) },
		"without a schedule": func(f *farEnd, env map[string]string) {
			f.table = map[string]json.RawMessage{}
			delete(env, config.EnvRedriveMinutes)
		},
	} {
		f := newFarEnd(t)
		o := f.options(func(env map[string]string) { change(f, env) }).FromAsset(fstest.MapFS{config.RulesFile: {Data: encoded()}})
		o.Clock.Sleep = func(context.Context, time.Duration) error { return nil }
		h, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 60 {
			for _, key := range []string{keyOf("20250302"), keyOf("20250302"), logKey("a")} {
				payload := strings.Replace(notice("LifecycleExpiration:Delete", key), `"0055"`, fmt.Sprintf(`"%04d"`, i), 1)
				payload = strings.Replace(payload, "_a.json", fmt.Sprintf("_%d.json", i), 1)
				if _, err := h.Invoke(t.Context(), []byte(payload)); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
		}
		if sent := f.bodies["chat.postMessage"]; len(sent) != 2 || len(f.bodies["Publish"]) != 2 {
			t.Errorf("%s: of 120 expired files %d messages in Slack and %d published; want one for the old, one for the young",
				name, len(sent), len(f.bodies["Publish"]))
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
		"digest": {notice("ObjectRemoved:Delete", digestKey), []string{"A digest file of CloudTrail was removed"}},
		"hidden": {notice("ObjectRemoved:DeleteMarkerCreated", digestKey), []string{"its versions are still there"}},
		"expired young": {
			notice("LifecycleExpiration:Delete", logKey("a")),
			[]string{"org-logs removes log files of CloudTrail that are younger than 90 days", "*High*", "Its age in days: 0."},
		},
		"expired at 89 days": {notice("LifecycleExpiration:Delete", keyOf("20251203")), []string{"younger than 90 days", "*High*"}},
		"expired at 90 days": {
			notice("LifecycleExpiration:Delete", keyOf("20251202")), []string{"org-logs removes log files", "*Low*", "days: 90."},
		},
		"expired old": {
			notice("LifecycleExpiration:Delete", keyOf("20250302")), []string{"lifecycle", "*Low*", "🔵", "days: 365."},
		},
		"expired to a marker": {
			notice("LifecycleExpiration:DeleteMarkerCreated", keyOf("20250302")), []string{"*Low*", "its versions are still there"},
		},
		"expired, of no age": {
			notice("LifecycleExpiration:Delete", "AWSLogs/111122223333/CloudTrail/x.json.gz"), []string{"*Low*", "lifecycle"},
		},
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
