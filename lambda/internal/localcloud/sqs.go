package localcloud

import (
	"crypto/md5" //nolint:gosec // SQS answers with MD5 sums
	"encoding/hex"
	"net/http"
	"strings"
	"time"
)

// Message is a message in a queue.
type Message struct {
	Body       string
	Attributes map[string]string // the message attributes, all of them texts
	Sent       time.Time
	Receives   int // how often it was received
}

// stored is a message as its queue keeps it.
type stored struct {
	Message
	id, handle string // the handle of the last receipt; empty: never received
	hidden     time.Time
	first      time.Time // received first
	sender     string
}

// Queued returns the messages of every queue, received or not, by the queue's logical ID without CDK's hash.
func (c *Cloud) Queued() map[string][]Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make(map[string][]Message)
	for _, q := range c.stack.queues {
		for _, m := range q.messages {
			all[shortID(q.id)] = append(all[shortID(q.id)], m.Message)
		}
	}
	return all
}

// QueueURL is the URL of a queue by its logical ID without CDK's hash; empty: there is none.
func (c *Cloud) QueueURL(id string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, q := range c.stack.queues {
		if shortID(q.id) == id {
			return q.url
		}
	}
	return ""
}

// enqueue puts a message into a queue. The cloud is locked.
func (c *Cloud) enqueue(q *queue, m Message, sender string) *stored {
	m.Sent = c.time.Now()
	s := &stored{Message: m, id: c.id("sqs"), sender: sender}
	q.messages = append(q.messages, s)
	c.leaks.WriteString(m.Body + "\n")
	c.measureQueue(q)
	c.measure("AWS/SQS", "NumberOfMessagesSent", 1, dim{"QueueName", q.name})
	return s
}

// measureQueue counts the messages that can be received. The cloud is locked.
func (c *Cloud) measureQueue(q *queue) {
	n, now := 0, c.time.Now()
	for _, m := range q.messages {
		if !now.Before(m.hidden) {
			n++
		}
	}
	dims := []dim{{"QueueName", q.name}}
	c.addPoint(keyOf("AWS/SQS", queueDepth, dims), dims, "", datapoint{at: now, value: float64(n), away: n < len(q.messages)})
}

// mostQueued is SQS's limit on a message, in bytes.
const mostQueued = 1 << 20

// sqs answers the operations on messages (AWS JSON 1.0).
func (c *Cloud) sqs(cl *call) (any, *awsError) {
	op, ok := queueOps()[cl.op]
	if !ok {
		return nil, refuse("UnsupportedOperation", "the operation %s is not part of the local run", cl.op)
	}
	q := c.queueOf(cl)
	if (q == nil || c.gone[q.arn]) && strings.HasSuffix(cl.op, "MessageMoveTask") { // their errors have no QueueDoesNotExist
		return nil, refuse("ResourceNotFoundException", "The resource that you specified for the SourceArn parameter doesn't exist.")
	}
	if q == nil || c.gone[q.arn] {
		return nil, refuse("com.amazonaws.sqs#QueueDoesNotExist", "The specified queue does not exist.")
	}
	a := access{action: op.action, resource: q.arn}
	if why, ok := c.authorize(cl.who, a, q.policies); !ok {
		return nil, c.deniedBy(cl, a, why)
	}
	if op.keys != nil {
		if _, ok := c.authorizeKeyFor(cl.who, q.key, nil, op.keys...); !ok {
			return nil, refuse("KmsAccessDenied", "The caller does not have the appropriate KMS access.")
		}
	}
	if f := c.refusal(cl); f != nil {
		return nil, f
	}
	q.called = c.time.Now()
	return op.run(c, cl, q)
}

func (c *Cloud) sendMessage(cl *call, q *queue) (any, *awsError) {
	body := cl.text("MessageBody")
	attributes, size, failed := sentAttributes(cl)
	if failed != nil {
		return nil, failed
	}
	if size += len(body); body == "" || size > q.most {
		return nil, refuse("InvalidParameterValue", "The message has %d bytes; want 1 to %d.", size, q.most)
	}
	s := c.enqueue(q, Message{Body: body, Attributes: attributes}, cl.who.arn(c.opts.Partition, cl.session()))
	c.note(Entry{Kind: KindParked, Subject: shortID(q.id), Via: by(cl), Text: body})
	return map[string]any{"MessageId": s.id, "MD5OfMessageBody": md5Of(body)}, nil
}

func md5Of(s string) string {
	sum := md5.Sum([]byte(s)) //nolint:gosec // SQS answers with MD5 sums
	return hex.EncodeToString(sum[:])
}

func (c *Cloud) deniedBy(cl *call, a access, why string) *awsError {
	failed := refuse("AccessDeniedException", "%s", c.notAuthorized(cl, a.action, a.resource, why))
	failed.Status = http.StatusBadRequest
	return failed
}

// by says on which way something came.
func by(cl *call) string {
	if cl.function() {
		return ViaFunction
	}
	return cl.who.name()
}
