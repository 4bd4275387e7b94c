package read

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// form is an object that is known by some of its keys, and how what is in it is found.
type form struct {
	with string
	read func(o object) (content, error)
}

// content is what an object holds: a text with records in it, or records.
type content struct {
	via     string // the path of the text or the records
	text    string
	records [][]byte
}

// forms are asked in turn. None of them has eventName and eventSource of its own.
var forms = []form{
	{"CloudTrailEvent", in("CloudTrailEvent")}, // lookup-events
	{"eventJson", in("eventJson")},             // CloudTrail Lake
	{"Sns", in("Sns.Message")},                 // SNS to Lambda
	{"Message", in("Message")},                 // SNS to a queue or an endpoint
	{"body", in("body")},                       // SQS to Lambda
	{"Body", in("Body")},                       // receive-message
	{"kinesis.data", inBase64("kinesis.data")}, // Kinesis to Lambda
	{"SequenceNumber Data", inBase64("Data")},  // get-records
	{"data", inBase64("data")},                 // Firehose
	{"awslogs.data", inBase64("awslogs.data")}, // CloudWatch Logs to Lambda
	{"requestPayload", in("requestPayload")},   // a destination of Lambda, by itself or by way of EventBridge
	{"detail.requestPayload", in("detail.requestPayload")},
	{"result._raw", in("result._raw")},       // Splunk's export
	{"_raw", in("_raw")},                     // Splunk's API
	{"_source", in("_source")},               // Elasticsearch
	{"event.original", in("event.original")}, // Filebeat
	{"event", in("event")},                   // Splunk's event collector
	{"message", in("message")},               // CloudWatch Logs in each of its forms, Filebeat
	{"Source Detail", readPutEvents},
	{"DetailType Detail", readPutEvents},
	{"eventname eventsource", readRow},
	{"ResultSet.Rows", readAthena},
	{"digestStartTime digestS3Object", readDigest},
	{"detail", readEvent},
	{"source detail-type", readEvent},
}

// readObject reads an object without a list of records.
func readObject(r *walker, at Place, o object) error {
	if name := o.plainName(); name != nil {
		return r.give(at, o.raw, name)
	}
	if o.has("eventName eventSource") && !strings.HasPrefix(o.source(), "aws:") {
		return readRecord(r, at, o)
	}
	if name := o.eventName(); name != nil {
		return r.give(at, o.raw, name)
	}
	for _, f := range forms {
		if o.has(f.with) {
			found, err := f.read(o)
			if err != nil {
				return r.refuse(at, err)
			}
			return found.give(r, at)
		}
	}
	if name := o.foreignName(); name != "" {
		return r.refuse(at, errors.New(name))
	}
	return readRecord(r, at, o)
}

// readRecord gives a bare record. One of Insights in a list of records makes that an Insights file, which is named
// once.
func readRecord(r *walker, at Place, o object) error {
	isInsight := o.has("insightDetails") || o.text("eventType") == "AwsCloudTrailInsight"
	if !isInsight || r.lists == 0 || o.has("detail") {
		return r.give(at, o.raw, nil)
	}
	if r.insights {
		return nil
	}
	r.insights = true
	return r.refuse(at, SkippedError{"a record of CloudTrail Insights"})
}

// give passes on what an object holds.
func (found content) give(r *walker, at Place) error {
	if len(found.records) == 0 {
		return r.open(at, found.via, found.text)
	}
	for n, record := range found.records {
		place := at
		if found.via != "" {
			place = Place{
				File:   at.File,
				At:     at.At,
				outer:  &at,
				via:    found.via,
				record: n + 1,
			}
		}
		if err := r.give(place, record, nil); err != nil {
			return err
		}
	}
	return nil
}

func readEvent(o object) (content, error) {
	return content{records: [][]byte{o.raw}}, nil
}

func readDigest(object) (content, error) { return content{}, SkippedError{"a digest file"} }

// in finds the text, or the object, that stands at a path.
func in(path string) func(object) (content, error) {
	return func(o object) (content, error) {
		value := o.get(path)
		text := textOf(value)
		switch {
		case len(value) > 0 && (value[0] == '{' || value[0] == '['):
			text = string(value)
		case len(value) == 0 || value[0] != '"':
			return content{}, fmt.Errorf("%s is %.40s; want a text", path, value)
		case strings.HasPrefix(text, "CWL CONTROL MESSAGE"):
			return content{}, SkippedError{"a control message of CloudWatch Logs"}
		}
		return content{via: path, text: text}, nil
	}
}

// inBase64 finds the text that stands in base64 at a path.
func inBase64(path string) func(object) (content, error) {
	return func(o object) (content, error) {
		text, err := base64.StdEncoding.DecodeString(o.text(path))
		if err != nil {
			return content{}, fmt.Errorf("%s is no base64: %w", path, err)
		}
		return content{via: path, text: string(text)}, nil
	}
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

// readPutEvents makes of an entry of PutEvents the event that EventBridge would send (API reference,
// PutEventsRequestEntry).
func readPutEvents(o object) (content, error) {
	detail := []byte(o.text("Detail"))
	if len(detail) == 0 {
		detail = o.get("Detail")
	}
	if objectOf(bytes.TrimSpace(detail)).raw == nil {
		return content{}, errors.New("an entry of PutEvents whose Detail is no JSON object")
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
		return content{}, fmt.Errorf("an entry of PutEvents: %w", err)
	}
	return content{records: [][]byte{event}}, nil
}
