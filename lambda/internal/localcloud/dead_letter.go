package localcloud

import "fmt"

func after(n int, one, many string) string {
	if n == 1 {
		return "after 1 " + one
	}
	return fmt.Sprintf("after %d %s", n, many)
}

// bury sends the event to the target's dead-letter queue, with the documented attributes ("Using dead-letter queues").
func (c *Cloud) bury(d *delivery, exhausted string) {
	c.measure("AWS/Events", "FailedInvocations", 1, d.target.rule.dims()...)
	arn := d.target.DeadLetterConfig.Arn
	lost := func(why string) {
		c.note(Entry{
			Kind: KindLost, Subject: c.targetName(d.target), EventID: d.event.id, Via: shortID(d.target.rule.id),
			Err: d.last.Error() + "; " + why,
		})
	}
	if arn == "" {
		lost("the target has no dead-letter queue")
		return
	}
	q := c.stack.queues[arn]
	if err := c.sendAsService("events.amazonaws.com", q, d.target.rule.arn); err != nil {
		c.measure("AWS/Events", "InvocationsFailedToBeSentToDlq", 1, d.target.rule.dims()...)
		lost("the dead-letter queue refused it: " + err.message)
		return
	}
	attributes := map[string]string{
		"RULE_ARN": d.target.rule.arn, "TARGET_ARN": d.target.Arn, "ERROR_CODE": d.last.code, "ERROR_MESSAGE": d.last.message,
		"RETRY_ATTEMPTS": fmt.Sprint(d.tries - 1),
	}
	if exhausted != "" {
		attributes["EXHAUSTED_RETRY_CONDITION"] = exhausted
	}
	c.measure("AWS/Events", "InvocationsSentToDlq", 1, d.target.rule.dims()...)
	c.enqueue(q, Message{Body: string(d.event.payload), Attributes: attributes}, "events.amazonaws.com")
	c.note(Entry{
		Kind: KindParked, Subject: shortID(q.id), EventID: d.event.id, Via: c.targetName(d.target),
		Text: after(d.tries, "try", "tries"), Err: d.last.message,
	})
}
