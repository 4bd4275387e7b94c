package localcloud

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Limits of SQS ("Amazon SQS quotas", and ReceiveMessage, DeleteMessageBatch and ChangeMessageVisibility in its API reference).
const (
	mostReceived  = 10
	mostHidden    = 43_200 // seconds
	defaultHidden = 30 * time.Second
)

// queueOp is an operation on the messages of a queue.
type queueOp struct {
	action string
	keys   []string // what the queue's key must allow
	run    func(*Cloud, *call, *queue) (any, *awsError)
}

var queueOps = sync.OnceValue(func() map[string]queueOp {
	return map[string]queueOp{
		"SendMessage":             {"sqs:SendMessage", []string{"kms:GenerateDataKey", "kms:Decrypt"}, (*Cloud).sendMessage},
		"ReceiveMessage":          {"sqs:ReceiveMessage", []string{"kms:Decrypt"}, (*Cloud).receiveMessage},
		"DeleteMessage":           {"sqs:DeleteMessage", nil, (*Cloud).deleteMessage},
		"DeleteMessageBatch":      {"sqs:DeleteMessage", nil, (*Cloud).deleteMessageBatch},
		"ChangeMessageVisibility": {"sqs:ChangeMessageVisibility", nil, (*Cloud).changeMessageVisibility},
		"PurgeQueue":              {"sqs:PurgeQueue", nil, (*Cloud).purgeQueue},
		"StartMessageMoveTask":    {"sqs:StartMessageMoveTask", []string{"kms:Decrypt"}, (*Cloud).moveMessages},
		"CancelMessageMoveTask":   {"sqs:CancelMessageMoveTask", nil, (*Cloud).moveMessages},
		"GetQueueAttributes":      {"sqs:GetQueueAttributes", nil, (*Cloud).getQueueAttributes},
	}
})

// number reads a whole number of a request, within its bounds; false: it is absent.
func (cl *call) number(name string, low, high int) (int, bool, *awsError) {
	v, given := cl.params[name]
	if !given || v == nil {
		return 0, false, nil
	}
	n, isNumber := v.(json.Number)
	i, err := strconv.Atoi(n.String())
	if !isNumber || err != nil || i < low || i > high {
		return 0, false, refuse("InvalidParameterValue", "Value %v for parameter %s is invalid. Reason: Must be between %d and %d, if provided.", v, name, low, high)
	}
	return i, true, nil
}

func (cl *call) list(name string) []string {
	items, _ := cl.params[name].([]any)
	var all []string
	for _, v := range items {
		if s, ok := v.(string); ok {
			all = append(all, s)
		}
	}
	return all
}

// receiveMessage gives the oldest messages that are not hidden. A long poll of an empty queue returns at once.
func (c *Cloud) receiveMessage(cl *call, q *queue) (any, *awsError) {
	most, given, failed := cl.number("MaxNumberOfMessages", 1, mostReceived)
	if failed != nil {
		return nil, failed
	}
	if !given {
		most = 1
	}
	hides := q.hides
	if seconds, given, failed := cl.number("VisibilityTimeout", 0, mostHidden); failed != nil {
		return nil, failed
	} else if given {
		hides = time.Duration(seconds) * time.Second
	}
	if _, _, failed := cl.number("WaitTimeSeconds", 0, 20); failed != nil {
		return nil, failed
	}
	now := c.time.Now()
	var found []any
	for _, m := range q.messages {
		if len(found) == most {
			break
		}
		if now.Before(m.hidden) {
			continue
		}
		m.Receives++
		if m.Receives == 1 {
			m.first = now
		}
		m.hidden, m.handle = now.Add(hides), c.id("receipt")
		found = append(found, m.shown(cl))
	}
	c.measureQueue(q) // a queue that is asked is active, and has its metrics
	if len(found) == 0 {
		return map[string]any{}, nil
	}
	c.showAgain(q, hides)
	return map[string]any{"Messages": found}, nil
}

// showAgain counts the messages again when those that were hidden can be received, if they still are there.
func (c *Cloud) showAgain(q *queue, after time.Duration) {
	if after > 0 {
		c.time.look(c.time.Now().Add(after), func() {
			if len(q.messages) > 0 {
				c.measureQueue(q)
			}
		})
	}
}

// shown is a message as ReceiveMessage gives it.
func (m *stored) shown(cl *call) map[string]any {
	out := map[string]any{"MessageId": m.id, "ReceiptHandle": m.handle, "Body": m.Body, "MD5OfBody": md5Of(m.Body)}
	system := map[string]any{}
	for name, value := range map[string]string{
		"SentTimestamp": fmt.Sprint(m.Sent.UnixMilli()), "ApproximateReceiveCount": fmt.Sprint(m.Receives),
		"ApproximateFirstReceiveTimestamp": fmt.Sprint(m.first.UnixMilli()), "SenderId": m.sender,
	} {
		if asked := slices.Concat(cl.list("MessageSystemAttributeNames"), cl.list("AttributeNames")); slices.Contains(asked, name) || slices.Contains(asked, "All") {
			system[name] = value
		}
	}
	if len(system) > 0 {
		out["Attributes"] = system
	}
	attributes := map[string]any{}
	for name, value := range m.Attributes {
		if wantsAttribute(cl.list("MessageAttributeNames"), name) {
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
func sentAttributes(cl *call) (map[string]string, int, *awsError) {
	given, _ := cl.params["MessageAttributes"].(map[string]any)
	if len(given) == 0 {
		return nil, 0, nil
	}
	attributes, size := make(map[string]string, len(given)), 0
	for name, v := range given {
		value, _ := v.(map[string]any)
		text, _ := value["StringValue"].(string)
		kind, _ := value["DataType"].(string)
		if !attributeName().MatchString(name) || text == "" || kind == "" {
			return nil, 0, refuse("InvalidParameterValue", "The message attribute '%s' must contain a non-empty message attribute value.", name)
		}
		attributes[name] = text
		size += len(name) + len(kind) + len(text)
	}
	if len(attributes) > mostReceived {
		return nil, 0, refuse("InvalidParameterValue", "Number of message attributes [%d] exceeds the allowed maximum [%d].", len(attributes), mostReceived)
	}
	return attributes, size, nil
}
