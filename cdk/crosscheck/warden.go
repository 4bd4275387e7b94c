package crosscheck

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/deployment"
)

// Warden is what the guard may do with the warden's resources; nothing where there is none.
func Warden(home constructs.Construct, s settings.Settings) []awsiam.PolicyStatement {
	if !s.Warden.Enabled {
		return nil
	}
	place, own := placeOfWarden(home, s), convert.PlaceOf(home)
	function := place.ARN("lambda", "function:"+Name(s))
	schedule := place.ARN("scheduler", "schedule/default/"+Name(s))
	queue := place.ARN("sqs", Name(s))
	all := []awsiam.PolicyStatement{
		policy.Allow("ReadWarden", []string{
			"lambda:GetFunctionConfiguration",
			"lambda:GetFunctionConcurrency",
			"lambda:GetFunctionEventInvokeConfig",
			"lambda:GetPolicy",
			"scheduler:GetSchedule",
			"sqs:GetQueueAttributes",
		}, function, schedule, queue),
		policy.Allow("ReadWardenRoles", []string{
			"iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies",
		}, RoleARN(home, s), roleARN(home, ScheduleRoleName(home, s))),
		seeGone(place.Global().ARN("iam", "role/"+RoleName(home, s)), place.Global().ARN("iam", "role/"+ScheduleRoleName(home, s))),
		policy.Allow("ReadWardenLog", []string{"logs:DescribeLogGroups"}, "*"),
		policy.Allow("ReadDeployment", []string{"ssm:GetParameter"},
			own.ARN("ssm", "parameter/"+deployment.ParameterName(s.StackName))),
		readStack(s, own),
	}
	if s.WardenElsewhere() {
		all = append(all, policy.Allow("ReadWardenStack", []string{"cloudformation:DescribeStacks"},
			place.ARN("cloudformation", "stack/"+Name(s)+"/*")))
		all = append(all, policy.Allow("ReadWardenTable", []string{
			"dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive", "dynamodb:DescribeContinuousBackups", "dynamodb:GetResourcePolicy",
		}, place.ARN("dynamodb", "table/"+Name(s))))
	}
	if s.WardenMode() != config.ModeRestore {
		return all
	}
	restore := []string{
		"lambda:DeleteFunctionConcurrency",
		"scheduler:CreateSchedule",
		"scheduler:UpdateSchedule",
		"sqs:SetQueueAttributes",
	}
	all = append(all,
		policy.Allow("RestoreWarden", restore, function, schedule, queue),
		passTo("PassWardenRole", []string{"scheduler.amazonaws.com"}, roleARN(home, ScheduleRoleName(home, s))),
	)
	if s.WardenElsewhere() {
		all = append(all, policy.Allow("RestoreWardenTable", []string{"dynamodb:PutResourcePolicy"},
			place.ARN("dynamodb", "table/"+Name(s))))
	}
	return all
}
