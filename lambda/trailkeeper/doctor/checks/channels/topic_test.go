package channels_test

import (
	"fmt"
	"testing"

	"trailkeeper/lambda/trailkeeper/clitest"
	"trailkeeper/lambda/trailkeeper/doctor/checks/channels"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

const (
	topic  = "arn:aws:sns:eu-west-1:111122223333:trailkeeper"
	alarms = "arn:aws:sns:eu-west-1:111122223333:trailkeeper-alarms"
)

// subscribed is SNS's answer with subscriptions, an ARN and a protocol each, and the token of a further page.
func subscribed(token string, of ...[2]string) clitest.Answer {
	text := "<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions>"
	for _, s := range of {
		text += fmt.Sprintf("<member><SubscriptionArn>%s</SubscriptionArn><Protocol>%s</Protocol><Endpoint>made-up</Endpoint></member>", s[0], s[1])
	}
	text += "</Subscriptions>"
	if token != "" {
		text += "<NextToken>" + token + "</NextToken>"
	}
	return clitest.Say(text + "</ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>")
}

// TestSubscriptions: somebody must have confirmed, none of the stack's may be gone, and a list without end is no whole one.
func TestSubscriptions(t *testing.T) {
	mail, page := [2]string{topic + ":1", "email"}, [2]string{topic + ":2", "https"}
	pending, deleted := [2]string{"PendingConfirmation", "email"}, [2]string{"Deleted", "email"}
	ours := func(arns ...string) func(*deployed.Deployment) {
		return func(d *deployed.Deployment) {
			for _, arn := range arns {
				d.Resources = append(d.Resources, deployed.Resource{Name: arn, Type: "AWS::SNS::Subscription"})
			}
		}
	}
	for name, test := range map[string]struct {
		answer clitest.Answer
		change func(*deployed.Deployment)
		status verdict.Status
		says   string
	}{
		"confirmed":                    {subscribed("", mail, page), ours(topic+":1", topic+":2"), verdict.OK, "are confirmed: 1 email, 1 https."},
		"none":                         {subscribed(""), nil, verdict.Error, "Nobody listens to the topic trailkeeper."},
		"deleted":                      {subscribed("", deleted), nil, verdict.Error, "Nobody listens to the topic trailkeeper."},
		"none confirmed":               {subscribed("", pending), ours(topic + ":1"), verdict.Error, "not confirmed are 1 email."},
		"one not confirmed":            {subscribed("", mail, pending), ours(topic+":1", topic+":3"), verdict.Warning, "not confirmed are 1 email."},
		"replaced by another's":        {subscribed("", page), ours(topic + ":1"), verdict.Error, "Of the stack's subscriptions 1 are gone; confirmed are 1 https."},
		"of another topic":             {subscribed("", mail), ours(topic+":1", topic+"-logs:1"), verdict.OK, "are confirmed"},
		"without end":                  {subscribed("more", mail), nil, verdict.Unknown, "more subscriptions than are looked at"},
		"without end, pending":         {subscribed("more", mail, pending), nil, verdict.Warning, "not confirmed are 20 email."},
		"the topic is gone":            {gone, nil, verdict.Error, "The topic trailkeeper is gone."},
		"refused":                      {clitest.Refuse("AuthorizationError", "no"), nil, verdict.Unknown, "List the subscriptions of trailkeeper: "},
		"the guard is told another":    {nil, func(d *deployed.Deployment) { d.Guard.Settings.TopicARN = alarms }, verdict.Error, "is told another topic"},
		"the guard is told none":       {nil, func(d *deployed.Deployment) { d.Guard.Settings.TopicARN = "" }, verdict.Error, "is told another topic than the stack has, or none"},
		"the guard is unknown":         {subscribed("", mail), unknownGuard, verdict.OK, "are confirmed"},
		"there is none":                {nil, func(d *deployed.Deployment) { d.Outputs, d.Guard.Settings.TopicARN = nil, "" }, "", ""},
		"nobody knows":                 {nil, func(d *deployed.Deployment) { d.Outputs = nil; unknownGuard(d) }, verdict.Unknown, "Whether there is a topic is not known"},
		"nobody listens to the alarms": {inTurn(subscribed("", mail), subscribed("")), alarmed, verdict.Error, "Nobody listens to the topic trailkeeper-alarms."},
		"the alarms are confirmed":     {inTurn(subscribed("", mail), subscribed("", page)), alarmed, verdict.OK, "are confirmed: 1 email, 1 https."},
		"another topic of the stack": {inTurn(subscribed("", mail)), func(d *deployed.Deployment) {
			d.Resources = []deployed.Resource{{ID: "ArchiveTopic", Name: topic + "-logs", Type: "AWS::SNS::Topic"}}
		}, verdict.OK, "are confirmed: 1 email."},
	} {
		t.Run(name, func(t *testing.T) {
			d := deployment(t, answers{"ListSubscriptionsByTopic": test.answer}, func(d *deployed.Deployment) {
				d.Outputs["TopicArn"], d.Guard.Settings.TopicARN = topic, topic
				if test.change != nil {
					test.change(d)
				}
			})
			want(t, channels.Subscriptions(t.Context(), d), test.status, test.says)
		})
	}
}

func gone(object) (int, any) {
	return 404, "<ErrorResponse><Error><Code>NotFound</Code><Message>x</Message></Error></ErrorResponse>"
}

// inTurn answers one call after the other.
func inTurn(all ...clitest.Answer) clitest.Answer {
	return func(in object) (int, any) {
		if len(all) == 0 {
			return clitest.Refuse("Unexpected", "too many calls")(in)
		}
		first := all[0]
		all = all[1:]
		return first(in)
	}
}

// alarmed gives the stack a topic of its own for alarms.
func alarmed(d *deployed.Deployment) {
	d.Resources = []deployed.Resource{{ID: "NotificationsAlarmsTopic1BBE2C7A", Name: alarms, Type: "AWS::SNS::Topic"}}
}
