package queues

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/finding"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"
)

// TestRunLaysAsideWhatIsUnreadable: it goes to the last queue at once, as it is, with the reason; where there is none
// it stays, and is never dropped.
func TestRunLaysAsideWhatIsUnreadable(t *testing.T) {
	version2 := strings.Replace(parkedFor("slack", "e", 1), `"version":1`, `"version":2`, 1)
	bodies := []string{
		parkedFor(finding.ChannelGuard, "e", 1), "hello", "", "[1]", "{}", version2, parkedFor("", "e", 7),
		`{"version":1,"channel":"slack","notification":{"event_id":7}}`,
		`{"version":"0","id":"a","source":"aws.cloudwatch","detail-type":"CloudWatch Alarm State Change","detail":{}}`,
	}
	reasons := []string{
		"1 guard the guard could not read the payload in it; a message said so",
		"3  it is no JSON object",
		"1  a JSON object with none of an event's keys: neither an EventBridge event with a CloudTrail record nor a " +
			"scheduled event",
		"1  it is a parked message of version 2, of which this function only knows 1; deploy again",
		"1  it is a parked message without a channel",
		"1  it is a parked message that is not whole",
		`1  an EventBridge event "CloudWatch Alarm State Change" from "aws.cloudwatch" without an alarm's name: ` +
			"neither an EventBridge event with a CloudTrail record nor a scheduled event",
	}
	words := func(all []Left) []string {
		var said []string
		for _, l := range all {
			said = append(said, fmt.Sprintf("%d %s %s", l.Count, l.Channel, l.Reason))
		}
		return said
	}
	for _, last := range []bool{true, false} {
		r := newRun("q")
		if last {
			r.addLast()
		}
		for i, body := range bodies {
			r.queues["q"].put(fmt.Sprintf("m%d", i), i+1, body)
		}
		got := r.minute().Queues[0]
		r.wantDone(t)
		if !last {
			if diff := cmp.Diff(
				reasons, words(got.Left),
			); diff != "" || len(r.queues["q"].left()) != 9 ||
				strings.Contains(strings.Join(r.queues["q"].left(), " "), "hidden") {
				t.Errorf("without a last queue: %v (-want +got):\n%s", r.queues["q"].left(), diff)
			}
			continue
		}
		if diff := cmp.Diff(reasons, words(got.Aside)); diff != "" || len(got.Left) > 0 || len(r.queues["q"].left()) > 0 {
			t.Errorf("aside (-want +got):\n%s", diff)
		}
		for i, m := range r.queues["last"].messages {
			if m.body != bodies[i] || m.attributes["last_from"] != "q" || m.attributes["last_reason"] == "" ||
				m.attributes["last_receives"] != "1" {
				t.Errorf("%d: %q with %v", i, m.body, m.attributes)
			}
		}
	}
}

func TestReportJSON(t *testing.T) {
	r := Report{Queues: []QueueReport{{Name: "q", Read: 1, Left: []Left{{Reason: "x", Count: 1}}}, {Name: "none"}}}
	b, err := json.Marshal(r)
	want := `{"queues":[{"name":"q","read":1,"sent":0,"handled":0,"left":[{"reason":"x","count":1}]},` +
		`{"name":"none","read":0,"sent":0,"handled":0}]}`
	if err != nil || string(b) != want {
		t.Errorf("%s, %v", b, err)
	}
}

// FuzzMessage: whatever a queue holds, it is read as one kind, and only what is final says why.
func FuzzMessage(f *testing.F) {
	for _, s := range []string{
		parkedFor("slack", "e", 0), event("e"), failed(event("e")), schedule("s"), `{"channel":null,"notification":{}}`, "[]",
		`{"version":1,"channel":1,"notification":1}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m := newMessage(0, types.Message{Body: aws.String(text)}, nil)
		if (m.kind == final) != (m.why != "") || m.kind.String() == "" {
			t.Errorf("%q: kind %v, why %q", text, m.kind, m.why)
		}
		if m.kind == parked && (m.parked.Channel == "" || m.parked.Channel == finding.ChannelGuard) ||
			m.kind == deadLetter && len(m.payload) == 0 {
			t.Errorf("%q: %+v", text, m)
		}
	})
}
