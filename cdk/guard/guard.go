// Package guard makes the function that restores logging, with everything that it may do: its role and policies, its
// log and the state table.
//
// It knows no rule and no schedule: what runs the function is made of its parts afterwards.
package guard

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambdadestinations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/delivery"
	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/queue"
	"trailkeeper/cdk/settings"
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
	Table    *Table // nil: none
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
	logs := &awslogs.LogGroupProps{
		Retention: convert.Retention(p.Settings.Function.LogRetentionDays),
		// The log is evidence: whoever deletes the stack does not delete it. A stack that was never made has left none.
		RemovalPolicy: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE,
	}
	if p.Key != nil {
		logs.EncryptionKey = p.Key
	}
	g.LogGroup = awslogs.NewLogGroup(g.Construct, jsii.String("Log"), logs)
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
		g.Table = newTable(scope, tableProps{settings: p.Settings, key: p.Key, writer: g.Role})
	}
	g.Function = g.function(p)
	// What is missing at the first event is missing when it counts.
	if g.Table != nil {
		g.Function.Node().AddDependency(g.Table.Grants)
	}
	for _, more := range g.Further {
		g.Function.Node().AddDependency(more)
	}
	return g
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

func (g *Guard) function(p Props) awslambda.Function {
	f := p.Settings.Function
	props := &awslambda.FunctionProps{
		Description:   jsii.String("Trailkeeper: " + purpose(p.Settings.Mode)),
		FunctionName:  convert.Optional(f.Name),
		Runtime:       awslambda.Runtime_PROVIDED_AL2023(),
		Architecture:  awslambda.Architecture_ARM_64(),
		Handler:       jsii.String("bootstrap"),
		Code:          p.Code,
		MemorySize:    jsii.Number(f.Memory),
		Timeout:       awscdk.Duration_Seconds(jsii.Number(f.Timeout)),
		Environment:   convert.TextMap(g.environment(p)),
		LogGroup:      g.LogGroup,
		RetryAttempts: jsii.Number(f.AsyncRetries),
		MaxEventAge:   awscdk.Duration_Seconds(jsii.Number(f.MaxEventAge)),
		OnFailure:     awslambdadestinations.NewSqsDestination(p.Queues.Failures),
		// The role's policy is complete; CDK may not add a second one.
		Role: g.Role.WithoutPolicyUpdates(nil),
	}
	if p.Settings.Place().JSONLogs {
		props.LoggingFormat = awslambda.LoggingFormat_JSON
		props.ApplicationLogLevelV2 = awslambda.ApplicationLogLevel(f.LogLevel)
	}
	switch arn := f.DeadLetterARN; {
	case strings.Contains(arn, ":sqs:"):
		props.DeadLetterQueue = awssqs.Queue_FromQueueArn(g.Construct, jsii.String("DeadLetterTarget"), jsii.String(arn))
	case arn != "":
		props.DeadLetterTopic = awssns.Topic_FromTopicArn(g.Construct, jsii.String("DeadLetterTarget"), jsii.String(arn))
	}
	if f.ReservedConcurrency > 0 {
		props.ReservedConcurrentExecutions = jsii.Number(f.ReservedConcurrency)
	}
	if p.Key != nil {
		props.EnvironmentEncryption = p.Key
	}
	return awslambda.NewFunction(g.Construct, jsii.String("Function"), props)
}

// environment is what the function reads back with config.FromEnv. The lists are in its asset; see Settings.Lists.
func (g *Guard) environment(p Props) map[string]string {
	s, stack := p.Settings, awscdk.Stack_Of(g.Construct)
	guard := config.Guard{
		Reporting: config.Reporting{
			Stack:        s.StackName,
			Accounts:     []string{*stack.Account()},
			Partition:    *stack.Partition(),
			Runbook:      s.RunbookPage(),
			FailureQueue: *p.Queues.Failures.QueueUrl(),
			LastQueue:    *p.Queues.Last.QueueUrl(),
		},
		Mode:         s.Mode,
		RoleARN:      *g.Role.RoleArn(),
		AsyncRetries: s.Function.AsyncRetries,
	}
	for _, q := range p.Queues.Redriven() {
		guard.DeadLetters = append(guard.DeadLetters, *q.QueueUrl())
	}
	if g.Table != nil {
		guard.Table, guard.Recorded = *g.Table.Table.Ref(), s.Recorded()
	}
	if s.Sweep.Enabled {
		guard.SweepMinutes = s.Sweep.Minutes
	}
	if !s.Place().JSONLogs {
		guard.LogLevel = s.Function.LogLevel
	}
	if p.Topic != nil {
		guard.TopicARN = *p.Topic.Topic.TopicArn()
	}
	if s.Slack.Enabled {
		guard.SlackSecret, guard.SlackAPI = s.Secret, s.Slack.API
		if s.Slack.BotToken {
			guard.SlackChannel = s.Slack.Channel
		}
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
