package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/rules"
)

// directly is what the topic is told of a call without the guard. Its paths lead to values that AWS chose, and to the
// call's name, which newDirect pins: EventBridge escapes nothing that it puts into a text, and an actor's ARN, a
// trail's name or an error message can hold anything.
func directly() rules.Transformer {
	const text = "Trailkeeper: <event> was called on CloudTrail in account <account>, <region>, at <time> (event <id>), " +
		"by a principal of account <owner> (<type>). CloudTrail's error is '<error>'; where that is empty, the call " +
		"succeeded and a trail may be off or weaker. EventBridge says this by itself. The guard's message names the trail " +
		"and the caller, and says what was done: if none comes within minutes, look at the guard's log, and see with 'aws " +
		"cloudtrail get-trail-status' whether every trail logs."
	return rules.Transformer{
		Template: `"` + text + `"`,
		Paths: map[string]string{
			"event":   "$.detail.eventName",
			"account": "$.account",
			"region":  "$.region",
			"time":    "$.detail.eventTime",
			"id":      "$.detail.eventID",
			"owner":   "$.detail.userIdentity.accountId",
			"type":    "$.detail.userIdentity.type",
			"error":   "$.detail.errorCode",
		},
	}
}

// newDirect makes the rule with which EventBridge publishes to the topic by itself, so that there is a path without the
// guard where it cannot post to Slack. It is a rule of its own: whoever disables one of the guard's rules does not
// disable it.
func newDirect(scope constructs.Construct, t targets) (*Rule, awsiam.Role) {
	at, name := constructs.NewConstruct(scope, jsii.String("Direct")), t.ruleName("direct")
	role := newRole(at, t.settings, roleProps{
		service:     "events.amazonaws.com",
		description: "Trailkeeper: EventBridge publishes calls on trails",
		sources:     ruleARNs(scope, t.settings, name),
		policy:      "Publish",
		statements:  t.topic.publishAll(),
	})
	attempt, _ := rules.FindEventRule(rules.RuleAttempt) // it has every call
	pattern := decodePattern(attempt.Pattern)
	if detail, ok := pattern["detail"].(map[string]any); ok { // whoever called, and whether it succeeded or not
		delete(detail, "userIdentity")
		delete(detail, "errorCode")
	}
	rule := awsevents.NewCfnRule(at, jsii.String("Rule"), &awsevents.CfnRuleProps{
		Name:         jsii.String(name),
		State:        jsii.String("ENABLED"),
		EventBusName: bus(t.settings),
		Description:  jsii.String("Trailkeeper: calls that stop, delete or change a trail, to the topic without the guard"),
		EventPattern: t.patterns.check("direct", pattern),
		Targets:      t.toTopics(role, directly()),
	})
	return &Rule{
		Name:         "direct",
		Rule:         rule,
		physicalName: name,
		bus:          t.settings.OwnBus(),
	}, role
}
