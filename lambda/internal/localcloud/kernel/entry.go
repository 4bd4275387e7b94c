package kernel

import (
	"strings"
	"time"
)

// Kind says what an Entry is about.
type Kind string

// The kinds of entries.
const (
	KindCall    Kind = "call"    // somebody called CloudTrail
	KindNote    Kind = "note"    // somebody did something else
	KindMatched Kind = "matched" // an EventBridge rule matched an event; without Subject, none did
	KindFired   Kind = "fired"   // a schedule was due; Subject is its logical ID, Err why it could not invoke its target
	KindInvoked Kind = "invoked" // a run of the function ended
	KindSlack   Kind = "slack"   // Slack showed a message, or refused it
	KindSNS     Kind = "sns"     // the topic took a message, or refused it
	KindParked  Kind = "parked"  // something went to a queue
	KindLost    Kind = "lost"    // something is gone
	KindAlarm   Kind = "alarm"   // an alarm changed its state
	KindPing    Kind = "ping"    // a heartbeat outside of AWS was pinged; Subject is the key of its URL in the secret
)

// The ways by which a message reaches Slack or the topic.
const (
	ViaDestination = "API destination" // path 1: EventBridge itself
	ViaFunction    = "function"        // path 2
	ViaRule        = "EventBridge"     // EventBridge itself, to a topic
	ViaAlarm       = "alarm"
)

// Entry is one thing that happened in the cloud. Which fields are set depends on Kind.
type Entry struct {
	At   time.Time
	Kind Kind
	// Who made a call, or sent a message: a user's or role's name. Function marks the functions' own calls.
	Who      string
	Function bool
	Op       string // the API operation
	Write    bool   // it changes something
	Subject  string // the trail's ARN, the rule, the queue, the alarm, the subject of an e-mail
	Account  string // of a call
	// Via is the way of a message.
	Via string
	// Text is what was shown, in full; for a call what it answered in a few words.
	Text string
	// Raw is the whole message as it was sent.
	Raw string
	// Paths are the event's values that EventBridge put into a message of its own; Empty are those that the event does not
	// have.
	Paths, Empty []string
	// Attributes are the message attributes of an SNS message.
	Attributes map[string]string
	// EventID is the id of the event that was matched, shown or lost, where it is known.
	EventID string
	// Err is why it failed: an error code, an HTTP status, or a sentence.
	Err string
	// Recipients is how many subscriptions of a topic got the message, and Protocols are theirs, in order and without
	// repeats. One stands for those of a topic that is not in the template.
	Recipients int
	Protocols  []string
	// Topic is the ARN of the topic that took a message, or refused it.
	Topic string
	// Channel is Slack's: its ID, or "secret:KEY" for an incoming webhook's. TS is the message, Thread the parent of a
	// reply, which Broadcast shows in the channel as well; Update says that TS was changed, and nothing new was posted.
	Channel, TS, Thread string
	Broadcast, Update   bool

	step, seq int
	fault     bool // tells of an injected fault
}

// rank orders what happens side by side at the same time, so that two runs read the same.
func (e Entry) rank() int {
	switch {
	case e.Kind == KindSlack && e.Err != "":
		return 1
	case e.Kind == KindSNS && e.Err != "":
		return 2
	case e.Kind == KindParked, e.Kind == KindLost:
		return 3 // comes of what was refused
	case e.Kind == KindSlack:
		return 4
	case e.Kind == KindSNS:
		return 5
	case e.Kind == KindInvoked:
		return 6
	default:
		return 0
	}
}

func (e Entry) words() string { return e.Who + " " + e.Text }

func (e Entry) compare(o Entry) int {
	switch {
	case e.step != o.step:
		return e.step - o.step
	case !e.At.Equal(o.At):
		return e.At.Compare(o.At)
	case e.rank() != o.rank():
		return e.rank() - o.rank()
	case e.fault && o.fault && e.words() != o.words():
		return strings.Compare(e.words(), o.words())
	default:
		return e.seq - o.seq
	}
}
