package cloudwatch

import (
	"fmt"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// turn shows that the alarm's state changed, runs its actions and puts the change on the bus ("Alarm events and
// EventBridge").
func (s *Monitor) turn(a *alarm, previous, state string) {
	id := s.kernel.ID("alarm")
	s.kernel.Note(kernel.Entry{
		Kind:    kernel.KindAlarm,
		Subject: a.name,
		Op:      a.subject(),
		Via:     s.watched(a),
		Text:    state,
		EventID: id,
	})
	actions := a.OKActions
	if state == "ALARM" {
		actions = a.AlarmActions
	}
	if a.ActionsEnabled == nil || *a.ActionsEnabled {
		for _, arn := range actions {
			s.act(a, arn, state, id)
		}
	}
	now := s.kernel.Now().UTC().Format("2006-01-02T15:04:05.000+0000")
	reason := fmt.Sprintf("Threshold Crossed: %s %s %g", a.subject(), a.ComparisonOperator, a.Threshold)
	s.kernel.Publish(kernel.Envelope{
		ID:         id,
		Source:     "aws.cloudwatch",
		DetailType: "CloudWatch Alarm State Change",
		Time:       s.kernel.Now(),
		Resources:  []string{a.arn},
		Detail: map[string]any{
			"alarmName":     a.name,
			"state":         map[string]any{"value": state, "reason": reason, "timestamp": now},
			"previousState": map[string]any{"value": previous, "timestamp": now},
			"configuration": map[string]any{"description": a.AlarmDescription},
		},
	}.Event(kernel.SiteOf(a.arn), kernel.DefaultBus))
}

// watched is the queue that the alarm is on, if it is on one.
func (s *Monitor) watched(a *alarm) string {
	for _, d := range a.Dimensions {
		if a.Namespace == "AWS/SQS" {
			return s.kernel.NameOf(kernel.ARN(a.arn).ARN("sqs", d.Value))
		}
	}
	return ""
}

// act publishes the change to a topic, if the topic and its key let CloudWatch in.
func (s *Monitor) act(a *alarm, arn, state, eventID string) {
	d := kernel.Delivery{
		To:      arn,
		By:      "cloudwatch.amazonaws.com",
		Source:  a.arn,
		Subject: fmt.Sprintf("%s: %q", state, a.name),
		Body:    []byte(a.AlarmDescription),
		EventID: eventID,
		Via:     kernel.ViaAlarm,
	}
	failed := s.kernel.Deliver(d)
	if failed == nil {
		return
	}
	e := kernel.Entry{
		Kind:    kernel.KindSNS,
		Via:     d.Via,
		Subject: d.Subject,
		EventID: eventID,
		Topic:   arn,
		Err:     failed.Code,
	}
	switch failed.Code {
	case kernel.NoPermission:
		e.Err = "AccessDenied"
	case kernel.NoResource:
		e.Err = "NotFound"
	}
	s.kernel.Note(e)
}
