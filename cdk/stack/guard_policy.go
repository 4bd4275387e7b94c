package stack

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"

	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config"
)

// guardStatements is everything the guard may do: what the mode needs, and its log, queue, topic and secret. What it
// may do with the state table stands beside the role; see Table. The lists of what may be many grow with the settings.
func guardStatements(g *Guard, p guardProps) (statements []awsiam.PolicyStatement, many []long) {
	s := p.settings
	statements, many = trailStatements(g.Construct, s, p.baselines)
	if s.OrganizationTrail && s.Mode != config.ModeNotify {
		statements = append(statements, organizationStatements(g.Construct)...)
	}
	statements = append(statements,
		allow("Log", []string{"logs:CreateLogStream", "logs:PutLogEvents"}, *g.LogGroup.LogGroupArn()),
		allow("Failures", []string{"sqs:SendMessage"}, *p.queues.Failures.QueueArn(), *p.queues.Last.QueueArn()),
		redriveStatement(p.queues),
	)
	switch arn := s.Function.DeadLetterARN; {
	case strings.Contains(arn, ":sqs:"):
		statements = append(statements, allow("DeadLetterTarget", []string{"sqs:SendMessage"}, arn))
	case arn != "":
		statements = append(statements, allow("DeadLetterTarget", []string{"sns:Publish"}, arn))
	}
	if p.topic != nil {
		statements = append(statements, p.topic.publishTo()...)
		many = append(many, routeStatements(s)...)
	}
	if s.Slack.Enabled {
		statements = append(
			statements,
			allow("SlackSecret", []string{"secretsmanager:GetSecretValue"}, secretARN(g.Construct, s)),
		)
		if s.SecretKeyARN != "" {
			statements = append(statements, secretKeyStatement(g.Construct, s))
		}
	}
	if p.key != nil {
		statements = append(statements, allow("DataKey", useKey, *p.key.KeyArn()))
	}
	return statements, many
}

// redriveStatement lets the guard take messages out of the queues that it sends again from. It sees no other queue's.
func redriveStatement(q Queues) awsiam.PolicyStatement {
	arns := []string{*q.Failures.QueueArn(), *q.Last.QueueArn()}
	for _, queue := range q.redriven() {
		arns = append(arns, *queue.QueueArn())
	}
	return allow("Redrive", []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"}, arns...)
}

// routeStatements let the guard publish to exactly the topics that the routes name, and use exactly the keys that the
// settings name for them.
func routeStatements(s settings.Settings) []long {
	var statements []long
	if topics := s.RouteTopics(); len(topics) > 0 {
		statements = append(statements, longAllow("RouteTopics", []string{"sns:Publish"}, topics))
	}
	if keys := s.SNS.RouteKeyARNs; len(keys) > 0 {
		statements = append(statements, longAllow("RouteTopicKeys", useKey, keys))
	}
	return statements
}

// organizationStatements are the read-only permissions that StartLogging on an organization trail asks of its caller
// (CloudTrail User Guide, "Prepare for creating a trail for your organization"; the caller creates and enables
// nothing).
func organizationStatements(scope constructs.Construct) []awsiam.PolicyStatement {
	role := placeOf(
		scope,
	).Global().ARN(
		"iam",
		"role/aws-service-role/cloudtrail.amazonaws.com/AWSServiceRoleForCloudTrail",
	)
	return []awsiam.PolicyStatement{
		allow("Organization", []string{
			"organizations:DescribeOrganization",
			"organizations:ListAWSServiceAccessForOrganization",
			"organizations:ListAccounts",
		}, "*"),
		allow("ServiceLinkedRole", []string{"iam:GetRole"}, role),
	}
}
