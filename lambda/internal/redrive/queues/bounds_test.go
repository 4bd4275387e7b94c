package queues

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// TestKindsOfMessages: each key that tells a kind counts only with the other half of its kind, and the kind says in
// which lane a message waits.
func TestKindsOfMessages(t *testing.T) {
	record := `{"eventID":"of the record","eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com"}`
	envelope := `{"id":"of the envelope","source":"aws.cloudtrail",` +
		`"detail-type":"AWS API Call via CloudTrail","detail":` + record + `}`
	for name, test := range map[string]struct {
		body    string
		kind    kind
		lane    int
		eventID string
	}{
		"parked":               {parkedFor("slack", "e", 0), parked, laneMessages, "e"},
		"a channel alone":      {`{"version":1,"channel":"slack"}`, final, laneFinal, ""},
		"a notification alone": {`{"version":1,"notification":{"event_id":"e"}}`, final, laneFinal, ""},
		"a failed run": {
			`{"requestContext":{},"requestPayload":` + envelope + `}`, failure, laneEvents, "of the record",
		},
		"a failed run's context":  {`{"requestContext":{}}`, final, laneFinal, ""},
		"a failed run's payload":  {`{"requestPayload":` + envelope + `}`, final, laneFinal, ""},
		"a failed run of nothing": {`{"requestContext":{},"requestPayload":{"a":1}}`, failure, laneEvents, ""},
		"a dead letter":           {envelope, deadLetter, laneEvents, "of the record"},
		"a dead letter without an event ID": {
			strings.Replace(envelope, `"eventID":"of the record",`, "", 1), deadLetter, laneEvents, "of the envelope",
		},
		"a dead letter of a sweep": {
			`{"id":"s","source":"aws.events","detail-type":"Scheduled Event"}`, settled, laneEvents, "s",
		},
		"a failed sweep": {
			`{"requestContext":{},"requestPayload":{"id":"s","source":"aws.scheduler","detail-type":"Scheduled Event"}}`,
			settled, laneEvents, "s",
		},
		"a failed redrive": {
			`{"requestContext":{},"requestPayload":{"id":"r","source":"trailkeeper","detail-type":"Trailkeeper Redrive"}}`,
			settled, laneEvents, "r",
		},
		"a failed test alert": {
			`{"requestContext":{},"requestPayload":{"id":"t","source":"trailkeeper","detail-type":"Trailkeeper Test Alert"}}`,
			failure, laneEvents, "t",
		},
		"what only looks like a sweep": {
			`{"id":"s","source":"com.example","detail-type":"Scheduled Event"}`, final, laneFinal, "",
		},
	} {
		m := newMessage(1, types.Message{Body: aws.String(test.body)}, nil)
		if m.kind != test.kind || m.lane() != test.lane || m.eventID != test.eventID || m.queue != 1 || m.body != test.body {
			t.Errorf("%s: %s in lane %d, event %q (%s)", name, m.kind, m.lane(), m.eventID, m.why)
		}
	}
}

// TestWhenItWasParked: what a message says of it is believed only where SQS took it afterwards, give or take the
// clocks.
func TestWhenItWasParked(t *testing.T) {
	for after, believed := range map[time.Duration]bool{
		-time.Hour:         true,
		0:                  true,
		skew:               true,
		skew + time.Second: false,
		time.Hour:          false,
	} {
		body := strings.Replace(
			parkedFor("slack", "e", 0), start.Format(time.RFC3339), start.Add(after).Format(time.RFC3339), 1,
		)
		m := newMessage(
			0,
			types.Message{
				Body:       aws.String(body),
				Attributes: map[string]string{"SentTimestamp": strconv.FormatInt(start.UnixMilli(), 10)},
			},
			nil,
		)
		want := start
		if believed {
			want = start.Add(after)
		}
		if !m.at.Equal(want) || !m.parked.Time.Equal(want) {
			t.Errorf("%v after SQS took it: at %v, reported %v; want %v", after, m.at, m.parked.Time, want)
		}
	}
	undated := newMessage(
		0,
		types.Message{
			Body: aws.String(strings.Replace(parkedFor("slack", "e", 0), start.Format(time.RFC3339), "0001-01-01T00:00:00Z", 1)),
			Attributes: map[string]string{
				"SentTimestamp": strconv.FormatInt(start.UnixMilli(), 10), "ApproximateReceiveCount": "7",
			},
		},
		nil,
	)
	if !undated.at.Equal(start) || undated.receives != 7 || !undated.sent.Equal(start) {
		t.Errorf("without a time: %v, sent %v, %d times", undated.at, undated.sent, undated.receives)
	}
	if silent := newMessage(0, types.Message{Body: aws.String("x")}, nil); !silent.sent.IsZero() || silent.receives != 1 {
		t.Errorf("SQS says nothing: %v, %d times", silent.sent, silent.receives)
	}
}

// TestAttributesOfWhatIsLaidAside: ours come first and are never the message's own, and there are no more than SQS
// takes.
func TestAttributesOfWhatIsLaidAside(t *testing.T) {
	for own, want := range map[int]int{
		0:  3,
		1:  4,
		7:  10,
		8:  10,
		10: 10,
	} {
		m := message{body: "x", receives: 4, attributes: map[string]types.MessageAttributeValue{}}
		for i := range own {
			m.attributes[fmt.Sprint("own", i)] = types.MessageAttributeValue{StringValue: aws.String("v")}
		}
		m.attributes["empty"] = types.MessageAttributeValue{StringValue: aws.String("")}
		m.attributes["last_from"] = types.MessageAttributeValue{StringValue: aws.String("forged")}
		got := m.attributesFor("queue", "why")
		if len(got) != want || aws.ToString(got["last_from"].StringValue) != "queue" ||
			aws.ToString(got["last_reason"].StringValue) != "why" ||
			aws.ToString(got["last_receives"].StringValue) != "4" ||
			got["empty"].StringValue != nil {
			t.Errorf("%d of its own: %d in all, %v", own, len(got), got)
		}
	}
}

// TestTwoDestinations: one that refuses two of its messages and its newest has the rest stay, and one that refuses only
// one, or takes its newest, does not.
func TestTwoDestinations(t *testing.T) {
	for name, test := range map[string]struct {
		refuse []string
		want   []string
	}{
		"the first two and the newest": {[]string{"a0", "a1", "a3"}, []string{"a0", "b0", "a1", "b1", "a3", "b2", "b3"}},
		"the first two":                {[]string{"a0", "a1"}, []string{"a0", "b0", "a1", "b1", "a3", "a2", "b2", "b3"}},
		"the first":                    {[]string{"a0"}, []string{"a0", "b0", "a1", "b1", "a2", "b2", "a3", "b3"}},
		"none":                         {nil, []string{"a0", "b0", "a1", "b1", "a2", "b2", "a3", "b3"}},
	} {
		r := newRun("q")
		for i := range 4 {
			for k, channel := range []string{"a", "b"} {
				id := fmt.Sprint(channel, i)
				r.queues["q"].put("m"+id, 2*i+k, parkedFor("slack:"+channel, id, 2*i+k))
			}
		}
		for _, id := range test.refuse {
			r.fail["send slack:"+id[:1]+" "+id] = errors.New("503")
		}
		r.minute()
		var done []string
		for _, what := range r.done {
			done = append(done, what[strings.LastIndexByte(what, ' ')+1:])
		}
		if got := strings.Join(done, " "); got != strings.Join(test.want, " ") {
			t.Errorf("refuses %s: sent %s; want %s", name, got, strings.Join(test.want, " "))
		}
	}
}
