package eventrule

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/policy"
	"trailkeeper/rules"
)

// directly is what the topic gets for a call without the guard. Its paths lead to values that AWS chose, and to the
// call's name, which addDirect pins: EventBridge escapes nothing that it puts into a text, and an actor's ARN, a
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

// addDirect makes the rule with which EventBridge publishes to the topic by itself, so that there is a path without the
// guard where it cannot post to Slack. It is a rule of its own: whoever disables one of the guard's rules does not
// disable it.
func (r *Rules) addDirect(scope constructs.Construct) {
	attempt, _ := rules.FindEventRule(rules.RuleAttempt) // it has every call
	pattern := decodePattern(attempt.Pattern)
	if detail, ok := pattern["detail"].(map[string]any); ok { // whoever called, and whether it succeeded or not
		delete(detail, "userIdentity")
		delete(detail, "errorCode")
	}
	r.addPublishing(constructs.NewConstruct(scope, jsii.String("Direct")), publishing{
		name:        "direct",
		description: "calls that stop, delete or change a trail, to the topic without the guard",
		what:        "calls on trails",
		pattern:     pattern,
		text:        directly(),
		bus:         r.props.Settings.OwnBus(),
	})
}

// notice is what the topic gets when EventBridge itself gives up on the connection to Slack: no alarm would say why.
// Its paths lead to values that AWS chose, and to the detail-type, which addNotices pins.
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

// addNotices makes the rule for EventBridge's own failure events (EventBridge Events Reference, "Amazon EventBridge
// events").
func (r *Rules) addNotices(scope constructs.Construct) {
	// One of the two names is in each event.
	mine := func(names ...*string) []any {
		var list []any
		for _, name := range names {
			list = append(list, *name)
		}
		return append(list, map[string]any{"exists": false})
	}
	slack := r.props.Slack
	destinations := []*string{slack.Destination.Ref(), slack.Rest.Ref()}
	if slack.Protect != nil {
		destinations = append(destinations, slack.Protect.Ref())
	}
	r.addPublishing(constructs.NewConstruct(scope, jsii.String("Notices")), publishing{
		name:        "notices",
		description: "EventBridge gave up on the connection to Slack",
		what:        "its own failures",
		text:        notice(),
		pattern: map[string]any{
			"source":      []any{"aws.events"},
			"account":     []any{*awscdk.Stack_Of(scope).Account()},
			"detail-type": []any{"Connection Deauthorized", "Connection Failed Connectivity", "API Destination Deactivated"},
			"detail": map[string]any{
				"ConnectionName":     mine(slack.Connection.Ref()),
				"ApiDestinationName": mine(destinations...),
			},
		},
	})
}

// publishing is a rule with which EventBridge publishes to the topic.
type publishing struct {
	name, description, what, bus string
	pattern                      map[string]any
	text                         rules.Transformer
}

// addPublishing makes it with a role, so that neither the topic's policy nor its key's has to admit EventBridge.
func (r *Rules) addPublishing(at constructs.Construct, p publishing) {
	s := r.props.Settings
	role := policy.NewRole(at, s, policy.RoleProps{
		Service:     "events.amazonaws.com",
		Description: "Trailkeeper: EventBridge publishes " + p.what,
		Sources:     policy.RuleARNs(at, s, physicalName(s, p.name, p.bus)),
		Policy:      "Publish",
		Statements:  r.props.Topic.PublishAll(),
	})
	r.All = append(r.All, r.add(at, "Rule", p.name, p.description, p.pattern, toTopics(r.props, p.text, role), p.bus))
	r.Publishers = append(r.Publishers, role)
}
