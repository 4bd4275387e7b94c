package schedule

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/policy"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/file"
	"trailkeeper/rules"
)

// TestAlert is the schedule on which a test alert is sent through EventBridge.
type TestAlert struct {
	Construct constructs.Construct

	Schedule awsscheduler.CfnSchedule
	Role     awsiam.Role // may put events on the rules' bus, park what failed, and do nothing else
}

// testTime is Monday morning, when somebody reads what comes, and no hour's end, at which the alarm looks.
const testTime = "cron(7 9 ? * MON *)"

// NewTestAlert makes it.
func NewTestAlert(scope constructs.Construct, p Props) *TestAlert {
	w := &TestAlert{Construct: constructs.NewConstruct(scope, jsii.String("TestAlert"))}
	stack := awscdk.Stack_Of(w.Construct)
	bus := "default"
	if own := p.Settings.OwnBus(); own != "" {
		bus = own
	}
	busARN := convert.PlaceOf(w.Construct).ARN("events", "event-bus/"+bus)
	w.Role = newRole(w.Construct, p, policy.RoleProps{
		Sources:     policy.ScheduleSource(scope),
		Description: "Trailkeeper: EventBridge Scheduler sends a test alert",
		Policy:      "TestAlert",
		Statements:  []awsiam.PolicyStatement{policy.Allow("Send", []string{"events:PutEvents"}, busARN)},
	}, p.Queues.Test)
	const attempts, longest = 3, 600 // within the hour that the alarm looks at
	w.Schedule = awsscheduler.NewCfnSchedule(w.Construct, jsii.String("Schedule"), &awsscheduler.CfnScheduleProps{
		Name:                       jsii.String(p.Settings.StackName + "-test-alert"),
		Description:                jsii.String("Trailkeeper: a test alert goes where an event of CloudTrail would go"),
		State:                      jsii.String("ENABLED"),
		ScheduleExpression:         jsii.String(testTime),
		ScheduleExpressionTimezone: jsii.String("UTC"),
		FlexibleTimeWindow:         &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
		Target: &awsscheduler.CfnSchedule_TargetProperty{
			// EventBridge Scheduler User Guide, "Using universal targets".
			Arn: jsii.String(
				config.Place{Partition: *stack.Partition()}.ARN("scheduler", "aws-sdk:eventbridge:putEvents"),
			),
			RoleArn:          w.Role.RoleArn(),
			Input:            jsii.String(testInput(bus)),
			DeadLetterConfig: &awsscheduler.CfnSchedule_DeadLetterConfigProperty{Arn: p.Queues.Test.QueueArn()},
			RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
				MaximumRetryAttempts: jsii.Number(attempts), MaximumEventAgeInSeconds: jsii.Number(longest),
			},
		},
	})
	return w
}

// testInput is the request of PutEvents. Scheduler fills in what stands in angle brackets, which are no HTML.
func testInput(bus string) string {
	type entry struct{ Source, DetailType, Detail, EventBusName string }
	return file.Line(struct{ Entries []entry }{[]entry{{
		Source:       rules.TestSource,
		DetailType:   rules.TestDetailType,
		EventBusName: bus,
		Detail:       file.Line(map[string]string{"by": "the weekly schedule", "id": "<aws.scheduler.execution-id>"}),
	}}})
}
