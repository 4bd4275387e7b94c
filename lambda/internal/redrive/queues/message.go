package queues

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/sanitize"
)

// skew is how far the clocks of SQS and of the function may be apart.
const skew = time.Minute

// kind says what a message is.
type kind int

const (
	final      kind = iota + 1 // nothing here can make something of it: it goes to the last queue
	parked                     // a notification that a destination refused
	failure                    // Lambda's record of an invocation that failed every time
	deadLetter                 // an event that EventBridge could not deliver, or a notification of a log file
	settled                    // the failed run of a sweep or a redrive, which every later run makes good
)

func (k kind) String() string {
	return [...]string{"", "final", "parked", "function_failure", "dead_letter", "settled"}[k]
}

// message is one message of a queue. Nothing that it says is known to be true; what SQS says of it is.
type message struct {
	queue      int
	id         string // SQS's
	receipt    string
	sent       time.Time // when SQS took it
	receives   int       // how often SQS has given it
	body       string
	attributes map[string]types.MessageAttributeValue
	at         time.Time // when it was parked, or sent to the queue
	kind       kind
	why        string // of final
	channel    string // the destination of what is parked
	eventID    string
	parked     report.Parked
	payload    []byte
}

// body is what tells the kinds of messages apart: our Parked has a numeric version, EventBridge's envelope and Lambda's
// record (Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations") have a text there.
type body struct {
	Version        json.RawMessage `json:"version"`
	Channel        json.RawMessage `json:"channel"`
	Notification   json.RawMessage `json:"notification"`
	RequestContext json.RawMessage `json:"requestContext"`
	RequestPayload json.RawMessage `json:"requestPayload"`
}

// newMessage reads what a queue holds. Takes is the Redriver's.
func newMessage(queue int, m types.Message, takes func(payload []byte) bool) message {
	one := message{
		queue:      queue,
		id:         aws.ToString(m.MessageId),
		receipt:    aws.ToString(m.ReceiptHandle),
		sent:       sentAt(m),
		receives:   receives(m),
		at:         sentAt(m),
		body:       aws.ToString(m.Body),
		attributes: m.MessageAttributes,
	}
	text := []byte(one.body)
	var b body
	if err := json.Unmarshal(text, &b); err != nil {
		return one.unreadable("it is no JSON object")
	}
	switch {
	case b.Channel != nil && b.Notification != nil:
		return one.asParked(text, b)
	case b.RequestContext != nil && b.RequestPayload != nil:
		return one.asEvent(failure, bytes.Clone(b.RequestPayload))
	}
	if takes != nil && takes(text) {
		one.kind, one.payload = deadLetter, text
		return one
	}
	return one.asEvent(deadLetter, text)
}

// sentAt is when SQS took the message; the zero time where it does not say, so that the message comes first.
func sentAt(m types.Message) time.Time {
	ms, err := strconv.ParseInt(m.Attributes[string(types.MessageSystemAttributeNameSentTimestamp)], 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// receives is how often SQS has given the message, this time included; 1 where it does not say.
func receives(m types.Message) int {
	n, err := strconv.Atoi(m.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
	if err != nil {
		return 1
	}
	return n
}

func (m message) unreadable(why string) message {
	m.kind, m.why = final, why
	return m
}

func (m message) asParked(text []byte, b body) message {
	if v := string(b.Version); v != strconv.Itoa(report.ParkedVersion) {
		return m.unreadable(
			fmt.Sprintf(
				"it is a parked message of version %.10s, of which this function only knows %d; deploy again", v,
				report.ParkedVersion,
			),
		)
	}
	if err := json.Unmarshal(text, &m.parked); err != nil {
		return m.unreadable("it is a parked message that is not whole")
	}
	m.parked = m.parked.Read(m.body)
	m.channel, m.eventID = m.parked.Channel, m.parked.Notification.EventID
	if at := m.parked.Time; !at.IsZero() &&
		!at.After(m.sent.Add(skew)) { // it was parked before SQS took it, or what it says is not true
		m.at = at
	}
	m.parked.Time = m.at
	switch m.parked.Channel {
	case finding.ChannelGuard:
		m.parked = report.Parked{}
		return m.unreadable("the guard could not read the payload in it; a message said so")
	case "":
		return m.unreadable("it is a parked message without a channel")
	}
	m.kind = parked
	return m
}

// asEvent takes the payload of an invocation that failed, whatever it is: the guard parks what it cannot read. What
// EventBridge could not deliver is taken only if the guard reads it, because others put their dead letters there as
// well.
func (m message) asEvent(k kind, payload []byte) message {
	ev, err := events.Parse(payload)
	m.eventID = sanitize.Bound(ev.Record.EventID, 128)
	if m.eventID == "" {
		m.eventID = sanitize.Bound(ev.ID, 128)
	}
	switch {
	case err == nil && (ev.Kind == events.KindScheduled || ev.Kind == events.KindRedrive):
		k = settled
	case err != nil && k == deadLetter:
		return m.unreadable(plain(err))
	}
	m.kind, m.payload = k, payload
	return m
}

// crashed is what a panic says. It says no more than the type of a value that was thrown, which may hold a secret.
func crashed(v any) error {
	if err, ok := v.(runtime.Error); ok {
		return fmt.Errorf("it crashed the function: %w; report this with the message", err)
	}
	return errors.New("it crashed the function" + fmt.Sprintf(" with a %T; report this with the message", v))
}
