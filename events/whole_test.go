package events_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"trailkeeper/events"
)

// wholeRecord has a value of its own in every place that is read, and beside each a neighbour that is not.
const wholeRecord = `{
	"eventVersion": "1.11", "eventID": "event-id", "requestID": "request-id", "eventName": "UpdateTrail",
"eventSource": "cloudtrail.amazonaws.com",
	"eventType": "AwsApiCall", "eventCategory": "Management", "eventTime": "2026-03-02T09:15:27Z",
"awsRegion": "eu-west-1",
	"recipientAccountId": "222233334444", "sourceIPAddress": "192.0.2.1", "userAgent": "agent", "errorCode": "code",
"errorMessage": "message",
	"userIdentity": {
		"type": "AssumedRole", "arn": "arn", "principalId": "principal", "accountId": "333344445555",
"accessKeyId": "access-key", "userName": "user",
		"invokedBy": "invoked-by", "identityProvider": "provider", "onBehalfOf": {"userId": "behalf",
"identityStoreArn": "store"},
		"sessionContext": {
			"sourceIdentity": "source-identity", "assumedRoot": "true",
			"sessionIssuer": {"type": "Role", "arn": "issuer-arn", "principalId": "issuer", "accountId": "444455556666",
"userName": "issuer-name"},
			"attributes": {"creationDate": "2026-03-02T09:00:00Z", "mfaAuthenticated": "true"}
		}
	},
	"requestParameters": {"name": "main", "s3BucketName": "logs"},
	"responseElements": {"name": "response", "trailARN": "response-arn", "kmsKeyId": "response-key",
"s3BucketName": "logs"},
	"resources": [{"ARN": "first", "type": "AWS::KMS::Key"}, {"arn": "no"}, {"ARN": 7}, [{"ARN": "second"}]],
	"additionalEventData": {"MFAUsed": "Yes", "LoginTo": "console"}, "sessionCredentialFromConsole": "true",
	"vpcEndpointId": "vpce-1", "sharedEventID": "shared"
}`

func wantRecord() events.Record {
	return events.Record{
		EventID:            "event-id",
		EventName:          "UpdateTrail",
		EventSource:        "cloudtrail.amazonaws.com",
		EventType:          "AwsApiCall",
		EventCategory:      "Management",
		EventTime:          "2026-03-02T09:15:27Z",
		Region:             "eu-west-1",
		RecipientAccountID: "222233334444",
		SourceIPAddress:    "192.0.2.1",
		UserAgent:          "agent",
		ErrorCode:          "code",
		ErrorMessage:       "message",
		Failed:             true,
		ResponseTrailARN:   "response-arn",
		ResponseKMSKeyID:   "response-key",
		Resources:          []string{"first", "second"},
		FromConsole:        true,
		MFAUsed:            "Yes",
		Identity: events.Identity{
			Type:           "AssumedRole",
			ARN:            "arn",
			PrincipalID:    "principal",
			AccountID:      "333344445555",
			UserName:       "user",
			InvokedBy:      "invoked-by",
			IssuerARN:      "issuer-arn",
			IssuerName:     "issuer-name",
			OnBehalfOf:     "behalf",
			MFA:            "true",
			SourceIdentity: "source-identity",
			AssumedRoot:    true,
		},
	}
}

// sameEvent compares everything that an event shows but its JSON.
var sameEvent = cmp.Options{
	cmpopts.IgnoreUnexported(events.Event{}),
	cmpopts.IgnoreFields(events.Record{}, "RequestParameters"),
}

// TestParseReadsEveryField: of an event with a CloudTrail record, and of the bare record.
func TestParseReadsEveryField(t *testing.T) {
	record := wantRecord()
	for name, tt := range map[string]struct {
		payload string
		want    events.Event
	}{
		"an event": {
			`{"version":"0","id":"id","source":"source","detail-type":"detail type","account":"111122223333",` +
				`"region":"us-east-1","time":"time","detail":` + wholeRecord + `}`,
			events.Event{
				Kind:       events.KindRecord,
				ID:         "id",
				Source:     "source",
				DetailType: "detail type",
				Account:    "111122223333",
				Region:     "us-east-1",
				Time:       "time",
				Record:     record,
			},
		},
		"a bare record": {
			wholeRecord,
			events.Event{
				Kind:       events.KindRecord,
				ID:         "event-id",
				Source:     "aws.cloudtrail",
				DetailType: "AWS API Call via CloudTrail",
				Account:    "222233334444",
				Region:     "eu-west-1",
				Time:       "2026-03-02T09:15:27Z",
				Record:     record,
				Wrapped:    true,
			},
		},
	} {
		ev := parsePayload(t, tt.payload)
		if diff := cmp.Diff(tt.want, ev, sameEvent); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
		if got := string(ev.Record.RequestParameters.JSON()); got != `{"name": "main", "s3BucketName": "logs"}` {
			t.Errorf("%s: request parameters %s", name, got)
		}
	}
}

// TestEveryFieldIsWanted: the test above leaves no field of a record out.
func TestEveryFieldIsWanted(t *testing.T) {
	record := wantRecord()
	for _, v := range []reflect.Value{reflect.ValueOf(record), reflect.ValueOf(record.Identity)} {
		for i := range v.NumField() {
			if field := v.Type().Field(i); v.Field(i).IsZero() && field.Name != "RequestParameters" {
				t.Errorf("%s.%s is empty", v.Type(), field.Name)
			}
		}
	}
}

// TestEnvelopeOfABareRecord: the whole of it, with the caller's account only where no other is known.
func TestEnvelopeOfABareRecord(t *testing.T) {
	recipient := `"recipientAccountId":"222233334444",`
	for _, account := range []string{"222233334444", "333344445555"} {
		record := `{"eventID":"event-id","eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com",` +
			`"awsRegion":"eu-west-1","eventTime":"2026-03-02T09:15:27Z",` +
			recipient + `"userIdentity":{"accountId":"333344445555"}}`
		recipient = ""
		var got, want map[string]any
		if err := json.Unmarshal(parsePayload(t, record).JSON(), &got); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(
			[]byte(
				`{"version":"0","id":"event-id","source":"aws.cloudtrail","detail-type":"AWS API Call via CloudTrail",`+
					`"account":"`+account+
					`","region":"eu-west-1","time":"2026-03-02T09:15:27Z","resources":[],"detail":`+record+`}`,
			),
			&want,
		); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

// TestKindGoesBySourceAndDetailType: every source of an event without a record with every detail-type; either alone
// makes none.
func TestKindGoesBySourceAndDetailType(t *testing.T) {
	type pair struct{ source, detailType string }
	kinds := map[pair]events.Kind{
		{"aws.events", "Scheduled Event"}:                   events.KindScheduled,
		{"aws.scheduler", "Scheduled Event"}:                events.KindScheduled,
		{"aws.scheduler", events.ContestedSweep}:            events.KindScheduled,
		{events.Source, events.TestAlert}:                   events.KindTest,
		{events.Source, events.Redrive}:                     events.KindRedrive,
		{"aws.cloudwatch", "CloudWatch Alarm State Change"}: events.KindAlarm,
	}
	met := 0
	for _, source := range []string{
		"aws.events", "aws.scheduler", events.Source, "aws.cloudwatch", "aws.cloudtrail",
		"com.example", "Trailkeeper", "",
	} {
		for _, detailType := range []string{
			"Scheduled Event", events.ContestedSweep, events.TestAlert, events.Redrive, "CloudWatch Alarm State " +
				"Change", "AWS API Call via CloudTrail", "scheduled event", "",
		} {
			want := kinds[pair{source, detailType}]
			payload := `{"id":"id","source":"` + source + `","detail-type":"` + detailType +
				`","account":"111122223333","region":"eu-west-1","time":"time","detail":{
				"alarmName":"alarm","state":{"value":"ALARM","reason":"r"},"previousState":{"value":"OK"},
"configuration":{"description":"It failed.","metrics":[]}}}`
			ev, err := events.Parse([]byte(payload))
			if want == 0 {
				if err == nil {
					t.Errorf("%q from %q is of kind %d", detailType, source, ev.Kind)
				}
				continue
			}
			met++
			whole := events.Event{
				Kind:       want,
				ID:         "id",
				Source:     source,
				DetailType: detailType,
				Account:    "111122223333",
				Region:     "eu-west-1",
				Time:       "time",
			}
			if want == events.KindAlarm {
				whole.Alarm = events.Alarm{Name: "alarm", State: "ALARM", Description: "It failed."}
			}
			if diff := cmp.Diff(whole, ev, sameEvent); err != nil || diff != "" || string(ev.JSON()) != payload {
				t.Errorf("%q from %q: %v (-want +got)\n%s", detailType, source, err, diff)
			}
		}
	}
	if met != len(kinds) {
		t.Errorf("%d of %d kinds were met", met, len(kinds))
	}
}

// TestParseWantsNameAndSource: of a record in an event and of a bare one, each half missing by itself.
func TestParseWantsNameAndSource(t *testing.T) {
	for record, ok := range map[string]bool{
		`{"eventName":"a","eventSource":"b"}`:                    true,
		`{"eventName":"a"}`:                                      false,
		`{"eventSource":"b"}`:                                    false,
		`{"eventName":"a","eventSource":""}`:                     false,
		`{"insightDetails":{"eventName":"a","eventSource":"b"}}`: true,
		`{"insightDetails":{"eventName":"a"}}`:                   false,
		`{"insightDetails":{"eventSource":"b"}}`:                 false,
		`{"eventName":"a","insightDetails":{"eventSource":"b"}}`: true,
	} {
		for _, payload := range []string{record, `{"source":"s","detail-type":"d","detail":` + record + `}`} {
			ev, err := events.Parse([]byte(payload))
			if (err == nil) != ok || ok && (ev.Record.EventName != "a" || ev.Record.EventSource != "b") {
				t.Errorf("%s: %+v, %v", payload, ev, err)
			}
		}
	}
}

// TestWhatARecordIs: each half of each condition by itself.
func TestWhatARecordIs(t *testing.T) {
	for _, tt := range []struct {
		record        events.Record
		refused, call bool
	}{
		{events.Record{}, false, true},
		{events.Record{EventType: "AwsApiCall"}, false, true},
		{events.Record{EventType: "AwsApiCall", EventCategory: "Management"}, false, true},
		{events.Record{EventType: "AwsApiCall", EventCategory: "NetworkActivity"}, false, false},
		{events.Record{EventCategory: "NetworkActivity"}, false, false},
		{events.Record{EventType: "AwsVpceEvent"}, false, false},
		{events.Record{EventType: "AwsServiceEvent", EventCategory: "Management"}, false, false},
		{events.Record{ErrorCode: "x"}, true, true},
		{events.Record{Failed: true}, true, true},
		{events.Record{ErrorCode: "x", ErrorMessage: "x", EventType: "AwsApiCall"}, true, true},
		{events.Record{ErrorMessage: "x", EventType: "AwsApiCall"}, false, true},
		{events.Record{ErrorMessage: "x", EventType: "AwsConsoleSignIn"}, true, false},
		{events.Record{EventType: "AwsConsoleSignIn"}, false, false},
	} {
		if r := tt.record; r.Refused() != tt.refused || r.IsCall() != tt.call {
			t.Errorf("%+v: refused %v, call %v", r, r.Refused(), r.IsCall())
		}
	}
}

// TestParameters: names are compared exactly and in the order in which they are asked for.
func TestParameters(t *testing.T) {
	for parameters, want := range map[string]struct {
		text, json string
		omitted    bool
	}{
		`{"name":"a","trailName":"b"}`:  {"a", `{"name":"a","trailName":"b"}`, false},
		`{"trailName":"b","name":"a"}`:  {"a", `{"trailName":"b","name":"a"}`, false},
		`{"name":"","trailName":"b"}`:   {"b", `{"name":"","trailName":"b"}`, false},
		`{"name":1,"trailName":"b"}`:    {"b", `{"name":1,"trailName":"b"}`, false},
		`{"Name":"a"}`:                  {"", `{"Name":"a"}`, false},
		`{"omitted":true}`:              {"", `{"omitted":true}`, true},
		`{"omitted":"True","name":"a"}`: {"a", `{"omitted":"True","name":"a"}`, true},
		`{"omitted":false}`:             {"", `{"omitted":false}`, false},
		`{"omitted":"yes"}`:             {"", `{"omitted":"yes"}`, false},
		`{"omitted":null}`:              {"", `{"omitted":null}`, false},
		`{"reason":true}`:               {"", `{"reason":true}`, false},
		`"name"`:                        {"", `"name"`, false},
		`null`:                          {"", "", false},
	} {
		p := parsePayload(
			t,
			`{"eventName":"a","eventSource":"b","requestParameters":`+parameters+`}`,
		).Record.RequestParameters
		if p.Text("name", "trailName") != want.text || string(p.JSON()) != want.json || p.Omitted() != want.omitted {
			t.Errorf("%s: text %q, JSON %s, omitted %v", parameters, p.Text("name", "trailName"), p.JSON(), p.Omitted())
		}
	}
}

// TestParseKeepsNoReference: what the caller does to its bytes afterwards changes no event.
func TestParseKeepsNoReference(t *testing.T) {
	payload := []byte(`{"source":"s","detail-type":"d","detail":` + strings.ReplaceAll(wholeRecord, "\t", "") + `}`)
	ev, err := events.Parse(payload)
	if err != nil {
		t.Fatal(err)
	}
	want := string(ev.JSON())
	for i := range payload {
		payload[i] = 'x'
	}
	if string(ev.JSON()) != want || ev.Record.RequestParameters.Text("name") != "main" {
		t.Error("an event changes with the bytes it was read from")
	}
}
