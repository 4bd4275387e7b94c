package read

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/events"
)

var update = flag.Bool("update", false, "write the table of events/README.md anew")

// container is one thing that records are kept in. Each of its texts holds StopLogging and nothing else, once or
// several times.
type container struct {
	name, told string   // the columns of the table in events/README.md
	texts      []string // as they are written
	misses     map[string]string
}

func quote(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func packed(tb testing.TB, text string) string {
	return base64.StdEncoding.EncodeToString(zip(tb, text))
}

func gzipped(tb testing.TB, text string, times int) string {
	for range times {
		text = string(zip(tb, text))
	}
	return text
}

func wide(text string, order binary.AppendByteOrder, mark bool) string {
	var b []byte
	if mark {
		b = order.AppendUint16(b, 0xfeff)
	}
	for _, unit := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, unit)
	}
	return string(b)
}

func compacted(tb testing.TB, name string) string {
	tb.Helper()
	raw, err := fs.ReadFile(events.Fixtures(), name)
	if err != nil {
		tb.Fatal(err)
	}
	var value json.RawMessage
	if err := json.Unmarshal(raw, &value); err != nil {
		tb.Fatal(err)
	}
	b, err := json.Marshal(value)
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

func outputs(tb testing.TB, names ...string) (texts []string) {
	tb.Helper()
	for _, name := range names {
		for _, form := range []string{"json", "text", "table", "yaml", "yaml-stream"} {
			b, err := os.ReadFile(filepath.Join("testdata", "cli", name+"."+form))
			if err != nil {
				tb.Fatal(err)
			}
			texts = append(texts, string(b))
		}
	}
	return texts
}

// containers are all of them. The forms of the AWS CLI were written by its own formatters; testdata/README.md says how.
func containers(tb testing.TB) []container {
	tb.Helper()
	record, event := compacted(tb, "stop-logging-record.json"), compacted(tb, "stop-logging.json")
	subscription := `{"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"g","logStream":"s",` +
		`"subscriptionFilters":["f"],"logEvents":[{"id":"1","timestamp":1,"message":` + quote(record) + `}]}`
	sns := `{"Type":"Notification","MessageId":"m","TopicArn":"arn:aws:sns:eu-west-1:111122223333:t","Message":` +
		quote(event) + `}`
	sqs := func(body string) string {
		return `{"Records":[{"messageId":"m","receiptHandle":"r","body":` + quote(body) +
			`,"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-1:111122223333:q"}]}`
	}
	row := `{"eventversion":"1.11","useridentity":{"type":"IAMUser","principalid":"A","sessioncontext":null},` +
		`"eventtime":"2026-03-02T09:15:27Z","eventsource":"cloudtrail.amazonaws.com","eventname":"StopLogging",` +
		`"awsregion":"eu-west-1","errorcode":null,"requestparameters":"{\"name\":\"management-events\"}"}`
	base := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	return []container{
		{"CloudTrail log file", "`Records`", []string{
			`{"Records":[` + record + "," + record + `]}`, "{\n \"Records\" : [\n" + record + "\n]\n}\n",
			`[{"Records":[` + record + `]},{"Records":[` + record + `]}]`,
		}, map[string]string{
			`{"Records":[]}`:      "line 1: Records is an empty list",
			`{"Records":{"a":1}}`: "line 1: a batch of 1 records of an unknown kind",
			`{"Records":[{"eventName":"A"}]}`: "line 1, record 1: part of a CloudTrail record: it has not both eventName " +
				"and eventSource",
		}},
		{
			"EventBridge events and bare records", "`detail`, or `source` and `detail-type`; `eventName`, `eventSource`",
			[]string{
				event, record, event + event, event + "\n" + record + "\n", "[" + event + "," + record + "]",
			},
			map[string]string{
				compacted(tb, "ec2-state-change.json"): `line 1: an EventBridge event "EC2 Instance State-change Notification" ` +
					`from "aws.ec2" whose detail has no eventName and eventSource`,
			},
		},
		{"archive", "`events`", []string{`{"events":[` + event + `]}`}, map[string]string{
			`{"events":[]}`: "line 1: events is an empty list",
		}},
		{"entries of `PutEvents`", "`Detail` with `Source` or `DetailType`; `Entries`", []string{
			`[{"Source":"aws.cloudtrail","DetailType":"AWS API Call via CloudTrail","Detail":` + quote(record) + `}]`,
			`{"Entries":[{"Source":"x","Time":"2026-03-02T09:15:27Z","Resources":[],"Detail":` + quote(record) + `}]}`,
		}, map[string]string{
			`[{"Source":"x","Detail":"text"}]`: "line 1, record 1: an entry of PutEvents whose Detail is no JSON object",
		}},
		{"`lookup-events` of CloudTrail, in every output of the AWS CLI", "`CloudTrailEvent`", append(
			outputs(tb, "lookup", "query"), `{"CloudTrailEvent":`+quote(record)+`}`,
			`[["Stop","alice",`+quote(record)+`],["Stop","bob",`+quote(record)+`]]`,
		), map[string]string{
			`[["a","b"]]`:                            `line 1, record 1: no JSON: "a"`,
			`{"Events":[]}`:                          "line 1: Events is an empty list",
			`{"Events":[{"CloudTrailEvent":7}]}`:     "line 1, record 1: CloudTrailEvent is 7; want a text",
			`{"Events":[{"CloudTrailEvent":"x"}]}`:   `line 1, record 1, CloudTrailEvent: no JSON: "x"`,
			"Events:\n- EventId: e\n  Username: a\n": "there is no record in it",
			"Events:\n- CloudTrailEvent: '{\"a\n":    "line 2: the text breaks off at byte 32",
		}},
		{"`filter-log-events` and `get-log-events` of CloudWatch Logs, likewise", "`message`", append(
			outputs(tb, "filter", "get"), `{"message":`+quote(record)+`}`,
		), map[string]string{
			`{"events":[{"message":"START RequestId: 1"}]}`: `line 1, record 1, message: no JSON: "START RequestId: 1"`,
		}},
		{"`logs tail`, in every format", "a line with a record at its end, or before the record", []string{
			"2026-03-02T09:15:27.123000+00:00 111122223333_CloudTrail_eu-west-1 " + record + "\n",
			"2026-03-02T09:15:27 " + record + "\n2026-03-02T09:15:28 " + record + "\n",
			"2026-03-02T09:15:27+00:00 s \n" + strings.Replace(record, "{", "{\n    ", 1) + "\n",
			"\x1b[32m2026-03-02T09:15:27\x1b[0m \x1b[36ms\x1b[0m " + record + "\n",
		}, map[string]string{
			"2026-03-02T09:15:27 s START\n": `line 1: no JSON: "2026-03-02T09:15:27 s START"`,
			"2026-03-02T09:15:27 s {x}\n":   "line 1: byte 23: no JSON: 'x' where a key belongs",
		}},
		{"an export of CloudWatch Logs to S3", "the same", []string{
			"2026-03-02T09:15:27.000Z " + record + "\n2026-03-02T09:15:27.000Z " + record + "\n",
		}, nil},
		{"a subscription of CloudWatch Logs", "`logEvents`; `awslogs.data`; gzip in base64", []string{
			subscription, `{"awslogs":{"data":"` + packed(tb, subscription) + `"}}`, packed(tb, subscription),
			strings.Join([]string{packed(tb, subscription)[:60], packed(tb, subscription)[60:]}, "\n") + "\n",
			packed(tb, subscription) + "\n" + packed(tb, subscription) + "\n", quote(packed(tb, subscription)),
		}, map[string]string{
			`{"awslogs":{"data":"?"}}`: "line 1: awslogs.data is no base64: illegal base64 data at input byte 0",
			"H4sIAAA":                  "line 1: base64 that is broken or too long",
			`{"messageType":"CONTROL_MESSAGE","logEvents":[{"message":"CWL CONTROL MESSAGE: Checking health"}]}`: "line 1, " +
				"record 1: a control message of CloudWatch Logs, which holds no record",
		}},
		{"Firehose, to Lambda, to an endpoint or into S3", "`data`; `records`", []string{
			`{"invocationId":"i","records":[{"recordId":"1","data":"` + packed(tb, subscription) + `"}]}`,
			`{"requestId":"i","timestamp":1,"records":[{"data":"` + base(record) + `"}]}`,
			string(zip(tb, string(zip(tb, subscription)))), string(zip(tb, subscription)) + string(zip(tb, subscription)),
		}, map[string]string{`{"records":[{"recordId":"1","data":"e30="}]}`: "line 1, record 1, data: a JSON object with " +
			"none of an event's keys"}},
		{"Kinesis, in a batch of Lambda or from `get-records`", "`kinesis.data`; `SequenceNumber`, `Data`", []string{
			`{"Records":[{"eventSource":"aws:kinesis","eventName":"aws:kinesis:record","kinesis":{"data":"` +
				base(record) + `"}}]}`,
			`{"Records":[{"SequenceNumber":"1","PartitionKey":"p","Data":"` + packed(tb, subscription) + `"}]}`,
		}, map[string]string{
			`{"Records":[{"eventSource":"aws:kinesis"}]}`: `line 1, record 1: a record of a batch from "aws:kinesis"`,
		}},
		{"SNS, in a batch of Lambda, in a queue or to an endpoint", "`Sns`; `TopicArn`, `Message`", []string{
			`{"Records":[{"EventSource":"aws:sns","Sns":{"TopicArn":"t","Message":` + quote(event) + `}}]}`, sns,
			`{"Type":"Notification","Message":` + quote(event) + `}`,
		}, map[string]string{
			`{"TopicArn":"t","Message":"{\"AlarmName\":\"a\"}"}`: "line 1, Message: a CloudWatch alarm's message",
			`{"TopicArn":"t"}`: "line 1: an SNS message",
		}},
		{"SQS, in a batch of Lambda, with SNS around it or raw", "`body`", []string{
			sqs(sns), sqs(event), sqs(base(event)), sqs(base(sns)), sqs(packed(tb, event)),
		}, map[string]string{
			sqs("eyJhIjoxfQ"): `line 1, record 1, body: base64 that is broken or too long`,
			sqs("e30="):       "line 1, record 1, body: a JSON object with none of an event's keys",
			sqs("hello"):      `line 1, record 1, body: no JSON: "hello"`,
			sqs(""):           "line 1, record 1, body: it is empty",
		}},
		{"`receive-message` of SQS, in every output of the AWS CLI", "`Body`", append(
			outputs(tb, "receive"), `{"Messages":[{"MessageId":"m","Body":`+quote(sns)+`}]}`,
		), nil},
		{"what Lambda or a pipe of it could not handle", "`requestPayload`; `detail.requestPayload`", []string{
			`{"version":"1.0","requestContext":{"condition":"RetriesExhausted"},"requestPayload":` + event + `,"x":{}}`,
			`{"source":"lambda","detail-type":"Lambda Function Invocation Result - Failure","detail":{"requestPayload":` +
				sns + `}}`,
		}, map[string]string{
			`{"requestContext":{},"KinesisBatchInfo":{}}`: "line 1: a failed batch that Lambda describes and does not hold",
		}},
		{"rows of Logs Insights", "`results`, `@message`", []string{
			`{"results":[[{"field":"@timestamp","value":"t"},{"field":"@message","value":` + quote(record) + `}]]}`,
			`{"results":[[{"field":"eventName","value":"StopLogging"},{"field":"eventSource","value":"x"}]],` +
				`"status":"Complete"}`,
		}, map[string]string{`{"results":[[{"field":"@message","value":"x"}]]}`: `line 1, record 1, @message: no JSON: "x"`}},
		{"JSON in JSON strings, in a list or on each line", "a text", []string{
			"[" + quote(record) + "," + quote(event) + "]", quote(record) + "\n" + quote(quote(record)) + "\n",
		}, map[string]string{`["x"]`: `line 1, record 1: no JSON: "x"`}},
		{
			"Filebeat, Elasticsearch and Splunk", "`message`, `event.original`, `_source`; `event`, `result._raw`, `_raw`",
			[]string{
				`{"@timestamp":"t","message":` + quote(record) + `,"log":{}}` + "\n",
				`{"@timestamp":"t","event":{"module":"aws","dataset":"aws.cloudtrail"},"message":` + quote(record) + `}`,
				`{"event":7,"message":` + quote(event) + `}`, `{"Message":"Hi","message":` + quote(record) + `}`,
				`{"time":1,"event":{"Records":[` + record + `]},"message":` + quote(event) + `}`,
				`{"@timestamp":"t","event":{"original":` + quote(record) + `}}`,
				`{"time":1,"event":` + record + `}`, `{"time":1,"event":` + quote(record) + `}`,
				`{"preview":false,"result":{"_raw":` + quote(record) + `}}`, `{"results":[{"_raw":` + quote(record) + `}]}`,
				`{"_index":"i","_source":{"message":` + quote(record) + `}}`,
			},
			map[string]string{
				`{"event":7}`: "line 1: event is 7; want a text",
				`{"event":{"module":"aws"},"message":"hello"}`: "line 1, event: a JSON object with none of an event's keys",
				`{"event":{"module":"aws"}}`:                   "line 1, event: a JSON object with none of an event's keys",
			},
		},
		{"rows of Athena, Glue and CloudTrail Lake", "`eventname`, `eventsource`; `ResultSet.Rows`, `QueryResultRows`, " +
			"`eventJson`", []string{
			row + "\n" + row + "\n", "[" + row + "]",
			`{"ResultSet":{"Rows":[{"Data":[{"VarCharValue":"eventsource"},{"VarCharValue":"eventname"}]},` +
				`{"Data":[{"VarCharValue":"cloudtrail.amazonaws.com"},{"VarCharValue":"StopLogging"}]}]}}`,
			`{"QueryResultRows":[[{"eventName":"StopLogging"},{"eventSource":"cloudtrail.amazonaws.com"},{"errorCode":null}]]}`,
			`{"QueryResultRows":[[{"eventJson":` + quote(record) + `}]]}`, `{"eventJson":` + quote(record) + `}`,
		}, map[string]string{
			`{"eventname":"StopLogging"}`:                   "line 1: a JSON object with none of an event's keys",
			`{"EVENTNAME":"StopLogging","EVENTSOURCE":"x"}`: "line 1: a JSON object with none of an event's keys",
			`{"ResultSet":{"Rows":[]}}`:                     "line 1: a result of Athena without rows",
			`{"QueryResultRows":[7,[7]]}`:                   "line 1, record 2: a row that is no list of columns",
		}},
		{"a text in base64, on one line or several, or one on each", "JSON or gzip", []string{
			base(`{"Records":[` + record + "," + event + `]}`), base(event) + "\n" + base("["+event+"]") + "\r\n",
			base("{\n " + event[1:])[:76] + "\n" + base("{\n " + event[1:])[76:] + "\n", quote(base(record)),
			base("[\n"+record+"\n]") + "\n", `[["x",` + quote(base(record)) + `]]`,
		}, map[string]string{
			"eyes and ears": `line 1: no JSON: "eyes and ears"`,
			"WithoutAny":    `line 1: no JSON: "WithoutAny"`,
			base(`{"x":1`):  "line 1: the text breaks off at byte 6",
			base("hello"):   `line 1: no JSON: "aGVsbG8="`,
		}},
		{"UTF-16, as PowerShell writes it, and a byte order mark", "the mark, or two characters", []string{
			wide(event, binary.LittleEndian, true), wide(event, binary.BigEndian, true), wide(event, binary.LittleEndian, false),
			wide(event, binary.BigEndian, false), "\xef\xbb\xbf" + event,
		}, map[string]string{
			wide(event, binary.LittleEndian, true) + "x": "line 1: the stream breaks off at byte",
		}},
		{"gzip, and gzip in gzip", "the first bytes", []string{
			string(zip(tb, event)), gzipped(tb, event, 2), gzipped(tb, event, 4),
		}, map[string]string{
			gzipped(tb, event, 5): "gzip in gzip more than 4 times",
			string(zip(tb, "")):   "it is empty",
			string(zip(tb, event)) + strings.Repeat("\x00", 512): "line 1: behind byte 1489 the gzip goes on with what is none",
		}},
	}
}

// TestContainers: every text of a container gives its records, plain and in each other container that takes a text; a
// near miss gives what it says and no record.
func TestContainers(t *testing.T) {
	for _, c := range containers(t) {
		for i, text := range c.texts {
			stopped := strings.Count(strings.ReplaceAll(text, "\x00", ""), "StopLogging")
			got := found(strings.NewReader(text))
			for _, one := range got {
				if !strings.HasSuffix(one, ": StopLogging") {
					t.Errorf("%s, text %d: %s", c.name, i, one)
				}
			}
			if len(got) == 0 || len(got) > max(stopped, 2) {
				t.Errorf("%s, text %d: %d records", c.name, i, len(got))
			}
			around := `{"Records":[{"eventSource":"aws:sns","Sns":{"Message":` + quote(`{"message":`+quote(text)+`}`) + `}}]}`
			if strings.HasPrefix(text, "{") && len(found(strings.NewReader(around))) != len(got) {
				t.Errorf("%s, text %d, in a message: %q", c.name, i, found(strings.NewReader(around)))
			}
		}
		for text, want := range c.misses {
			if got := found(strings.NewReader(text)); len(got) == 0 || !strings.HasPrefix(got[len(got)-1], want) {
				t.Errorf("%s: %.200q gives %q, want %q", c.name, text, got, want)
			}
		}
	}
}

// TestEveryFormIsAContainer: the table has every key by which a form is known, but for those of a digest.
func TestEveryFormIsAContainer(t *testing.T) {
	var told strings.Builder
	for _, c := range containers(t) {
		told.WriteString(c.told)
	}
	for _, f := range forms {
		for key := range strings.FieldsSeq(f.with) {
			isDigest := strings.HasPrefix(key, "digest")
			if !isDigest && !strings.Contains(told.String(), "`"+key+"`") {
				t.Errorf("%s is in no row", key)
			}
		}
	}
}

// TestTable: the table of events/README.md is that of the containers.
func TestTable(t *testing.T) {
	const file, begin, end = "../README.md", "<!-- containers -->\n", "<!-- end of containers -->"
	readme, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(readme), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no table of containers", file)
	}
	table := "\n| records in | told by |\n|---|---|\n"
	for _, c := range containers(t) {
		table += fmt.Sprintf("| %s | %s |\n", c.name, c.told)
	}
	want := before + begin + table + "\n" + end + after
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(readme)); diff != "" {
		t.Errorf("run go test with -update (-want +got):\n%s", diff)
	}
}

// TestWhatIsNone: what holds no record is named by what it is.
func TestWhatIsNone(t *testing.T) {
	insight := compacted(t, "insight-record.json")
	for text, want := range map[string]string{
		"PK\x03\x04....":                         "a zip archive; unpack it first",
		"BZh91AY&SY":                             "a file compressed with bzip2; unpack it first",
		"\x28\xb5\x2f\xfd\x04":                   "a file compressed with zstd; unpack it first",
		"\xfd7zXZ\x00\x00":                       "a file compressed with xz; unpack it first",
		"PAR1\x15\x00":                           "a Parquet file; export its rows as JSON",
		"Obj\x01\x04":                            "an Avro file; export its rows as JSON",
		"%PDF-1.7\n":                             "a PDF",
		"\x00\x01\x02\x03\x04":                   "a binary file of an unknown kind",
		strings.Repeat("a", 257) + "ustar\x0000": "a tar archive; unpack it first",
		"<!DOCTYPE html><html></html>":           "an HTML page",
		"{\x00\x00\x00\"\x00\x00\x00":            "UTF-32; save it as UTF-8",
		"\xff\xfe\x00\x00{\x00\x00\x00":          "UTF-32; save it as UTF-8",
		"\x00\x00\xfe\xff\x00\x00\x00{":          "UTF-32; save it as UTF-8",
		"\x00\x00\x00[\x00\x00\x00]":             "UTF-32; save it as UTF-8",
		"\xff\xfe":                               "it is empty",
		"\xfe\xff":                               "it is empty",
		`{"Records":null}`:                       "line 1: Records is null; want a list of records",
		`{"nextToken":"t","Events":null}`:        "line 1: Events is null; want a list of records",
		"eventname;eventsource;awsregion\nStopLogging;x;y": "line 1: CSV; export the rows as JSON",
		`"eventname";"eventsource"` + "\n" + `"a";"b"`:     "line 1: CSV; export the rows as JSON",
		"\n <html>":                     "an HTML page",
		"<?xml version='1.0'?><Error/>": "XML",
		"eventname,eventsource,awsregion\nStopLogging,x,y": "line 1: CSV; export the rows as JSON",
		`"eventname","eventsource"` + "\n" + `"a","b"`:     "line 1: CSV; export the rows as JSON",
		`{"class_uid":6003,"metadata":{}}`: "line 1: an OCSF event, as Security Lake keeps it, not a " +
			"CloudTrail record",
		`{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{}}]}`: "line 1, " +
			"record 1: an S3 notification; give the object that it names",
		`{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}`: "line 1: the test event of an S3 notification",
		`{"s3Bucket":"b","s3ObjectKey":["k"]}`: "line 1: a notification that CloudTrail delivered log files; give the " +
			"files " +
			"that it names",
		`{"Records":[{"eventSource":"aws:dynamodb","eventName":"INSERT"}]}`: "line 1, record 1: a record of a DynamoDB " +
			"stream",
		`{"digestStartTime":"t","digestS3Object":"o"}`: "line 1: a digest file, which holds no record",
		`{"awsAccountId":"1","digestStartTime":"t","logFiles":[{"s3Object":"o"}],"x":1}`: "line 1: a digest file, which " +
			"holds " +
			"no record",
		`{"logFiles":[],"digestStartTime":"t"}`: "line 1: a digest file, which holds no record",
		`{"Records":[` + insight + "," + insight + `]}`: "line 1, " +
			"record 1: a record of CloudTrail Insights, which holds no record",
		"2 123456789010 eni-1 10.0.0.1 443 ACCEPT": `line 1: no JSON: "2 123456789010 eni-1 10.0.0.1 443 ACCEPT"`,
	} {
		if diff := cmp.Diff([]string{want}, found(strings.NewReader(text))); diff != "" {
			t.Errorf("%.80q (-want +got):\n%s", text, diff)
		}
	}
}

// TestUnquote: a text in quotation marks of YAML, as it is folded and escaped.
func TestUnquote(t *testing.T) {
	for raw, want := range map[string]string{
		`'it''s "a" \n'`:               `it's "a" \n`,
		"'a\n   b\n\n  c  d'":          "a b\nc  d",
		`"a\"b\\c\/d"`:                 `a"b\c/d`,
		"\"a\\\n    b \\\n   \\ c\"":   "ab  c",
		`"\x41\u00e9\U0001F600\t\0\_"`: "Aé😀\t\x00\u00a0",
		`"\u00zz\u12"`:                 "u12",
		`"it''s"`:                      `it''s`,
		`""`:                           "",
	} {
		if got := unquote([]byte(raw)); got != want {
			t.Errorf("%s is %q, want %q", raw, got, want)
		}
	}
}

// TestYAML: the texts with an object in them count, however they are quoted, and what is broken is named.
func TestYAML(t *testing.T) {
	quoted := strings.Replace(callA, `{`, `{"x":"it''s\n",`, 1)
	for text, want := range map[string][]string{
		"a: '" + quoted + "'\nb: '{'\n":         {"line 1, a: A", "line 2, b: the text breaks off at byte 1"},
		"- '" + callA + "'\n- \"no\"\n- b: x\n": {"line 1: A"},
		"---\nEvents:\n- m: |\n    {\"eventName\":\n     \"A\",\"eventSource\":\"b\"}\n  n: >-\n    " + callB + "\n": {
			"line 3, m: A", "line 6, n: B",
		},
		"a: x\n" + callA:                  {"line 2: A"},
		"a: \"" + `{\"eventName\":1}`:     {"line 1: the text breaks off at byte 21"},
		"a: '" + callA + "' # it\nb:\n":   {"line 1, a: A"},
		"2026\n" + callA:                  {`line 1: no JSON: "2026"`, "line 2: A"},
		"2026-03-02T09:15:27 s\n" + callA: {"line 2: A"},
	} {
		if diff := cmp.Diff(want, found(strings.NewReader(text))); diff != "" {
			t.Errorf("%q (-want +got)\n%s", text, diff)
		}
	}
}
