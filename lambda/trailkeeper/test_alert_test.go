package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/goldentest"
)

const identity = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>` +
	`<Arn>arn:aws:sts::111122223333:assumed-role/Operator/ada</Arn><UserId>x</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`

func taken(map[string]any) (int, any) {
	return http.StatusOK, object{"FailedEntryCount": 0, "Entries": []object{{"EventId": "11710aed-b79e-4468-a20b-bb3c0c3b4860"}}}
}

// TestTestAlertStory shows what an operator sees.
func TestTestAlertStory(t *testing.T) {
	denied := `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>`
	var story strings.Builder
	for _, part := range []struct {
		title string
		aws   answers
		args  []string
	}{
		{"taken", answers{"GetCallerIdentity": say(identity), "PutEvents": taken, "PutMetricData": say(object{})}, nil},
		{
			"another bus, and AWS does not tell who calls",
			answers{"GetCallerIdentity": func(map[string]any) (int, any) { return http.StatusForbidden, denied }, "PutEvents": taken, "PutMetricData": say(object{})},
			[]string{"--bus", "security", "--region", "us-east-1"},
		},
		{"not counted", answers{
			"GetCallerIdentity": say(identity), "PutEvents": taken,
			"PutMetricData": refuse("AccessDeniedException", "User: ada is not authorized to perform: cloudwatch:PutMetricData"),
		}, nil},
		{"refused by EventBridge", answers{"GetCallerIdentity": say(identity), "PutEvents": say(object{
			"FailedEntryCount": 1, "Entries": []object{{"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "Not authorized for the source."}},
		})}, nil},
		{"denied", answers{"GetCallerIdentity": say(identity), "PutEvents": refuse("AccessDeniedException", "User: ada is not authorized to perform: events:PutEvents")}, nil},
	} {
		part.aws.serve(t)
		args := append([]string{"test-alert"}, part.args...)
		code, out, errs := trailkeeper("", args...)
		fmt.Fprintf(&story, "== %s\n\n$ trailkeeper %s\n%s%s[exit %d]\n\n", part.title, strings.Join(args, " "), out, errs, code)
	}
	goldentest.Compare(t, filepath.Join("testdata", "test-alert-story.golden"), story.String(), *update)
	for line := range strings.Lines(story.String()) {
		if n := len([]rune(line)); n > 101 && !strings.HasPrefix(line, "trailkeeper: ") {
			t.Errorf("a line of %d columns: %s", n, line)
		}
	}
}

// TestTestAlertEvent: what EventBridge makes of the entry is a test alert, as the guard reads it.
func TestTestAlertEvent(t *testing.T) {
	var entries []any
	var counted []byte
	answers{"GetCallerIdentity": say(identity), "PutEvents": func(in map[string]any) (int, any) {
		entries, _ = in["Entries"].([]any)
		return taken(in)
	}, "PutMetricData": func(in map[string]any) (int, any) {
		counted, _ = in["cbor"].([]byte)
		return http.StatusOK, nil
	}}.serve(t)
	if code, _, errs := trailkeeper("", "test-alert", "--stack", "keeper", "--bus", "arn:aws:events:eu-west-1:111122223333:event-bus/security"); code != exitOK {
		t.Fatalf("exit %d, %q", code, errs)
	}
	for _, want := range []string{"Trailkeeper", "TestAlertsSent", "Stack", "keeper", "Count"} {
		if !bytes.Contains(counted, []byte(want)) {
			t.Errorf("no %s in what was counted: %q", want, counted)
		}
	}
	if len(entries) != 1 {
		t.Fatalf("%d events", len(entries))
	}
	e, _ := entries[0].(map[string]any)
	text, _ := e["Detail"].(string)
	var detail map[string]string
	if err := json.Unmarshal([]byte(text), &detail); err != nil {
		t.Fatal(err)
	}
	if detail["by"] != "arn:aws:sts::111122223333:assumed-role/Operator/ada" || detail["id"] == "" || e["EventBusName"] != "arn:aws:events:eu-west-1:111122223333:event-bus/security" {
		t.Errorf("%v", e)
	}
	event, err := json.Marshal(object{"id": "x", "source": e["Source"], "detail-type": e["DetailType"], "detail": detail})
	if err != nil {
		t.Fatal(err)
	}
	if ev, err := events.Parse(event); err != nil || ev.Kind != events.KindTest {
		t.Errorf("%+v, %v", ev, err)
	}
}

func TestTestAlertRefused(t *testing.T) {
	for name, test := range map[string]struct {
		answer any
		want   string
	}{
		"no answer":          {object{}, "EventBridge answered for 0 events; want one"},
		"no id":              {object{"Entries": []object{{}}}, "EventBridge did not take it: it does not say why; nothing was sent"},
		"failed with an id?": {object{"FailedEntryCount": 1, "Entries": []object{{"EventId": "x", "ErrorCode": "InternalFailure"}}}, "EventBridge did not take it: InternalFailure; nothing was sent"},
	} {
		answers{"GetCallerIdentity": say(identity), "PutEvents": say(test.answer)}.serve(t)
		if code, out, errs := trailkeeper("", "test-alert"); code != exitFailed || out != "" || !strings.Contains(errs, test.want) {
			t.Errorf("%s: exit %d, stdout %q, stderr %q", name, code, out, errs)
		}
	}
	if code, _, errs := trailkeeper("", "test-alert", "--stack", "1 b"); code != exitUsage || !strings.Contains(errs, `--stack is "1 b"; want the name of the stack`) {
		t.Errorf("exit %d, %q", code, errs)
	}
	if code, _, errs := trailkeeper("", "test-alert", "--bus", "a b"); code != exitUsage || !strings.Contains(errs, `--bus is "a b"; want the name or the ARN`) {
		t.Errorf("exit %d, %q", code, errs)
	}
}
