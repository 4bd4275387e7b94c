package redrive

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/notify"
)

// TestRunLeavesWhatIsUnreadable: it is neither handled nor dropped, however often it is found.
func TestRunLeavesWhatIsUnreadable(t *testing.T) {
	r := newRun("q")
	version2 := strings.Replace(parkedFor("slack", "e", 1), `"version":1`, `"version":2`, 1)
	q := r.queues["q"].
		put("guard", 1, parkedFor(notify.ChannelGuard, "e", 1)).put("text", 2, "hello").put("empty", 3, "").put("array", 4, "[1]").
		put("object", 5, "{}").put("version", 6, version2).put("nameless", 7, parkedFor("", "e", 7)).
		put("broken", 8, `{"version":1,"channel":"slack","notification":{"event_id":7}}`).
		put("alarm", 9, `{"version":"0","id":"a","source":"aws.cloudwatch","detail-type":"CloudWatch Alarm State Change","detail":{}}`)
	var first Report
	for i := range 5 {
		got := r.minute()
		if i == 0 {
			first = got
		}
		if diff := cmp.Diff(first, got); diff != "" {
			t.Errorf("run %d differs:\n%s", i, diff)
		}
	}
	r.wantDone(t)
	if n := len(q.left()); n != 9 || strings.Contains(strings.Join(q.left(), " "), "hidden") || q.calls["delete"] > 0 {
		t.Errorf("left: %v", q.left())
	}
	var reasons []string
	for _, l := range first.Queues[0].Left {
		reasons = append(reasons, fmt.Sprintf("%d %s %s", l.Count, l.Channel, l.Reason))
	}
	want := []string{
		"1 guard a human must look at it and delete it: the guard could not read the payload in it; a message told of that",
		"3  a human must look at it and delete it: it is no JSON object",
		"1  a human must look at it and delete it: a JSON object with none of an event's keys: neither an EventBridge event with a CloudTrail record nor a scheduled event",
		"1  a human must look at it and delete it: it is a parked message of version 2, of which this function only knows 1; deploy again",
		"1  a human must look at it and delete it: it is a parked message without a channel",
		"1  a human must look at it and delete it: it is a parked message that is not whole",
		`1  a human must look at it and delete it: an EventBridge event "CloudWatch Alarm State Change" from "aws.cloudwatch" without an alarm's name: ` +
			"neither an EventBridge event with a CloudTrail record nor a scheduled event",
	}
	if diff := cmp.Diff(want, reasons); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
}

func TestReportJSON(t *testing.T) {
	r := Report{Queues: []QueueReport{{Name: "q", Read: 1, Left: []Left{{Reason: "x", Count: 1}}}, {Name: "none"}}}
	b, err := json.Marshal(r)
	want := `{"queues":[{"name":"q","read":1,"sent":0,"handled":0,"left":[{"reason":"x","count":1}]},{"name":"none","read":0,"sent":0,"handled":0}]}`
	if err != nil || string(b) != want {
		t.Errorf("%s, %v", b, err)
	}
}

// FuzzMessage: whatever a queue holds, it is read as one kind, and only what is for humans says why.
func FuzzMessage(f *testing.F) {
	for _, s := range []string{parkedFor("slack", "e", 0), event("e"), failed(event("e")), schedule("s"), `{"channel":null,"notification":{}}`, "[]", `{"version":1,"channel":1,"notification":1}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m := newMessage(0, types.Message{Body: aws.String(text)})
		if (m.kind == forHumans) != (m.why != "") || m.kind.String() == "" {
			t.Errorf("%q: kind %v, why %q", text, m.kind, m.why)
		}
		if m.kind == parked && (m.parked.Channel == "" || m.parked.Channel == notify.ChannelGuard) || m.kind == deadLetter && len(m.payload) == 0 {
			t.Errorf("%q: %+v", text, m)
		}
	})
}
