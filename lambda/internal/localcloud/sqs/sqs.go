// Package sqs has the queues: it sends, receives, hides and deletes messages, and refuses whom a queue's policy or key
// does not let in. It knows nothing of what messages hold, and keeps them for ever.
package sqs

import (
	"crypto/md5"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
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

// Queues are all queues of the cloud.
type Queues struct {
	kernel *kernel.Kernel
	wire.Front

	mu      sync.Mutex
	queues  map[string]*queue // by ARN
	handles map[string]bool   // all that were given out
}

type queue struct {
	name, arn, url, key string
	policies            []policy.Document
	messages            []*stored
	most                int           // bytes of a message
	keeps               int           // seconds, of which nothing comes here
	hides               time.Duration // how long a message that was received is not received again
	dead                string        // the ARN of the dead-letter queue; empty: none
	tries               int           // how often a message is received before it goes there
	listening           []func()      // whom a message that can be received wakes
	delays              time.Duration // how long a message that was sent is hidden
	waits, reuses       int           // seconds, of which nothing comes here
	managed             bool          // encrypted by SQS, where it has no key
	allows              string        // the RedriveAllowPolicy, of which nothing comes here
	changed             time.Time     // when an attribute was set last
	purged              time.Time     // zero: never
}

// New returns SQS without a queue.
func New(k *kernel.Kernel) *Queues {
	s := &Queues{kernel: k, queues: map[string]*queue{}, handles: map[string]bool{}}
	s.Front = wire.New(k, "sqs", s.answer, wire.Named("QueueUrl"))
	return s
}

// Receive takes a message from a service, if the queue lets the service or its role send.
func (s *Queues) Receive(d kernel.Delivery) *kernel.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[d.To]
	if q == nil || s.kernel.Deleted(d.To) {
		return kernel.Refuse(kernel.NoResource, "the queue does not exist")
	}
	sender := d.By
	if d.Who != nil {
		sender = d.Who.IAMARN(s.kernel.Partition)
	}
	if failed := s.kernel.Admit(d, "sqs:SendMessage", q.policies, q.key); failed != nil || d.Probe {
		return failed
	}
	s.enqueue(q, Message{Body: string(d.Body), Attributes: d.Attributes}, sender)
	return nil
}

// enqueue puts a message into a queue.
func (s *Queues) enqueue(q *queue, m Message, sender string) *stored {
	m.Sent = s.kernel.Now()
	kept := &stored{Message: m, id: s.kernel.ID("sqs"), sender: sender}
	if q.delays > 0 {
		kept.hidden = m.Sent.Add(q.delays)
		s.showAgain(q, q.delays)
	}
	q.messages = append(q.messages, kept)
	s.wake(q, q.delays)
	s.kernel.Leak(m.Body)
	s.count(q)
	s.kernel.Count(q.arn, "AWS/SQS", "NumberOfMessagesSent", kernel.Dim{Name: "QueueName", Value: q.name})
	return kept
}

// count measures the messages that can be received.
func (s *Queues) count(q *queue) {
	n, now, oldest := 0, s.kernel.Now(), time.Duration(0)
	for _, m := range q.messages {
		if !now.Before(m.hidden) {
			n++
		}
		oldest = max(oldest, now.Sub(m.Sent))
	}
	s.kernel.Measure(kernel.Sample{
		Site:      kernel.SiteOf(q.arn),
		Namespace: "AWS/SQS",
		Name:      "ApproximateAgeOfOldestMessage",
		Dims:      []kernel.Dim{{Name: "QueueName", Value: q.name}},
		Value:     oldest.Seconds(),
	})
	s.kernel.Measure(kernel.Sample{
		Site:      kernel.SiteOf(q.arn),
		Namespace: "AWS/SQS",
		Name:      "ApproximateNumberOfMessagesVisible",
		Dims:      []kernel.Dim{{Name: "QueueName", Value: q.name}},
		Value:     float64(n),
		Away:      n < len(q.messages),
	})
}

// called says that the queue is in use.
func (s *Queues) called(q *queue) {
	dims := []kernel.Dim{{Name: "QueueName", Value: q.name}}
	s.kernel.Measure(kernel.Sample{Site: kernel.SiteOf(q.arn), Namespace: "AWS/SQS", Dims: dims})
}

// mostQueued is SQS's limit on a message, in bytes.
const mostQueued = 1 << 20

// answer answers the operations on messages.
func (s *Queues) answer(cl *kernel.Call) (any, *kernel.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	op, ok := queueOps()[cl.Op]
	if !ok {
		return s.find(cl)
	}
	q := s.queueOf(cl)
	if q == nil && strings.HasSuffix(cl.Op, "MessageMoveTask") { // their errors have no QueueDoesNotExist
		return nil, kernel.Refuse("ResourceNotFoundException",
			"The resource that you specified for the SourceArn parameter doesn't exist.")
	}
	if q == nil {
		return nil, noQueue()
	}
	if failed := s.kernel.Allow(cl, policy.Access{Action: op.action, Resource: q.arn}, q.policies); failed != nil {
		return nil, failed
	}
	if failed := s.admits(cl, q, op.action); failed != nil {
		return nil, failed
	}
	if op.keys != nil {
		use := kernel.KeyUse{
			Key:     q.key,
			Site:    kernel.SiteOf(q.arn),
			Who:     &cl.Who,
			Actions: op.keys,
		}
		if _, failed := s.kernel.UseKey(use); failed != nil {
			return nil, kernel.Refuse("KmsAccessDenied", "The caller does not have the appropriate KMS access.")
		}
	}
	if failed := s.kernel.Refusal(cl); failed != nil {
		return nil, failed
	}
	s.called(q)
	return op.run(s, cl, q)
}

// ownAccount are the actions that no policy allows to another account ("Cross-account permissions don't apply to this
// action" in the SQS API reference).
var ownAccount = []string{
	"sqs:CancelMessageMoveTask", "sqs:DeleteQueue", "sqs:SetQueueAttributes", "sqs:StartMessageMoveTask",
}

// admits asks the queue's policy for a caller of another account, whom it must let in.
func (s *Queues) admits(cl *kernel.Call, q *queue, action string) *kernel.Error {
	owner := kernel.ARN(q.arn).Account
	a := policy.Access{Who: cl.Who.IAMARN(s.kernel.Partition), Action: action, Resource: q.arn}
	if owner == cl.Who.Account ||
		!slices.Contains(ownAccount, action) && policy.OfResource(q.policies, a, owner) == policy.Allowed {
		return nil
	}
	return kernel.Refuse("AccessDeniedException", "%s",
		s.kernel.NotAuthorized(cl, a, "no resource-based policy allows the "+action+" action"))
}

func noQueue() *kernel.Error {
	return kernel.Refuse("com.amazonaws.sqs#QueueDoesNotExist", "The specified queue does not exist.")
}

func (s *Queues) sendMessage(cl *kernel.Call, q *queue) (any, *kernel.Error) {
	body := cl.Text("MessageBody")
	attributes, size, failed := sentAttributes(cl)
	if failed != nil {
		return nil, failed
	}
	if size += len(body); body == "" || size > q.most {
		return nil, kernel.Refuse("InvalidParameterValue", "The message has %d bytes; want 1 to %d.", size, q.most)
	}
	kept := s.enqueue(q, Message{Body: body, Attributes: attributes}, cl.Who.ARN(s.kernel.Partition))
	s.kernel.Note(kernel.Entry{
		Kind:    kernel.KindParked,
		Subject: s.kernel.NameOf(q.arn),
		Via:     cl.Via(),
		Text:    body,
	})
	return map[string]any{"MessageId": kept.id, "MD5OfMessageBody": md5Of(body)}, nil
}

func md5Of(s string) string {
	sum := md5.Sum([]byte(s)) //nolint:gosec // SQS answers with MD5 sums
	return hex.EncodeToString(sum[:])
}
