package stack

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/settings"
	"trailkeeper/rules"
)

// Rule is one EventBridge rule with its targets.
type Rule struct {
	Name string // of package rules, such as "tampering"
	Rule awsevents.CfnRule

	// physicalName is the name in CloudWatch's metrics: on another bus than the default one, the rule's Ref is not its
	// name alone.
	physicalName string
	bus          string // empty: the default bus
	toSlack      bool
}

// targets is what rules can send to.
type targets struct {
	settings settings.Settings
	guard    *Guard
	slack    *Slack
	topic    *Topic
	queues   Queues
	patterns *patterns
	sweeps   awsscheduler.CfnSchedule // nil: nothing sweeps
}

// newRules makes the rules of package rules, that for test alerts last. Each sends to the guard, and to Slack where it
// has a message for it.
func newRules(scope constructs.Construct, t targets) []*Rule {
	var made []*Rule
	for _, r := range rules.EventRules() {
		if r.Name == rules.RuleActivity && !t.settings.Activity {
			continue
		}
		made = append(made, newRule(scope, t, r, decodePattern(r.Pattern, rules.GuardRole, *t.guard.Role.RoleArn())))
	}
	test, pattern := rules.TestRule(), decodePattern(rules.TestRule().Pattern)
	pattern["account"] = []any{
		*awscdk.Stack_Of(scope).Account(),
	} // whoever may put events on this bus from elsewhere tests something of theirs
	return append(made, newRule(scope, t, test, pattern))
}

func newRule(scope constructs.Construct, t targets, r rules.EventRule, pattern map[string]any) *Rule {
	at := constructs.NewConstruct(scope, jsii.String(constructID(r.Name)))
	to := []*awsevents.CfnRule_TargetProperty{t.toGuard()}
	made := &Rule{
		Name:         r.Name,
		physicalName: t.ruleName(r.Name),
		bus:          t.settings.OwnBus(),
		toSlack:      t.slack != nil && r.Wording != nil,
	}
	if made.toSlack {
		destination := t.slack.Rest
		if r.SuccessOnly {
			destination = t.slack.Destination
		}
		to = append(to, t.toSlack(t.settings.Wording(r), destination))
	}
	made.Rule = awsevents.NewCfnRule(at, jsii.String("Rule"), &awsevents.CfnRuleProps{
		Name:         jsii.String(made.physicalName),
		Description:  jsii.String("Trailkeeper: " + r.Description),
		EventBusName: bus(t.settings),
		EventPattern: t.patterns.check(r.Name, pattern),
		State:        jsii.String("ENABLED"),
		Targets:      to,
	})
	awslambda.NewCfnPermission(at, jsii.String("Permission"), &awslambda.CfnPermissionProps{
		Action:       jsii.String("lambda:InvokeFunction"),
		Principal:    jsii.String("events.amazonaws.com"),
		FunctionName: t.guard.Function.FunctionArn(),
		SourceArn:    made.Rule.AttrArn(),
	})
	return made
}

// physicalName is unique in the account and Region as long as the stack's name is.
func (t targets) physicalName(rule string) string { return t.settings.StackName + "-" + rule }

// ruleName is the physical name of a rule on the settings' bus. It says which bus where that is not the default one:
// CloudFormation cannot move a rule to another bus, nor replace one whose name stays (conditionalCreateOnlyProperties
// of AWS::Events::Rule).
func (t targets) ruleName(rule string) string {
	name := t.physicalName(rule)
	if bus := t.settings.OwnBus(); bus != "" {
		name += fmt.Sprintf("-%.4x", sha256.Sum256([]byte(bus)))
	}
	return name
}

func (t targets) toGuard() *awsevents.CfnRule_TargetProperty {
	return &awsevents.CfnRule_TargetProperty{
		Id:               jsii.String("Guard"),
		Arn:              t.guard.Function.FunctionArn(),
		DeadLetterConfig: &awsevents.CfnRule_DeadLetterConfigProperty{Arn: t.queues.Guard.QueueArn()},
		RetryPolicy:      retryPolicy(t.settings.Retry.GuardMaxEventAge, t.settings.Retry.GuardAttempts),
	}
}

func (t targets) toSlack(w rules.Wording, destination awsevents.CfnApiDestination) *awsevents.CfnRule_TargetProperty {
	transformer := w.Transformer(channel(t.settings))
	return &awsevents.CfnRule_TargetProperty{
		Id:               jsii.String("Slack"),
		Arn:              destination.AttrArn(),
		RoleArn:          t.slack.Role.RoleArn(),
		DeadLetterConfig: &awsevents.CfnRule_DeadLetterConfigProperty{Arn: t.queues.Slack.QueueArn()},
		RetryPolicy:      retryPolicy(t.settings.Retry.SlackMaxEventAge, t.settings.Retry.SlackAttempts),
		InputTransformer: &awsevents.CfnRule_InputTransformerProperty{
			InputPathsMap: textMap(transformer.Paths), InputTemplate: jsii.String(transformer.Template),
		},
	}
}

func retryPolicy(maxEventAge, attempts int) *awsevents.CfnRule_RetryPolicyProperty {
	return &awsevents.CfnRule_RetryPolicyProperty{
		MaximumEventAgeInSeconds: jsii.Number(maxEventAge), MaximumRetryAttempts: jsii.Number(attempts),
	}
}

func bus(s settings.Settings) any {
	if name := s.OwnBus(); name != "" {
		return jsii.String(name)
	}
	return nil
}

// decodePattern gives jsii the pattern as plain values, in which pairs of texts are replaced.
func decodePattern(p rules.Pattern, replaced ...string) map[string]any {
	var v map[string]any
	if err := json.Unmarshal([]byte(strings.NewReplacer(replaced...).Replace(string(p.JSON()))), &v); err != nil {
		panic(fmt.Sprintf("pattern of package rules: %v", err)) // parsed before
	}
	return v
}

// constructID makes OddActor of odd-actor.
func constructID(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, "-") {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}
