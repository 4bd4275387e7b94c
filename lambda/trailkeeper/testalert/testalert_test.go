package testalert

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"trailkeeper/events"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/clitest"
)

var trailkeeper = clitest.Command(New)

const identity = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:sts::111122223333:assumed-role/Operator/ada</Arn><UserId>x</UserId><Account>111122223333</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>`

func taken(map[string]any) (int, any) {
	return http.StatusOK, clitest.Object{
		"FailedEntryCount": 0,
		"Entries":          []clitest.Object{{"EventId": "11710aed-b79e-4468-a20b-bb3c0c3b4860"}},
	}
}

// TestTestAlertStory shows what an operator sees.
func TestTestAlertStory(t *testing.T) {
	const denied = `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error>
</ErrorResponse>`
	var story strings.Builder
	for _, part := range []struct {
		title string
		aws   clitest.Answers
		args  []string
	}{
		{"taken", clitest.Answers{
			"GetCallerIdentity": clitest.Say(identity), "PutEvents": taken,
			"PutMetricData": clitest.Say(clitest.Object{}),
		}, nil},
		{
			"another bus, and AWS does not tell who calls",
			clitest.Answers{
				"GetCallerIdentity": func(map[string]any) (int, any) { return http.StatusForbidden, denied },
				"PutEvents":         taken, "PutMetricData": clitest.Say(clitest.Object{}),
			},
			[]string{"--bus", "security", "--region", "us-east-1"},
		},
		{"not counted", clitest.Answers{
			"GetCallerIdentity": clitest.Say(identity), "PutEvents": taken,
			"PutMetricData": clitest.Refuse("AccessDeniedException",
				"User: ada is not authorized to perform: cloudwatch:PutMetricData"),
		}, nil},
		{
			"refused by EventBridge",
			clitest.Answers{"GetCallerIdentity": clitest.Say(identity), "PutEvents": clitest.Say(clitest.Object{
				"FailedEntryCount": 1, "Entries": []clitest.Object{{
					"ErrorCode":    "NotAuthorizedForSourceException",
					"ErrorMessage": "Not authorized for the source.",
				}},
			})},
			nil,
		},
		{"denied", clitest.Answers{
			"GetCallerIdentity": clitest.Say(identity),
			"PutEvents": clitest.Refuse("AccessDeniedException",
				"User: ada is not authorized to perform: events:PutEvents"),
		}, nil},
	} {
		part.aws.Serve(t)
		args := append([]string{"test-alert"}, part.args...)
		code, out, errs := trailkeeper("", args...)
		fmt.Fprintf(&story, "== %s\n\n$ trailkeeper %s\n%s%s[exit %d]\n\n", part.title, strings.Join(args, " "), out, errs,
			code)
	}
	clitest.Golden(t, "story.golden", story.String())
	clitest.Narrow(t, story.String(), cli.Columns, "trailkeeper: ")
}

// TestTestAlertEvent: what EventBridge makes of the entry is a test alert, as the guard reads it.
func TestTestAlertEvent(t *testing.T) {
	var entries []any
	var counted []byte
	clitest.Answers{"GetCallerIdentity": clitest.Say(identity), "PutEvents": func(in map[string]any) (int, any) {
		entries, _ = in["Entries"].([]any)
		return taken(in)
	}, "PutMetricData": func(in map[string]any) (int, any) {
		counted, _ = in["cbor"].([]byte)
		return http.StatusOK, nil
	}}.Serve(t)
	if code, _, errs := trailkeeper("", "test-alert", "--stack", "keeper", "--bus",
		"arn:aws:events:eu-west-1:111122223333:event-bus/security"); code != cli.ExitOK {
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
	if detail["by"] != "arn:aws:sts::111122223333:assumed-role/Operator/ada" || detail["id"] == "" ||
		e["EventBusName"] != "arn:aws:events:eu-west-1:111122223333:event-bus/security" {
		t.Errorf("%v", e)
	}
	event, err := json.Marshal(clitest.Object{
		"id":          "x",
		"source":      e["Source"],
		"detail-type": e["DetailType"],
		"detail":      detail,
	})
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
		"no answer": {clitest.Object{}, "EventBridge answered for 0 events; want one"},
		"no id": {
			clitest.Object{"Entries": []clitest.Object{{}}},
			"EventBridge did not take it: it does not say why; nothing was sent",
		},
		"failed with an id?": {clitest.Object{
			"FailedEntryCount": 1,
			"Entries": []clitest.Object{{
				"EventId":   "x",
				"ErrorCode": "InternalFailure",
			}},
		}, "EventBridge did not take it: InternalFailure; nothing was sent"},
	} {
		clitest.Answers{"GetCallerIdentity": clitest.Say(identity), "PutEvents": clitest.Say(test.answer)}.Serve(t)
		if code, out, errs := trailkeeper("", "test-alert"); code != cli.ExitFailed || out != "" ||
			!strings.Contains(errs, test.want) {
			t.Errorf("%s: exit %d, stdout %q, stderr %q", name, code, out, errs)
		}
	}
	if code, _, errs := trailkeeper("", "test-alert", "--stack", "1 b"); code != cli.ExitUsage ||
		!strings.Contains(errs, `--stack is "1 b"; want the name of a stack`) {
		t.Errorf("exit %d, %q", code, errs)
	}
	if code, _, errs := trailkeeper("", "test-alert", "--bus", "a b"); code != cli.ExitUsage ||
		!strings.Contains(errs, `--bus is "a b"; want the name or the ARN`) {
		t.Errorf("exit %d, %q", code, errs)
	}
}

func TestHelp(t *testing.T) { clitest.Help(t, trailkeeper, "help.golden", "test-alert", "--help") }

// TestLoopback: the loopback cloud answers as AWS does.
func TestLoopback(t *testing.T) {
	clitest.NewLoopback(t, New).Want(cli.ExitOK, "test-alert",
		"EventBridge took the test alert on the event bus default in eu-west-1.")
}
