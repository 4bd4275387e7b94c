package localcloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"trailkeeper/rules"
)

const (
	// eventLatency is the way of a record to the bus. AWS documents no figure ("near real-time"); seconds are usual.
	eventLatency = 2 * time.Second
	// Defaults of a target's retry policy (EventBridge API reference, RetryPolicy).
	defaultAttempts = 185
	defaultAge      = 24 * time.Hour
	// The pauses between tries double from firstBackoff to longestBackoff; AWS says "exponential backoff".
	firstBackoff   = time.Second
	longestBackoff = 15 * time.Minute
)

// publish puts a record's event on the bus of the stack's account and Region; other buses have no rules here.
func (c *Cloud) publish(ev busEvent) {
	if !ev.ours {
		return
	}
	for range 1 + c.repeating {
		c.time.after(eventLatency, func() { c.match(ev) })
	}
	c.repeating = 0
}

// Deliver puts an event on the bus as it is, as if AWS or PutEvents had sent it. The id and the name are how entries call it.
func (c *Cloud) Deliver(id, name string, payload json.RawMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.publish(busEvent{id: id, name: name, ours: true, payload: payload})
}

// match gives the event to the targets of every rule that matches.
func (c *Cloud) match(ev busEvent) {
	matched := ev.readOnly // the many reads that no rule wants need no entry
	for _, r := range c.stack.rules {
		if !r.enabled || (ev.readOnly && !r.reads) || (r.bus != "" && ev.local) || (ev.bus != "" && ev.bus != r.bus) {
			continue // before the event is read
		}
		if ok, err := r.pattern.Match(ev.payload); err != nil || !ok {
			continue
		}
		matched = true
		c.measure("AWS/Events", "TriggeredRules", 1, r.dims()...)
		c.note(Entry{Kind: KindMatched, Subject: shortID(r.id), Op: ev.name, EventID: ev.id})
		for _, t := range c.quickFirst(r.targets) {
			d := &delivery{target: t, event: ev, since: c.time.Now()}
			c.time.after(0, func() { c.deliver(d) })
		}
	}
	if !matched {
		c.note(Entry{Kind: KindMatched, Op: ev.name, EventID: ev.id})
	}
}

// quickFirst puts the function last: targets are served side by side, and only a run of the function takes virtual time.
func (c *Cloud) quickFirst(targets []target) []target {
	return slices.SortedStableFunc(slices.Values(targets), func(a, b target) int {
		return c.slow(a) - c.slow(b)
	})
}

func (c *Cloud) slow(t target) int {
	if c.stack.functions[t.Arn] != nil {
		return 1
	}
	return 0
}

// delivery is an event on its way to one target.
type delivery struct {
	target target
	event  busEvent
	since  time.Time
	tries  int
	last   *targetError
}

// targetError is why a target did not take an event.
type targetError struct {
	code    string // ERROR_CODE of the dead letter
	message string
	retry   bool
}

// Error implements error.
func (e *targetError) Error() string { return e.code + ": " + e.message }

func noPermission(format string, args ...any) *targetError {
	return &targetError{code: "NO_PERMISSIONS", message: fmt.Sprintf(format, args...)}
}

// deliver tries when it is the event's turn.
func (c *Cloud) deliver(d *delivery) {
	if wait := c.queued(d); wait > 0 {
		c.time.after(wait, func() { c.try(d) })
		return
	}
	c.try(d)
}

// try tries once, and plans the next try or gives up.
func (c *Cloud) try(d *delivery) {
	d.tries++
	body := []byte(d.event.payload)
	if t := d.target.transformer; t != nil {
		rendered, err := t.Render(body, rules.Reserved{
			RuleARN: d.target.rule.arn, RuleName: d.target.rule.name, IngestionTime: d.since.UTC().Format(time.RFC3339),
		})
		if err != nil {
			c.undeliverable(d, err)
			return
		}
		body = rendered
	}
	err := c.invokeTarget(d, body)
	if err == nil {
		return
	}
	d.last = err
	attempts, age := defaultAttempts, defaultAge
	if n := d.target.RetryPolicy.MaximumRetryAttempts; n != nil {
		attempts = *n
	}
	if n := d.target.RetryPolicy.MaximumEventAgeInSeconds; n != nil {
		age = time.Duration(*n) * time.Second
	}
	pause := min(firstBackoff<<min(d.tries-1, 20), longestBackoff)
	switch {
	case !err.retry:
		c.bury(d, "")
	case d.tries > attempts:
		c.bury(d, "MaximumRetryAttempts")
	case c.time.Now().Add(pause).Sub(d.since) > age:
		c.bury(d, "MaximumEventAgeInSeconds")
	default:
		c.time.after(pause, func() { c.deliver(d) })
	}
}

// undeliverable: EventBridge drops what a transformer makes into something that is no JSON; not even the dead-letter queue gets it.
func (c *Cloud) undeliverable(d *delivery, err error) {
	reason := err.Error()
	if errors.Is(err, rules.ErrUndeliverable) {
		reason = "the transformer's message is no valid JSON"
	}
	c.measure("AWS/Events", "FailedInvocations", 1, d.target.rule.dims()...)
	c.note(Entry{Kind: KindLost, Subject: c.targetName(d.target), EventID: d.event.id, Err: reason})
}

// invokeTarget gives the event to the target, which must let EventBridge in.
func (c *Cloud) invokeTarget(d *delivery, body []byte) *targetError {
	arn := d.target.Arn
	switch {
	case c.stack.functions[arn] != nil:
		return c.invokeFunction(d, c.stack.functions[arn], body)
	case c.stack.destinations[arn] != nil:
		return c.invokeDestination(d, c.stack.destinations[arn], body)
	case c.stack.topics[arn] != nil:
		return c.publishTo(d, c.stack.topics[arn], body)
	default:
		return c.sendTo(d, c.stack.queues[arn], body)
	}
}

func (c *Cloud) targetName(t target) string {
	switch arn := t.Arn; {
	case c.stack.functions[arn] != nil:
		return shortID(c.stack.functions[arn].id)
	case c.stack.destinations[arn] != nil:
		return "API destination"
	case c.stack.topics[arn] != nil:
		return shortID(c.stack.topics[arn].id)
	default:
		return shortID(c.stack.queues[arn].id)
	}
}

func (c *Cloud) invokeFunction(d *delivery, f *function, body []byte) *targetError {
	for _, p := range f.permissions {
		if p.Action == "lambda:InvokeFunction" && p.Principal == "events.amazonaws.com" &&
			(p.SourceArn == "" || like(d.target.rule.arn, p.SourceArn)) && (p.SourceAccount == "" || p.SourceAccount == c.opts.Account) {
			if fault := c.own("lambda", "Permission", "EventBridge", f.arn); fault != nil {
				return noPermission("%s", fault.Message)
			}
			c.queueInvocation(f, body)
			return nil
		}
	}
	return noPermission("no permission of the function lets the rule invoke it")
}

// roleMay asks whether EventBridge may assume the role of the target, and the role may do something.
func (c *Cloud) roleMay(t target, action, resource string) (*role, bool) {
	r := c.stack.roles[t.RoleArn]
	if r == nil || !r.trusts("events.amazonaws.com", sourceOf(t.rule.arn, c.opts.Account), c.opts.Account) {
		return nil, false
	}
	_, ok := c.authorize(Principal{Account: c.opts.Account, role: r}, access{action: action, resource: resource}, nil)
	return r, ok
}

func (c *Cloud) publishTo(d *delivery, t *topic, body []byte) *targetError {
	context := map[string]string{"aws:SourceArn": d.target.rule.arn, "aws:SourceAccount": c.opts.Account}
	if d.target.RoleArn != "" {
		r, ok := c.roleMay(d.target, "sns:Publish", t.arn)
		if !ok {
			return noPermission("the target's role may not publish to the topic")
		}
		if _, ok := c.authorizeKey(Principal{Account: c.opts.Account, role: r}, t.key, nil); !ok {
			return noPermission("the target's role may not use the topic's key")
		}
	} else if !c.serviceMayPublish("events.amazonaws.com", t, context) {
		return noPermission("the topic or its key does not let EventBridge publish")
	}
	if f := c.own("sns", "Publish", "EventBridge", t.arn); f != nil {
		return &targetError{code: f.Code, message: f.Message, retry: f.Status >= 500}
	}
	c.showOnTopic(t, message{text: string(body), via: ViaRule, eventID: d.event.id})
	return nil
}

func (c *Cloud) sendTo(d *delivery, q *queue, body []byte) *targetError {
	if err := c.sendAsService("events.amazonaws.com", q, d.target.rule.arn); err != nil {
		return err
	}
	c.enqueue(q, Message{Body: string(body)}, "events.amazonaws.com")
	return nil
}

// sendAsService asks a queue whether a service may send to it.
func (c *Cloud) sendAsService(service string, q *queue, sourceARN string) *targetError {
	context := map[string]string{"aws:SourceArn": sourceARN, "aws:SourceAccount": c.opts.Account}
	switch {
	case q == nil || c.gone[q.arn]:
		return &targetError{code: "NO_RESOURCE", message: "the queue does not exist"}
	case !c.serviceMay(service, "sqs:SendMessage", q.arn, q.policies, context) || !c.serviceMayUseKey(service, q.key, context):
		return noPermission("the queue's policy does not let %s send", service)
	}
	return nil
}
