package stack

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Sweep is the schedule on which the guard looks at every trail by itself.
type Sweep struct {
	Construct constructs.Construct

	Schedule awsscheduler.CfnSchedule
	Role     awsiam.Role // may run the guard, park what failed, and do nothing else
}

// newSweep makes the schedule. A run that cannot be started is not tried again: the next one is at most an hour away, and comes anyway.
func newSweep(scope constructs.Construct, t targets, key awskms.IKey) *Sweep {
	w := &Sweep{Construct: constructs.NewConstruct(scope, jsii.String("Sweep"))}
	// Scheduler uses the role for the dead-letter queue as well (EventBridge Scheduler User Guide, "Configuring a schedule's dead-letter queue").
	statements := []awsiam.PolicyStatement{
		allow("Guard", []string{"lambda:InvokeFunction"}, *t.guard.Function.FunctionArn()),
		allow("DeadLetters", []string{"sqs:SendMessage"}, *t.queues.Sweep.QueueArn()),
	}
	if key != nil {
		statements = append(statements, allow("DataKey", useKey, *key.KeyArn()))
	}
	w.Role = newRole(w.Construct, t.settings, roleProps{
		service: "scheduler.amazonaws.com", sources: scheduleSource(scope), description: "Trailkeeper: EventBridge Scheduler runs the guard's sweep", policy: "Sweep", statements: statements,
	})
	const shortest = 60 // seconds, the least that Scheduler takes
	w.Schedule = awsscheduler.NewCfnSchedule(w.Construct, jsii.String("Schedule"), &awsscheduler.CfnScheduleProps{
		Name:        jsii.String(t.physicalName("sweep")),
		Description: jsii.String("Trailkeeper: the guard looks at every trail, for what no event reported"),
		State:       jsii.String("ENABLED"), ScheduleExpression: jsii.String(rate(t.settings.Sweep.Minutes)),
		FlexibleTimeWindow: &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
		Target: &awsscheduler.CfnSchedule_TargetProperty{
			Arn: t.guard.Function.FunctionArn(), RoleArn: w.Role.RoleArn(), Input: jsii.String(sweepInput(w.Construct)),
			DeadLetterConfig: &awsscheduler.CfnSchedule_DeadLetterConfigProperty{Arn: t.queues.Sweep.QueueArn()},
			RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
				MaximumRetryAttempts: jsii.Number(0), MaximumEventAgeInSeconds: jsii.Number(shortest),
			},
		},
	})
	return w
}

// rate is a rate expression, whose unit is singular for one (EventBridge Scheduler User Guide, "Schedule types").
func rate(minutes int) string {
	if minutes == 1 {
		return "rate(1 minute)"
	}
	return fmt.Sprintf("rate(%d minutes)", minutes)
}

// sweepInput is the event that the guard gets. Scheduler fills in what stands in angle brackets (EventBridge Scheduler User Guide, "Adding
// context attributes"). Nothing in it needs escaping: account and Region are CloudFormation's.
func sweepInput(scope constructs.Construct) string {
	stack := awscdk.Stack_Of(scope)
	return `{"version":"0","id":"<aws.scheduler.execution-id>","detail-type":"Scheduled Event","source":"aws.scheduler",` +
		`"account":"` + *stack.Account() + `","time":"<aws.scheduler.scheduled-time>","region":"` + *stack.Region() + `","resources":[],"detail":{}}`
}
