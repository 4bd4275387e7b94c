package watch

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/producertest"
)

// subscribed is what a subscription of the log group sends, with these messages as its events.
func subscribed(change map[string]any, messages ...string) string {
	batch := map[string]any{
		"messageType":         "DATA_MESSAGE",
		"owner":               "111122223333",
		"logGroup":            "CloudTrail/logs",
		"logStream":           "111122223333_CloudTrail_eu-west-1",
		"subscriptionFilters": []string{"trailkeeper"},
	}
	for name, value := range change {
		batch[name] = value
	}
	events := []any{}
	for i, message := range messages {
		events = append(events, map[string]any{"id": i, "timestamp": 1772442927000, "message": message})
	}
	batch["logEvents"] = events
	return logsPayload(packed(text(batch)))
}

func logsPayload(packed string) string {
	return text(map[string]any{"awslogs": map[string]any{"data": base64.StdEncoding.EncodeToString([]byte(packed))}})
}

// TestLogEvents: each record of a log group is decided, and what cannot be read is reported and stops no other.
func TestLogEvents(t *testing.T) {
	f := newFarEnd(t)
	h, logged := f.filesWatch(t, nil)
	payload := subscribed(nil, signIn(t, "1"), "START RequestId: x", `{"eventName":`, `{"a":1}`, signIn(t, "2"))
	if answer, err := h.Invoke(t.Context(), []byte(payload)); err != nil || answer != nil {
		t.Fatalf("%s, %v", answer, err)
	}
	sent := strings.Join(f.bodies["chat.postMessage"], "\n")
	for _, want := range []string{
		"192.0.2.1", "192.0.2.2", "after the event", "CloudTrail/logs", "record 2", "record 3", "record 4",
	} {
		if !strings.Contains(sent, want) {
			t.Errorf("no %s in %s", want, sent)
		}
	}
	f.compare(t, "log-events")
	if len(f.bodies["chat.postMessage"]) != 3 || len(f.bodies["Publish"]) != 3 || len(f.bodies["SendMessage"]) != 1 {
		t.Errorf("calls %q", f.seen)
	}
	if !strings.Contains(logged.String(), `"log_group":"CloudTrail/logs"`) {
		t.Errorf("not logged: %s", logged)
	}
}

// TestLogEventsOfOthers: a record of an account or a log group that is not configured is not believed.
func TestLogEventsOfOthers(t *testing.T) {
	foreign := strings.Replace(signIn(t, ""), `"recipientAccountId":"111122223333"`, `"recipientAccountId":"999988887777"`, 1)
	forged := signIn(t, "")
	for name, tt := range map[string]struct{ payload, want string }{
		"account of the record": {subscribed(nil, foreign), `999988887777`},
		"another group":         {subscribed(map[string]any{"logGroup": "other"}, forged), "the log group"},
		"another owner":         {subscribed(map[string]any{"owner": "999988887777"}, forged), "999988887777"},
		"another type":          {subscribed(map[string]any{"messageType": "X"}, forged), "messageType"},
		"not packed":            {logsPayload("{}"), "gzip"},
		"no base64":             {`{"awslogs":{"data":"*"}}`, "base64"},
	} {
		f := newFarEnd(t)
		h, _ := f.filesWatch(t, nil)
		if _, err := h.Invoke(t.Context(), []byte(tt.payload)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		sent := f.bodies["chat.postMessage"]
		if len(sent) != 1 || !strings.Contains(sent[0], tt.want) ||
			strings.Contains(sent[0], "signed in") != (name == "account of the record") ||
			strings.Contains(sent[0], "signed in") && !strings.Contains(sent[0], "Unverified") {
			t.Errorf("%s: %q", name, sent)
		}
	}
}

// TestControlMessage: CloudWatch Logs asks whether the function can be reached, and hears nothing else.
func TestControlMessage(t *testing.T) {
	control := subscribed(map[string]any{
		"messageType": "CONTROL_MESSAGE", "owner": "CloudwatchLogs", "logGroup": "", "logStream": "",
	}, "CWL CONTROL MESSAGE: Checking health of destination Lambda.")
	f := newFarEnd(t)
	h, logged := f.filesWatch(t, nil)
	if _, err := h.Invoke(t.Context(), []byte(control)); err != nil || len(f.seen) > 0 || logged.Len() > 0 {
		t.Errorf("%v, calls %q, %s", err, f.seen, logged)
	}
	h = f.watch(t, func(env map[string]string) { delete(env, config.EnvLogGroups) })
	if _, err := h.Invoke(t.Context(), []byte(control)); err != nil || len(f.bodies["chat.postMessage"]) != 1 {
		t.Errorf("without a log group: %v, calls %q", err, f.seen)
	}
}

// TestLogEventsBreakOff: whole records before the break are decided.
func TestLogEventsBreakOff(t *testing.T) {
	f := newFarEnd(t)
	h, _ := f.filesWatch(t, nil)
	whole := packed(text(map[string]any{
		"messageType": "DATA_MESSAGE", "owner": "111122223333", "logGroup": "CloudTrail/logs", "logStream": "s",
		"logEvents": []any{map[string]any{"message": signIn(t, "7")}},
	}))
	if _, err := h.Invoke(t.Context(), []byte(logsPayload(whole[:len(whole)-8]))); err != nil {
		t.Fatal(err)
	}
	sent := strings.Join(f.bodies["chat.postMessage"], "\n")
	if !strings.Contains(sent, "192.0.2.7") || !strings.Contains(sent, "unexpected EOF") {
		t.Errorf("sent %s", sent)
	}
}

// TestLogEventsAreRunAgain: what a retry may cure is an error, with which Lambda runs the batch again.
func TestLogEventsAreRunAgain(t *testing.T) {
	f := newFarEnd(t)
	f.down = []string{"chat.postMessage", "Publish", "SendMessage"}
	h, _ := f.filesWatch(t, nil)
	payload := []byte(subscribed(nil, signIn(t, ""), "no record"))
	if _, err := h.Invoke(t.Context(), payload); err == nil || !strings.Contains(err.Error(), `log group "CloudTrail/logs"`) {
		t.Errorf("nothing is delivered or parked: %v", err)
	}
	h, _ = newFarEnd(t).filesWatch(t, func(o *Options) {
		clk := clock.Real()
		clk.Now = func() time.Time { return producertest.Now }
		clk.Deadline = func(context.Context) (time.Time, bool) { return producertest.Now.Add(3 * time.Second), true }
		o.Clock = clk
	})
	if _, err := h.Invoke(t.Context(), payload); err == nil || !strings.Contains(err.Error(), "time ran out") {
		t.Errorf("without time: %v", err)
	}
}

// TestLogEventOfTheGuard: what the guard reports is left to it, as with a log file.
func TestLogEventOfTheGuard(t *testing.T) {
	f := newFarEnd(t)
	h, _ := f.filesWatch(t, nil)
	var envelope struct{ Detail map[string]any }
	if err := json.Unmarshal(producertest.Payload(t, "stop-logging"), &envelope); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Invoke(t.Context(), []byte(subscribed(nil, text(envelope.Detail)))); err != nil || len(f.seen) > 0 {
		t.Errorf("%v, calls %q", err, f.seen)
	}
}

// TestLogEventIsReportedOnce: the same record out of a log group, a log file and EventBridge is one event.
func TestLogEventIsReportedOnce(t *testing.T) {
	f := newFarEnd(t)
	f.table = map[string]json.RawMessage{}
	f.stored = map[string]string{"org-logs/" + logKey("a"): logOf(signIn(t, ""))}
	h, _ := f.filesWatch(t, nil)
	for _, payload := range []string{
		subscribed(nil, signIn(t, "")), notice("ObjectCreated:Put", logKey("a")),
		string(producertest.Payload(t, "console-login-without-mfa")), subscribed(nil, signIn(t, "")),
	} {
		if _, err := h.Invoke(t.Context(), []byte(payload)); err != nil {
			t.Fatal(err)
		}
	}
	if len(f.bodies["chat.postMessage"]) != 1 || len(f.bodies["Publish"]) != 1 {
		t.Errorf("calls %q", f.seen)
	}
}
