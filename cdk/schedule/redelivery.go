package schedule

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/policy"
)

// Redelivery is the schedule on which the watch takes up what waits in its queues, and sends its summaries.
type Redelivery struct {
	Construct constructs.Construct

	Schedule awsscheduler.CfnSchedule
	Role     awsiam.Role // may run the watch, park what failed, and do nothing else
}

// NewRedelivery makes the schedule. It runs as often as the sweep does, whether there is one or not.
func NewRedelivery(scope constructs.Construct, p Props) *Redelivery {
	r := &Redelivery{Construct: constructs.NewConstruct(scope, jsii.String("Redelivery"))}
	watch := policy.Allow("Watch", []string{"lambda:InvokeFunction"}, *p.Watch.Function.FunctionArn())
	r.Role = newRole(r.Construct, p, policy.RoleProps{
		Sources:     policy.ScheduleSource(scope),
		Description: "Trailkeeper: EventBridge Scheduler runs the watch's redelivery",
		Policy:      "Redelivery",
		Statements:  []awsiam.PolicyStatement{watch},
	}, p.Queues.Watch.DeadLetters)
	r.Schedule = newSchedule(r.Construct, p.Settings, schedule{
		name:        "redelivery",
		description: "the watch takes up what waits in its queues, and sends summaries",
		minutes:     p.Settings.Sweep.Minutes,
		input:       runInput(r.Construct, scheduledRun),
		function:    p.Watch.Function,
		role:        r.Role,
		deadLetters: p.Queues.Watch.DeadLetters,
	})
	return r
}
