package schedule

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/settings"
)

// Warden is the schedule on which the warden runs.
type Warden struct {
	Schedule awsscheduler.CfnSchedule
	Role     awsiam.Role // may run the warden, park what failed, and do nothing else
}

// WardenProps is what it is made of.
type WardenProps struct {
	Settings    settings.Settings
	RoleName    string
	Function    awslambda.Function
	DeadLetters awssqs.Queue
	Key         awskms.IKey // of the queue; nil: the key that SQS owns
}

// wardenRun is the detail-type of the event that the warden gets.
const wardenRun = "Trailkeeper Warden Run" // events.WardenRun, which a test compares

// NewWarden makes the schedule. Scheduler runs the function by a role, so that there is no permission of the function that
// somebody could remove.
func NewWarden(scope constructs.Construct, p WardenProps) *Warden {
	w := &Warden{}
	at := constructs.NewConstruct(scope, jsii.String("Runs"))
	run := policy.Allow("Warden", []string{"lambda:InvokeFunction"}, *p.Function.FunctionArn())
	w.Role = newRole(at, Props{Settings: p.Settings, Key: p.Key}, policy.RoleProps{
		Name:        p.RoleName,
		Sources:     policy.ScheduleSource(scope),
		Description: "Trailkeeper: EventBridge Scheduler runs the warden",
		Policy:      "Runs",
		Statements:  []awsiam.PolicyStatement{run},
	}, p.DeadLetters)
	w.Schedule = newSchedule(at, p.Settings, schedule{
		name:        "warden",
		description: "the warden checks the guard, and what it is reached by",
		minutes:     p.Settings.Warden.Minutes,
		input:       runInput(at, wardenRun),
		function:    p.Function,
		role:        w.Role,
		deadLetters: p.DeadLetters,
	})
	return w
}
