package read

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"trailkeeper/events/plain"
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
	records iter.Seq[[]byte] // made one by one, and nil where there is a text
}

// forms are asked in turn, first for one whose text can hold a record. None of them has eventName and eventSource of
// its own.
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
		r.given++
		return r.out.pass(Record{
			Place:   at,
			raw:     o.raw,
			name:    name,
			members: o.members,
		}, nil)
	}
	if o.has("eventName eventSource") && !strings.HasPrefix(o.source(), "aws:") {
		return readRecord(r, at, o)
	}
	if name := o.eventName(); name != nil {
		return r.give(at, o.raw, name)
	}
	if f := formOf(o); f.read != nil {
		found, err := f.read(o)
		if err != nil {
			return r.refuse(at, err)
		}
		return found.give(r, at)
	}
	if name := o.foreignName(); name != "" {
		return r.refuse(at, errors.New(name))
	}
	return readRecord(r, at, o)
}

// formOf is the first form that an object has with something in it that can hold a record, else the first.
func formOf(o object) (first form) {
	for _, f := range forms {
		if !o.has(f.with) {
			continue
		}
		if strings.Contains(f.with, " ") || canHold(o.get(f.with)) {
			return f
		}
		if first.read == nil {
			first = f
		}
	}
	return first
}

// canHold reports whether a value may have a record in it: a text with JSON or base64, a list, or an object which is
// told by its keys. Filebeat's event, which says of which kind the message is, has none.
func canHold(value []byte) bool {
	switch {
	case value[0] == '"':
		text := value[1 : len(value)-1]
		return bytes.ContainsAny(text, "{[") || isPacked(text)
	case value[0] != '{':
		return value[0] == '['
	}
	inner := objectOf(value)
	for _, m := range inner.members {
		if key := inner.key(m); key == "eventName" || key == "insightDetails" || isList([]byte(key)) {
			return true
		}
	}
	return slices.ContainsFunc(forms, func(f form) bool { return inner.has(f.with) })
}

// readRecord gives a bare record. One of Insights in a list of records makes that an Insights file, which is named
// once.
func readRecord(r *walker, at Place, o object) error {
	isInsight := o.has("insightDetails") || o.text("eventType") == "AwsCloudTrailInsight"
	if isHollow(o) {
		r.given++
		return r.out.pass(Record{Place: at, raw: o.raw}, errHollow)
	}
	if !isInsight || r.out.insights || r.lists == 0 || o.has("detail") {
		return r.give(at, o.raw, nil)
	}
	if r.insights {
		return nil
	}
	r.insights = true
	return r.refuse(at, SkippedError{"a record of CloudTrail Insights"})
}

// isHollow tells an object that has no key by which an event or a record is known.
func isHollow(o object) bool {
	return !slices.ContainsFunc(o.members, func(m span) bool {
		switch o.key(m) {
		case "eventName", "eventSource", "eventType", "insightDetails", "detail", "source", "detail-type":
			return true
		}
		return false
	})
}

// give passes on what an object holds.
func (found content) give(r *walker, at Place) error {
	if found.records == nil {
		return r.open(at, found.via, found.text)
	}
	n := 0
	for record := range found.records {
		n++
		place := at
		if found.via != "" {
			place = Place{
				File:   at.File,
				At:     at.At,
				outer:  &at,
				via:    found.via,
				record: n,
			}
		}
		var err error
		if plain.HasTooMany(record) {
			err = r.refuse(place, errTooMany)
		} else {
			err = r.give(place, record, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func readEvent(o object) (content, error) {
	return content{records: one(o.raw)}, nil
}

// one is a record as content has it.
func one(record []byte) iter.Seq[[]byte] { return slices.Values([][]byte{record}) }

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

// isPacked tells gzip and JSON in base64 by how they begin.
func isPacked(text []byte) bool {
	head := make([]byte, 3)
	if n, err := base64.StdEncoding.Decode(head, text[:min(len(text), 4)]); err != nil || n < 2 {
		return false
	}
	if bytes.HasPrefix(head, []byte("\x1f\x8b\x08")) {
		return true
	}
	next, third := head[1], head[2]
	isText := third < 0x80 && (third >= ' ' || isSpace(third) || third == 0)
	return isText && strings.IndexByte(afterOpening[head[0]]+" \t\r\n", next) >= 0 && afterOpening[head[0]] != ""
}

// afterOpening is what may follow what opens an object or a list, besides space.
var afterOpening = map[byte]string{'{': `"}`, '[': `"{[`}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// unpackBase64 unpacks gzip or JSON in base64, in one line or in several.
func unpackBase64(text string) (string, bool) {
	text = strings.TrimSpace(text)
	if !isPacked([]byte(text[:min(len(text), 4)])) {
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
	return content{records: one(event)}, nil
}

const utf32 = "UTF-32; save it as UTF-8"

// binaries are the files that are no text, by how they begin.
var binaries = []struct{ magic, name string }{
	{"PK\x03\x04", "a zip archive; unpack it first"},
	{"\xff\xfe\x00\x00", utf32},
	{"\x00\x00\xfe\xff", utf32},
	{"{\x00\x00\x00", utf32},
	{"[\x00\x00\x00", utf32},
	{"\x00\x00\x00{", utf32},
	{"\x00\x00\x00[", utf32},
	{"PK\x05\x06", "an empty zip archive"},
	{"BZh", "a file compressed with bzip2; unpack it first"},
	{"\x28\xb5\x2f\xfd", "a file compressed with zstd; unpack it first"},
	{"\xfd7zXZ\x00", "a file compressed with xz; unpack it first"},
	{"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it first"},
	{"\x04\x22\x4d\x18", "a file compressed with lz4; unpack it first"},
	{"\xff\x06\x00\x00sNaPpY", "a file compressed with snappy; unpack it first"},
	{"PAR1", "a Parquet file; export its rows as JSON"},
	{"Obj\x01", "an Avro file; export its rows as JSON"},
	{"ORC", "an ORC file; export its rows as JSON"},
	{"%PDF-", "a PDF"},
	{"\x89PNG", "a picture"},
	{"\x7fELF", "a program"},
	{"SQLite format 3\x00", "an SQLite database"},
}

// binaryName says what a file is that is no text, or nothing.
func binaryName(head []byte) string {
	for _, b := range binaries {
		if bytes.HasPrefix(head, []byte(b.magic)) {
			return b.name
		}
	}
	const tar = 257 // where a tar archive says so
	switch start := bytes.ToLower(bytes.TrimSpace(head)); {
	case len(head) >= tar+5 && string(head[tar:tar+5]) == "ustar":
		return "a tar archive; unpack it first"
	case bytes.HasPrefix(start, []byte("<!doctype html")), bytes.HasPrefix(start, []byte("<html")):
		return "an HTML page"
	case bytes.HasPrefix(start, []byte("<")):
		return "XML"
	case bytes.IndexByte(head, 0) >= 0:
		return "a binary file of an unknown kind"
	}
	return ""
}

// batches are the records of Lambda's batches that hold no CloudTrail record, by their source.
var batches = map[string]string{
	"aws:s3":       "an S3 notification; give the object that it names",
	"aws:dynamodb": "a record of a DynamoDB stream",
	"aws:ses":      "a mail that SES received",
}

// foreigners are objects that are no record, by the keys that they have.
var foreigners = []struct{ keys, name string }{
	{"class_uid", "an OCSF event, as Security Lake keeps it, not a CloudTrail record"},
	{"configurationItem", "a notification of AWS Config"},
	{"configurationItemDiff", "a notification of AWS Config"},
	{"ProductArn FindingProviderFields", "a finding of Security Hub"},
	{"ProductArn Severity", "a finding of Security Hub"},
	{"schemaVersion service severity", "a finding of GuardDuty"},
	{"s3ObjectKey s3Bucket", "a notification that CloudTrail delivered log files; give the files that it names"},
	{"requestContext httpMethod", "a request that API Gateway passed on"},
	{"KinesisBatchInfo", "a failed batch that Lambda describes and does not hold"},
	{"Error Code", "an error of AWS, not its answer"},
}

// foreignName says what an object is that is no record, or nothing.
func (o object) foreignName() string {
	if source := o.source(); strings.HasPrefix(source, "aws:") {
		if name, ok := batches[source]; ok {
			return name
		}
		return fmt.Sprintf("a record of a batch from %.40q", source)
	}
	if o.text("Event") == "s3:TestEvent" {
		return "the test event of an S3 notification"
	}
	for _, f := range foreigners {
		if o.has(f.keys) {
			return f.name
		}
	}
	for _, m := range o.members {
		if key := o.key(m); isList([]byte(key)) && string(o.raw[m.value:m.end]) == "null" {
			return key + " is null; want a list of records"
		}
	}
	return ""
}
