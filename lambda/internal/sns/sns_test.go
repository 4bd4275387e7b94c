package sns

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/goldentest"
)

var update = flag.Bool("update", false, "write the golden files")

const topic = "arn:aws:sns:eu-west-1:111122223333:trailkeeper"

type publishFunc func(*sns.PublishInput) error

func (f publishFunc) Publish(
	_ context.Context,
	in *sns.PublishInput,
	_ ...func(*sns.Options),
) (*sns.PublishOutput, error) {
	return &sns.PublishOutput{}, f(in)
}

func noWait(waits *int) clock.Clock {
	c := clock.Real()
	c.Sleep = func(context.Context, time.Duration) error { *waits++; return nil }
	return c
}

func TestGolden(t *testing.T) {
	for _, s := range findingtest.Samples() {
		message, err := publication(s.Notification)
		if err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
		var p protocols
		if err := json.Unmarshal([]byte(message), &p); err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
		var doc bytes.Buffer
		if err := json.Indent(&doc, []byte(p.HTTPS), "", "  "); err != nil {
			t.Fatalf("%s: the document is no JSON: %v", s.Name, err)
		}
		dir := "testdata/" + s.Name
		goldentest.Compare(t, dir+".json", doc.String()+"\n", *update)
		goldentest.Compare(t, dir+".email.txt", "Subject: "+subject(s.Notification)+"\n\n"+p.Email, *update)
		goldentest.Compare(t, dir+".sms.txt", p.SMS+"\n", *update)
		check(t, s.Name, s.Notification)
	}
}

func TestPublication(t *testing.T) {
	var in *sns.PublishInput
	n := New(publishFunc(func(i *sns.PublishInput) error { in = i; return nil }), "", topic, clock.Real())
	if err := n.Notify(t.Context(), findingtest.Stopped()); err != nil {
		t.Fatal(err)
	}
	if *in.TopicArn != topic || *in.MessageStructure != "json" {
		t.Errorf("topic %s, structure %s", *in.TopicArn, *in.MessageStructure)
	}
	if want := "[HIGH] CloudTrail logging stopped and restored: management-events (111122223333 " +
		"eu-west-1)"; *in.Subject != want {
		t.Errorf("subject %q, want %q", *in.Subject, want)
	}
	var keys map[string]string
	if err := json.Unmarshal([]byte(*in.Message), &keys); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"default", "email", "sms", "http", "https", "sqs", "lambda", "email-json"} {
		if keys[key] == "" {
			t.Errorf("the message has nothing for %q", key)
		}
	}
	got := map[string]string{}
	for k, v := range in.MessageAttributes {
		got[k] = *v.DataType + " " + *v.StringValue
	}
	want := map[string]string{
		"severity":   "String high",
		"event_name": "String StopLogging",
		"outcome":    "String restored",
		"account":    "String 111122223333",
		"region":     "String eu-west-1",
		"trail":      "String management-events",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	if a := attributes(
		finding.Finding{Outcome: finding.OutcomeUnreadable, Subject: finding.Subject{Name: "\u202e\n"}},
	); len(
		a,
	) != 1 {
		t.Errorf("empty attributes are sent: %v", a)
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		err   error
		tries int
		want  string
	}{
		{&types.AuthorizationErrorException{}, 1, "AuthorizationError: the function's role may not publish to " + topic},
		{&types.KMSAccessDeniedException{}, 1, "KMSAccessDenied: the function's role may not use the key of " + topic},
		{&types.KMSDisabledException{}, 1, "KMSDisabled: the key of " + topic + " is disabled; enable it"},
		{&types.KMSInvalidStateException{}, 1, "KMSInvalidState: the key"},
		{&types.KMSNotFoundException{}, 1, "KMSNotFound: the key"},
		{&types.KMSOptInRequired{}, 1, "KMSOptInRequired: "},
		{&types.KMSThrottlingException{}, 3, "KMSThrottling: KMS throttled"},
		{&types.NotFoundException{}, 1, "NotFound: the topic " + topic},
		{&types.InvalidParameterException{}, 1, "InvalidParameter: SNS rejected"},
		{&types.InvalidSecurityException{}, 1, "InvalidSecurity: AWS rejected"},
		{&types.ThrottledException{}, 3, "Throttled: SNS throttled"},
		{&smithy.GenericAPIError{Code: "Throttling"}, 3, "Throttling: SNS throttled"},
		{&smithy.GenericAPIError{Code: "Odd", Message: "a\nb."}, 1, "SNS refused the call with Odd: a b; look"},
		{&smithy.OperationError{Err: io.EOF}, 3, "SNS could not be reached"},
		{context.DeadlineExceeded, 3, "SNS did not answer in time"},
		{errors.New("no credentials"), 1, "the call to SNS could not be made"},
	} {
		tries, waits := 0, 0
		n := New(publishFunc(func(*sns.PublishInput) error { tries++; return c.err }), "", topic, noWait(&waits))
		err := n.Notify(t.Context(), findingtest.Stopped())
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%v: error %q, want %q", c.err, err, c.want)
		}
		if tries != c.tries {
			t.Errorf("%v: %d tries, want %d", c.err, tries, c.tries)
		}
	}
	tries, waits := 0, 0
	n := New(publishFunc(func(*sns.PublishInput) error {
		if tries++; tries == 1 {
			return &smithy.OperationError{Err: io.EOF}
		}
		return nil
	}), "", topic, noWait(&waits))
	if err := n.Notify(t.Context(), findingtest.Stopped()); err != nil || waits != 0 {
		t.Errorf("a closed connection: %v after %d waits; want a retry at once", err, waits)
	}
}

// check holds a notification's publication against SNS's limits.
func check(t *testing.T, what string, n finding.Finding) {
	t.Helper()
	for _, x := range []struct {
		name, text string
		limit      int
	}{{"subject", subject(n), maxSubject}, {"text message", sms(n), maxSMS}} {
		if len(x.text) == 0 || len(x.text) > x.limit || strings.TrimSpace(x.text) != x.text {
			t.Errorf("%s: %s of %d characters: %q", what, x.name, len(x.text), x.text)
		}
		if slices.ContainsFunc([]byte(x.text), func(b byte) bool { return b < ' ' || b > '~' }) {
			t.Errorf("%s: %s is not printable ASCII: %q", what, x.name, x.text)
		}
	}
	message, err := publication(n)
	if err != nil || len(message) > maxMessage || !utf8.ValidString(message) ||
		strings.ContainsAny(message, "\uFFFE\uFFFF") {
		t.Errorf("%s: message of %d bytes, %v", what, len(message), err)
	}
	var p protocols
	if err := json.Unmarshal([]byte(message), &p); err != nil || !json.Valid([]byte(p.SQS)) || p.Default == "" {
		t.Errorf("%s: message is not as SNS wants it: %v", what, err)
	}
}

func FuzzSubject(f *testing.F) {
	f.Add("StopLogging", "restored", "critical", "management-events", "111122223333", "eu-west-1", "")
	f.Add("", "", "", "", "", "", "")
	long := strings.Repeat("\"\\", 2200) // longer than every bound; what is longer only costs time
	f.Add("x\r\nBcc: y", "undelivered", "\u202e", strings.Repeat("ü", 300), strings.Repeat("9", 300), "é", long)
	f.Fuzz(func(t *testing.T, event, outcome, severity, trail, account, region, rest string) {
		check(t, "fuzzed", finding.Finding{
			EventName:    event,
			Outcome:      finding.Outcome(outcome),
			Severity:     finding.Severity(severity),
			Subject:      finding.Subject{Name: trail, Account: account, Region: region},
			Actor:        rest,
			ActorARN:     rest,
			UserAgent:    rest,
			ErrorMessage: rest,
			Notes:        []finding.Note{finding.Say(finding.NoteText, rest), finding.Say(finding.NoteID(event), rest)},
			Next:         []finding.Note{finding.Say(finding.NoteText, rest), finding.Say(finding.NextStartNow, region, rest)},
			Channel:      trail,
			Reason:       rest,
			Request:      json.RawMessage(rest),
		})
	})
}
