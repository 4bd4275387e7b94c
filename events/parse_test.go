package events_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"trailkeeper/events"
)

func fixture(tb testing.TB, name string) []byte {
	tb.Helper()
	b, err := fs.ReadFile(events.Fixtures(), name+".json")
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func parse(tb testing.TB, name string) events.Event {
	tb.Helper()
	ev, err := events.Parse(fixture(tb, name))
	if err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	return ev
}

func TestParseFixtures(t *testing.T) {
	const arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/management-events"
	tests := []struct {
		fixture, eventName, trail string
		refused, call             bool
	}{
		{"stop-logging", "StopLogging", arn, false, true},
		{"stop-logging-console", "StopLogging", arn, false, true},
		{"stop-logging-no-identity", "StopLogging", arn, false, true},
		{"stop-logging-hostile", "StopLogging", arn, false, true},
		{"stop-logging-odd-time", "StopLogging", arn, false, true},
		{"stop-logging-text-parameters", "StopLogging", "", false, true}, // nothing names the trail
		{"stop-logging-omitted", "StopLogging", "", false, true},
		{"stop-logging-record", "StopLogging", arn, false, true},
		{"stop-logging-denied", "StopLogging", arn, true, true},   // requestParameters is null: the ARN is in the message
		{"stop-logging-not-found", "StopLogging", "", true, true}, // the name is none that a trail can have
		{"stop-logging-vpce", "StopLogging", arn, false, false},   // a request crossed an endpoint
		{"service-event", "RotateKey", "", false, false},          // nobody's call
		{"insight-record", "StopLogging", "", false, false},       // the rate of a call, not a call
		{"console-login-failed", "ConsoleLogin", "", true, false}, // errorMessage alone
		{
			"stop-logging-org-delegated",
			"StopLogging",
			"arn:aws:cloudtrail:eu-west-1:111122223333:trail/organization",
			false,
			true,
		},
		{
			"stop-logging-govcloud",
			"StopLogging",
			"arn:aws-us-gov:cloudtrail:us-gov-west-1:111122223333:trail/management-events",
			false,
			true,
		},
		{
			"stop-logging-china",
			"StopLogging",
			"arn:aws-cn:cloudtrail:cn-north-1:111122223333:trail/management-events",
			false,
			true,
		},
		{"update-trail-minimise", "UpdateTrail", arn, false, true},
		{"put-event-selectors-blinding", "PutEventSelectors", arn, false, true}, // trailName
		{"put-event-selectors-omitted", "PutEventSelectors", arn, false, true},  // only responseElements names it
		{"put-insight-selectors-event-data-store", "PutInsightSelectors", "", false, true},
		{"add-tags", "AddTags", arn, false, true}, // resourceId
	}
	for _, tt := range tests {
		t.Run(tt.fixture, func(t *testing.T) {
			ev := parse(t, tt.fixture)
			if ev.Record.EventName != tt.eventName {
				t.Errorf("event name = %q, want %q", ev.Record.EventName, tt.eventName)
			}
			trail, err := ev.Trail()
			if got := trail.ARN(); got != tt.trail || (got == "") != (err != nil) {
				t.Errorf("trail = %q, %v; want %q", got, err, tt.trail)
			}
			if got := ev.Record.Refused(); got != tt.refused {
				t.Errorf("refused = %v, want %v", got, tt.refused)
			}
			if got := ev.Record.IsCall(); got != tt.call {
				t.Errorf("is call = %v, want %v", got, tt.call)
			}
		})
	}
}

func TestParseSaysWhatAPayloadIs(t *testing.T) {
	tests := []struct{ name, payload, want string }{
		{"empty", " ", "an empty payload"},
		{"cut off", `{"version":"0"`, "no JSON at byte 14 of 14"},
		{"trailing", `{"version":"0"} {}`, "no JSON at byte 17"},
		{"array", `[1]`, "no JSON object"},
		{"text", `"hello"`, "no JSON object"},
		{"null", `null`, "no JSON object"},
		{"console's test event", `{"key1":"value1"}`, "a JSON object with none of an event's keys"},
		{"EC2", string(fixture(t, "ec2-state-change")), `"EC2 Instance State-change Notification" from "aws.ec2"`},
		{
			"no event name",
			`{"source":"aws.cloudtrail","detail-type":"x","detail":{"eventSource":"a"}}`,
			"no eventName and eventSource",
		},
		{"detail is a text", `{"source":"aws.cloudtrail","detail-type":"x","detail":"y"}`, "no eventName and eventSource"},
		{
			"half an Insights event",
			`{"eventType":"AwsCloudTrailInsight","insightDetails":{"eventName":"a"}}`,
			"part of a CloudTrail record",
		},
		{"half a record", `{"eventName":"StopLogging"}`, "part of a CloudTrail record"},
		{"log file", `{"Records":[{"eventName":"a","eventSource":"b"},{}]}`, "a CloudTrail log file of 2 records"},
		{"SNS batch", `{"Records":[{"EventSource":"aws:sns","Sns":{}}]}`, `a batch of 1 "aws:sns" records`},
		{"SQS batch", `{"Records":[{"eventSource":"aws:sqs","body":"x"}]}`, `a batch of 1 "aws:sqs" records`},
		{"odd batch", `{"Records":[{}]}`, "a batch of 1 records of an unknown kind"},
		{"empty batch", `{"Records":[]}`, "a batch without records"},
		{"SNS message", `{"TopicArn":"arn:aws:sns:x","Message":"y"}`, "an SNS message"},
		{"alarm", `{"AlarmName":"x"}`, "a CloudWatch alarm's message"},
		{
			"alarm without a name",
			`{"source":"aws.cloudwatch","detail-type":"CloudWatch Alarm State Change","detail":{}}`,
			"without an alarm's name",
		},
		{
			"test of others",
			`{"source":"mine","detail-type":"Trailkeeper Test Alert","detail":{"id":"1"}}`,
			"no eventName and eventSource",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ev, err := events.Parse([]byte(tt.payload))
			if err == nil {
				t.Fatalf("Parse accepted it as %+v", ev)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %q, want it to say %q", err, tt.want)
			}
		})
	}
}

func TestParseOddShapes(t *testing.T) {
	wrap := func(detail string) []byte {
		return []byte(
			`{"source":"aws.cloudtrail","detail-type":"AWS API Call via CloudTrail","account":"111122223333",` +
				`"region":"eu-west-1","detail":` +
				detail + `}`,
		)
	}
	tests := []struct{ name, detail string }{
		{
			"every field null",
			`{"eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com","userIdentity":null,` +
				`"requestParameters":null,"responseElements":null,"errorCode":null,"eventTime":null,` +
				`"sessionCredentialFromConsole":null,"additionalEventData":null}`,
		},
		{
			"every field a text",
			`{"eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com","userIdentity":"x",` +
				`"requestParameters":"x","responseElements":"x","eventTime":"x","sessionCredentialFromConsole":"x",` +
				`"additionalEventData":"x","readOnly":"false"}`,
		},
		{
			"every field a number",
			`{"eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com","userIdentity":1,"requestParameters":1,` +
				`"responseElements":1,"eventTime":1,"sessionCredentialFromConsole":1,"additionalEventData":1,"userAgent":1}`,
		},
		{
			"every field an array",
			`{"eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com","userIdentity":[],"requestParameters":[],` +
				`"responseElements":[],"eventTime":[],"sessionCredentialFromConsole":[],"additionalEventData":[],"errorCode":[]}`,
		},
		{
			"inner fields odd",
			`{"eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com","userIdentity":{"type":{},"arn":1,` +
				`"sessionContext":"x","onBehalfOf":[]},"requestParameters":{"name":{"a":1}}}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ev, err := events.Parse(wrap(tt.detail))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := ev.Trail(); !errors.Is(err, events.ErrNoTrail) {
				t.Errorf("trail error = %v, want ErrNoTrail", err)
			}
			if got := ev.Record.Actor().Name; got == "" {
				t.Error("actor has no name")
			}
		})
	}
}

func TestBareRecordIsWrappedAsEventBridgeWould(t *testing.T) {
	tests := []struct{ record, source, detailType string }{
		{
			`{"eventName":"a","eventSource":"cloudtrail.amazonaws.com","eventType":"AwsApiCall"}`,
			"aws.cloudtrail",
			"AWS API Call via CloudTrail",
		},
		{`{"eventName":"a","eventSource":"cloudtrail.amazonaws.com"}`, "aws.cloudtrail", "AWS API Call via CloudTrail"},
		{
			`{"eventName":"a","eventSource":"signin.amazonaws.com","eventType":"AwsConsoleSignIn"}`,
			"aws.signin",
			"AWS Console Sign In via CloudTrail",
		},
		{
			`{"eventName":"a","eventSource":"kms.amazonaws.com","eventType":"AwsServiceEvent"}`,
			"aws.kms",
			"AWS Service Event via CloudTrail",
		},
		{
			`{"eventName":"a","eventSource":"x.amazonaws.com","eventType":"AwsConsoleAction"}`,
			"aws.x",
			"AWS Console Action via CloudTrail",
		},
		{
			`{"insightDetails":{"eventName":"a","eventSource":"x.amazonaws.com"},"eventType":"AwsCloudTrailInsight"}`,
			"aws.cloudtrail",
			"AWS Insight via CloudTrail",
		},
		{
			`{"eventName":"a","eventSource":"x.amazonaws.com","eventType":"AwsVpceEvent"}`,
			"aws.x",
			"AWS Network Activity Event via CloudTrail",
		},
	}
	for _, tt := range tests {
		ev, err := events.Parse([]byte(tt.record))
		if err != nil {
			t.Fatal(err)
		}
		if !ev.Wrapped || ev.Source != tt.source || ev.DetailType != tt.detailType {
			t.Errorf(
				"%s: wrapped %v, source %q, detail-type %q; want %q, %q",
				tt.record,
				ev.Wrapped,
				ev.Source,
				ev.DetailType,
				tt.source,
				tt.detailType,
			)
		}
		again, err := events.Parse(ev.JSON())
		if err != nil || again.Wrapped || again.Source != tt.source || again.Record.EventName != "a" {
			t.Errorf("the envelope does not parse back: %+v, %v", again, err)
		}
	}
}

func TestRefusedGoesByTheErrorCode(t *testing.T) {
	for record, want := range map[string]bool{
		`{"eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com","eventType":"AwsApiCall",` +
			`"errorMessage":"odd"}`: false, // as the patterns see it
		`{"eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com","eventType":"AwsApiCall",` +
			`"errorCode":"x"}`: true,
		`{"eventName":"ConsoleLogin","eventSource":"signin.amazonaws.com","eventType":"AwsConsoleSignIn",` +
			`"errorMessage":"x"}`: true,
	} {
		if ev := parsePayload(t, record); ev.Record.Refused() != want {
			t.Errorf("%s: refused %v", record, !want)
		}
	}
}

func TestScheduledEvent(t *testing.T) {
	for source, want := range map[string]bool{"aws.scheduler": true, "aws.events": false, "custom": false} {
		contested := `{"source":"` + source + `","detail-type":"` + events.ContestedSweep +
			`","account":"111122223333","region":"eu-west-1","detail":{}}`
		if ev, err := events.Parse(
			[]byte(contested),
		); (err == nil) != want ||
			want && (ev.Kind != events.KindScheduled || ev.DetailType != events.ContestedSweep) {
			t.Errorf("%s: %+v, %v", source, ev, err)
		}
	}
	if ev := parse(t, "scheduled-event"); ev.Kind != events.KindScheduled {
		t.Errorf("kind = %v, want a scheduled event", ev.Kind)
	}
	scheduler := strings.Replace(string(fixture(t, "scheduled-event")), "aws.events", "aws.scheduler", 1)
	if ev, err := events.Parse(
		[]byte(strings.Replace(scheduler, `"detail": {}`, `"detail": "{}"`, 1)),
	); err != nil ||
		ev.Kind != events.KindScheduled {
		t.Errorf("EventBridge Scheduler's event: %v, %v", ev.Kind, err)
	}
	forged := strings.Replace(string(fixture(t, "scheduled-event")), "aws.events", "com.example", 1)
	if ev, err := events.Parse([]byte(forged)); err == nil {
		t.Errorf("a forged schedule was accepted: %+v", ev)
	}
}

func FuzzParse(f *testing.F) {
	names, err := fs.Glob(events.Fixtures(), "*.json")
	if err != nil || len(names) < 40 {
		f.Fatalf("only %d fixtures, %v", len(names), err)
	}
	for _, name := range names {
		b, err := fs.ReadFile(events.Fixtures(), name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		ev, err := events.Parse(payload)
		if err != nil {
			return
		}
		if ev.Kind == events.KindRecord &&
			(ev.Record.EventName == "" || ev.Record.EventSource == "" || (ev.Wrapped && ev.Source == "")) {
			t.Errorf("accepted without an event name and a source: %+v", ev)
		}
		if _, err := events.Parse(ev.JSON()); err != nil {
			t.Errorf("its own envelope does not parse: %v", err)
		}
		if ev.Record.Actor().Name == "" && ev.Kind == events.KindRecord {
			t.Error("no actor")
		}
		if trail, err := ev.Trail(); err == nil {
			if again, err := events.ParseTrailARN(trail.ARN()); err != nil || again != trail {
				t.Errorf("trail %+v does not survive its ARN: %+v, %v", trail, again, err)
			}
		}
	})
}

// TestParseOwnEvents: what Trailkeeper sends itself, and the alarms that were meant for Slack.
func TestParseOwnEvents(t *testing.T) {
	for want, payload := range map[events.Kind]string{
		events.KindTest: `{"id":"1","source":"trailkeeper","detail-type":"Trailkeeper Test Alert",` +
			`"account":"111122223333","detail":{"by":"x"}}`,
		events.KindRedrive: `{"id":"1","source":"trailkeeper","detail-type":"Trailkeeper Redrive"}`,
		events.KindAlarm: `{"id":"1","source":"aws.cloudwatch","detail-type":"CloudWatch Alarm State Change",
			"detail":{"alarmName":"trailkeeper/guard-errors","state":{"value":"ALARM"},
"configuration":{"description":"It failed."}}}`,
	} {
		ev, err := events.Parse([]byte(payload))
		if err != nil || ev.Kind != want || ev.ID != "1" {
			t.Errorf("%s: %+v, %v", payload, ev, err)
		}
		if alarm := (events.Alarm{
			Name: "trailkeeper/guard-errors", State: "ALARM",
			Description: "It failed.",
		}); want == events.KindAlarm &&
			ev.Alarm != alarm {
			t.Errorf("alarm %+v", ev.Alarm)
		}
	}
}
