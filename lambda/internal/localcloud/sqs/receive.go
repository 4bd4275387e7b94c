package sqs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// Limits of SQS ("Amazon SQS quotas", and ReceiveMessage, DeleteMessageBatch and ChangeMessageVisibility in its API
// reference).
const (
	mostReceived  = 10
	mostHidden    = 43_200 // seconds
	defaultHidden = 30 * time.Second
	defaultKept   = 345_600 // seconds
	defaultReused = 300     // seconds (SetQueueAttributes, KmsDataKeyReusePeriodSeconds)
)

// queueOp is an operation on the messages of a queue.
type queueOp struct {
	action string
	keys   []string // what the queue's key must allow
	run    func(*Queues, *kernel.Call, *queue) (any, *kernel.Error)
}

var queueOps = sync.OnceValue(func() map[string]queueOp {
	return map[string]queueOp{
		"SendMessage":             {"sqs:SendMessage", []string{"kms:GenerateDataKey", "kms:Decrypt"}, (*Queues).sendMessage},
		"ReceiveMessage":          {"sqs:ReceiveMessage", []string{"kms:Decrypt"}, (*Queues).receiveMessage},
		"DeleteMessage":           {"sqs:DeleteMessage", nil, (*Queues).deleteMessage},
		"DeleteMessageBatch":      {"sqs:DeleteMessage", nil, (*Queues).deleteMessageBatch},
		"ChangeMessageVisibility": {"sqs:ChangeMessageVisibility", nil, (*Queues).changeMessageVisibility},
		"PurgeQueue":              {"sqs:PurgeQueue", nil, (*Queues).purgeQueue},
		"StartMessageMoveTask":    {"sqs:StartMessageMoveTask", []string{"kms:Decrypt"}, (*Queues).moveMessages},
		"CancelMessageMoveTask":   {"sqs:CancelMessageMoveTask", nil, (*Queues).moveMessages},
		"GetQueueAttributes":      {"sqs:GetQueueAttributes", nil, (*Queues).getQueueAttributes},
		"SetQueueAttributes":      {"sqs:SetQueueAttributes", nil, (*Queues).setQueueAttributes},
		"DeleteQueue":             {"sqs:DeleteQueue", nil, (*Queues).deleteQueue},
	}
})

// receiveMessage gives the oldest messages that are not hidden. A long poll of an empty queue returns at once.
func (s *Queues) receiveMessage(cl *kernel.Call, q *queue) (any, *kernel.Error) {
	most, given, failed := cl.Number("MaxNumberOfMessages", 1, mostReceived)
	if failed != nil {
		return nil, failed
	}
	if !given {
		most = 1
	}
	hides := q.hides
	if seconds, given, failed := cl.Number("VisibilityTimeout", 0, mostHidden); failed != nil {
		return nil, failed
	} else if given {
		hides = time.Duration(seconds) * time.Second
	}
	if _, _, failed := cl.Number("WaitTimeSeconds", 0, 20); failed != nil {
		return nil, failed
	}
	var found []any
	for _, m := range s.received(q, most, hides) {
		found = append(found, m.shown(cl))
	}
	s.count(q) // a queue that is asked is active, and has its metrics
	if len(found) == 0 {
		return map[string]any{}, nil
	}
	s.showAgain(q, hides)
	s.wake(q, hides)
	return map[string]any{"Messages": found}, nil
}

// received takes the oldest messages that are not hidden, and hides them. One that was received too often goes to the
// dead-letter queue instead (SQS Developer Guide, "Using dead-letter queues").
func (s *Queues) received(q *queue, most int, hides time.Duration) (found []*stored) {
	now := s.kernel.Now()
	for _, m := range slices.Clone(q.messages) {
		if len(found) == most {
			break
		}
		if now.Before(m.hidden) {
			continue
		}
		if s.bury(q, m) {
			continue
		}
		m.Receives++
		if m.Receives == 1 {
			m.first = now
		}
		m.hidden, m.handle = now.Add(hides), s.kernel.ID("receipt")
		s.handles[m.handle] = true
		found = append(found, m)
	}
	return found
}

// bury moves a message to the dead-letter queue, where it was received as often as it may be. It keeps its ID and its
// time.
func (s *Queues) bury(q *queue, m *stored) bool {
	dead := s.queues[q.dead]
	if dead == nil || s.kernel.Deleted(q.dead) || m.Receives < q.tries {
		return false
	}
	q.messages = slices.DeleteFunc(q.messages, func(other *stored) bool { return other == m })
	m.hidden = time.Time{}
	dead.messages = append(dead.messages, m)
	s.count(dead)
	s.wake(dead, 0)
	s.kernel.Note(kernel.Entry{
		Kind:    kernel.KindParked,
		Subject: s.kernel.NameOf(dead.arn),
		Via:     s.kernel.NameOf(q.arn),
		Text:    kernel.After(m.Receives, "receive", "receives"),
	})
	return true
}

// wake tells who listens that there may be a message after a while.
func (s *Queues) wake(q *queue, after time.Duration) {
	for _, listener := range q.listening {
		s.kernel.After(after, listener)
	}
}

// showAgain counts the messages again when those that were hidden can be received, if they still are there.
func (s *Queues) showAgain(q *queue, after time.Duration) {
	if after > 0 {
		s.kernel.Look(s.kernel.Now().Add(after), func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			if len(q.messages) > 0 {
				s.count(q)
			}
		})
	}
}

// shown is a message as ReceiveMessage gives it.
func (m *stored) shown(cl *kernel.Call) map[string]any {
	out := map[string]any{
		"MessageId":     m.id,
		"ReceiptHandle": m.handle,
		"Body":          m.Body,
		"MD5OfBody":     md5Of(m.Body),
	}
	system := map[string]any{}
	for name, value := range map[string]string{
		"SentTimestamp":                    fmt.Sprint(m.Sent.UnixMilli()),
		"ApproximateReceiveCount":          fmt.Sprint(m.Receives),
		"ApproximateFirstReceiveTimestamp": fmt.Sprint(m.first.UnixMilli()),
		"SenderId":                         m.sender,
	} {
		if asked := slices.Concat(cl.Texts("MessageSystemAttributeNames"),
			cl.Texts("AttributeNames")); slices.Contains(asked, name) ||
			slices.Contains(asked, "All") {
			system[name] = value
		}
	}
	if len(system) > 0 {
		out["Attributes"] = system
	}
	attributes := map[string]any{}
	for name, value := range m.Attributes {
		if wantsAttribute(cl.Texts("MessageAttributeNames"), name) {
			attributes[name] = map[string]any{"DataType": "String", "StringValue": value}
		}
	}
	if len(attributes) > 0 {
		out["MessageAttributes"] = attributes
	}
	return out
}

// wantsAttribute: "All" and ".*" are every attribute, "a.*" those that begin with "a.".
func wantsAttribute(asked []string, name string) bool {
	return slices.ContainsFunc(asked, func(a string) bool {
		prefix, many := strings.CutSuffix(a, "*")
		return a == "All" || a == ".*" || a == name || many && strings.HasPrefix(name, prefix)
	})
}

// sentAttributes reads the message attributes of SendMessage and how much of the message they are, in bytes.
func sentAttributes(cl *kernel.Call) (map[string]string, int, *kernel.Error) {
	given, _ := cl.Params["MessageAttributes"].(map[string]any)
	if len(given) == 0 {
		return nil, 0, nil
	}
	attributes, size := make(map[string]string, len(given)), 0
	for name, v := range given {
		value, _ := v.(map[string]any)
		text, _ := value["StringValue"].(string)
		kind, _ := value["DataType"].(string)
		if !attributeName().MatchString(name) || text == "" || kind == "" {
			return nil, 0, kernel.Refuse("InvalidParameterValue",
				"The message attribute '%s' must contain a non-empty message attribute value.", name)
		}
		attributes[name] = text
		size += len(name) + len(kind) + len(text)
	}
	if len(attributes) > mostReceived {
		return nil, 0, kernel.Refuse("InvalidParameterValue",
			"Number of message attributes [%d] exceeds the allowed maximum [%d].", len(attributes), mostReceived)
	}
	return attributes, size, nil
}

var attributeName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_.-]{1,256}$`) })
