package events_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/events"
)

// TestKeysAreComparedAsTheyAreWritten: a record all of whose keys have other capitals says nothing.
func TestKeysAreComparedAsTheyAreWritten(t *testing.T) {
	var shouted strings.Builder
	for i, part := range strings.Split(wholeRecord, `":`) {
		if i > 0 {
			shouted.WriteString(`":`)
		}
		key := strings.LastIndex(part, `"`)
		shouted.WriteString(part[:key+1] + strings.ToUpper(part[key+1:]))
	}
	odd := shouted.String()
	odd = `{"eventName":"a","eventSource":"b",` + odd[strings.Index(odd, "{")+1:]
	want := events.Record{EventName: "a", EventSource: "b"}
	got := parsePayload(t, odd).Record
	if diff := cmp.Diff(want, got, sameEvent); diff != "" || got.RequestParameters.JSON() != nil {
		t.Errorf("%s (-want +got)\n%s", odd, diff)
	}
	for _, envelope := range []string{"Source", "Detail-Type", "DETAIL"} {
		payload := `{"source":"aws.events","detail-type":"Scheduled Event","detail":{"eventName":"a"}}`
		payload = strings.Replace(payload, `"`+strings.ToLower(envelope)+`"`, `"`+envelope+`"`, 1)
		if ev, err := events.Parse([]byte(payload)); (err == nil) != (envelope == "DETAIL") {
			t.Errorf("%s: %+v, %v", payload, ev, err)
		}
	}
}

// TestSeveralValuesOfOneField: in an array or with the key twice, the gravest of what a pattern takes counts, and of
// anything else the first text.
func TestSeveralValuesOfOneField(t *testing.T) {
	for fields, want := range map[string]events.Record{
		`"eventName":["x","StopLogging"],"eventSource":"b"`: {
			EventName:   "StopLogging",
			EventSource: "b",
		},
		`"eventName":"StartLogging","eventSource":"b","eventName":"StopLogging"`: {
			EventName:   "StopLogging",
			EventSource: "b",
		},
		`"eventName":["AddTags","DeleteTrail","StopLogging"],"eventSource":"b"`: {
			EventName:   "StopLogging",
			EventSource: "b",
		},
		`"eventName":["y","x"],"eventSource":["b","cloudtrail.amazonaws.com"]`: {
			EventName:   "y",
			EventSource: "cloudtrail.amazonaws.com",
		},
		`"eventName":[1,null,["x"]],"eventSource":[{"a":"c"},"b"]`: {EventName: "x", EventSource: "b"},
		`"eventName":"x","eventSource":"b","awsRegion":["r","s"],"eventID":1,"eventID":"i"`: {
			EventName:   "x",
			EventSource: "b",
			Region:      "r",
			EventID:     "i",
		},
		`"eventName":"x","eventSource":"b","userIdentity":[{"arn":"a"},{"userName":"u"}]`: {
			EventName: "x", EventSource: "b", Identity: events.Identity{ARN: "a", UserName: "u"},
		},
		// nobody is two callers at once
		`"eventName":"x","eventSource":"b","userIdentity":{"arn":["a","c"],"type":["t","t"]}`: {
			EventName:   "x",
			EventSource: "b", Identity: events.Identity{Type: "t"},
		},
		`"eventName":"x","eventSource":"b","userIdentity":{"arn":"a"},"userIdentity":{"arn":"c"}`: {
			EventName:   "x",
			EventSource: "b",
		},
		`"eventName":"x","eventSource":"b","userIdentity":{"sessionContext":{"sessionIssuer":[{"arn":"a"},{"arn":"c"}]}}`: {
			EventName: "x", EventSource: "b",
		},
	} {
		if diff := cmp.Diff(want, parsePayload(t, "{"+fields+"}").Record, sameEvent); diff != "" {
			t.Errorf("%s (-want +got)\n%s", fields, diff)
		}
	}
	nested := func(n int) string {
		return `{"eventName":` + strings.Repeat("[", n) + `"StopLogging"` + strings.Repeat("]", n) + `,"eventSource":"b"}`
	}
	for n, want := range map[int]bool{
		0:    true,
		1:    true,
		8:    true,
		9:    false,
		5000: false,
	} {
		if _, err := events.Parse([]byte(nested(n))); (err == nil) != want {
			t.Errorf("%d arrays in each other: %v", n, err)
		}
	}
	parameters := `{"eventName":"a","eventSource":"b","requestParameters":{"name":"x"},"requestParameters":{"name":"y"}}`
	if got := parsePayload(t, parameters).Record.RequestParameters.Text("name"); got != "y" {
		t.Errorf("parameters that are there twice: %q; want the last", got)
	}
}

// TestWhatHasFailed: an errorCode that is there, be it null, empty or no text; not an empty array or an object, of
// which EventBridge sees nothing.
func TestWhatHasFailed(t *testing.T) {
	for code, want := range map[string]bool{
		`"AccessDenied"`: true,
		`null`:           true,
		`""`:             true,
		`1`:              true,
		`false`:          true,
		`["x"]`:          true,
		`[null]`:         true,
		`[[],""]`:        true,
		`[{"a":1},1]`:    true,
		`[]`:             false,
		`[[]]`:           false,
		`{}`:             false,
		`{"a":"x"}`:      false,
		`[{"a":"x"}]`:    false,
	} {
		if got := parsePayload(
			t,
			`{"eventName":"a","eventSource":"b","errorCode":`+code+`}`,
		).Record; got.Failed != want ||
			got.Refused() != want {
			t.Errorf("%s: failed %v, refused %v", code, got.Failed, got.Refused())
		}
	}
	if parsePayload(t, `{"eventName":"a","eventSource":"b","errorcode":"x"}`).Record.Refused() {
		t.Error("another key fails the call")
	}
}
