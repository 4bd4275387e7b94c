package localcloud

import "strings"

// purgeQueue deletes every message (SQS API reference, PurgeQueue).
func (c *Cloud) purgeQueue(_ *call, q *queue) (any, *awsError) {
	q.messages = nil
	c.measureQueue(q)
	return map[string]any{}, nil
}

// moveMessages answers StartMessageMoveTask and CancelMessageMoveTask, once the caller is authorized. No queue of a template is the dead-letter
// queue of another, and SQS moves out of such ones alone (SQS API reference, StartMessageMoveTask).
func (c *Cloud) moveMessages(cl *call, _ *queue) (any, *awsError) {
	if cl.op == "CancelMessageMoveTask" {
		return nil, refuse("ResourceNotFoundException", "Task does not exist.")
	}
	return nil, refuse("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
}

// queueOf finds the queue that a call is about: by its URL, or by its ARN where messages are moved.
func (c *Cloud) queueOf(cl *call) *queue {
	for _, q := range c.stack.queues {
		if url := cl.text("QueueUrl"); url != "" && q.url == url || url == "" && q.arn == cl.text("SourceArn") {
			return q
		}
	}
	return nil
}

// QueueAdmits asks the policies of a queue, by its logical ID without CDK's hash, whether somebody may do something with it: a role or user by the
// ARN, or a service by its principal, which acts for a source (aws:SourceArn) of the stack's account. Of a principal of that account a policy need
// only say nothing, as its own policies may allow it; everybody else must be allowed here.
func (c *Cloud) QueueAdmits(id, who, action, source string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := access{who: who, action: action}
	if source != "" {
		a.context = map[string]string{"aws:SourceArn": source, "aws:SourceAccount": c.opts.Account}
	}
	for _, q := range c.stack.queues {
		if shortID(q.id) != id {
			continue
		}
		a.resource = q.arn
		says := ask(q.policies, a, true, c.opts.Account)
		return says == allowed || says == silent && strings.Contains(who, "::"+c.opts.Account+":")
	}
	return false
}

// ARNOf is the ARN of a resource, by its logical ID without CDK's hash; empty: there is none of the kinds that are asked for.
func (c *Cloud) ARNOf(id string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.stack.roles {
		if shortID(r.id) == id {
			return r.arn
		}
	}
	for _, r := range c.stack.rules {
		if shortID(r.id) == id {
			return r.arn
		}
	}
	for _, t := range c.stack.topics {
		if shortID(t.id) == id {
			return t.arn
		}
	}
	return ""
}

// ForceMessage puts a message into a queue, by its logical ID without CDK's hash, whatever the queue's policy says: as somebody does who has taken
// the policy away. It reports false where there is no such queue.
func (c *Cloud) ForceMessage(id, body string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, q := range c.stack.queues {
		if shortID(q.id) == id {
			c.enqueue(q, Message{Body: body}, "forged")
			return true
		}
	}
	return false
}
