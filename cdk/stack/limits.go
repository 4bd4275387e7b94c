package stack

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// limit is what AWS takes of something in a template.
type limit struct {
	kind    string // type of the resource
	what    string // for the error
	most    int
	measure func(t sized, id string, properties map[string]any) int
	todo    string // what to do about it
	source  string // where AWS says so
}

const (
	fewer      = "name fewer in the settings, or spread them over two stacks"
	shorter    = "shorten the settings that are in it"
	iamQuotas  = "IAM User Guide, \"IAM and AWS STS quotas\""
	busQuotas  = "EventBridge User Guide, \"Amazon EventBridge quotas\""
	sqsPolicy  = "SQS Developer Guide, \"Amazon SQS policy quotas\""
	fewerUsers = "name fewer principals in table.breakGlass"
)

// limits are those that settings can reach, by type of resource; Template.Check counts the whole as well.
var limits = []limit{
	{
		"AWS::IAM::Role",
		"characters of inline policies",
		10240,
		sized.inline,
		fewer + "; organizationId stands for all accounts",
		iamQuotas,
	},
	{
		"AWS::IAM::Role",
		"managed policies",
		10,
		sized.managed,
		fewer + "; organizationId stands for all accounts",
		iamQuotas,
	},
	{"AWS::IAM::Role", "characters of trust policy", 2048, length("AssumeRolePolicyDocument"), shorter, iamQuotas},
	{"AWS::IAM::Role", "characters of description", 1000, length("Description"), shorter, "IAM API reference, CreateRole"},
	{"AWS::IAM::ManagedPolicy", "characters", 6144, length("PolicyDocument"), fewer, iamQuotas},
	{
		"AWS::Lambda::Function",
		"bytes of environment",
		4096,
		length("Environment", "Variables"),
		"shorten slack.api, runbook, secret or the stack's name",
		"Lambda Developer Guide, \"Lambda quotas\"",
	},
	{
		"AWS::Lambda::Function",
		"characters of description",
		256,
		length("Description"),
		shorter,
		"Lambda API reference, CreateFunction",
	},
	{
		"AWS::Lambda::Function",
		"bytes of resource policy",
		20480,
		sized.permissions,
		fewer,
		"Lambda Developer Guide, \"Lambda quotas\"",
	},
	{"AWS::Events::Rule", "characters of pattern", 2048, length("EventPattern"), fewer, busQuotas},
	{"AWS::Events::Rule", "targets", 5, count("Targets"), fewer, busQuotas},
	{
		"AWS::Events::Rule",
		"characters of description",
		512,
		length("Description"),
		shorter,
		"EventBridge API reference, PutRule",
	},
	{
		"AWS::Events::Rule",
		"characters of input template",
		8192,
		sized.inputTemplate,
		"shorten slack.wording",
		"EventBridge API reference, InputTransformer",
	},
	{
		"AWS::Events::Rule",
		"input paths",
		100,
		sized.inputPaths,
		"use fewer paths in slack.wording",
		"EventBridge API reference, InputTransformer",
	},
	{
		"AWS::Events::Connection",
		"characters of description",
		512,
		length("Description"),
		shorter,
		"EventBridge API reference, CreateConnection",
	},
	{
		"AWS::Events::ApiDestination",
		"characters of description",
		512,
		length("Description"),
		shorter,
		"EventBridge API reference, CreateApiDestination",
	},
	{
		"AWS::Events::ApiDestination",
		"characters of endpoint",
		2048,
		length("InvocationEndpoint"),
		"shorten slack.api",
		"EventBridge API reference, CreateApiDestination",
	},
	{
		"AWS::Scheduler::Schedule",
		"characters of description",
		512,
		length("Description"),
		shorter,
		"EventBridge Scheduler API reference, CreateSchedule",
	},
	{
		"AWS::CloudWatch::Alarm",
		"characters of description",
		1024,
		length("AlarmDescription"),
		"shorten runbook",
		"CloudWatch API reference, PutMetricAlarm",
	},
	{
		"AWS::CloudWatch::Alarm",
		"characters of name",
		255,
		length("AlarmName"),
		shorter,
		"CloudWatch API reference, PutMetricAlarm",
	},
	{
		"AWS::CloudWatch::Alarm",
		"actions of one state",
		5,
		sized.actions,
		fewer,
		"CloudWatch API reference, PutMetricAlarm",
	},
	{
		"AWS::CloudWatch::Alarm",
		"metrics and expressions",
		20,
		count("Metrics"),
		fewer,
		"CloudWatch API reference, PutMetricAlarm",
	},
	{"AWS::CloudWatch::Dashboard", "widgets", 500, widgets, fewer, "CloudWatch User Guide, \"CloudWatch service quotas\""},
	{"AWS::SNS::TopicPolicy", "bytes", 30720, length("PolicyDocument"), fewer, "SNS API reference, SetTopicAttributes"},
	{
		"AWS::SNS::Topic",
		"characters of display name",
		100,
		length("DisplayName"),
		"shorten sns.displayName",
		"SNS API reference, CreateTopic",
	},
	{
		"AWS::SNS::Subscription",
		"attributes in the filter",
		5,
		count("FilterPolicy"),
		fewer,
		"SNS Developer Guide, \"Filter policy constraints\"",
	},
	{"AWS::SQS::QueuePolicy", "bytes", 8192, length("PolicyDocument"), fewerUsers, sqsPolicy},
	{"AWS::SQS::QueuePolicy", "statements", 20, count("PolicyDocument", "Statement"), fewer, sqsPolicy},
	{"AWS::SQS::QueuePolicy", "principals", 50, principals, fewerUsers, sqsPolicy},
	{"AWS::SQS::QueuePolicy", "condition keys", 10, conditionKeys, fewer, sqsPolicy},
	{
		"AWS::KMS::Key",
		"bytes of key policy",
		32768,
		length("KeyPolicy"),
		fewer,
		"KMS Developer Guide, \"Resource quotas\"",
	},
	{
		"AWS::DynamoDB::Table",
		"bytes of resource policy",
		20480,
		length("ResourcePolicy", "PolicyDocument"),
		fewerUsers,
		"DynamoDB Developer Guide, \"Quotas in Amazon DynamoDB\"",
	},
	{"AWS::S3::BucketPolicy", "bytes", 20480, length("PolicyDocument"), fewer, "S3 User Guide, \"Bucket policies\""},
	{"AWS::SSM::Parameter", "bytes", 4096, length("Value"), fewer, "Systems Manager API reference, PutParameter"},
}

const (
	mostBytes     = 1_000_000 // of a template that lies in S3, as CDK's do (CloudFormation User Guide, "Understand CloudFormation quotas")
	mostResources = 500       // "Understand CloudFormation quotas"
	mostOutputs   = 200       // "Understand CloudFormation quotas"
	// mostOfAKind bounds the resources of one type. It is below every quota of an account that is about one type, such as
	// that of 300 rules on a bus, so that a stack leaves room for others.
	mostOfAKind = 200
	mostTags    = 50 // of a resource (CloudFormation Template Reference, "Tag")
)

// Check reports everything in the template that AWS would refuse because of its size, with what to do. Names that
// CloudFormation makes count as long as they can become; stack is the stack's name.
func (t Template) Check(stack string) error {
	resources, _ := t["Resources"].(map[string]any)
	outputs, _ := t["Outputs"].(map[string]any)
	s := sized{stack, resources}
	errs := []error{
		tooMany("the template has", len(encode(t)), "bytes", mostBytes, fewer),
		tooMany("the template has", len(resources), "resources", mostResources, fewer),
		tooMany("the template has", len(outputs), "outputs", mostOutputs, fewer),
	}
	kinds := map[string]int{}
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		kind, properties := s.properties(id)
		kinds[kind]++
		tags, _ := properties["Tags"].([]any)
		errs = append(errs, tooMany(id+" has", len(tags), "tags", mostTags, "set fewer tags"))
		for _, l := range limits {
			if l.kind == kind {
				errs = append(
					errs,
					tooMany(id+" ("+kind+") has", l.measure(s, id, properties), l.what, l.most, l.todo+" ("+l.source+")"),
				)
			}
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		if n := kinds[kind]; n > mostOfAKind {
			errs = append(
				errs,
				fmt.Errorf(
					"the template has %d resources of type %s; Trailkeeper makes at most %d of a type, so that the quotas of the "+
						"account leave room for others: %s",
					n,
					kind,
					mostOfAKind,
					fewer,
				),
			)
		}
	}
	return errors.Join(errs...)
}

func tooMany(subject string, got int, what string, most int, todo string) error {
	if got <= most {
		return nil
	}
	return fmt.Errorf("%s %d %s; AWS takes %d: %s", subject, got, what, most, todo)
}

// in looks up a value below the properties.
func in(properties map[string]any, path []string) any {
	var v any = properties
	for _, step := range path {
		object, _ := v.(map[string]any)
		v = object[step]
	}
	return v
}

type measure = func(t sized, id string, properties map[string]any) int

func length(path ...string) measure {
	return func(t sized, _ string, properties map[string]any) int {
		text := t.text(in(properties, path))
		if strings.Contains(text, "{{resolve:") {
			return 0 // as long as the secret
		}
		return len(text)
	}
}

func count(path ...string) measure {
	return func(_ sized, _ string, properties map[string]any) int { return elements(in(properties, path)) }
}

func elements(v any) int {
	switch v := v.(type) {
	case nil:
		return 0
	case []any:
		return len(v)
	case map[string]any:
		return len(v)
	}
	return 1
}
