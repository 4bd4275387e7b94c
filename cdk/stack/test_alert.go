package stack

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/lambda/config"
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

func newTestAlert(scope constructs.Construct, t targets, key awskms.IKey) *TestAlert {
	w := &TestAlert{Construct: constructs.NewConstruct(scope, jsii.String("TestAlert"))}
	stack := awscdk.Stack_Of(w.Construct)
	bus := "default"
	if own := t.settings.OwnBus(); own != "" {
		bus = own
	}
	busARN := placeOf(w.Construct).ARN("events", "event-bus/"+bus)
	statements := []awsiam.PolicyStatement{
		allow("Send", []string{"events:PutEvents"}, busARN),
		allow("DeadLetters", []string{"sqs:SendMessage"}, *t.queues.Test.QueueArn()),
	}
	if key != nil {
		statements = append(statements, allow("DataKey", useKey, *key.KeyArn()))
	}
	w.Role = newRole(w.Construct, t.settings, roleProps{
		service:     "scheduler.amazonaws.com",
		sources:     scheduleSource(scope),
		description: "Trailkeeper: EventBridge Scheduler sends a test alert",
		policy:      "TestAlert",
		statements:  statements,
	})
	const attempts, longest = 3, 600 // within the hour that the alarm looks at
	w.Schedule = awsscheduler.NewCfnSchedule(w.Construct, jsii.String("Schedule"), &awsscheduler.CfnScheduleProps{
		Name:                       jsii.String(t.physicalName("test-alert")),
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
			DeadLetterConfig: &awsscheduler.CfnSchedule_DeadLetterConfigProperty{Arn: t.queues.Test.QueueArn()},
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
	return encode(struct{ Entries []entry }{[]entry{{
		Source:       rules.TestSource,
		DetailType:   rules.TestDetailType,
		EventBusName: bus,
		Detail:       encode(map[string]string{"by": "the weekly schedule", "id": "<aws.scheduler.execution-id>"}),
	}}})
}

// encode is JSON with < > & as they are: in its texts are tokens of CDK, and what AWS fills in.
func encode(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(fmt.Sprintf("encode %T: %v", v, err)) // texts and numbers can always be encoded
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}
