// Package schedule makes the schedules of EventBridge Scheduler: the sweep, the sweep of every minute while an incident
// is contested, the watch's redelivery, and the weekly test alert.
//
// It knows nothing of what a function does when it runs.
package schedule

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/guard"
	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/queue"
	"trailkeeper/cdk/settings"
	"trailkeeper/cdk/watch"
)

// Props is what the schedules need of the deployment.
type Props struct {
	Settings settings.Settings
	Guard    *guard.Guard
	Watch    *watch.Watch // nil: there is none
	Queues   queue.Queues
	Key      awskms.IKey // of the queues; nil: keys that AWS owns
}

// Sweep is the schedule on which the guard looks at every trail by itself.
type Sweep struct {
	Construct constructs.Construct

	Schedule awsscheduler.CfnSchedule
	// Contested is the schedule of every minute, on which the guard does something only while an incident is contested; so
	// it needs no right to switch one on. Nil: the other is of every minute, or there is no table to know of incidents.
	Contested awsscheduler.CfnSchedule
	Role      awsiam.Role // may run the guard, park what failed, and do nothing else
}

// NewSweep makes the schedule. A run that cannot be started is not tried again: the next one is at most an hour away,
// and comes anyway.
func NewSweep(scope constructs.Construct, p Props) *Sweep {
	w := &Sweep{Construct: constructs.NewConstruct(scope, jsii.String("Sweep"))}
	guard := policy.Allow("Guard", []string{"lambda:InvokeFunction"}, *p.Guard.Function.FunctionArn())
	w.Role = newRole(w.Construct, p, policy.RoleProps{
		Sources:     policy.ScheduleSource(scope),
		Description: "Trailkeeper: EventBridge Scheduler runs the guard's sweep",
		Policy:      "Sweep",
		Statements:  []awsiam.PolicyStatement{guard},
	}, p.Queues.Sweep)
	runs := schedule{
		name:        "sweep",
		description: "the guard looks at every trail, for what no event reported",
		minutes:     p.Settings.Sweep.Minutes,
		input:       runInput(w.Construct, scheduledRun),
		function:    p.Guard.Function,
		role:        w.Role,
		deadLetters: p.Queues.Sweep,
	}
	w.Schedule = newSchedule(w.Construct, p.Settings, runs)
	if p.Settings.Sweep.Minutes > 1 && p.Settings.Table.Enabled {
		runs.name, runs.minutes, runs.input = "contested", 1, runInput(w.Construct, contestedSweep)
		runs.description = "the guard looks at every trail every minute, as long as somebody undoes what it restores"
		w.Contested = newSchedule(constructs.NewConstruct(scope, jsii.String("Contested")), p.Settings, runs)
	}
	return w
}

// The detail-types of what a function gets.
const (
	scheduledRun   = "Scheduled Event"             // as EventBridge's own scheduled rules have it
	contestedSweep = "Trailkeeper Contested Sweep" // events.ContestedSweep, which a test compares
)

// schedule is one of those that run a function.
type schedule struct {
	name, description, input string
	minutes                  int
	function                 awslambda.Function
	role                     awsiam.Role
	deadLetters              awssqs.Queue
}

func newSchedule(scope constructs.Construct, of settings.Settings, s schedule) awsscheduler.CfnSchedule {
	const shortest = 60 // seconds, the least that Scheduler takes
	return awsscheduler.NewCfnSchedule(scope, jsii.String("Schedule"), &awsscheduler.CfnScheduleProps{
		Name:               jsii.String(of.StackName + "-" + s.name),
		Description:        jsii.String("Trailkeeper: " + s.description),
		State:              jsii.String("ENABLED"),
		ScheduleExpression: jsii.String(rate(s.minutes)),
		FlexibleTimeWindow: &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
		Target: &awsscheduler.CfnSchedule_TargetProperty{
			Arn:              s.function.FunctionArn(),
			RoleArn:          s.role.RoleArn(),
			Input:            jsii.String(s.input),
			DeadLetterConfig: &awsscheduler.CfnSchedule_DeadLetterConfigProperty{Arn: s.deadLetters.QueueArn()},
			RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
				MaximumRetryAttempts: jsii.Number(0), MaximumEventAgeInSeconds: jsii.Number(shortest),
			},
		},
	})
}

// rate is a rate expression, whose unit is singular for one (EventBridge Scheduler User Guide, "Schedule types").
func rate(minutes int) string {
	if minutes == 1 {
		return "rate(1 minute)"
	}
	return fmt.Sprintf("rate(%d minutes)", minutes)
}

// runInput is the event that a function gets. Scheduler fills in what stands in angle brackets (EventBridge Scheduler
// User Guide, "Adding context attributes"). Nothing in it needs escaping: account and Region are CloudFormation's.
func runInput(scope constructs.Construct, detailType string) string {
	stack := awscdk.Stack_Of(scope)
	return `{"version":"0","id":"<aws.scheduler.execution-id>","detail-type":"` + detailType +
		`","source":"aws.scheduler",` +
		`"account":"` + *stack.Account() + `","time":"<aws.scheduler.scheduled-time>","region":"` + *stack.Region() +
		`","resources":[],"detail":{}}`
}
