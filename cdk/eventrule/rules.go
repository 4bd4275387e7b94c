// Package eventrule makes the EventBridge rules: those of package rules with the guard and Slack as targets, those that
// publish to the topic by themselves, those that send records to the watch, and those that notify Slack of alarms. What
// EventBridge would refuse in a pattern is found at synth.
//
// It decides no pattern of an event about a trail, which package rules does, and knows no metric.
package eventrule

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/delivery"
	"trailkeeper/cdk/guard"
	"trailkeeper/cdk/queue"
	"trailkeeper/cdk/settings"
	"trailkeeper/cdk/watch"
	"trailkeeper/rules"
	patterns "trailkeeper/rules/delivery"
)

// Rule is one EventBridge rule with its targets.
type Rule struct {
	Name string // of package rules, such as "tampering"
	Rule awsevents.CfnRule
	// PhysicalName is the name in CloudWatch's metrics: on another bus than the default one, the rule's Ref is not its
	// name alone.
	PhysicalName string
	Bus          string // empty: the default bus

	deadLetters []awssqs.Queue // of its targets
}

// Props is what rules send to.
type Props struct {
	Settings settings.Settings
	Guard    *guard.Guard
	Slack    *delivery.Slack // nil: EventBridge posts nothing
	Topic    *delivery.Topic // nil: no SNS
	Queues   queue.Queues
	Watch    *watch.Watch       // nil: there is none
	Patterns []patterns.Pattern // of the records that the watch gets
}

// Rules are the rules of a deployment.
type Rules struct {
	All        []*Rule       // but for the relays of alarms and the watch's
	Watched    []*Rule       // that send records to the watch
	LogFiles   []*Rule       // that send notifications about log files to its queue
	Protecting []*Rule       // that report calls against the deployment itself; see Protect
	OnEvidence []*Rule       // on calls that take a trail's evidence away; see Evidence
	Publishers []awsiam.Role // with them EventBridge publishes to the topic by itself

	props   Props
	relays  []*Rule
	refused []error
}

// New makes the rules of package rules, and those that publish to the topic.
func New(scope constructs.Construct, p Props) *Rules {
	r := &Rules{props: p}
	r.addEvents(scope)
	if p.Watch != nil {
		r.addWatched(scope)
		r.addLogFiles(scope)
	}
	if p.Slack != nil && p.Topic != nil {
		r.addNotices(scope)
	}
	if p.Topic != nil && p.Settings.SNS.EventBridge {
		r.addDirect(scope)
	}
	return r
}

// Finish lets EventBridge put what it could not deliver for the rules into the queues that their targets name. The
// error is what EventBridge would refuse.
func (r *Rules) Finish() error {
	q := r.props.Queues
	if arns := arnsOf(r.LogFiles); len(arns) > 0 {
		queue.AdmitSender(q.Watch.LogFiles, "FromRules", "events.amazonaws.com", arns...)
	}
	for _, to := range []awssqs.Queue{q.Guard, q.Slack, q.Topic, q.Watch.DeadLetters, q.Watch.LogFileDeadLetters} {
		var sources []string
		if len(r.Watched) > 0 && to == q.Watch.DeadLetters {
			sources = append(sources, r.watchedARN(r.props.Watch.Construct))
		}
		for _, rule := range slices.Concat(r.All, r.relays, r.LogFiles) {
			if slices.Contains(rule.deadLetters, to) {
				sources = append(sources, *rule.Rule.AttrArn())
			}
		}
		if len(sources) > 0 {
			queue.AdmitSender(to, "FromRules", "events.amazonaws.com", sources...)
		}
	}
	return errors.Join(r.refused...)
}

func arnsOf(rules []*Rule) []string {
	arns := make([]string, len(rules))
	for i, r := range rules {
		arns[i] = *r.Rule.AttrArn()
	}
	return arns
}

// addEvents makes the rules of package rules, that for test alerts last. Each sends to the guard, and to Slack where it
// has a message for it; a test alert is for the watch as well.
func (r *Rules) addEvents(scope constructs.Construct) {
	for _, of := range rules.EventRules() {
		if of.Name != rules.RuleActivity || r.props.Settings.Activity {
			r.addEvent(scope, of, decodePattern(of.Pattern, rules.GuardRole, *r.props.Guard.Role.RoleArn()))
		}
	}
	test, pattern := rules.TestRule(), decodePattern(rules.TestRule().Pattern)
	// Whoever may put events on this bus from elsewhere tests something of theirs.
	pattern["account"] = []any{*awscdk.Stack_Of(scope).Account()}
	r.addEvent(scope, test, pattern)
}

func (r *Rules) addEvent(scope constructs.Construct, of rules.EventRule, pattern map[string]any) {
	at := constructs.NewConstruct(scope, jsii.String(convert.ConstructID(of.Name)))
	to := []target{toGuard(r.props)}
	if r.props.Slack != nil && of.Wording != nil {
		destination := r.props.Slack.Rest
		if of.SuccessOnly {
			destination = r.props.Slack.Destination
		}
		to = append(to, toSlack(r.props, r.props.Settings.Wording(of), destination))
	}
	tests := of.Name == rules.RuleTest && r.props.Watch != nil
	if tests {
		to = append(to, toWatch(r.props))
	}
	made := r.add(at, "Rule", of.Name, of.Description, pattern, to, r.props.Settings.OwnBus())
	letInvoke(at, "Permission", r.props.Guard.Function, *made.Rule.AttrArn())
	if tests {
		letInvoke(at, "WatchPermission", r.props.Watch.Function, *made.Rule.AttrArn())
	}
	r.All = append(r.All, made)
}

// add makes a rule on a bus; none is the default bus.
func (r *Rules) add(
	at constructs.Construct, id, name, description string, pattern map[string]any, to []target, bus string,
) *Rule {
	if err := checkPattern(pattern); err != nil {
		r.refused = append(r.refused, fmt.Errorf("rule %s: %w", name, err))
	}
	made := &Rule{Name: name, Bus: bus, PhysicalName: physicalName(r.props.Settings, name, bus)}
	props := &awsevents.CfnRuleProps{
		Name:         jsii.String(made.PhysicalName),
		Description:  jsii.String("Trailkeeper: " + description),
		EventPattern: pattern,
		State:        jsii.String("ENABLED"),
	}
	if bus != "" {
		props.EventBusName = jsii.String(bus)
	}
	var targets []*awsevents.CfnRule_TargetProperty
	for _, t := range to {
		targets = append(targets, t.props)
		made.deadLetters = append(made.deadLetters, t.deadLetters)
	}
	props.Targets = targets
	made.Rule = awsevents.NewCfnRule(at, jsii.String(id), props)
	return made
}

// physicalName is unique in the account and Region as long as the stack's name is. It says which bus the rule is on
// where that is not the default one: CloudFormation cannot move a rule to another bus, nor replace one whose name stays
// (conditionalCreateOnlyProperties of AWS::Events::Rule).
func physicalName(s settings.Settings, rule, bus string) string {
	name := s.StackName + "-" + rule
	if bus != "" {
		name += fmt.Sprintf("-%.4x", sha256.Sum256([]byte(bus)))
	}
	return name
}
