// Package stack puts the CloudFormation resources of Trailkeeper together: props in, parts out. New adds them to any
// stack of any CDK app in Go; NewStack makes a stack of their own. What the resources are stands in the packages beside
// it, by what they make.
//
// It reads no file, no context and no environment: settings and code come in as props. It builds no code and knows no
// AWS client.
package stack

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsorganizations"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/alarms"
	"trailkeeper/cdk/archive"
	"trailkeeper/cdk/backtest"
	"trailkeeper/cdk/dashboard"
	"trailkeeper/cdk/delivery"
	"trailkeeper/cdk/eventrule"
	"trailkeeper/cdk/guard"
	"trailkeeper/cdk/guardrail"
	"trailkeeper/cdk/metricfilter"
	"trailkeeper/cdk/owntrail"
	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/queue"
	"trailkeeper/cdk/schedule"
	"trailkeeper/cdk/settings"
	"trailkeeper/cdk/warden"
	"trailkeeper/cdk/watch"
	"trailkeeper/lambda/config/baseline"
	patterns "trailkeeper/rules/delivery"
	filters "trailkeeper/rules/metricfilter"
)

// Props is what a deployment is made of.
type Props struct {
	// Settings are checked by New, but for what depends on the day, which settings.Read checks: how long approvals last.
	// The guard itself counts none that lasts longer than 30 days.
	Settings settings.Settings
	// Code holds the guard's bootstrap for provided.al2023 on arm64, the files of Baselines in the folder
	// config.BaselineFolder, and, where Settings.Lists, Settings.Exceptions or Settings.RouteList has any, the files
	// config.ListsFile, exception.FileName and route.FileName.
	Code awslambda.Code
	// WatchCode holds the watch's bootstrap, and the file config.RulesFile; besides, as for Code, config.ListsFile of
	// Settings.WatchLists and route.FileName. Nil where the settings ask for no watch.
	WatchCode awslambda.Code
	// Patterns are those of the records that the watch's rules are about; see package rules/delivery.
	Patterns []patterns.Pattern
	// Filters are those of the rules that Settings.MetricFilters names; see package rules/metricfilter.
	Filters []filters.Filter
	// WardenCode is a further instance of Code, for the stack of a warden in another Region; nil otherwise.
	WardenCode awslambda.Code
	// Known is what the asset of Code says of the deployment; see Describe. Nil where there is no warden.
	Known *Known

	describing bool // by Describe: nothing is known yet

	// Baselines are the declared ones; the grants of modes restore and recreate name their trails one by one.
	Baselines []baseline.Baseline
}

func (p Props) validate() error {
	err := errors.Join(p.Settings.Validate(), settings.CheckBaselines(p.Settings, p.Baselines))
	if p.Code == nil {
		err = errors.Join(err, errors.New("props have no Code; want the guard's bootstrap"))
	}
	if p.Settings.Watch.Enabled && p.WatchCode == nil {
		err = errors.Join(err, errors.New("props have no WatchCode; want the watch's bootstrap"))
	}
	if p.Settings.Warden.Enabled && p.Known == nil && !p.describing {
		err = errors.Join(err, errors.New("props have no Known; want what Describe returns, in the asset of Code as well"))
	}
	if p.Settings.WardenElsewhere() && p.WardenCode == nil {
		err = errors.Join(err, errors.New("props have no WardenCode; want a further instance of Code, for the warden's own stack"))
	}
	if wanted := p.Settings.MetricFilters.Rules; len(wanted) > 0 && len(p.Filters) == 0 {
		err = errors.Join(err, errors.New("props have no Filters; want those of metricFilters.rules"))
	}
	return err
}

// Trailkeeper is a deployment, with the parts that other code may want to refer to.
type Trailkeeper struct {
	Construct constructs.Construct

	Guard   *guard.Guard
	Warden  *warden.Warden   // nil unless the settings ask for it
	Watch   *watch.Watch     // nil unless the settings ask for it
	Slack   *delivery.Slack  // nil where EventBridge does not post to Slack
	Archive *archive.Archive // nil where no log files are read
	// Backtest is what applies the rules to an archive; nil unless the settings ask for it.
	Backtest *backtest.Backtest
	Topic    *delivery.Topic // nil where SNS is off
	Queues   queue.Queues
	Rules    *eventrule.Rules
	Sweep    *schedule.Sweep // nil where no sweep is scheduled
	// Redelivery is the watch's; nil where there is no watch.
	Redelivery *schedule.Redelivery
	TestAlert  *schedule.TestAlert        // nil where none is scheduled
	Dashboard  awscloudwatch.CfnDashboard // nil unless the settings ask for it

	MetricFilters []metricfilter.Made          // none unless the settings ask for them
	Guardrail     []awsorganizations.CfnPolicy // empty unless the settings ask for it

	Canary     *owntrail.Trail // nil unless the settings ask for it
	FirstTrail *owntrail.Trail // nil unless the settings ask for it

	WardenStack awscdk.Stack // that of a warden in another Region; nil: it is in the deployment's own
}

// New adds a deployment to a stack. The error lists every setting that is wrong.
func New(scope constructs.Construct, id string, props Props) (*Trailkeeper, error) {
	if err := errors.Join(props.validate(), ownStack(scope, id, props)); err != nil {
		return nil, err
	}
	s := props.Settings
	at := constructs.NewConstruct(scope, jsii.String(id))
	t := &Trailkeeper{Construct: at}
	key := policy.NewDataKey(at, s)
	t.Queues = queue.New(at, s, key)
	if s.SNS.Enabled {
		t.Topic = delivery.NewTopic(at, s, t.Queues.Topic)
	}
	t.Guard = guard.New(at, guard.Props{
		Settings:  s,
		Code:      props.Code,
		Key:       key,
		Topic:     t.Topic,
		Queues:    t.Queues,
		Baselines: props.Baselines,
	})
	if s.Watch.Enabled {
		t.Watch = watch.New(at, watch.Props{
			Settings: s,
			Code:     props.WatchCode,
			Key:      key,
			Topic:    t.Topic,
			Queues:   t.Queues.Watch,
		})
	}
	if s.SubscribesLogs() {
		t.Watch.Subscribe(s)
	}
	if s.ReadsLogFiles() {
		t.Archive = archive.New(at, archive.Props{
			Settings: s,
			Watch:    t.Watch,
			Queues:   t.Queues.Watch,
			Key:      key,
		})
	}
	if s.Archive.Backtest {
		var err error
		if t.Backtest, err = backtest.New(at, backtest.Props{Settings: s, Code: props.WatchCode, Key: key}); err != nil {
			return nil, err
		}
	}
	if s.Path1() {
		t.Slack = delivery.NewSlack(at, s)
	}
	t.addSchedules(s, key)
	t.closeQueues(s)
	t.Rules = eventrule.New(at, eventrule.Props{
		Settings: s,
		Guard:    t.Guard,
		Slack:    t.Slack,
		Topic:    t.Topic,
		Queues:   t.Queues,
		Watch:    t.Watch,
		Patterns: props.Patterns,
	})
	t.Canary, t.FirstTrail = owntrail.New(at, s, key)
	t.addWarden(props, key)
	watched := t.addAlarms(s)
	if err := t.Rules.Finish(); err != nil {
		return nil, err
	}
	if s.Dashboard {
		t.Dashboard = dashboard.New(at, dashboard.Props{
			Settings: s,
			Guard:    t.Guard,
			Watch:    t.Watch,
			Queues:   t.Queues,
			Alarms:   watched,
		})
	}
	for _, own := range []*owntrail.Trail{t.Canary, t.FirstTrail} {
		if own != nil {
			for _, r := range slices.Concat(t.Rules.All, t.Rules.Watched, t.Rules.LogFiles) {
				own.ComeAfter(r.Rule)
			}
		}
	}
	t.addMetricFilters(props)
	if err := t.addGuardrail(s, props.Baselines); err != nil {
		return nil, err
	}
	if err := t.addProtect(s, key, props.Baselines); err != nil {
		return nil, err
	}
	if s.Evidence.Enabled {
		if err := t.Rules.Evidence(at, props.Baselines); err != nil {
			return nil, err
		}
	}
	warn(at, s)
	tag(at, s)
	suppress(t, s)
	return t, nil
}

func (t *Trailkeeper) addSchedules(s settings.Settings, key awskms.IKey) {
	props := schedule.Props{
		Settings: s,
		Guard:    t.Guard,
		Watch:    t.Watch,
		Queues:   t.Queues,
		Key:      key,
	}
	if s.Sweep.Enabled {
		t.Sweep = schedule.NewSweep(t.Construct, props)
	}
	if t.Watch != nil {
		t.Redelivery = schedule.NewRedelivery(t.Construct, props)
	}
	if s.TestAlert.Weekly {
		t.TestAlert = schedule.NewTestAlert(t.Construct, props)
	}
}

// closeQueues leaves the queues to their function, to the schedules for what they could not start, and to the
// principals that the settings name.
func (t *Trailkeeper) closeQueues(s settings.Settings) {
	for _, one := range t.Queues.Own() {
		admitted := []string{*t.Guard.Role.RoleArn()}
		if t.Sweep != nil && one == t.Queues.Sweep {
			admitted = append(admitted, *t.Sweep.Role.RoleArn())
		}
		if t.TestAlert != nil && one == t.Queues.Test {
			admitted = append(admitted, *t.TestAlert.Role.RoleArn())
		}
		queue.Close(one, append(admitted, s.Table.BreakGlass...)...)
	}
	for _, one := range t.Queues.Watch.Own() {
		admitted := []string{*t.Watch.Role.RoleArn()}
		if one == t.Queues.Watch.DeadLetters {
			admitted = append(admitted, *t.Redelivery.Role.RoleArn())
		}
		queue.Close(one, append(admitted, s.Table.BreakGlass...)...)
	}
}

// addAlarms makes the alarms, and the rules that notify Slack of them.
func (t *Trailkeeper) addAlarms(s settings.Settings) []awscloudwatch.CfnAlarm {
	if !s.Alarms {
		return nil
	}
	props := alarms.Props{
		Settings: s,
		Guard:    t.Guard,
		Topic:    t.Topic,
		Queues:   t.Queues,
		Rules:    t.Rules.All,

		Watch:      t.Watch,
		WatchRules: slices.Concat(t.Rules.Watched, t.Rules.LogFiles),
		Warden:     t.Warden,
	}
	if t.Sweep != nil {
		props.Sweep = t.Sweep.Schedule
	}
	made := alarms.New(t.Construct, props)
	if t.Slack != nil {
		t.Rules.Relay(t.Construct, "", made.Names.Raised, made.Names.Cleared)
		if t.Watch != nil {
			t.Rules.Relay(t.Construct, "watch", made.Watch.Raised, made.Watch.Cleared)
		}
		if t.Warden != nil && !s.WardenElsewhere() {
			t.Rules.Relay(t.Construct, "warden", made.Warden.Raised, made.Warden.Cleared)
		}
	}
	return made.Made
}

// addMetricFilters makes the metric filters, with alarms of their own.
func (t *Trailkeeper) addMetricFilters(props Props) {
	if len(props.Settings.MetricFilters.Rules) == 0 {
		return
	}
	from := metricfilter.Props{Settings: props.Settings, Filters: props.Filters, Topic: t.Topic}
	if t.FirstTrail != nil {
		from.LogGroup = t.FirstTrail.LogGroup
	}
	t.MetricFilters = metricfilter.New(t.Construct, from)
}

// addGuardrail makes the organization policies that the settings ask for.
func (t *Trailkeeper) addGuardrail(s settings.Settings, baselines []baseline.Baseline) (err error) {
	if len(s.Guardrail.AttachTo) > 0 {
		t.Guardrail, err = guardrail.New(t.Construct, s, baselines)
	}
	return err
}

// tag puts the settings' tags on everything but keys, see newKey, and organization policies: whoever may tag one could
// tag any. They are no tags of the stack itself: CloudFormation
// would put those on keys as well.
func tag(at constructs.Construct, s settings.Settings) {
	props := &awscdk.TagProps{ExcludeResourceTypes: jsii.Strings("AWS::KMS::Key", "AWS::CloudWatch::Dashboard", "AWS::Organizations::Policy")}
	for _, name := range slices.Sorted(maps.Keys(s.Tags)) {
		awscdk.Tags_Of(at).Add(jsii.String(name), jsii.String(s.Tags[name]), props)
	}
}

// NewStack makes the stack that `cdk deploy` deploys.
func NewStack(scope constructs.Construct, props Props) (awscdk.Stack, *Trailkeeper, error) {
	if err := props.validate(); err != nil {
		return nil, nil, err
	}
	s := props.Settings
	stack := awscdk.NewStack(scope, jsii.String(s.StackName), &awscdk.StackProps{
		Description:           jsii.String("Trailkeeper keeps AWS CloudTrail logging, and reports who stopped it"),
		Env:                   environment(s.Env),
		TerminationProtection: jsii.Bool(s.TerminationProtection),
		// The CLI checks the bootstrap version by itself; the rule in the template would only serve deployments without the
		// CLI.
		Synthesizer: awscdk.NewDefaultStackSynthesizer(
			&awscdk.DefaultStackSynthesizerProps{GenerateBootstrapVersionRule: jsii.Bool(false)},
		),
	})
	t, err := New(stack, ownID, props)
	if err != nil {
		return nil, nil, fmt.Errorf("stack %s: %w", s.StackName, err)
	}
	if s.WardenElsewhere() {
		t.addWardenStack(scope, stack, props)
	}
	if t.Warden != nil {
		t.recordDeployment(props)
		suppressWarden(t, s)
	}
	outputs(stack, t, s)
	return stack, t, nil
}

// ownID leaves no trace in logical IDs.
const ownID = "Default"

func environment(env settings.Env) *awscdk.Environment {
	if env.Account == "" {
		return nil
	}
	return &awscdk.Environment{Account: jsii.String(env.Account), Region: jsii.String(env.Region)}
}
