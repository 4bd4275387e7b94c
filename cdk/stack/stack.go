// Package stack makes the CloudFormation resources of Trailkeeper: props in, parts out. New adds them to any stack of
// any CDK app in Go; NewStack makes a stack of their own.
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
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config/baseline"
)

// Props is what a deployment is made of.
type Props struct {
	// Settings are checked by New, but for what depends on the day: call Settings.CheckExpiry, as cdk/main.go does. The
	// guard itself counts no approval that lasts longer than 30 days.
	Settings settings.Settings
	// Code holds the guard's bootstrap for provided.al2023 on arm64, the files of Baselines in the folder
	// config.BaselineFolder, and, where Settings.Lists, Settings.Exceptions or Settings.RouteList has any, the files
	// config.ListsFile, exception.FileName and route.FileName.
	Code awslambda.Code
	// Baselines are the declared ones; the grants of modes restore and recreate name their trails one by one.
	Baselines []baseline.Baseline
}

func (p Props) validate() error {
	err := errors.Join(p.Settings.Validate(), p.Settings.CheckBaselines(p.Baselines))
	if p.Code == nil {
		err = errors.Join(err, errors.New("props have no Code; want the guard's bootstrap"))
	}
	return err
}

// Trailkeeper is a deployment, with the parts that other code may want to refer to.
type Trailkeeper struct {
	Construct constructs.Construct

	Guard  *Guard
	Slack  *Slack // nil where EventBridge does not post to Slack
	Topic  *Topic // nil where SNS is off
	Queues Queues
	Rules  []*Rule
	Sweep  *Sweep // nil where no sweep is scheduled
	// TestAlert sends a test alert every week; nil where none is scheduled.
	TestAlert *TestAlert
	Dashboard awscloudwatch.CfnDashboard // nil unless the settings ask for it

	Canary     *OwnTrail // nil unless the settings ask for it
	FirstTrail *OwnTrail // nil unless the settings ask for it

	publishers []awsiam.Role // with them EventBridge publishes to the topic by itself
}

// New adds a deployment to a stack. The error lists every setting that is wrong.
func New(scope constructs.Construct, id string, props Props) (*Trailkeeper, error) {
	if err := props.validate(); err != nil {
		return nil, err
	}
	s := props.Settings
	at := constructs.NewConstruct(scope, jsii.String(id))
	t := &Trailkeeper{Construct: at}
	key := newDataKey(at, s)
	t.Queues = newQueues(at, s, key)
	if s.SNS.Enabled {
		t.Topic = newTopic(at, s, t.Queues.Topic)
	}
	t.Guard = newGuard(at, guardProps{
		settings:  s,
		code:      props.Code,
		key:       key,
		topic:     t.Topic,
		queues:    t.Queues,
		baselines: props.Baselines,
	})
	if s.Path1() {
		t.Slack = newSlack(at, s)
	}
	parts := targets{
		settings: s,
		guard:    t.Guard,
		slack:    t.Slack,
		topic:    t.Topic,
		queues:   t.Queues,
		patterns: &patterns{},
	}
	if s.Sweep.Enabled {
		t.Sweep = newSweep(at, parts, key)
		parts.sweeps = t.Sweep.Schedule
	}
	if s.TestAlert.Weekly {
		t.TestAlert = newTestAlert(at, parts, key)
	}
	t.closeQueues(s)
	watched := t.addRules(parts)
	if err := errors.Join(parts.patterns.errs...); err != nil {
		return nil, err
	}
	if s.Dashboard {
		t.Dashboard = newDashboard(at, parts, watched)
	}
	t.Canary, t.FirstTrail = newOwnTrails(at, s, key)
	for _, own := range []*OwnTrail{t.Canary, t.FirstTrail} {
		if own != nil {
			own.comeAfter(t.Rules)
		}
	}
	warn(at, s)
	tag(at, s)
	suppress(t, s)
	return t, nil
}

// addRules makes the rules, the alarms on them and on the rest, and lets the rules use their dead-letter queues. It
// returns the alarms.
func (t *Trailkeeper) addRules(parts targets) []awscloudwatch.CfnAlarm {
	made := newRules(t.Construct, parts)
	t.Rules = made
	var publishing []*Rule
	if parts.slack != nil && parts.topic != nil {
		notices, role := newNotices(t.Construct, parts)
		publishing, t.publishers = append(publishing, notices), append(t.publishers, role)
	}
	if parts.topic != nil && parts.settings.SNS.EventBridge {
		direct, role := newDirect(t.Construct, parts)
		publishing, t.publishers = append(publishing, direct), append(t.publishers, role)
	}
	t.Rules = append(slices.Clone(made), publishing...)
	var (
		relays  []awsevents.CfnRule
		watched []awscloudwatch.CfnAlarm
	)
	if parts.settings.Alarms {
		all := alarms(parts, t.Rules)
		watched = newAlarms(t.Construct, parts, all)
		if parts.slack != nil {
			relays = newRelays(t.Construct, parts, all)
		}
	}
	parts.admitRules(made, relays, publishing)
	return watched
}

// tag puts the settings' tags on everything but keys; see newKey. They are no tags of the stack itself: CloudFormation
// would put those on keys as well.
func tag(at constructs.Construct, s settings.Settings) {
	props := &awscdk.TagProps{ExcludeResourceTypes: jsii.Strings("AWS::KMS::Key", "AWS::CloudWatch::Dashboard")}
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
		Description:           jsii.String("Trailkeeper keeps AWS CloudTrail logging, and tells who stopped it"),
		Env:                   environment(s.Env),
		TerminationProtection: jsii.Bool(s.TerminationProtection),
		// The CLI checks the bootstrap version by itself; the rule in the template would only serve deployments without the
		// CLI.
		Synthesizer: awscdk.NewDefaultStackSynthesizer(
			&awscdk.DefaultStackSynthesizerProps{GenerateBootstrapVersionRule: jsii.Bool(false)},
		),
	})
	// "Default" leaves no trace in logical IDs.
	t, err := New(stack, "Default", props)
	if err != nil {
		return nil, nil, fmt.Errorf("stack %s: %w", s.StackName, err)
	}
	outputs(stack, t, s)
	return stack, t, nil
}

func environment(env settings.Env) *awscdk.Environment {
	if env.Account == "" {
		return nil
	}
	return &awscdk.Environment{Account: jsii.String(env.Account), Region: jsii.String(env.Region)}
}
