// Package guard makes the function that restores logging, with everything that it may do: its role and policies, its
// log, and what it remembers.
//
// It knows no rule and no schedule: what runs the function is made of its parts afterwards.
package guard

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/crosscheck"
	"trailkeeper/cdk/delivery"
	"trailkeeper/cdk/function"
	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/queue"
	"trailkeeper/cdk/settings"
	"trailkeeper/cdk/table"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
)

// Guard is the function that restores logging and reports it. Nothing it depends on depends on a rule or on the
// function itself, so that the stack has no cycle.
type Guard struct {
	Construct constructs.Construct

	Function awslambda.Function
	Role     awsiam.Role
	LogGroup awslogs.LogGroup
	Table    *table.Table // nil: none
	// Further are the role's managed policies, for what its own has no room for.
	Further []awsiam.ManagedPolicy
}

// Props is what a guard is made of.
type Props struct {
	Settings  settings.Settings
	Code      awslambda.Code
	Key       awskms.IKey     // nil: keys that AWS owns
	Topic     *delivery.Topic // nil: no SNS
	Queues    queue.Queues
	Baselines []baseline.Baseline // the trails that may be restored
}

// New makes the guard.
func New(scope constructs.Construct, p Props) *Guard {
	g := &Guard{Construct: constructs.NewConstruct(scope, jsii.String("Guard"))}
	g.LogGroup = function.NewLog(g.Construct, p.Settings.Function.LogRetentionDays, p.Key)
	statements, many := guardStatements(g, p)
	inline, further := policy.Fit(many)
	g.Role = policy.NewRole(g.Construct, p.Settings, policy.RoleProps{
		Service:     "lambda.amazonaws.com",
		Description: "Trailkeeper's guard: " + purpose(p.Settings.Mode),
		Policy:      "Guard",
		Statements:  append(statements, inline...),
	})
	g.Further = policy.Attach(g.Construct, g.Role, further)
	if p.Settings.Table.Enabled {
		g.Table = table.New(scope, "State", table.Props{
			Settings: p.Settings, Key: p.Key, Writer: g.Role, Further: furtherWriters(scope, p.Settings),
		})
	}
	g.Function = function.New(g.Construct, function.Props{
		Settings:    p.Settings,
		Description: "Trailkeeper: " + purpose(p.Settings.Mode),
		Code:        p.Code,
		Run:         p.Settings.Function,
		Role:        g.Role,
		Log:         g.LogGroup,
		Key:         p.Key,
		Environment: g.environment(p),
		Failures:    p.Queues.Failures,
	})
	// What is missing at the first event is missing when it counts.
	if g.Table != nil {
		g.Function.Node().AddDependency(g.Table.Grants)
	}
	for _, more := range g.Further {
		g.Function.Node().AddDependency(more)
	}
	return g
}

// furtherWriters are the roles besides the guard's that remember what they report in its table.
func furtherWriters(scope constructs.Construct, s settings.Settings) []string {
	if !s.Warden.Enabled || s.WardenElsewhere() {
		return nil
	}
	return []string{crosscheck.RoleARN(scope, s)}
}

// purpose is what the guard does in a mode, for the descriptions that an operator sees in the console.
func purpose(mode config.Mode) string {
	switch mode {
	case config.ModeNotify:
		return "reports who stopped or changed a CloudTrail trail, and changes nothing"
	case config.ModeRestore:
		return "restores a stopped or weakened CloudTrail trail to its baseline, and reports who changed it"
	case config.ModeRecreate:
		return "restores a stopped, weakened or deleted CloudTrail trail to its baseline, and reports who changed it"
	}
	return "starts the logging of a stopped CloudTrail trail again, and reports who stopped it"
}

// environment is what the function reads back with config.FromEnv. The lists are in its asset; see Settings.Lists.
func (g *Guard) environment(p Props) map[string]string {
	s := p.Settings
	guard := config.Guard{
		Reporting:    function.Reporting(g.Construct, s, p.Topic, s.Function.LogLevel),
		Mode:         s.Mode,
		RoleARN:      *g.Role.RoleArn(),
		AsyncRetries: s.Function.AsyncRetries,
	}
	guard.FailureQueue, guard.LastQueue = *p.Queues.Failures.QueueUrl(), *p.Queues.Last.QueueUrl()
	for _, q := range p.Queues.Redriven() {
		guard.DeadLetters = append(guard.DeadLetters, *q.QueueUrl())
	}
	if g.Table != nil {
		guard.Table, guard.Recorded = *g.Table.Table.Ref(), s.Recorded()
	}
	guard.EnableKeys = s.Evidence.EnableKeys
	if s.Sweep.Enabled {
		guard.SweepMinutes = s.Sweep.Minutes
	}
	if s.Heartbeat.Guard != "" {
		guard.Heartbeat = config.Heartbeat{Secret: s.Secret, Key: s.Heartbeat.Guard, Method: s.Heartbeat.Method}
	}
	if s.Warden.Enabled {
		guard.WardenMode = s.WardenMode()
	}
	return guard.Env()
}

// accountsOf are the owners of the trails that the guard may act on.
func accountsOf(scope constructs.Construct, s settings.Settings) []string {
	if len(s.Accounts) > 0 {
		return s.Accounts
	}
	return []string{*awscdk.Stack_Of(scope).Account()}
}
