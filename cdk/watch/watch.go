// Package watch makes the function that applies rules to CloudTrail's records, with everything that it may do: its
// role, its log, and what it remembers. It may write to nothing but its notifications and its state.
//
// It knows no rule: the rules are in the function's asset, and what sends records to it is made of its parts
// afterwards.
package watch

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/delivery"
	"trailkeeper/cdk/function"
	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/queue"
	"trailkeeper/cdk/settings"
	"trailkeeper/cdk/table"
	"trailkeeper/lambda/config"
)

// Watch is the function that applies rules. Nothing it depends on depends on a rule of EventBridge or on the function
// itself, so that the stack has no cycle.
type Watch struct {
	Construct constructs.Construct

	Function awslambda.Function
	Role     awsiam.Role
	LogGroup awslogs.LogGroup
	Table    *table.Table
	// Further are the role's managed policies, for what its own has no room for.
	Further []awsiam.ManagedPolicy
}

// Props is what a watch is made of.
type Props struct {
	Settings settings.Settings
	Code     awslambda.Code
	Key      awskms.IKey     // nil: keys that AWS owns
	Topic    *delivery.Topic // nil: no SNS
	Queues   queue.Watch
}

// New makes the watch.
func New(scope constructs.Construct, p Props) *Watch {
	w := &Watch{Construct: constructs.NewConstruct(scope, jsii.String("Watch"))}
	w.LogGroup = function.NewLog(w.Construct, p.Settings.Watch.LogRetentionDays, p.Key)
	statements, many := w.statements(p)
	inline, further := policy.Fit(many)
	w.Role = policy.NewRole(w.Construct, p.Settings, policy.RoleProps{
		Service:     "lambda.amazonaws.com",
		Description: "Trailkeeper's watch: " + purpose,
		Policy:      "Watch",
		Statements:  append(statements, inline...),
	})
	w.Further = policy.Attach(w.Construct, w.Role, further)
	w.Table = table.New(scope, "WatchState", table.Props{Settings: p.Settings, Key: p.Key, Writer: w.Role})
	w.Function = function.New(w.Construct, function.Props{
		Settings:    p.Settings,
		Description: "Trailkeeper: " + purpose,
		Code:        p.Code,
		Run:         run(p.Settings),
		Role:        w.Role,
		Log:         w.LogGroup,
		Key:         p.Key,
		Environment: w.environment(p),
		Failures:    p.Queues.Failures,
	})
	w.Function.Node().AddDependency(w.Table.Grants)
	for _, more := range w.Further {
		w.Function.Node().AddDependency(more)
	}
	return w
}

const purpose = "applies rules to CloudTrail's records and reports what matches, and changes nothing"

// run is how the watch runs: what the settings do not say of it is as with the guard.
func run(s settings.Settings) settings.Function {
	return settings.Function{
		Name:                s.Watch.Name,
		DeadLetterARN:       s.Watch.DeadLetterARN,
		Memory:              s.Watch.Memory,
		Timeout:             s.Watch.Timeout,
		LogLevel:            s.Watch.LogLevel,
		AsyncRetries:        s.Function.AsyncRetries,
		MaxEventAge:         s.Function.MaxEventAge,
		ReservedConcurrency: s.Watch.ReservedConcurrency,
	}
}

// statements is everything the watch may do: its log, its queues, and what delivering takes. What it may do with its
// table stands beside the role; see table.Table.
func (w *Watch) statements(p Props) (statements []awsiam.PolicyStatement, many []policy.Long) {
	q := p.Queues
	own := []string{*q.Failures.QueueArn(), *q.Last.QueueArn()}
	statements = []awsiam.PolicyStatement{
		policy.Allow("Log", []string{"logs:CreateLogStream", "logs:PutLogEvents"}, *w.LogGroup.LogGroupArn()),
		policy.Allow("Failures", []string{"sqs:SendMessage"}, own...),
		policy.Allow("Redrive", queue.Take, append(own, arns(q.Redriven())...)...),
	}
	if q.LogFiles != nil {
		statements = append(statements, w.readLogFiles(p.Settings, q.LogFiles)...)
	}
	statements = append(statements, policy.DeadLetterTarget(p.Settings.Watch.DeadLetterARN)...)
	few, many := delivery.Grants(w.Construct, p.Settings, p.Topic)
	statements = append(statements, few...)
	if p.Key != nil {
		statements = append(statements, policy.Allow("DataKey", policy.UseKey, *p.Key.KeyArn()))
	}
	return statements, many
}

// environment is what the function reads back with config.WatchFromEnv. The rules and the lists are in its asset.
func (w *Watch) environment(p Props) map[string]string {
	s, q := p.Settings, p.Queues
	stack := awscdk.Stack_Of(w.Construct)
	watch := config.Watch{
		Reporting:       function.Reporting(w.Construct, s, p.Topic, s.Watch.LogLevel),
		RedriveMinutes:  s.Sweep.Minutes,
		GuardedAccounts: []string{*stack.Account()},
		GuardedRegions:  []string{*stack.Region()},
		RuleErrors:      s.Watch.RuleErrors,
	}
	watch.FailureQueue, watch.LastQueue = *q.Failures.QueueUrl(), *q.Last.QueueUrl()
	for _, one := range q.Redriven() {
		watch.DeadLetters = append(watch.DeadLetters, *one.QueueUrl())
	}
	if s.ReadsLogFiles() {
		watch.LogBuckets, watch.AnyLogAccount, watch.RemovedLogs = LogBuckets(w.Construct, s), true, s.Archive.Removals
	}
	if s.SubscribesLogs() {
		watch.LogGroups, watch.AnyLogAccount = w.logGroups(s), true
	}
	watch.Table = *w.Table.Table.Ref()
	if s.Watch.Metrics.RefusedCalls {
		watch.RefusedNamespace = s.Watch.Metrics.Namespace
	}
	return watch.Env()
}
