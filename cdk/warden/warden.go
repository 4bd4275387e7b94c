// Package warden makes the second function of the guard's program: the one that checks the guard, the watch and all that
// they are reached by, in the stack or in one of its own in another Region.
//
// It makes no resource that the guard needs. What the warden may do with the rest of the deployment stands in package
// crosscheck.
package warden

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/crosscheck"
	"trailkeeper/cdk/delivery"
	"trailkeeper/cdk/function"
	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/queue"
	"trailkeeper/cdk/schedule"
	"trailkeeper/cdk/settings"
	"trailkeeper/cdk/table"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/deployment"
)

// Warden is the function with all that is its own.
type Warden struct {
	Construct constructs.Construct

	Function awslambda.Function
	Role     awsiam.Role
	LogGroup awslogs.LogGroup
	// Queue is for what the warden gave up on or could not deliver, and for runs that Scheduler could not start.
	Queue    awssqs.Queue
	Schedule *schedule.Warden
	Table    *table.Table // of a warden in another Region; nil: it uses the guard's
}

// Props is what a warden is made of.
type Props struct {
	Settings settings.Settings
	Code     awslambda.Code // the guard's, and its own instance where the warden is in another stack
	// Home is in the deployment's own stack.
	Home constructs.Construct
	// Keys are the ARNs of the keys that the stack makes.
	Keys []string

	// The rest is nil where the warden is in another Region, or where there is none.

	Key   awskms.IKey
	Topic *delivery.Topic
	Table *table.Table
}

// New makes the warden. Its functions and roles have names of ours, so that guard and warden have rights on each other
// without a cycle.
func New(scope constructs.Construct, p Props) *Warden {
	s := p.Settings
	w := &Warden{Construct: constructs.NewConstruct(scope, jsii.String(deployment.WardenID))}
	name := crosscheck.Name(s)
	w.Queue = queue.NewNamed(w.Construct, "Queue", name, p.Key)
	if s.WardenElsewhere() {
		w.LogGroup = function.NewNamedLog(w.Construct, s.Function.LogRetentionDays, name)
	} else {
		w.LogGroup = function.NewLog(w.Construct, s.Function.LogRetentionDays, p.Key)
	}
	statements, many := w.statements(p)
	inline, further := policy.Fit(many)
	w.Role = policy.NewRole(w.Construct, s, policy.RoleProps{
		Name:        crosscheck.RoleName(p.Home, s),
		Service:     "lambda.amazonaws.com",
		Description: "Trailkeeper's warden: " + purpose(s),
		Policy:      "Warden",
		Statements:  slices.Concat(statements, inline),
	})
	attached := policy.Attach(w.Construct, w.Role, further)
	if s.WardenElsewhere() {
		w.Table = table.New(w.Construct, "State", table.Props{Settings: s, Writer: w.Role, Name: name})
	}
	w.Function = function.New(w.Construct, function.Props{
		Settings:    s,
		Description: "Trailkeeper: " + purpose(s),
		Code:        p.Code,
		Run:         run(s),
		Role:        w.Role,
		Log:         w.LogGroup,
		Key:         p.Key,
		Environment: w.environment(p),
		Failures:    w.Queue,
	})
	if w.Table != nil {
		w.Function.Node().AddDependency(w.Table.Grants)
	}
	for _, one := range attached {
		w.Function.Node().AddDependency(one)
	}
	w.Schedule = schedule.NewWarden(w.Construct, schedule.WardenProps{
		Settings:    s,
		RoleName:    crosscheck.ScheduleRoleName(p.Home, s),
		Function:    w.Function,
		DeadLetters: w.Queue,
		Key:         p.Key,
	})
	queue.Close(w.Queue,
		slices.Concat([]string{*w.Role.RoleArn(), *w.Schedule.Role.RoleArn()}, s.Table.BreakGlass)...)
	return w
}

func purpose(s settings.Settings) string {
	if s.WardenMode() == config.ModeRestore {
		return "checks the guard and what it is reached by, restores what can be, and reports it"
	}
	return "checks the guard and what it is reached by, reports what differs, and changes nothing"
}

// run is how the warden runs: as the guard does, but that an invocation that failed is not tried again. The next run
// comes by itself.
func run(s settings.Settings) settings.Function {
	f := s.Function
	return settings.Function{
		Name:        crosscheck.Name(s),
		Memory:      f.Memory,
		Timeout:     timeout,
		LogLevel:    f.LogLevel,
		MaxEventAge: shortest,
	}
}

const (
	// timeout is the warden's, in seconds: it reads some hundred resources, one after the other.
	timeout = 300
	// shortest is the least that Lambda takes as the longest age of an event, in seconds.
	shortest = 60
)

// statements is everything the warden may do.
func (w *Warden) statements(p Props) (statements []awsiam.PolicyStatement, many []policy.Long) {
	s := p.Settings
	statements = slices.Concat(
		[]awsiam.PolicyStatement{
			policy.Allow("Log", []string{"logs:CreateLogStream", "logs:PutLogEvents"}, *w.LogGroup.LogGroupArn()),
			policy.Allow("Failures", append([]string{"sqs:SendMessage"}, queue.Take...), *w.Queue.QueueArn()),
		},
		crosscheck.Guarded(p.Home, s, p.Keys),
		crosscheck.OwnParts(p.Home, s),
	)
	few, many := delivery.Grants(p.Home, s, p.Topic)
	statements = append(statements, few...)
	statements = append(statements, delivery.CheckGrants(p.Home, s)...)
	if s.WardenElsewhere() {
		statements = append(statements, delivery.PublishByName(p.Home, s)...)
	}
	if s.Heartbeat.Warden != "" {
		statements = append(statements, delivery.HeartbeatGrants(p.Home, s)...)
	}
	if p.Key != nil {
		statements = append(statements, policy.Allow("DataKey", policy.UseKey, *p.Key.KeyArn()))
	}
	if p.Table != nil {
		statements = append(statements, *p.Table.Use(p.Key)...)
	}
	return statements, many
}

// environment is what the function reads back with config.WardenFromEnv.
func (w *Warden) environment(p Props) map[string]string {
	s := p.Settings
	warden := config.Warden{
		Reporting: function.Reporting(p.Home, s, p.Topic, s.Function.LogLevel),
		Mode:      s.WardenMode(),
		RoleARN:   *w.Role.RoleArn(),
		Minutes:   s.Warden.Minutes,
	}
	if s.Heartbeat.Warden != "" {
		warden.Heartbeat = config.Heartbeat{Secret: s.Secret, Key: s.Heartbeat.Warden, Method: s.Heartbeat.Method}
	}
	warden.FailureQueue = *w.Queue.QueueUrl()
	switch {
	case w.Table != nil:
		warden.Table, warden.Region = *w.Table.Table.Ref(), convert.PlaceOf(p.Home).Region
		warden.TopicARN = delivery.TopicByName(p.Home, s)
	case p.Table != nil:
		warden.Table = *p.Table.Table.Ref()
	}
	return warden.Env()
}
