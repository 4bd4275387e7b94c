package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/rules"
)

// relay is a rule that tells Slack of the stack's own alarms, and without code of ours: it works when the guard does
// not.
type relay struct {
	name, state, description string
	from                     []any // the states before; none: any
	wording                  rules.Wording
}

// relays lists the states of an alarm that Slack is told of. The paths lead to values that AWS chose, and to the
// alarm's name, which newRelays pins (CloudWatch User Guide, "Alarm events and EventBridge"); the reason of the state
// is not among them, because it can hold anything. Only what was raised is over: a new alarm, which has no data yet,
// becomes OK as well.
func relays() []relay {
	paths := map[string]string{
		"alarm":   "$.detail.alarmName",
		"account": "$.account",
		"region":  "$.region",
		"time":    "$.time",
	}
	return []relay{
		{
			name:        "alarm-raised",
			state:       "ALARM",
			description: "An alarm of Trailkeeper was raised",
			wording: rules.Wording{Paths: paths, Text: ":warning: Alarm *<alarm>* of Trailkeeper was raised\nin account " +
				"<account>, <region>, at <time>. The alarm's description in CloudWatch says what it means and what to do."},
		},
		{
			name:        "alarm-cleared",
			state:       "OK",
			from:        []any{"ALARM"},
			description: "An alarm of Trailkeeper was cleared",
			wording: rules.Wording{Paths: paths, Text: ":white_check_mark: Alarm *<alarm>* of Trailkeeper is OK again\n" +
				"in account <account>, <region>, at <time>."},
		},
	}
}

// newRelays makes the rules that tell Slack of the alarms. They match the names of these alarms and no other: an
// alarm's name may hold quotes and newlines, EventBridge does not escape what it puts into a template, and whoever may
// make an alarm could otherwise write any message. They are on the default bus, where CloudWatch sends its events. No
// alarm watches them: it would be told of by the rule that it watches. What they could not post is in the dead-letter
// queue, which is watched.
func newRelays(scope constructs.Construct, t targets, alarms []alarm) []awsevents.CfnRule {
	var made []awsevents.CfnRule
	for _, r := range relays() {
		var names []any
		for _, a := range alarms {
			if r.state == "ALARM" || !a.onlyRaised {
				names = append(names, t.alarmName(a))
			}
		}
		detail := map[string]any{"alarmName": names, "state": map[string]any{"value": []any{r.state}}}
		if len(r.from) > 0 {
			detail["previousState"] = map[string]any{"value": r.from}
		}
		made = append(made, awsevents.NewCfnRule(scope, jsii.String(constructID(r.name)), &awsevents.CfnRuleProps{
			Name:        jsii.String(t.physicalName(r.name)),
			Description: jsii.String("Trailkeeper: " + r.description),
			State:       jsii.String("ENABLED"),
			EventPattern: t.patterns.check(r.name, map[string]any{
				"source":      []any{"aws.cloudwatch"},
				"detail-type": []any{"CloudWatch Alarm State Change"},
				"account":     []any{*awscdk.Stack_Of(scope).Account()},
				"detail":      detail,
			}),
			Targets: []*awsevents.CfnRule_TargetProperty{t.toSlack(r.wording, t.slack.Rest)},
		}))
	}
	return made
}

// notice is what the topic is told when EventBridge itself gives up on the connection to Slack: no alarm would say why.
// Its paths lead to values that AWS chose, and to the detail-type, which newNotices pins.
func notice() rules.Transformer {
	const text = "Trailkeeper: EventBridge says '<type>' of its connection to Slack (account <account>, <region>, " +
		"<time>). EventBridge posts nothing to Slack until the secret holds a webhook or token that works and the stack is " +
		"deployed with its version as secretVersion. The guard restores logging and publishes to this topic as before."
	return rules.Transformer{
		Template: `"` + text + `"`,
		Paths: map[string]string{
			"type":    "$.detail-type",
			"account": "$.account",
			"region":  "$.region",
			"time":    "$.time",
		},
	}
}

// newNotices makes the rule for EventBridge's own failure events (EventBridge Events Reference, "Amazon EventBridge
// events"). It publishes through a role, so that neither the topic's policy nor its key's has to admit EventBridge.
func newNotices(scope constructs.Construct, t targets) (*Rule, awsiam.Role) {
	at := constructs.NewConstruct(scope, jsii.String("Notices"))
	role := newRole(at, t.settings, roleProps{
		service:     "events.amazonaws.com",
		description: "Trailkeeper: EventBridge publishes its own failures",
		sources:     ruleARNs(scope, t.settings, t.physicalName("notices")),
		policy:      "Publish",
		statements:  t.topic.publishAll(),
	})
	// One of the two names is in each event.
	mine := func(names ...*string) []any {
		var list []any
		for _, name := range names {
			list = append(list, *name)
		}
		return append(list, map[string]any{"exists": false})
	}
	rule := awsevents.NewCfnRule(at, jsii.String("Rule"), &awsevents.CfnRuleProps{
		Name:        jsii.String(t.physicalName("notices")),
		State:       jsii.String("ENABLED"),
		Description: jsii.String("Trailkeeper: EventBridge gave up on the connection to Slack"),
		EventPattern: t.patterns.check("notices", map[string]any{
			"source":      []any{"aws.events"},
			"account":     []any{*awscdk.Stack_Of(scope).Account()},
			"detail-type": []any{"Connection Deauthorized", "Connection Failed Connectivity", "API Destination Deactivated"},
			"detail": map[string]any{
				"ConnectionName": mine(
					t.slack.Connection.Ref(),
				),
				"ApiDestinationName": mine(t.slack.Destination.Ref(), t.slack.Rest.Ref()),
			},
		}),
		Targets: t.toTopics(role, notice()),
	})
	return &Rule{Name: "notices", Rule: rule, physicalName: t.physicalName("notices")}, role
}

// toTopics publishes to everybody who hears of the alarms: what EventBridge publishes has no attributes that a filter
// could look at.
func (t targets) toTopics(role awsiam.Role, transformer rules.Transformer) []*awsevents.CfnRule_TargetProperty {
	to := func(id string, arn *string) *awsevents.CfnRule_TargetProperty {
		return &awsevents.CfnRule_TargetProperty{
			Id:               jsii.String(id),
			Arn:              arn,
			RoleArn:          role.RoleArn(),
			DeadLetterConfig: &awsevents.CfnRule_DeadLetterConfigProperty{Arn: t.queues.Topic.QueueArn()},
			RetryPolicy:      retryPolicy(t.settings.Retry.SlackMaxEventAge, t.settings.Retry.SlackAttempts),
			InputTransformer: &awsevents.CfnRule_InputTransformerProperty{
				InputPathsMap: textMap(transformer.Paths), InputTemplate: jsii.String(transformer.Template),
			},
		}
	}
	targets := []*awsevents.CfnRule_TargetProperty{to("Topic", t.topic.Topic.TopicArn())}
	if t.topic.Alarms != nil {
		targets = append(targets, to("AlarmsTopic", t.topic.Alarms.TopicArn()))
	}
	return targets
}

// admitRules lets EventBridge put what it could not deliver for these rules into the queues that their targets name.
func (t targets) admitRules(made []*Rule, relays []awsevents.CfnRule, publishing []*Rule) {
	guard, slack := []string{}, []string{}
	for _, r := range made {
		guard = append(guard, *r.Rule.AttrArn())
		if r.toSlack {
			slack = append(slack, *r.Rule.AttrArn())
		}
	}
	for _, r := range relays {
		slack = append(slack, *r.AttrArn())
	}
	admitSender(t.queues.Guard, "FromRules", "events.amazonaws.com", guard...)
	if len(slack) > 0 {
		admitSender(t.queues.Slack, "FromRules", "events.amazonaws.com", slack...)
	}
	var topic []string
	for _, r := range publishing {
		topic = append(topic, *r.Rule.AttrArn())
	}
	if len(topic) > 0 {
		admitSender(t.queues.Topic, "FromRules", "events.amazonaws.com", topic...)
	}
}
