package events

import (
	"errors"
	"strconv"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/rules"
)

// delivery is an event on its way to one target.
type delivery struct {
	target target
	event  kernel.Event
	since  time.Time
	tries  int
	last   *kernel.Error
}

// deliver tries when it is the event's turn.
func (s *Bus) deliver(d *delivery) {
	if wait := s.wait(d); wait > 0 {
		s.kernel.After(wait, func() { s.try(d) })
		return
	}
	s.try(d)
}

// try tries once, and plans the next try or gives up.
func (s *Bus) try(d *delivery) {
	d.tries++
	body, problem := d.body()
	if problem != nil {
		s.undeliverable(d, problem)
		return
	}
	err := s.invokeTarget(d, body)
	if err == nil {
		return
	}
	d.last = err
	if !err.Again() {
		s.bury(d, "")
		return
	}
	pause, exhausted := d.target.RetryPolicy.Next(d.tries, d.since, s.kernel.Now())
	if exhausted != "" {
		s.bury(d, exhausted)
		return
	}
	s.kernel.After(pause, func() { s.deliver(d) })
}

// body is what the target gets: the event, a part of it, what a transformer makes of it, or a constant.
func (d *delivery) body() ([]byte, error) {
	t := d.target.transformer
	switch {
	case d.target.Input != nil:
		return []byte(*d.target.Input), nil
	case d.target.InputPath != nil:
		t = &rules.Transformer{Paths: map[string]string{"part": *d.target.InputPath}, Template: "<part>"}
	case t == nil:
		return d.event.Payload, nil
	}
	return t.Render(d.event.Payload, rules.Reserved{
		RuleARN: d.target.rule.arn, RuleName: d.target.rule.name, IngestionTime: d.since.UTC().Format(time.RFC3339),
	})
}

// undeliverable: EventBridge drops what a transformer makes into something that is no JSON; not even the dead-letter
// queue gets it.
func (s *Bus) undeliverable(d *delivery, err error) {
	reason := err.Error()
	if errors.Is(err, rules.ErrUndeliverable) {
		reason = "the transformer's message is no valid JSON"
	}
	s.count(d.target.rule, "FailedInvocations")
	s.kernel.Note(kernel.Entry{
		Kind:    kernel.KindLost,
		Subject: s.targetName(d.target),
		EventID: d.event.ID,
		Err:     reason,
	})
}

func (s *Bus) targetName(t target) string {
	if s.destination(t.Arn) != nil {
		return "API destination"
	}
	return s.kernel.NameOf(t.Arn)
}

// invokeTarget gives the event to the target, which must let EventBridge in.
func (s *Bus) invokeTarget(d *delivery, body []byte) *kernel.Error {
	if dest := s.destination(d.target.Arn); dest != nil {
		return s.invokeDestination(d, dest, body)
	}
	to := kernel.Delivery{
		To:      d.target.Arn,
		By:      "events.amazonaws.com",
		Source:  d.target.rule.arn,
		Body:    body,
		EventID: d.event.ID,
		Via:     kernel.ViaRule,
	}
	if d.target.RoleArn != "" && serviceOf(d.target) == "sns" {
		role, failed := s.assumed(d.target)
		if failed != nil {
			return kernel.Refuse(kernel.NoPermission, "the target's role may not publish to the topic")
		}
		to.Who = &role
	}
	return s.kernel.Deliver(to)
}

// assumed is the role of the target, where EventBridge may assume it.
func (s *Bus) assumed(t target) (kernel.Principal, *kernel.Error) {
	return s.kernel.Assume("events.amazonaws.com", t.RoleArn, policy.Source(t.rule.arn, kernel.ARN(t.rule.arn).Account))
}

// bury sends the event to the target's dead-letter queue, with the documented attributes ("Using dead-letter queues").
func (s *Bus) bury(d *delivery, exhausted string) {
	r, queue := d.target.rule, d.target.DeadLetterConfig.Arn
	s.count(r, "FailedInvocations")
	lost := func(why string) {
		s.kernel.Note(kernel.Entry{
			Kind:    kernel.KindLost,
			Subject: s.targetName(d.target),
			EventID: d.event.ID,
			Via:     s.kernel.NameOf(r.arn),
			Err:     d.last.Error() + "; " + why,
		})
	}
	if queue == "" {
		lost("the target has no dead-letter queue")
		return
	}
	attributes := map[string]string{
		"RULE_ARN":       r.arn,
		"TARGET_ARN":     d.target.Arn,
		"ERROR_CODE":     d.last.Code,
		"ERROR_MESSAGE":  d.last.Message,
		"RETRY_ATTEMPTS": strconv.Itoa(d.tries - 1),
	}
	if exhausted != "" {
		attributes["EXHAUSTED_RETRY_CONDITION"] = exhausted
	}
	failed := s.kernel.Deliver(kernel.Delivery{
		To:         queue,
		By:         "events.amazonaws.com",
		Source:     r.arn,
		Body:       d.event.Payload,
		Attributes: attributes,
	})
	if failed != nil {
		s.count(r, "InvocationsFailedToBeSentToDlq")
		lost("the dead-letter queue refused it: " + failed.Message)
		return
	}
	s.count(r, "InvocationsSentToDlq")
	s.kernel.Note(kernel.Entry{
		Kind:    kernel.KindParked,
		Subject: s.kernel.NameOf(queue),
		EventID: d.event.ID,
		Via:     s.targetName(d.target),
		Text:    kernel.After(d.tries, "try", "tries"),
		Err:     d.last.Message,
	})
}
