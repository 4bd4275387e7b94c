package schedule

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"

	"trailkeeper/cdk/policy"
)

// newRole is a role for Scheduler that may do what the statements say, and park in a queue what it cannot do. Scheduler
// uses the role for the dead-letter queue as well (EventBridge Scheduler User Guide, "Configuring a schedule's
// dead-letter queue").
func newRole(scope constructs.Construct, p Props, role policy.RoleProps, deadLetters awssqs.IQueue) awsiam.Role {
	role.Service = "scheduler.amazonaws.com"
	role.Statements = append(
		role.Statements, policy.Allow("DeadLetters", []string{"sqs:SendMessage"}, *deadLetters.QueueArn()),
	)
	if p.Key != nil {
		role.Statements = append(role.Statements, policy.Allow("DataKey", policy.UseKey, *p.Key.KeyArn()))
	}
	return policy.NewRole(scope, p.Settings, role)
}
