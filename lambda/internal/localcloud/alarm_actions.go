package localcloud

import (
	"fmt"
	"time"
)

// turn changes the alarm's state, runs its actions and puts the change on the bus ("Alarm events and EventBridge").
func (c *Cloud) turn(a *alarm, state string) {
	previous := a.state
	a.state = state
	id := c.id("alarm")
	c.note(Entry{Kind: KindAlarm, Subject: a.name, Op: a.subject(), Via: c.watched(a), Text: state, EventID: id})
	actions := a.OKActions
	if state == "ALARM" {
		actions = a.AlarmActions
	}
	if a.ActionsEnabled == nil || *a.ActionsEnabled {
		for _, arn := range actions {
			c.act(a, arn, state, id)
		}
	}
	now := c.time.Now().UTC().Format("2006-01-02T15:04:05.000+0000")
	reason := fmt.Sprintf("Threshold Crossed: %s %s %g", a.subject(), a.ComparisonOperator, a.Threshold)
	ev := busEvent{id: id, name: "CloudWatch Alarm State Change", ours: true, local: true}
	ev.payload = envelope(map[string]any{
		"id": id, "source": "aws.cloudwatch", "detail-type": ev.name, "account": c.opts.Account, "region": c.opts.Region,
		"time": c.time.Now().UTC().Format(time.RFC3339), "resources": []string{a.arn},
		"detail": map[string]any{
			"alarmName":     a.name,
			"state":         map[string]any{"value": state, "reason": reason, "timestamp": now},
			"previousState": map[string]any{"value": previous, "timestamp": now},
			"configuration": map[string]any{"description": a.AlarmDescription},
		},
	})
	c.publish(ev)
}

// watched is the queue that the alarm is on, if it is on one.
func (c *Cloud) watched(a *alarm) string {
	for _, q := range c.stack.queues {
		for _, d := range a.Dimensions {
			if a.Namespace == "AWS/SQS" && d.Value == q.name {
				return shortID(q.id)
			}
		}
	}
	return ""
}

// act publishes the change to a topic, if the topic and its key let CloudWatch in.
func (c *Cloud) act(a *alarm, arn, state, eventID string) {
	t := c.stack.topics[arn]
	context := map[string]string{"aws:SourceArn": a.arn, "aws:SourceAccount": c.opts.Account}
	e := Entry{Kind: KindSNS, Via: ViaAlarm, Subject: fmt.Sprintf("%s: %q", state, a.name), EventID: eventID, Topic: arn}
	if !c.serviceMayPublish("cloudwatch.amazonaws.com", t, context) {
		e.Err = "AccessDenied"
		c.note(e)
		return
	}
	if f := c.own("sns", "Publish", ViaAlarm, t.arn); f != nil {
		e.Err = f.Code
		c.note(e)
		return
	}
	c.showOnTopic(t, message{subject: e.Subject, text: a.AlarmDescription, via: ViaAlarm, eventID: eventID})
}
