package park

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/sanitize"
)

func full() report.Parked {
	return report.Parked{
		Version:      report.ParkedVersion,
		Channel:      "slack:C0CHANNEL01",
		Subject:      "the subject",
		Reason:       "503: down",
		Time:         findingtest.At(),
		Notification: findingtest.Full(),
		Payload:      json.RawMessage(`{"id":"1"}`),
	}
}

// TestParkIsWhole: the whole call, the whole text, and the digest by which it is known again.
func TestParkIsWhole(t *testing.T) {
	var in *sqs.SendMessageInput
	digest, err := New(
		sendFunc(func(i *sqs.SendMessageInput) error { in = i; return nil }),
		queueURL,
		noWait(),
	).Park(
		t.Context(),
		full(),
	)
	if err != nil {
		t.Fatal(err)
	}
	var got report.Parked
	if err := json.Unmarshal([]byte(*in.MessageBody), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(full(), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	attrs := map[string]string{}
	for name, a := range in.MessageAttributes {
		attrs[name] = *a.DataType + " " + *a.StringValue
	}
	if diff := cmp.Diff(
		map[string]string{"channel": "String slack:C0CHANNEL01", "event_id": "String id-of-the-event"},
		attrs,
	); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	if digest != report.DigestOf(*in.MessageBody) || *in.QueueUrl != queueURL {
		t.Errorf("digest %s, queue %s", digest, *in.QueueUrl)
	}
}

// long makes a text of which JSON writes every character in six bytes.
func long(s string, runes int) string { return s + strings.Repeat("\x01", runes) }

// TestEveryFieldMayBeLong: whichever field it is, the message fits, no field of it is lost, and what the destination
// and the claims go by is whole.
func TestEveryFieldMayBeLong(t *testing.T) {
	texts := func(p *report.Parked) (all []findingtest.Field) {
		for _, f := range findingtest.Fields(&p.Notification) {
			if f.Value.Kind() == reflect.String {
				all = append(all, f)
			}
		}
		return append(all, findingtest.Field{Path: "reason", Value: reflect.ValueOf(&p.Reason).Elem()})
	}
	whole := full()
	for i, f := range texts(&whole) {
		p := full()
		texts(&p)[i].Value.SetString(long(f.Value.String(), maxBody/6))
		fits(t, f.Path, p, whole, texts)
	}
	p := full()
	for _, f := range texts(&p) {
		f.Value.SetString(long(f.Value.String(), 5000))
	}
	fits(t, "all", p, whole, texts)
	p.Notification.Changes = slices.Repeat(p.Notification.Changes, 50)
	p.Notification.Request = json.RawMessage(`"` + strings.Repeat("<", 130<<10) + `"`)
	p.Payload = json.RawMessage(`"` + strings.Repeat("p", 2<<20) + `"`)
	fits(t, "all, and more of them", p, whole, texts)
}

func fits(t *testing.T, what string, p, whole report.Parked, texts func(*report.Parked) []findingtest.Field) {
	t.Helper()
	got, in := send(t, p)
	if n := len(*in.MessageBody); n > maxBody {
		t.Errorf("%s: %d bytes", what, n)
	}
	if got.Channel != whole.Channel || got.Subject != whole.Subject || !got.Time.Equal(whole.Time) ||
		got.Version != whole.Version {
		t.Errorf("%s: %s, %s, %s, %d", what, got.Channel, got.Subject, got.Time, got.Version)
	}
	after := map[string]string{}
	for _, f := range texts(&got) {
		after[f.Path] = f.Value.String()
	}
	for _, f := range texts(&whole) {
		if after[f.Path] == "" && f.Value.String() != "" {
			t.Errorf("%s: %s is lost", what, f.Path)
		}
	}
}

// TestPayloadAtTheLimit: what just fits is whole, and one byte more is cut and marked so. SQS counts the attributes'
// names, types and values as well.
func TestPayloadAtTheLimit(t *testing.T) {
	const limit = 1_048_576 // SQS API reference, SendMessage, MessageBody
	p := full()
	p.Channel, p.Notification.EventID = strings.Repeat("c", 200), strings.Repeat("e", 200)
	p.Payload = json.RawMessage(`""`)
	empty, err := encode(p)
	if err != nil {
		t.Fatal(err)
	}
	for over := range 2 {
		p.Payload = json.RawMessage(`"` + strings.Repeat("p", limit-1024-len(empty)+over) + `"`)
		got, in := send(t, p)
		size := len(*in.MessageBody)
		for name, a := range in.MessageAttributes {
			if len(*a.StringValue) != len(sanitize.Bound(strings.Repeat("x", 200), 128)) {
				t.Errorf("attribute %s has %d bytes", name, len(*a.StringValue))
			}
			size += len(name) + len(*a.DataType) + len(*a.StringValue)
		}
		if got.PayloadCut != (over == 1) || size > limit || over == 0 && len(*in.MessageBody) != limit-1024 {
			t.Errorf("%d bytes over the limit: %d bytes, cut %v", over, size, got.PayloadCut)
		}
	}
}

// TestParkErrorsAreSentences for each code of its kind, one letter from it, and for what has no code.
func TestParkErrorsAreSentences(t *testing.T) {
	for code, want := range map[string]string{
		"AccessDeniedException":                   "may not send to it",
		"KmsAccessDenied":                         "may not use the queue's key",
		"KMS.AccessDeniedException":               "may not use the queue's key",
		"KMS.DisabledException":                   "cannot be used (KMS.Disabled)",
		"KMS.NotFoundException":                   "cannot be used (KMS.NotFound)",
		"KMS.OptInRequired":                       "(KMS.OptInRequired)",
		"KMS.ThrottlingException":                 "KMS throttled the queue's key",
		"KmsThrottled":                            "KMS throttled the queue's key",
		"KmsNotFound":                             "cannot be used (KmsNotFound)",
		"KMSDisabled":                             "cannot be used (KMSDisabled)",
		"QueueDoesNotExist":                       "does not exist",
		"AWS.SimpleQueueService.NonExistentQueue": "does not exist",
		"XKmsDisabled":                            "SQS refused the call with XKmsDisabled",
		"AccessDenie":                             "SQS refused the call with AccessDenie",
	} {
		_, err := New(
			sendFunc(func(*sqs.SendMessageInput) error { return &smithy.GenericAPIError{Code: code} }),
			queueURL,
			noWait(),
		).Park(
			t.Context(),
			full(),
		)
		if err == nil || !strings.HasPrefix(err.Error(), "send to the failure queue: ") ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %s", code, err, want)
		}
	}
	for _, said := range []string{"xoxb-1-SECRET", "https://hooks.slack.com/services/T0/B0/SECRET"} {
		digest, err := New(
			sendFunc(func(*sqs.SendMessageInput) error { return &smithy.OperationError{Err: errors.New(said)} }),
			queueURL,
			noWait(),
		).Park(
			t.Context(),
			full(),
		)
		if err == nil || strings.Contains(err.Error(), "SECRET") || digest != "" {
			t.Errorf("digest %q, %v", digest, err)
		}
	}
}
