package watch

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5" //nolint:gosec // S3's own, for an ETag
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/producertest"
)

// object answers for S3, whose bucket is of 111122223333.
func (f *farEnd) object(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.got = append(f.got, r)
	body, there := f.stored[strings.TrimPrefix(r.URL.Path, "/")]
	switch {
	case r.Method != http.MethodGet || r.Header.Get("X-Amz-Expected-Bucket-Owner") != "111122223333":
		w.WriteHeader(http.StatusForbidden)
	case strings.HasPrefix(body, "<Error>"):
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, body)
	case !there:
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, "<Error><Code>NoSuchKey</Code></Error>")
	default:
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("ETag", fmt.Sprintf("\"%x\"", md5.Sum([]byte(body)))) //nolint:gosec // S3's own
		_, _ = io.WriteString(w, body)
	}
}

const logFolder = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/02/"

// logKey is a log file's, whose unique part is n.
func logKey(n string) string {
	return logFolder + "111122223333_CloudTrail_eu-west-1_20260302T0915Z_" + n + ".json.gz"
}

// signIn is a record that a rule matches.
func signIn(t *testing.T, id string) string {
	t.Helper()
	var envelope struct{ Detail map[string]any }
	if err := json.Unmarshal(producertest.Payload(t, "console-login-without-mfa"), &envelope); err != nil {
		t.Fatal(err)
	}
	if id != "" {
		envelope.Detail["eventID"], envelope.Detail["sourceIPAddress"] = id, "192.0.2."+id
	}
	text, err := json.Marshal(envelope.Detail)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func packed(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return b.String()
}

func logOf(records ...string) string {
	return packed(`{"Records":[` + strings.Join(records, ",") + `]}`)
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func notice(event string, keys ...string) string {
	var all []any
	for _, key := range keys {
		all = append(all, map[string]any{
			"eventVersion":      "2.1",
			"eventSource":       "aws:s3",
			"eventName":         event,
			"eventTime":         "2026-03-02T09:15:27.000Z",
			"userIdentity":      map[string]any{"principalId": "AWS:AIDAEXAMPLE"},
			"requestParameters": map[string]any{"sourceIPAddress": "198.51.100.7"},
			"s3": map[string]any{
				"bucket": map[string]any{"name": "org-logs"},
				"object": map[string]any{"key": strings.ReplaceAll(key, "/", "%2F"), "sequencer": "0055"},
			},
		})
	}
	return text(map[string]any{"Records": all})
}

func topic(body string) map[string]any {
	return map[string]any{"Type": "Notification", "TopicArn": "arn:aws:sns:eu-west-1:111122223333:logs", "Message": body}
}

func queue(bodies ...string) string {
	var all []any
	for i, body := range bodies {
		all = append(all, map[string]any{"messageId": fmt.Sprint("m-", i), "eventSource": "aws:sqs", "body": body})
	}
	return text(map[string]any{"Records": all})
}

func bridge(detailType, key string) string {
	return text(map[string]any{
		"source":      "aws.s3",
		"detail-type": detailType,
		"id":          "e",
		"account":     "111122223333",
		"region":      "eu-west-1",
		"time":        "2026-03-02T09:15:27Z",
		"detail": map[string]any{
			"bucket": map[string]any{"name": "org-logs"}, "object": map[string]any{"key": key}, "requester": "111122223333",
		},
	})
}

// filesWatch is a watch whose log is kept.
func (f *farEnd) filesWatch(t *testing.T, change func(o *Options)) (*Watch, *bytes.Buffer) {
	t.Helper()
	o := f.options(nil).FromAsset(fstest.MapFS{config.RulesFile: {Data: encoded()}})
	logged := &bytes.Buffer{}
	o.Log = slog.New(slog.NewJSONHandler(logged, nil))
	if change != nil {
		change(&o)
	}
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return h, logged
}

// TestSources: a log file is read whichever way it is heard of, and its record is reported.
func TestSources(t *testing.T) {
	created := notice("ObjectCreated:Put", logKey("a"))
	for name, payload := range map[string]string{
		"S3": created,
		"SNS": text(map[string]any{"Records": []any{
			map[string]any{"EventSource": "aws:sns", "Sns": topic(created)},
		}}),
		"EventBridge": bridge("Object Created", logKey("a")),
		"SQS":         queue(created),
		"SNS in SQS":  queue(text(topic(created))),
		"bus in SQS":  queue(bridge("Object Created", logKey("a"))),
		"CloudTrail": queue(text(topic(text(map[string]any{
			"s3Bucket": "org-logs", "s3ObjectKey": []string{logKey("a")},
		})))),
		"twice": queue(created, text(topic(created))),
		"with digests and others": notice("ObjectCreated:Put",
			"AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/03/02/"+
				"111122223333_CloudTrail-Digest_eu-west-1_main_eu-west-1_20260302T091500Z.json.gz",
			"AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/03/02/x.gz", "elsewhere/"+logKey("a"), "AWSLogs/readme.txt",
			logKey("a")),
		"a record in SQS": queue(string(producertest.Payload(t, "console-login-without-mfa"))),
	} {
		f := newFarEnd(t)
		f.stored = map[string]string{"org-logs/" + logKey("a"): logOf(signIn(t, ""))}
		h, logged := f.filesWatch(t, nil)
		answer, err := h.Invoke(t.Context(), []byte(payload))
		want := ""
		if strings.Contains(payload, "aws:sqs") {
			want = `{"batchItemFailures":[]}`
		}
		if err != nil || string(answer) != want || len(f.bodies["chat.postMessage"]) != 1 ||
			len(f.bodies["Publish"]) != 1 {
			t.Errorf("%s: %s, %v, calls %q", name, answer, err, f.seen)
			continue
		}
		if gets := len(f.got); gets != 1 && name != "a record in SQS" {
			t.Errorf("%s: %d objects read", name, gets)
		}
		if sent := f.bodies["chat.postMessage"][0]; !strings.Contains(sent, "after the event") {
			t.Errorf("%s: it does not say how old it is: %s", name, sent)
		}
		if n := strings.Count(logged.String(), `"object skipped"`); (n == 4) != (name == "with digests and others") {
			t.Errorf("%s: %d skipped: %s", name, n, logged)
		}
	}
}

// TestOnlyWhatFailedIsRetried: of a batch, the answer names the messages of which an object failed, and each failed
// object is named with what is wrong; every good record is reported.
func TestOnlyWhatFailedIsRetried(t *testing.T) {
	f := newFarEnd(t)
	whole := logOf(signIn(t, "2"))
	f.stored = map[string]string{
		"org-logs/" + logKey("good"):      logOf(signIn(t, "1")),
		"org-logs/" + logKey("truncated"): whole[:len(whole)-8],
		"org-logs/" + logKey("text"):      "not a log file\n",
		"org-logs/" + logKey("denied"):    "<Error><Code>AccessDenied</Code></Error>",
		"org-logs/" + logKey("key"):       "<Error><Code>KMS.DisabledException</Code></Error>",
		"org-logs/" + logKey("second"):    logOf(signIn(t, "3")),
	}
	h, logged := f.filesWatch(t, nil)
	one := func(keys ...string) string {
		for i := range keys {
			keys[i] = logKey(keys[i])
		}
		return notice("ObjectCreated:Put", keys...)
	}
	payload := queue(one("good"), one("truncated"), one("text"), one("gone"), one("denied"), one("key"), "nonsense",
		strings.Replace(one("x"), "org-logs", "other-logs", 1), one("gone", "second"), `{"Event":"s3:TestEvent"}`)
	answer, err := h.Invoke(t.Context(), []byte(payload))
	var got batchAnswer
	if err := json.Unmarshal(answer, &got); err != nil {
		t.Fatal(err)
	}
	var failed []string
	for _, one := range got.Failures {
		failed = append(failed, one.ID)
	}
	if want := []string{"m-1", "m-2", "m-3", "m-4", "m-5", "m-8"}; err != nil || !slices.Equal(failed, want) {
		t.Errorf("%v failed, want %v; %v", failed, want, err)
	}
	sent := strings.Join(f.bodies["chat.postMessage"], "\n")
	for _, want := range []string{
		"192.0.2.1", "192.0.2.2", "192.0.2.3", "nothing that S3",
	} {
		if !strings.Contains(sent, want) {
			t.Errorf("%s was not reported: %s", want, sent)
		}
	}
	if parked := f.bodies["SendMessage"]; len(parked) != 2 || !strings.Contains(parked[1], "other-logs") {
		t.Errorf("what cannot be read is not parked: %q", parked)
	}
	for key, want := range map[string]string{
		"truncated": "unexpected EOF",
		"text":      "byte ",
		"gone":      "NoSuchKey",
		"denied":    "AccessDenied: s3:GetObject",
		"key":       "KMS.DisabledException",
	} {
		found := false
		for line := range strings.SplitSeq(logged.String(), "\n") {
			found = found || strings.Contains(line, "log file not read") && strings.Contains(line, logKey(key)) &&
				strings.Contains(line, want) && strings.Contains(line, `"bucket":"org-logs"`)
		}
		if !found {
			t.Errorf("%s is not named with %q in %s", key, want, logged)
		}
	}
	if _, err := h.Invoke(t.Context(), []byte(one("gone", "good"))); err == nil ||
		!strings.Contains(err.Error(), "NoSuchKey") {
		t.Errorf("outside of a queue: %v", err)
	}
}

// TestNoTimeLeft: what a run does not get to goes back to the queue.
func TestNoTimeLeft(t *testing.T) {
	f := newFarEnd(t)
	f.stored = map[string]string{"org-logs/" + logKey("a"): logOf(signIn(t, ""))}
	h, _ := f.filesWatch(t, func(o *Options) {
		clk := clock.Real()
		clk.Now = func() time.Time { return producertest.Now }
		clk.Deadline = func(context.Context) (time.Time, bool) { return producertest.Now.Add(3 * time.Second), true }
		o.Clock = clk
	})
	answer, err := h.Invoke(t.Context(), []byte(queue(notice("ObjectCreated:Put", logKey("a")))))
	if err != nil || string(answer) != `{"batchItemFailures":[{"itemIdentifier":"m-0"}]}` || len(f.got) > 0 {
		t.Errorf("%s, %v, %d objects read", answer, err, len(f.got))
	}
}

// TestWithoutBuckets: what is said of objects is then no payload of the watch's.
func TestWithoutBuckets(t *testing.T) {
	f := newFarEnd(t)
	h := f.watch(t, func(env map[string]string) { delete(env, config.EnvLogBuckets) })
	if _, err := h.Invoke(t.Context(), []byte(queue(notice("ObjectCreated:Put", logKey("a"))))); err != nil ||
		len(f.got) > 0 || !strings.Contains(f.bodies["chat.postMessage"][0], "should invoke the watch") {
		t.Errorf("%v, %q", err, f.seen)
	}
}

// TestDeadLettersAreReadAgain: a notification that is a dead letter of the queue is taken up by the next scheduled run,
// stays while its file cannot be read, and is gone once it was. What is about no configured bucket is not read.
func TestDeadLettersAreReadAgain(t *testing.T) {
	f := newFarEnd(t)
	h, logged := f.filesWatch(t, nil)
	letters := []string{
		notice("ObjectCreated:Put", logKey("a")),
		text(topic(bridge("Object Created", logKey("a")))),
		strings.ReplaceAll(notice("ObjectCreated:Put", logKey("b")), "org-logs", "other-logs"),
	}
	run := func() {
		f.waiting = slices.Clone(letters)
		if _, err := h.Invoke(t.Context(), producertest.Payload(t, "scheduled-event")); err != nil {
			t.Fatal(err)
		}
	}
	run()
	if got := len(f.bodies["ChangeMessageVisibility"]); got != 3 || len(f.got) != 2 ||
		strings.Count(logged.String(), "NoSuchKey") < 2 {
		t.Errorf("a file that is not there: %d stay, %d read, calls %q", got, len(f.got), f.seen)
	}
	f.stored = map[string]string{"org-logs/" + logKey("a"): logOf(signIn(t, ""))}
	f.table, letters = map[string]json.RawMessage{}, letters[:2]
	before := len(f.bodies["chat.postMessage"])
	run()
	sent := f.bodies["chat.postMessage"][before:]
	if len(f.bodies["DeleteMessage"]) != 2 || len(sent) != 1 || !strings.Contains(sent[0], "console-login-without-mfa") {
		t.Errorf("a file that can be read: calls %q, sent %q", f.seen, sent)
	}
}
