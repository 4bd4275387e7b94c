package guard

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/crosscheck"
	"trailkeeper/cdk/delivery"
	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/queue"
	"trailkeeper/lambda/config"
)

// guardStatements is everything the guard may do: what the mode needs, and its log, queue, topic and secret. What it
// may do with the state table stands beside the role; see Table. The lists of what may be many grow with the settings.
func guardStatements(g *Guard, p Props) (statements []awsiam.PolicyStatement, many []policy.Long) {
	s := p.Settings
	statements, many = trailStatements(g.Construct, s, p.Baselines)
	many = append(many, evidenceStatements(s, convert.PlaceOf(g.Construct).Partition, p.Baselines)...)
	if s.OrganizationTrail && s.Mode != config.ModeNotify {
		statements = append(statements, organizationStatements(g.Construct)...)
	}
	statements = append(statements,
		policy.Allow("Log", []string{"logs:CreateLogStream", "logs:PutLogEvents"}, *g.LogGroup.LogGroupArn()),
		policy.Allow("Failures", []string{"sqs:SendMessage"}, *p.Queues.Failures.QueueArn(), *p.Queues.Last.QueueArn()),
		redriveStatement(p.Queues),
	)
	statements = append(statements, policy.DeadLetterTarget(s.Function.DeadLetterARN)...)
	few, long := delivery.Grants(g.Construct, s, p.Topic)
	statements, many = append(statements, few...), append(many, long...)
	if s.Heartbeat.Guard != "" {
		statements = append(statements, delivery.HeartbeatGrants(g.Construct, s)...)
	}
	statements = append(statements, crosscheck.Warden(g.Construct, s)...)
	if p.Key != nil {
		statements = append(statements, policy.Allow("DataKey", policy.UseKey, *p.Key.KeyArn()))
	}
	return statements, many
}

// redriveStatement lets the guard take messages out of the queues that it sends again from. It sees no other queue's.
func redriveStatement(q queue.Queues) awsiam.PolicyStatement {
	arns := []string{*q.Failures.QueueArn(), *q.Last.QueueArn()}
	for _, one := range q.Redriven() {
		arns = append(arns, *one.QueueArn())
	}
	return policy.Allow("Redrive", queue.Take, arns...)
}

// organizationStatements are the read-only permissions that StartLogging on an organization trail asks of its caller
// (CloudTrail User Guide, "Prepare for creating a trail for your organization"; the caller creates and enables
// nothing).
func organizationStatements(scope constructs.Construct) []awsiam.PolicyStatement {
	role := convert.PlaceOf(scope).Global().ARN("iam",
		"role/aws-service-role/cloudtrail.amazonaws.com/AWSServiceRoleForCloudTrail")
	return []awsiam.PolicyStatement{
		policy.Allow("Organization", []string{
			"organizations:DescribeOrganization",
			"organizations:ListAWSServiceAccessForOrganization",
			"organizations:ListAccounts",
		}, "*"),
		policy.Allow("ServiceLinkedRole", []string{"iam:GetRole"}, role),
	}
}
