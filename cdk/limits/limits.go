// Package limits measures a synthesized template against what AWS takes: bytes, characters and numbers of everything
// that settings can make larger, so that a deployment does not fail halfway.
//
// It knows no CDK and no settings: a template is plain JSON values.
package limits

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"trailkeeper/lambda/config/file"
	"trailkeeper/rules/guardrail"
)

// limit is what AWS takes of something in a resource.
type limit struct {
	maximum int
	what    string // for the error
	measure measure
	todo    string // what to do about it
	source  string // where AWS says so
}

// measure is how large something is in a resource of that logical ID.
type measure = func(t sized, id string, properties map[string]any) int

const (
	fewer      = "name fewer in the settings, or spread them over two stacks"
	orOrg      = fewer + "; organizationId stands for all accounts"
	shorter    = "shorten the settings that are in it"
	fewerUsers = "name fewer principals in table.breakGlass"

	inDescription = "characters of description"

	iamQuotas      = `IAM User Guide, "IAM and AWS STS quotas"`
	lambdaQuotas   = `Lambda Developer Guide, "Lambda quotas"`
	busQuotas      = `EventBridge User Guide, "Amazon EventBridge quotas"`
	sqsPolicy      = `SQS Developer Guide, "Amazon SQS policy quotas"`
	putAlarm       = "CloudWatch API reference, PutMetricAlarm"
	transformer    = "EventBridge API reference, InputTransformer"
	apiDestination = "EventBridge API reference, CreateApiDestination"
)

// limits are those that settings can reach, by type of resource; Check counts the whole as well.
var limits = map[string][]limit{
	"AWS::IAM::Role": {
		{10240, "characters of inline policies", inline, orOrg, iamQuotas},
		{10, "managed policies", managed, orOrg, iamQuotas},
		{2048, "characters of trust policy", length("AssumeRolePolicyDocument"), shorter, iamQuotas},
		{1000, inDescription, length("Description"), shorter, "IAM API reference, CreateRole"},
	},
	"AWS::IAM::ManagedPolicy": {{6144, "characters", length("PolicyDocument"), fewer, iamQuotas}},
	"AWS::Lambda::Function": {
		{
			4096, "bytes of environment", length("Environment", "Variables"),
			"shorten slack.api, runbook, secret or the stack's name, or name fewer archive.buckets", lambdaQuotas,
		},
		{256, inDescription, length("Description"), shorter, "Lambda API reference, CreateFunction"},
		{20480, "bytes of resource policy", permissions, fewer, lambdaQuotas},
	},
	"AWS::Events::Rule": {
		{2048, "characters of pattern", length("EventPattern"), fewer, busQuotas},
		{5, "targets", count("Targets"), fewer, busQuotas},
		{512, inDescription, length("Description"), shorter, "EventBridge API reference, PutRule"},
		{8192, "characters of input template", inputTemplate, "shorten slack.wording", transformer},
		{100, "input paths", inputPaths, "use fewer paths in slack.wording", transformer},
	},
	"AWS::Events::Connection": {
		{512, inDescription, length("Description"), shorter, "EventBridge API reference, CreateConnection"},
	},
	"AWS::Events::ApiDestination": {
		{512, inDescription, length("Description"), shorter, apiDestination},
		{2048, "characters of endpoint", length("InvocationEndpoint"), "shorten slack.api", apiDestination},
	},
	"AWS::Scheduler::Schedule": {
		{512, inDescription, length("Description"), shorter, "EventBridge Scheduler API reference, CreateSchedule"},
	},
	"AWS::CloudWatch::Alarm": {
		{1024, inDescription, length("AlarmDescription"), "shorten runbook", putAlarm},
		{255, "characters of name", length("AlarmName"), shorter, putAlarm},
		{5, "actions of one state", actions, fewer, putAlarm},
		{20, "metrics and expressions", count("Metrics"), fewer, putAlarm},
	},
	"AWS::Logs::MetricFilter": {
		{1024, "characters of pattern", length("FilterPattern"), fewer, "CloudWatch Logs API reference, PutMetricFilter"},
	},
	"AWS::CloudWatch::Dashboard": {
		{500, "widgets", widgets, fewer, `CloudWatch User Guide, "CloudWatch service quotas"`},
	},
	"AWS::SNS::TopicPolicy": {
		{30720, "bytes", length("PolicyDocument"), fewer, "SNS API reference, SetTopicAttributes"},
	},
	"AWS::SNS::Topic": {
		{
			100, "characters of display name", length("DisplayName"),
			"shorten sns.displayName", "SNS API reference, CreateTopic",
		},
	},
	"AWS::SNS::Subscription": {
		{5, "attributes in the filter", count("FilterPolicy"), fewer, `SNS Developer Guide, "Filter policy constraints"`},
	},
	"AWS::SQS::QueuePolicy": {
		{8192, "bytes", length("PolicyDocument"), fewerUsers, sqsPolicy},
		{20, "statements", count("PolicyDocument", "Statement"), fewer, sqsPolicy},
		{50, "principals", principals, fewerUsers, sqsPolicy},
		{10, "condition keys", conditionKeys, fewer, sqsPolicy},
	},
	"AWS::KMS::Key": {
		{32768, "bytes of key policy", length("KeyPolicy"), fewer, `KMS Developer Guide, "Resource quotas"`},
	},
	"AWS::DynamoDB::Table": {
		{
			20480, "bytes of resource policy", length("ResourcePolicy", "PolicyDocument"),
			fewerUsers, `DynamoDB Developer Guide, "Quotas in Amazon DynamoDB"`,
		},
	},
	"AWS::Organizations::Policy": {
		{
			guardrail.MaxSize, "characters", length("Content"),
			"name less in guardrail, or fewer trails by baselines", `AWS Organizations User Guide, "Quotas and service limits"`,
		},
		{512, inDescription, length("Description"), shorter, "AWS Organizations API reference, CreatePolicy"},
	},
	"AWS::S3::BucketPolicy": {
		{20480, "bytes", length("PolicyDocument"), fewer, `S3 User Guide, "Bucket policies"`},
	},
	"AWS::SSM::Parameter": {
		{8192, "bytes", length("Value"), fewer, "Systems Manager API reference, PutParameter, of the advanced tier"},
	},
}

const (
	// maxBytes is for a template that lies in S3, as CDK's do (CloudFormation User Guide, "Understand CloudFormation
	// quotas").
	maxBytes     = 1_000_000
	maxResources = 500 // "Understand CloudFormation quotas"
	maxOutputs   = 200 // "Understand CloudFormation quotas"
	// maxOfAKind bounds the resources of one type. It is below every quota of an account that is about one type, such as
	// that of 300 rules on a bus, so that a stack leaves room for others.
	maxOfAKind = 200
	maxTags    = 50 // of a resource (CloudFormation Template Reference, "Tag")
)

// Check reports everything in a template, as plain JSON values, that AWS would refuse because of its size, with what to
// do. Names that CloudFormation makes count as long as they can become; stack is the stack's name.
func Check(template map[string]any, stack string) error {
	resources, _ := template["Resources"].(map[string]any)
	outputs, _ := template["Outputs"].(map[string]any)
	s := sized{stack, resources}
	errs := []error{
		tooMany("the template has", len(file.Line(template)), "bytes", maxBytes, fewer),
		tooMany("the template has", len(resources), "resources", maxResources, fewer),
		tooMany("the template has", len(outputs), "outputs", maxOutputs, fewer),
	}
	kinds := map[string]int{}
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		kind, properties := s.properties(id)
		kinds[kind]++
		tags, _ := properties["Tags"].([]any)
		errs = append(errs, tooMany(id+" has", len(tags), "tags", maxTags, "set fewer tags"))
		for _, l := range limits[kind] {
			got := l.measure(s, id, properties)
			errs = append(errs, tooMany(id+" ("+kind+") has", got, l.what, l.maximum, l.todo+" ("+l.source+")"))
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		if n := kinds[kind]; n > maxOfAKind {
			errs = append(errs, fmt.Errorf("the template has %d resources of type %s; Trailkeeper makes at most %d of a type, "+
				"so that the quotas of the account leave room for others: %s", n, kind, maxOfAKind, fewer))
		}
	}
	return errors.Join(errs...)
}

func tooMany(subject string, got int, what string, maximum int, todo string) error {
	if got <= maximum {
		return nil
	}
	return fmt.Errorf("%s %d %s; AWS takes %d: %s", subject, got, what, maximum, todo)
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
