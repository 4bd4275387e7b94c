package localcloud

import (
	"crypto/md5" //nolint:gosec // SQS answers with MD5 sums
	"encoding/hex"
	"net/http"
)

// Message is a message in a queue.
type Message struct {
	Body       string
	Attributes map[string]string
}

// Queued returns the messages of every queue, by the queue's logical ID without CDK's hash.
func (c *Cloud) Queued() map[string][]Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make(map[string][]Message)
	for _, q := range c.stack.queues {
		if len(q.messages) > 0 {
			all[shortID(q.id)] = append([]Message{}, q.messages...)
		}
	}
	return all
}

// enqueue puts a message into a queue. The cloud is locked.
func (c *Cloud) enqueue(q *queue, m Message) {
	q.messages = append(q.messages, m)
	c.leaks.WriteString(m.Body + "\n")
	c.measure("AWS/SQS", "ApproximateNumberOfMessagesVisible", float64(len(q.messages)), dim{"QueueName", q.name})
	c.measure("AWS/SQS", "NumberOfMessagesSent", 1, dim{"QueueName", q.name})
}

// mostQueued is SQS's limit on a message, in bytes.
const mostQueued = 1 << 20

// sqs answers SendMessage (AWS JSON 1.0).
func (c *Cloud) sqs(cl *call) (any, *awsError) {
	if cl.op != "SendMessage" {
		return nil, refuse("UnsupportedOperation", "the operation %s is not part of the local run", cl.op)
	}
	var q *queue
	for _, candidate := range c.stack.queues {
		if candidate.url == cl.text("QueueUrl") {
			q = candidate
		}
	}
	body := cl.text("MessageBody")
	switch {
	case q == nil:
		return nil, refuse("com.amazonaws.sqs#QueueDoesNotExist", "The specified queue does not exist.")
	case body == "" || len(body) > q.most:
		return nil, refuse("InvalidParameterValue", "The message has %d bytes; want 1 to %d.", len(body), q.most)
	}
	a := access{action: "sqs:SendMessage", resource: q.arn}
	if why, ok := c.authorize(cl.who, a, q.policies); !ok {
		return nil, c.deniedBy(cl, a, why)
	}
	if _, ok := c.authorizeKey(cl.who, q.key, nil); !ok {
		return nil, refuse("KmsAccessDenied", "The caller does not have the appropriate KMS access.")
	}
	if f := c.fault("sqs", cl.op, cl.function()); f != nil {
		return nil, f.awsError()
	}
	c.enqueue(q, Message{Body: body})
	c.note(Entry{Kind: KindParked, Subject: shortID(q.id), Via: by(cl), Text: body})
	sum := md5.Sum([]byte(body)) //nolint:gosec // SQS answers with MD5 sums
	return map[string]any{"MessageId": c.id("sqs"), "MD5OfMessageBody": hex.EncodeToString(sum[:])}, nil
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
