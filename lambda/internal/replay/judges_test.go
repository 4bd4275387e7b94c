package replay

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/events"
	"trailkeeper/events/read"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/rules"
)

// verdicts are what EventBridge, the guard and a replay make of one record.
type verdicts struct {
	Rules  string // those whose patterns match the event as it is written
	Guard  assess.Decision
	Replay assess.Decision
}

// TestThreeJudgesAgree: a record of odd shape means the same to the patterns, to the guard and to a replay. The
// patterns are judged by AWS's own matcher in .ci/event-ruler.
func TestThreeJudgesAgree(t *testing.T) {
	const (
		name = `"eventName":"StopLogging",`
		src  = `"eventSource":"cloudtrail.amazonaws.com",`
		who  = `"userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/mallory"},`
		what = `"requestParameters":{"name":"management-events"},`
	)
	arn := func(names ...string) string {
		var list []string
		for _, n := range names {
			list = append(list, `{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/`+n+`"}`)
		}
		return `"userIdentity":[` + strings.Join(list, ",") + `],`
	}
	stopped := verdicts{"tampering", assess.Restart, assess.Restart}
	attempt := verdicts{"attempt", assess.Attempt, assess.Attempt}
	unnamed := verdicts{"tampering", assess.Notify, assess.Notify}
	ignored, unreadable := verdicts{"", assess.Ignored, assess.Ignored}, verdicts{"", assess.Unreadable, assess.Unreadable}
	odd := verdicts{"odd-actor", assess.Restart, assess.Restart}
	for about, tt := range map[string]struct {
		record string
		want   verdicts
	}{
		"as CloudTrail writes it":  {name + src + who + what, stopped},
		"refused":                  {name + src + who + what + `"errorCode":"AccessDenied",`, attempt},
		"errorCode null":           {name + src + who + what + `"errorCode":null,`, attempt},
		"errorCode empty":          {name + src + who + what + `"errorCode":"",`, attempt},
		"errorCode a number":       {name + src + who + what + `"errorCode":0,`, attempt},
		"errorCode a list":         {name + src + who + what + `"errorCode":["AccessDenied"],`, attempt},
		"errorCode a list of null": {name + src + who + what + `"errorCode":[[null]],`, attempt},
		"errorCode an empty list":  {name + src + who + what + `"errorCode":[],`, stopped},
		"errorCode an object":      {name + src + who + what + `"errorCode":{"code":"AccessDenied"},`, stopped},
		"errorCode in capitals":    {name + src + who + what + `"ErrorCode":"AccessDenied","ERRORCODE":"x",`, stopped},
		"errorCode twice":          {name + src + who + what + `"errorCode":"AccessDenied","errorCode":{},`, attempt},

		"eventName a list":           {`"eventName":["StopLogging"],` + src + who + what, stopped},
		"eventName a list of two":    {`"eventName":["DescribeTrails","StopLogging"],` + src + who + what, stopped},
		"eventName in other lists":   {`"eventName":[[],["StopLogging"]],` + src + who + what, stopped},
		"eventName a list of others": {`"eventName":["DescribeTrails","GetTrail"],` + src + who + what, ignored},
		"eventName twice":            {name + `"eventName":"DescribeTrails",` + src + who + what, stopped},
		"eventName twice, last":      {`"eventName":"DescribeTrails",` + name + src + who + what, stopped},
		"eventName in capitals":      {`"EventName":"StopLogging",` + src + who + what, unreadable},
		"eventName beside capitals":  {`"eventName":"DescribeTrails","EventName":"StopLogging",` + src + who + what, ignored},
		"eventName in small letters": {`"eventName":"stoplogging",` + src + who + what, ignored},
		"eventName null":             {`"eventName":null,` + src + who + what, unreadable},
		"eventName an object":        {`"eventName":{"x":"StopLogging"},` + src + who + what, unreadable},

		"eventSource a list":      {name + `"eventSource":["x","cloudtrail.amazonaws.com"],` + who + what, stopped},
		"eventSource twice":       {name + src + `"eventSource":"kinesisvideo.amazonaws.com",` + who + what, stopped},
		"eventSource in capitals": {name + `"EVENTSOURCE":"cloudtrail.amazonaws.com",` + who + what, unreadable},
		"eventSource beside others": {
			name + `"eventSource":"kinesisvideo.amazonaws.com","EventSource":"cloudtrail.amazonaws.com",` + who + what, ignored,
		},

		"userIdentity missing": {name + src + what, stopped},
		"userIdentity null":    {name + src + what + `"userIdentity":null,`, stopped},
		"userIdentity a text":  {name + src + what + `"userIdentity":"mallory",`, stopped},
		"userIdentity a list":  {name + src + what + arn("mallory"), stopped},
		"userIdentity two":     {name + src + what + arn("mallory", "eve"), stopped},
		"userIdentity odd":     {name + src + what + arn(`m\"y`), odd},
		"userIdentity one odd": {
			name + src + what + arn("mallory", `m\"y`), verdicts{"tampering odd-actor", assess.Restart, assess.Restart},
		},
		"userIdentity odd markup": {name + src + what + arn("m<y"), verdicts{"odd-markup", assess.Restart, assess.Restart}},
		"userIdentity odd, refused": {
			name + src + what + arn("m`y") + `"errorCode":"",`, verdicts{"odd-markup-attempt", assess.Attempt, assess.Attempt},
		},
		"userIdentity in capitals":  {name + src + what + `"UserIdentity":{"arn":"\""},`, stopped},
		"userIdentity, arn missing": {name + src + what + `"userIdentity":[{"type":"IAMUser"},{"arn":"a\\b"}],`, odd},

		"requestParameters in capitals": {name + src + who + `"RequestParameters":{"name":"management-events"},`, unnamed},
		"name in capitals":              {name + src + who + `"requestParameters":{"Name":"management-events"},`, unnamed},
		"name a list":                   {name + src + who + `"requestParameters":{"name":["management-events"]},`, stopped},
	} {
		event := `{"source":"aws.cloudtrail","detail-type":"AWS API Call via CloudTrail","account":"111122223333",
			"region":"eu-west-1","detail":{` +
			tt.record + `"awsRegion":"eu-west-1","recipientAccountId":"111122223333"}}`
		if !json.Valid([]byte(event)) {
			t.Fatalf("%s: no JSON: %s", about, event)
		}
		got := verdicts{Rules: matching(t, event), Guard: assess.Unreadable}
		if ev, err := events.Parse([]byte(event)); err == nil {
			got.Guard = assess.Assess(ev, restart).Decision
		}
		for r := range all(bytes.NewReader([]byte(event)), restart) {
			got.Replay = r.Decision
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", about, diff)
		}
	}
}

// FuzzThreeJudges: of every record, whatever is in it, a replay says what the guard would do with it, if a pattern
// takes it there; as an event, in an archive and in a message.
func FuzzThreeJudges(f *testing.F) {
	names, err := fs.Glob(events.Fixtures(), "*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		var event struct {
			Detail json.RawMessage `json:"detail"`
		}
		if err := json.Unmarshal(fixture(f, name), &event); err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(event.Detail))
	}
	f.Fuzz(func(t *testing.T, detail []byte) {
		if !json.Valid(detail) || detail[0] != '{' {
			return
		}
		event := `{"source":"aws.cloudtrail","detail-type":"AWS API Call via CloudTrail","account":"111122223333",` +
			`"region":"eu-west-1","detail":` + string(detail) + `}`
		want := assess.Unreadable
		if ev, err := events.Parse([]byte(event)); err == nil {
			if want = assess.Ignored; matching(t, event) != "" {
				want = assess.Assess(ev, restart).Decision
			}
		}
		message, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{
			event, `{"events":[` + event + `]}`,
			`{"Messages":[{"Body":` + string(message) + `}]}`,
		} {
			n := 0
			for r := range Read(read.All(strings.NewReader(text)), Options{Scope: restart}) {
				if n++; r.Decision != want || n > 1 {
					t.Errorf("%s: %s, %v; want %s", text, r.Decision, r.Err, want)
				}
			}
			if n == 0 {
				t.Errorf("%s: nothing", text)
			}
		}
	})
}

func matching(t *testing.T, event string) string {
	t.Helper()
	var names []string
	for _, r := range rules.EventRules() {
		ok, err := r.Pattern.Match([]byte(event))
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			names = append(names, r.Name)
		}
	}
	return strings.Join(names, " ")
}

// TestTheGravestOfSeveralCalls: every call that a pattern takes is found among others, because one is enough for the
// pattern.
func TestTheGravestOfSeveralCalls(t *testing.T) {
	for _, r := range rules.EventRules() {
		var pattern struct {
			Detail struct{ EventName, EventSource []string }
		}
		if err := json.Unmarshal(r.Pattern.JSON(), &pattern); err != nil {
			t.Fatal(err)
		}
		for _, call := range pattern.Detail.EventName {
			for _, source := range pattern.Detail.EventSource {
				ev, err := events.Parse(
					[]byte(`{"eventName":["Harmless","` + call + `"],"eventSource":["other","` + source + `"]}`),
				)
				if err != nil || ev.Record.EventName != call || ev.Record.EventSource != source {
					t.Errorf("%s among others is %s of %s, %v", call, ev.Record.EventName, ev.Record.EventSource, err)
				}
			}
		}
	}
	ev, err := events.Parse(
		[]byte(
			`{"eventName":["AddTags","StartLogging","UpdateTrail","StopLogging"],"eventSource":"cloudtrail.amazonaws.com"}`,
		),
	)
	if err != nil || ev.Record.EventName != "StopLogging" {
		t.Errorf("the gravest of four is %s, %v", ev.Record.EventName, err)
	}
}
