package sqs

import (
	"fmt"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
)

// Listen has a function called whenever there may be a message in a queue, by its ARN; false: there is no such queue.
// It also returns how long a message that was received is hidden.
func (s *Queues) Listen(arn string, wake func()) (hides time.Duration, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[arn]
	if q == nil || s.kernel.Deleted(arn) {
		return 0, false
	}
	q.listening = append(q.listening, wake)
	return q.hides, true
}

// pollActions are what a role needs to take messages out of a queue (Lambda Developer Guide, "Creating and configuring
// an Amazon SQS event source mapping").
var pollActions = []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}

// MayPoll is why a role cannot take messages out of a queue; empty: it can.
func (s *Queues) MayPoll(who kernel.Principal, arn string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, action := range pollActions {
		if failed := s.may(who, s.queues[arn], action); failed != nil {
			return failed.Message
		}
	}
	return ""
}

// may asks IAM, and for what is read also the queue's key.
func (s *Queues) may(who kernel.Principal, q *queue, action string) *kernel.Error {
	if q == nil || s.kernel.Deleted(q.arn) {
		return noQueue()
	}
	if why, ok := s.kernel.Authorize(who, policy.Access{Action: action, Resource: q.arn}, q.policies); !ok {
		return kernel.Refuse("AccessDenied", "%s on %s: %s", action, q.arn, why)
	}
	if action != "sqs:ReceiveMessage" {
		return nil
	}
	_, failed := s.kernel.UseKey(kernel.KeyUse{
		Key: q.key, Site: kernel.SiteOf(q.arn), Who: &who, Actions: []string{"kms:Decrypt"},
	})
	return failed
}

// Poll takes messages out of a queue for a role, and hides them.
func (s *Queues) Poll(who kernel.Principal, arn string, most int) ([]kernel.Polled, *kernel.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[arn]
	if failed := s.may(who, q, "sqs:ReceiveMessage"); failed != nil {
		return nil, failed
	}
	var all []kernel.Polled
	for _, m := range s.received(q, most, q.hides) {
		all = append(all, kernel.Polled{
			ID: m.id, Handle: m.handle, Body: m.Body, MD5: md5Of(m.Body), MessageAttributes: m.Message.Attributes,
			Attributes: map[string]string{
				"ApproximateReceiveCount":          fmt.Sprint(m.Receives),
				"SentTimestamp":                    fmt.Sprint(m.Sent.UnixMilli()),
				"SenderId":                         m.sender,
				"ApproximateFirstReceiveTimestamp": fmt.Sprint(m.first.UnixMilli()),
			},
		})
	}
	s.count(q)
	if len(all) > 0 {
		s.showAgain(q, q.hides)
	}
	return all, nil
}

// Done deletes messages that a role has taken.
func (s *Queues) Done(who kernel.Principal, arn string, handles []string) *kernel.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[arn]
	if failed := s.may(who, q, "sqs:DeleteMessage"); failed != nil {
		return failed
	}
	for _, handle := range handles {
		if failed := s.remove(q, handle); failed != nil {
			return failed
		}
	}
	return nil
}
