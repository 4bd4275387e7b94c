package stack

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

	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
)

// Guard is the function that restores logging and tells of it. Nothing it depends on depends on a rule or on the
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

type guardProps struct {
	settings settings.Settings
	code     awslambda.Code
	key      awskms.IKey // nil: keys that AWS owns
	topic    *Topic      // nil: no SNS
	queues   Queues
	// baselines are the trails that may be put back.
	baselines []baseline.Baseline
}

func newGuard(scope constructs.Construct, p guardProps) *Guard {
	g := &Guard{Construct: constructs.NewConstruct(scope, jsii.String("Guard"))}
	logs := &awslogs.LogGroupProps{
		Retention: retention(p.settings.Function.LogRetentionDays),
		// The log is evidence: whoever deletes the stack does not delete it. A stack that was never made has left none.
		RemovalPolicy: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE,
	}
	if p.key != nil {
		logs.EncryptionKey = p.key
	}
	g.LogGroup = awslogs.NewLogGroup(g.Construct, jsii.String("Log"), logs)
	statements, many := guardStatements(g, p)
	inline, further := fit(many)
	g.Role = newRole(g.Construct, p.settings, roleProps{
		service:     "lambda.amazonaws.com",
		description: "Trailkeeper's guard: " + purpose(p.settings.Mode),
		policy:      "Guard",
		statements:  append(statements, inline...),
	})
	g.Further = attach(g.Construct, g.Role, further)
	if p.settings.Table.Enabled {
		g.Table = newTable(scope, tableProps{settings: p.settings, key: p.key, writer: g.Role})
	}
	g.Function = g.function(p)
	// What is missing at the first event is missing when it counts.
	if g.Table != nil {
		g.Function.Node().AddDependency(g.Table.Grants)
	}
	for _, policy := range g.Further {
		g.Function.Node().AddDependency(policy)
	}
	return g
}

// purpose is what the guard does in a mode, for the descriptions that an operator sees in the console.
func purpose(mode config.Mode) string {
	switch mode {
	case config.ModeNotify:
		return "tells who stopped or changed a CloudTrail trail, and changes nothing"
	case config.ModeRestore:
		return "puts a stopped or weakened CloudTrail trail back as its baseline has it, and tells who did it"
	case config.ModeRecreate:
		return "puts a stopped, weakened or deleted CloudTrail trail back as its baseline has it, and tells who did it"
	}
	return "starts the logging of a stopped CloudTrail trail again, and tells who stopped it"
}

func (g *Guard) function(p guardProps) awslambda.Function {
	f := p.settings.Function
	props := &awslambda.FunctionProps{
		Description:   jsii.String("Trailkeeper: " + purpose(p.settings.Mode)),
		FunctionName:  optional(f.Name),
		Runtime:       awslambda.Runtime_PROVIDED_AL2023(),
		Architecture:  awslambda.Architecture_ARM_64(),
		Handler:       jsii.String("bootstrap"),
		Code:          p.code,
		MemorySize:    jsii.Number(f.Memory),
		Timeout:       awscdk.Duration_Seconds(jsii.Number(f.Timeout)),
		Environment:   textMap(g.environment(p)),
		LogGroup:      g.LogGroup,
		RetryAttempts: jsii.Number(f.AsyncRetries),
		MaxEventAge:   awscdk.Duration_Seconds(jsii.Number(f.MaxEventAge)),
		OnFailure:     awslambdadestinations.NewSqsDestination(p.queues.Failures),
		// The role's policy is complete; CDK may not add a second one.
		Role: g.Role.WithoutPolicyUpdates(nil),
	}
	if p.settings.Place().JSONLogs {
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
	if p.key != nil {
		props.EnvironmentEncryption = p.key
	}
	return awslambda.NewFunction(g.Construct, jsii.String("Function"), props)
}

// environment is what the function reads back with config.FromEnv. The lists are in its asset; see Settings.Lists.
func (g *Guard) environment(p guardProps) map[string]string {
	s, stack := p.settings, awscdk.Stack_Of(g.Construct)
	guard := config.Guard{
		Mode:         s.Mode,
		Stack:        s.StackName,
		Accounts:     []string{*stack.Account()},
		Partition:    *stack.Partition(),
		RoleARN:      *g.Role.RoleArn(),
		Runbook:      s.Runbook,
		FailureQueue: *p.queues.Failures.QueueUrl(),
		LastQueue:    *p.queues.Last.QueueUrl(),
		AsyncRetries: s.Function.AsyncRetries,
	}
	for _, q := range p.queues.redriven() {
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
	if p.topic != nil {
		guard.TopicARN = *p.topic.Topic.TopicArn()
	}
	if s.Slack.Enabled {
		guard.SlackSecret, guard.SlackAPI = s.Secret, s.Slack.API
		if s.Slack.BotToken {
			guard.SlackChannel = s.Slack.Channel
		}
	}
	return guard.Env()
}

// accounts are the owners of the trails that the guard may act on.
func accounts(scope constructs.Construct, s settings.Settings) []string {
	if len(s.Accounts) > 0 {
		return s.Accounts
	}
	return []string{*awscdk.Stack_Of(scope).Account()}
}

func retention(days int) awslogs.RetentionDays {
	names := map[int]awslogs.RetentionDays{
		1:    awslogs.RetentionDays_ONE_DAY,
		3:    awslogs.RetentionDays_THREE_DAYS,
		5:    awslogs.RetentionDays_FIVE_DAYS,
		7:    awslogs.RetentionDays_ONE_WEEK,
		14:   awslogs.RetentionDays_TWO_WEEKS,
		30:   awslogs.RetentionDays_ONE_MONTH,
		60:   awslogs.RetentionDays_TWO_MONTHS,
		90:   awslogs.RetentionDays_THREE_MONTHS,
		120:  awslogs.RetentionDays_FOUR_MONTHS,
		150:  awslogs.RetentionDays_FIVE_MONTHS,
		180:  awslogs.RetentionDays_SIX_MONTHS,
		365:  awslogs.RetentionDays_ONE_YEAR,
		400:  awslogs.RetentionDays_THIRTEEN_MONTHS,
		545:  awslogs.RetentionDays_EIGHTEEN_MONTHS,
		731:  awslogs.RetentionDays_TWO_YEARS,
		1096: awslogs.RetentionDays_THREE_YEARS,
		1827: awslogs.RetentionDays_FIVE_YEARS,
		2192: awslogs.RetentionDays_SIX_YEARS,
		2557: awslogs.RetentionDays_SEVEN_YEARS,
		2922: awslogs.RetentionDays_EIGHT_YEARS,
		3288: awslogs.RetentionDays_NINE_YEARS,
		3653: awslogs.RetentionDays_TEN_YEARS,
	}
	return names[days]
}
