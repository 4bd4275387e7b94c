package read

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// wrapping is an object that has the text of another thing in it.
type wrapping struct {
	with   string // the keys that tell it
	path   string // where the text is; an object may stand there instead
	packed bool   // the text is base64
}

// wrappings are asked in turn. None of them has eventName and eventSource of its own.
var wrappings = []wrapping{
	{"CloudTrailEvent", "CloudTrailEvent", false},             // `lookup-events` of CloudTrail
	{"eventJson", "eventJson", false},                         // a row of CloudTrail Lake with the whole record
	{"Sns", "Sns.Message", false},                             // SNS in a batch of Lambda
	{"TopicArn Message", "Message", false},                    // SNS in a queue, or as it is sent to an endpoint
	{"body", "body", false},                                   // SQS in a batch of Lambda
	{"Body", "Body", false},                                   // `receive-message` of SQS
	{"kinesis.data", "kinesis.data", true},                    // Kinesis in a batch of Lambda
	{"SequenceNumber Data", "Data", true},                     // `get-records` of Kinesis
	{"data", "data", true},                                    // Firehose, to Lambda or an endpoint
	{"awslogs.data", "awslogs.data", true},                    // CloudWatch Logs to Lambda
	{"requestPayload", "requestPayload", false},               // a destination of Lambda for what failed
	{"detail.requestPayload", "detail.requestPayload", false}, // the same by way of EventBridge
	{"result._raw", "result._raw", false},                     // a result that Splunk exports
	{"event.original", "event.original", false},               // Filebeat with the text it read
	{"event", "event", false},                                 // Splunk's event collector
	{"message", "message", false},                             // CloudWatch Logs in each of its forms, Filebeat
}

// leaf reads an object without a list of records.
func (r *walker) leaf(at Place, o object) error {
	r.given++
	if name := o.plainName(); name != nil {
		return r.out.give(Record{at, o.raw, name})
	}
	if o.has("eventName eventSource") && !strings.HasPrefix(o.source(), "aws:") {
		return r.record(at, o)
	}
	if name := o.eventName(); name != nil {
		return r.out.give(Record{at, o.raw, name})
	}
	for _, w := range wrappings {
		if o.has(w.with) {
			return r.unwrap(at, o.get(w.path), w)
		}
	}
	switch {
	case o.has("Source Detail"), o.has("DetailType Detail"):
		return r.putEvent(at, o)
	case o.has("eventname eventsource"):
		return r.row(at, o.raw)
	case o.has("ResultSet.Rows"):
		return r.athena(at, o.get("ResultSet.Rows"))
	case o.has("digestStartTime digestS3Object"):
		return r.skipped(at, "a digest file")
	case o.has("detail"), o.has("source detail-type"):
		return r.out.give(Record{Place: at, raw: o.raw})
	}
	if name := o.foreignName(); name != "" {
		return r.out.refuse(at, errors.New(name))
	}
	return r.record(at, o)
}

// record gives a bare record. One of Insights in a list of records makes that an Insights file, which is named once.
func (r *walker) record(at Place, o object) error {
	isInsight := o.has("insightDetails") || o.text("eventType") == "AwsCloudTrailInsight"
	if !isInsight || r.lists == 0 || o.has("detail") {
		return r.out.give(Record{Place: at, raw: o.raw})
	}
	if r.insights {
		return nil
	}
	r.insights = true
	return r.skipped(at, "a record of CloudTrail Insights")
}

// unwrap opens the text, or the object, that stands in another.
func (r *walker) unwrap(at Place, value []byte, w wrapping) error {
	if len(value) == 0 || value[0] != '"' {
		if len(value) > 0 && (value[0] == '{' || value[0] == '[') {
			return r.open(at, w.path, string(value))
		}
		return r.out.refuse(at, fmt.Errorf("%s is %.40s; want a text", w.path, value))
	}
	text := textOf(value)
	switch {
	case w.packed:
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return r.out.refuse(at, fmt.Errorf("%s is no base64: %w", w.path, err))
		}
		text = string(raw)
	case strings.HasPrefix(text, "CWL CONTROL MESSAGE"):
		return r.skipped(at, "a control message of CloudWatch Logs")
	}
	return r.open(at, w.path, text)
}

// unpackBase64 unpacks what can only be gzip in base64, in one line or in several.
func unpackBase64(text string) (string, bool) {
	const gzip = "H4sI"
	if text = strings.TrimSpace(text); !strings.HasPrefix(text, gzip) {
		return "", false
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	return string(raw), err == nil
}

// putEvent makes of an entry of PutEvents the event that EventBridge would send (API reference,
// PutEventsRequestEntry).
func (r *walker) putEvent(at Place, o object) error {
	detail := []byte(o.text("Detail"))
	if len(detail) == 0 {
		detail = o.get("Detail")
	}
	if objectOf(bytes.TrimSpace(detail)).raw == nil {
		return r.out.refuse(at, errors.New("an entry of PutEvents whose Detail is no JSON object"))
	}
	resources := o.get("Resources")
	if resources == nil {
		resources = []byte("[]")
	}
	event, err := json.Marshal(map[string]any{
		"version":     "0",
		"source":      o.text("Source"),
		"detail-type": o.text("DetailType"),
		"time":        o.text("Time"),
		"resources":   json.RawMessage(resources),
		"detail":      json.RawMessage(detail),
	})
	if err != nil {
		return r.out.refuse(at, fmt.Errorf("an entry of PutEvents: %w", err))
	}
	return r.out.give(Record{Place: at, raw: event})
}
