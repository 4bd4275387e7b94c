package crosscheck

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/deployment"
	"trailkeeper/rules/guardrail"
)

// Guarded is what the warden may do with the rest of the deployment. home is in the deployment's own stack. keys are the
// ARNs of the keys that the stack makes.
func Guarded(home constructs.Construct, s settings.Settings, keys []string) []awsiam.PolicyStatement {
	g := guarded{s, convert.PlaceOf(home)}
	all := slices.Concat(g.reads(), g.readsOfSNS(), g.readsOfAccount(), g.readsOfKeys(keys))
	if s.WardenMode() == config.ModeRestore {
		all = append(all, g.repairs()...)
	}
	return all
}

type guarded struct {
	settings settings.Settings
	place    config.Place
}

// own is what of a service begins with the stack's name.
func (g guarded) own(service, before string) string {
	return g.place.ARN(service, before+g.settings.StackName+"-*")
}

func (g guarded) roles() string {
	return g.place.Global().ARN("iam", "role/"+guardrail.OwnPath+"/"+g.settings.StackName+"-*")
}

func (g guarded) rules() []string {
	arns := []string{g.own("events", "rule/")}
	if bus := g.settings.OwnBus(); bus != "" {
		arns = append(arns, g.own("events", "rule/"+bus+"/"))
	}
	return arns
}

// functions are the guard and the watch.
func (g guarded) functions() []string {
	arns := []string{g.own("lambda", "function:")}
	for _, name := range []string{g.settings.Function.Name, g.settings.Watch.Name} {
		if name != "" {
			arns = append(arns, g.place.ARN("lambda", "function:"+name))
		}
	}
	return arns
}

func (g guarded) reads() []awsiam.PolicyStatement {
	all := []awsiam.PolicyStatement{
		policy.Allow("ReadRules", []string{"events:DescribeRule", "events:ListTargetsByRule"}, g.rules()...),
		policy.Allow("ReadFunctions", []string{
			"lambda:GetFunctionConfiguration",
			"lambda:GetFunctionConcurrency",
			"lambda:GetFunctionEventInvokeConfig",
			"lambda:GetPolicy",
		}, g.functions()...),
		policy.Allow("ReadRoles", []string{
			"iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies",
		}, g.roles()),
		seeGone(g.place.Global().ARN("iam", "role/"+g.settings.StackName+"-*")),
		policy.Allow("ReadPolicies", []string{"iam:GetPolicy", "iam:GetPolicyVersion"},
			g.place.Global().ARN("iam", "policy/"+guardrail.OwnPath+"/"+g.settings.StackName+"-*")),
		policy.Allow("ReadSchedules", []string{"scheduler:GetSchedule"}, g.own("scheduler", "schedule/default/")),
		policy.Allow("ReadQueues", []string{"sqs:GetQueueAttributes"}, g.own("sqs", "")),
		policy.Allow("ReadTables", []string{
			"dynamodb:DescribeTable",
			"dynamodb:DescribeTimeToLive",
			"dynamodb:DescribeContinuousBackups",
			"dynamodb:GetResourcePolicy",
		}, g.own("dynamodb", "table/")),
		policy.Allow("ReadDeployment", []string{"ssm:GetParameter"},
			g.place.ARN("ssm", "parameter/"+deployment.ParameterName(g.settings.StackName))),
		readStack(g.settings, g.place),
	}
	if g.settings.Path1() {
		all = append(all, policy.Allow("ReadDestinations", []string{
			"events:DescribeConnection", "events:DescribeApiDestination",
		}, g.own("events", "connection/"), g.own("events", "api-destination/")))
	}
	return all
}

// readStack reads the state of the stack, and when CloudFormation wrote the record of the deployment.
func readStack(s settings.Settings, place config.Place) awsiam.PolicyStatement {
	return policy.Allow("ReadStack", []string{"cloudformation:DescribeStacks", "cloudformation:DescribeStackResources"},
		place.ARN("cloudformation", "stack/"+s.StackName+"/*"))
}

// seeGone lets a role that is gone be told from one that may not be read: IAM knows no path of it, and asks for the
// permission on its name alone.
func seeGone(roles ...string) awsiam.PolicyStatement {
	return policy.Allow("SeeRolesGone", []string{"iam:GetRole", "iam:GetRolePolicy"}, roles...)
}

// readsOfSNS are the reads of the topics. Those that the settings name are not the stack's, but who listens to them is.
func (g guarded) readsOfSNS() []awsiam.PolicyStatement {
	if !g.settings.SNS.Enabled {
		return nil
	}
	arns := []string{g.own("sns", "")}
	if name := g.settings.SNS.TopicName; name != "" {
		arns = append(arns, g.place.ARN("sns", name))
	}
	if arn := g.settings.SNS.TopicARN; arn != "" {
		arns = append(arns, arn)
	}
	return []awsiam.PolicyStatement{
		policy.Allow("ReadTopics", []string{"sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"}, arns...),
	}
}

// readsOfAccount take no resource, or are asked for all there are of a kind (Service Authorization Reference).
func (g guarded) readsOfAccount() []awsiam.PolicyStatement {
	actions := []string{"cloudtrail:LookupEvents", "logs:DescribeLogGroups"}
	if g.settings.Alarms {
		actions = append(actions, "cloudwatch:DescribeAlarms")
	}
	if g.settings.SNS.Enabled {
		actions = append(actions, "sns:GetSubscriptionAttributes")
	}
	if g.settings.ReadsLogFiles() {
		actions = append(actions, "lambda:ListEventSourceMappings")
	}
	return []awsiam.PolicyStatement{policy.Allow("ReadAccount", actions, "*")}
}

func (g guarded) readsOfKeys(keys []string) []awsiam.PolicyStatement {
	if g.settings.WardenElsewhere() { // keys have no names
		keys = []string{g.place.ARN("kms", "key/*")}
	}
	if len(keys) == 0 {
		return nil
	}
	return []awsiam.PolicyStatement{policy.Allow("ReadKeys", []string{
		"kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus",
	}, keys...)}
}

// repairs are the writes of mode restore. None of them changes a role, a policy or the code of a function, and none is
// on the warden's own resources, whose names the others share a part of.
func (g guarded) repairs() []awsiam.PolicyStatement {
	return []awsiam.PolicyStatement{
		policy.Allow("RestoreRules", []string{"events:EnableRule", "events:PutRule", "events:PutTargets"}, g.rules()...),
		policy.Allow("RestoreFunctions", []string{
			"lambda:AddPermission",
			"lambda:DeleteFunctionConcurrency",
			"lambda:PutFunctionConcurrency",
		}, g.functions()...),
		policy.Allow("RestoreSchedules", []string{"scheduler:CreateSchedule", "scheduler:UpdateSchedule"},
			g.own("scheduler", "schedule/default/")),
		policy.Allow("RestoreQueues", []string{"sqs:SetQueueAttributes"}, g.own("sqs", "")),
		policy.Allow("RestoreTables", []string{"dynamodb:PutResourcePolicy"}, g.own("dynamodb", "table/")),
		passTo("PassRoles", []string{"events.amazonaws.com", "scheduler.amazonaws.com"}, g.roles()),
	}
}

func passTo(sid string, services []string, roles ...string) awsiam.PolicyStatement {
	pass := policy.Allow(sid, []string{"iam:PassRole"}, roles...)
	pass.AddCondition(jsii.String("StringEquals"), map[string]any{"iam:PassedToService": services})
	return pass
}

// OwnParts denies the warden to change its own resources, whose names begin as those of others do that it may restore.
func OwnParts(home constructs.Construct, s settings.Settings) []awsiam.PolicyStatement {
	if s.WardenMode() != config.ModeRestore {
		return nil
	}
	place := placeOfWarden(home, s)
	return []awsiam.PolicyStatement{policy.Deny("OwnParts", []string{"lambda:*", "scheduler:*", "sqs:SetQueueAttributes", "iam:PassRole"},
		place.ARN("lambda", "function:"+Name(s)),
		place.ARN("scheduler", "schedule/default/"+Name(s)),
		place.ARN("sqs", Name(s)),
		RoleARN(home, s),
		roleARN(home, ScheduleRoleName(home, s)),
	)}
}
