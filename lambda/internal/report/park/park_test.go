package park

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/report"
)

const queueURL = "https://sqs.eu-west-1.amazonaws.com/111122223333/failures"

type sendFunc func(*sqs.SendMessageInput) error

func (f sendFunc) SendMessage(
	_ context.Context,
	in *sqs.SendMessageInput,
	_ ...func(*sqs.Options),
) (*sqs.SendMessageOutput, error) {
	return &sqs.SendMessageOutput{}, f(in)
}

func noWait() clock.Clock {
	c := clock.Real()
	c.Sleep = func(context.Context, time.Duration) error { return nil }
	return c
}

func parked() report.Parked {
	return report.Parked{
		Version:      report.ParkedVersion,
		Channel:      "slack",
		Reason:       "403: refused",
		Time:         findingtest.At(),
		Notification: findingtest.Stopped(),
		Payload:      json.RawMessage(`{"id":"1","detail":{"eventName":"StopLogging"}}`),
	}
}

// send parks p and returns what reached the queue.
func send(t *testing.T, p report.Parked) (report.Parked, *sqs.SendMessageInput) {
	t.Helper()
	var in *sqs.SendMessageInput
	q := New(sendFunc(func(i *sqs.SendMessageInput) error { in = i; return nil }), queueURL, noWait())
	if _, err := q.Park(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	var got report.Parked
	if err := json.Unmarshal([]byte(*in.MessageBody), &got); err != nil {
		t.Fatal(err)
	}
	return got, in
}

func TestPark(t *testing.T) {
	want := parked()
	got, in := send(t, want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if *in.QueueUrl != queueURL {
		t.Errorf("queue %s", *in.QueueUrl)
	}
	for name, want := range map[string]string{"channel": "slack", "event_id": want.Notification.EventID} {
		if a := in.MessageAttributes[name]; a.StringValue == nil || *a.StringValue != want || *a.DataType != "String" {
			t.Errorf("attribute %s is not %q", name, want)
		}
	}
}

func TestParkCutsToSize(t *testing.T) {
	big := parked()
	big.Payload = json.RawMessage(`{"x":"` + strings.Repeat("é\\\"", 400_000) + `"}`)
	got, in := send(t, big)
	if n := len(*in.MessageBody); n > maxBody || n < maxBody/3 {
		t.Errorf("body has %d bytes, want up to %d and not far below", n, maxBody)
	}
	var text string
	if err := json.Unmarshal(got.Payload, &text); err != nil || !got.PayloadCut || !strings.HasPrefix(text, `{"x":"é`) {
		t.Errorf("payload is cut %v, %v; begins %.20q", got.PayloadCut, err, text)
	}
	if diff := cmp.Diff(big.Notification, got.Notification); diff != "" {
		t.Errorf("the notification was touched (-want +got):\n%s", diff)
	}

	big.Notification.UserAgent = strings.Repeat("u", 2<<20)
	big.Notification.Request = json.RawMessage(`"` + strings.Repeat("r", 2<<20) + `"`)
	got, in = send(t, big)
	if n := len(*in.MessageBody); n > maxBody || !got.PayloadCut || got.Notification.EventID != big.Notification.EventID {
		t.Errorf("body has %d bytes, payload cut %v", n, got.PayloadCut)
	}
}

func TestParkSendsOnlyWhatSQSTakes(t *testing.T) {
	p := parked()
	p.Notification.UserAgent = "a\x00\x1b\ufffe\uffffb\xff"
	p.Payload = json.RawMessage("{\"x\":\"\ufffe\xff\"}")
	_, in := send(t, p)
	for _, r := range *in.MessageBody {
		if r < ' ' || r == '\ufffe' || r == '\uffff' {
			t.Errorf("body holds %U", r)
		}
	}
}

func TestParkErrors(t *testing.T) {
	for code, want := range map[string]string{
		"AccessDenied":                            "the function's role may not send to it; grant it sqs:SendMessage",
		"KmsAccessDenied":                         "the function's role may not use the queue's key",
		"KMS.AccessDeniedException":               "the function's role may not use the queue's key",
		"KmsDisabled":                             "the queue's key cannot be used (KmsDisabled)",
		"QueueDoesNotExist":                       "the queue does not exist; deploy again",
		"AWS.SimpleQueueService.NonExistentQueue": "the queue does not exist; deploy again",
		"RequestThrottled":                        "SQS refused the call with RequestThrottled",
	} {
		tries := 0
		q := New(
			sendFunc(func(*sqs.SendMessageInput) error { tries++; return &smithy.GenericAPIError{Code: code} }),
			queueURL,
			noWait(),
		)
		_, err := q.Park(t.Context(), parked())
		if err == nil || !strings.HasPrefix(err.Error(), "send to the failure queue: "+want) {
			t.Errorf("%s: %v", code, err)
		}
		if want := map[bool]int{true: 3, false: 1}[strings.Contains(code, "Throttl")]; tries != want {
			t.Errorf("%s: %d tries, want %d", code, tries, want)
		}
	}
	q := New(sendFunc(func(*sqs.SendMessageInput) error { return errors.New("odd") }), queueURL, noWait())
	if _, err := q.Park(t.Context(), report.Parked{Payload: json.RawMessage("{")}); err == nil {
		t.Error("a payload that is no JSON was taken")
	}
}
