package stack

import (
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
)

// guardStatements is everything the guard may do: what the mode needs, and its log, queue, topic and secret.
func guardStatements(g *Guard, p guardProps) []awsiam.PolicyStatement {
	s := p.settings
	statements := []awsiam.PolicyStatement{allow("Trails", trailActions(s.Mode), trailARNs(g.Construct, s)...)}
	if s.Mode.AtLeast(config.ModeRestore) {
		statements = append(statements, restoreStatements(g.Construct, s, p.baselines)...)
	}
	if s.OrganizationTrail && s.Mode != config.ModeNotify {
		statements = append(statements, organizationStatements(g.Construct)...)
	}
	statements = append(statements,
		allow("Log", []string{"logs:CreateLogStream", "logs:PutLogEvents"}, *g.LogGroup.LogGroupArn()),
		allow("Failures", []string{"sqs:SendMessage"}, *p.failures.QueueArn()),
	)
	switch arn := s.Function.DeadLetterARN; {
	case strings.Contains(arn, ":sqs:"):
		statements = append(statements, allow("DeadLetterTarget", []string{"sqs:SendMessage"}, arn))
	case arn != "":
		statements = append(statements, allow("DeadLetterTarget", []string{"sns:Publish"}, arn))
	}
	if p.topic != nil {
		statements = append(statements, p.topic.publishTo()...)
	}
	if s.Slack.Enabled {
		statements = append(statements, allow("SlackSecret", []string{"secretsmanager:GetSecretValue"}, secretARN(g.Construct, s)))
		if s.SecretKeyARN != "" {
			statements = append(statements, secretKeyStatement(g.Construct, s))
		}
	}
	if p.key != nil {
		statements = append(statements, allow("DataKey", useKey, *p.key.KeyArn()))
	}
	return statements
}

// trailActions are the CloudTrail calls that a mode makes.
func trailActions(mode config.Mode) []string {
	actions := []string{"cloudtrail:GetTrailStatus"}
	if mode.AtLeast(config.ModeRestart) {
		actions = append(actions, "cloudtrail:StartLogging")
	}
	return actions
}

// restoreStatements are what comparing a trail with its baseline and putting it back needs: reading any trail of ours, and writing to the
// trails that have a baseline, and to no other.
func restoreStatements(scope constructs.Construct, s settings.Settings, baselines []baseline.Baseline) []awsiam.PolicyStatement {
	statements := []awsiam.PolicyStatement{
		allow("ReadTrails", []string{
			"cloudtrail:GetEventSelectors", "cloudtrail:GetInsightSelectors", "cloudtrail:GetEventConfiguration", "cloudtrail:ListTags",
		}, trailARNs(scope, s)...),
		allow("DescribeTrails", []string{"cloudtrail:DescribeTrails"}, "*"), // takes no resource
	}
	var trails, roles []string
	for _, b := range baselines {
		trails = append(trails, b.Trail.ARN)
		if role := b.Trail.Settings.LogRoleARN; role != "" && !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	if len(trails) == 0 {
		return statements
	}
	actions := []string{"cloudtrail:UpdateTrail", "cloudtrail:PutEventSelectors", "cloudtrail:PutInsightSelectors", "cloudtrail:AddTags"}
	if s.Mode.AtLeast(config.ModeRecreate) {
		actions = append(actions, "cloudtrail:CreateTrail")
	}
	statements = append(statements, allow("RestoreTrails", actions, trails...))
	if len(roles) > 0 {
		pass := allow("PassRoleToCloudTrail", []string{"iam:PassRole"}, roles...)
		pass.AddCondition(jsii.String("StringEquals"), map[string]string{"iam:PassedToService": "cloudtrail.amazonaws.com"})
		statements = append(statements, pass)
	}
	return statements
}

// trailARNs are the trails of the configured accounts, in every Region: a trail is restarted in its home Region.
func trailARNs(scope constructs.Construct, s settings.Settings) []string {
	stack := awscdk.Stack_Of(scope)
	var arns []string
	for _, account := range accounts(scope, s) {
		arns = append(arns, "arn:"+*stack.Partition()+":cloudtrail:*:"+account+":trail/*")
	}
	return arns
}

// organizationStatements are the read-only permissions that StartLogging on an organization trail asks of its caller
// (CloudTrail User Guide, "Prepare for creating a trail for your organization"; the caller creates and enables nothing).
func organizationStatements(scope constructs.Construct) []awsiam.PolicyStatement {
	stack := awscdk.Stack_Of(scope)
	role := "arn:" + *stack.Partition() + ":iam::" + *stack.Account() +
		":role/aws-service-role/cloudtrail.amazonaws.com/AWSServiceRoleForCloudTrail"
	return []awsiam.PolicyStatement{
		allow("Organization", []string{
			"organizations:DescribeOrganization", "organizations:ListAWSServiceAccessForOrganization", "organizations:ListAccounts",
		}, "*"),
		allow("ServiceLinkedRole", []string{"iam:GetRole"}, role),
	}
}
