package sqs

import (
	"strings"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
)

// What a run looks at, and what an attacker does. Queues go by their logical IDs without CDK's hash.

// Queued returns the messages of every queue, received or not.
func (s *Queues) Queued() map[string][]Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make(map[string][]Message)
	for _, q := range s.queues {
		for _, m := range q.messages {
			name := s.kernel.NameOf(q.arn)
			all[name] = append(all[name], m.Message)
		}
	}
	return all
}

// named finds a queue; nil: there is none.
func (s *Queues) named(name string) *queue {
	for _, q := range s.queues {
		if s.kernel.NameOf(q.arn) == name {
			return q
		}
	}
	return nil
}

// queueOf finds the queue that a call is about: by its URL, or by its ARN where messages are moved.
func (s *Queues) queueOf(cl *kernel.Call) *queue {
	url, arn := cl.Text("QueueUrl"), cl.Text("SourceArn")
	for _, q := range s.queues {
		if found := url != "" && q.url == url || url == "" && q.arn == arn; found && !s.kernel.Deleted(q.arn) {
			return q
		}
	}
	return nil
}

// QueueURL is the URL of a queue; empty: there is none.
func (s *Queues) QueueURL(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q := s.named(name); q != nil {
		return q.url
	}
	return ""
}

// QueueAdmits asks the policies of a queue whether somebody may do something with it: a role or user by the ARN, or a
// service by its principal, which acts for a source (aws:SourceArn) of the queue's account. Of a principal of that
// account a policy need only say nothing, as its own policies may allow it; everybody else must be allowed here.
func (s *Queues) QueueAdmits(name, who, action, source string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.named(name)
	if q == nil {
		return false
	}
	account := kernel.ARN(q.arn).Account
	a := policy.Access{Who: who, Action: action, Resource: q.arn}
	if source != "" {
		a.Context = policy.Source(source, account)
	}
	says := policy.OfResource(q.policies, a, account)
	return says == policy.Allowed || says == policy.Silent && strings.Contains(who, "::"+account+":")
}

// ForceMessage puts a message into a queue, whatever its policy says: as somebody does who has taken the policy away.
// It reports false where there is no such queue.
func (s *Queues) ForceMessage(name, body string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.named(name)
	if q != nil {
		s.enqueue(q, Message{Body: body}, "forged")
	}
	return q != nil
}
