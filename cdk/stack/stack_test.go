package stack_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/golden"
	"trailkeeper/cdk/settings"
	"trailkeeper/cdk/stack"
	"trailkeeper/lambda/config"
)

// TestNag runs cdk-nag's AwsSolutions checks over every variant: each finding is fixed, or suppressed with its reason.
func TestNag(t *testing.T) {
	for _, name := range golden.Names() {
		t.Run(name, func(t *testing.T) {
			fresh(t, name)
			for _, found := range annotated[name].errors {
				t.Error(found)
			}
		})
	}
}

// TestWarnings: what works less well than it seems is said at synth, and nothing else.
func TestWarnings(t *testing.T) {
	quiet := variant(t, "existing")
	quiet.SNS.Enabled, quiet.Slack.EventBridge = false, false
	deaf := variant(t, "sns-only")
	deaf.SNS.Subscriptions = nil
	silent := variant(t, "sns-only")
	silent.Alarms = false
	onDefault := variant(t, "default")
	onDefault.Bus = "default"
	renamed := onDefault
	renamed.PermissionsBoundary, renamed.StackName, renamed.Function.Name = "TrailkeeperBoundary", "security", "guard"
	bounded := renamed
	bounded.StackName, bounded.Function.Name = "trailkeeper-2", ""
	bounded.Watch.Name = "lookout" // of a watch that is not deployed
	lonely, ruleless := in(t, "ap-east-2"), in(t, "ap-east-2")
	lonely.SNS.Enabled, ruleless.SNS.EventBridge = false, false
	lonely.SNS.EmailFrom, lonely.SNS.Subscriptions = "low", nil
	unlimited, guarded := variant(t, "watch"), variant(t, "watch")
	unlimited.Watch.ReservedConcurrency, guarded.Watch.ReservedConcurrency = 0, 0
	guarded.Function.ReservedConcurrency = 10
	unforeign := variant(t, "metric-filters")
	unforeign.MetricFilters.LogGroup = "trailkeeper/management"
	for name, tt := range map[string]struct {
		said func(*testing.T) annotations
		want []string
	}{
		"watch":           {saidOfGolden("watch"), nil},
		"watch unlimited": {saidOf(unlimited), []string{"set watch.reservedConcurrency (10 is plenty)"}},
		"guard reserved":  {saidOf(guarded), nil},
		"default":         {saidOfGolden("default"), nil},
		"everything": {saidOfGolden("everything"), []string{
			"adapt it to secret, or", "for secret, " +
				"secretsmanager:GetSecretValue on the secret security/trailkeeper; for metricFilters.logGroup, logs:PutMetricFilter",
			"on the event bus security, but CloudTrail's events arrive on the default bus",
		}},
		"default bus": {saidOf(onDefault), nil},
		"topic alone": {saidOfGolden("existing"), []string{
			"The alarms notify the topic alone", "adapt it to secret",
			"for sns.topicArn, sns:Subscribe on arn:aws:sns:eu-west-1:111122223333:security",
		}},
		"SNS only":        {saidOfGolden("sns-only"), []string{"The alarms notify the topic alone"}},
		"Slack only":      {saidOfGolden("slack-only"), []string{"The alarms notify Slack alone"}},
		"no alarms":       {saidOf(silent), nil},
		"bot token alone": {saidOfGolden("bot-token"), []string{"chat.postMessage"}},
		"no way for alarm": {saidOf(quiet), []string{
			"alarms notify nobody", "adapt it to secret", "reports calls against the deployment itself to nobody",
		}},
		"other names": {saidOf(renamed), []string{
			"adapt it to stackName and function.name, or its roles may do nothing there",
			"for stackName, security* beside trailkeeper*; for function.name, guard* beside trailkeeper*",
		}},
		"names that fit": {saidOf(bounded), nil},
		"archive": {saidOfGolden("archive"), []string{
			"add it (cdk/README.md, \\\"Deploying policy\\\"): for archive.buckets, sns:Subscribe on " +
				"arn:aws:sns:eu-central-1:777788889999:cloudtrail, and events:PutPermission, " +
				"events:RemovePermission and events:DescribeEventBus on *; for archive.logGroups, " +
				"logs:PutSubscriptionFilter, logs:DescribeSubscriptionFilters and logs:DeleteSubscriptionFilter on " +
				"log-group:CloudTrail/management:*, log-group:aws-cloudtrail-logs-111122223333-data:*",
		}},
		"metric filters": {saidOfGolden("metric-filters"), []string{
			"The alarms notify the topic alone",
			"for metricFilters.logGroup, logs:PutMetricFilter, logs:DescribeMetricFilters and logs:DeleteMetricFilter on " +
				"log-group:aws-cloudtrail-logs-111122223333-management:*",
		}},
		"guardrail":   {saidOfGolden("guardrail"), []string{"for guardrail.attachTo, the statements of cdk/guardrail-policy.json"}},
		"all of ours": {saidOf(unforeign), []string{"The alarms notify the topic alone"}},
		"GovCloud": {saidOf(in(t, "us-gov-west-1")), []string{
			"cannot post to Slack in us-gov-west-1", "no log format JSON", "The alarms notify the topic alone, because " +
				"EventBridge cannot post to Slack in us-gov-west-1",
		}},
		"Taipei, no SNS": {
			saidOf(lonely),
			[]string{"which has no API destinations: the guard alone notifies Slack; nobody is notified " +
				"while the guard cannot run", "The alarms notify nobody", "reports calls against the deployment itself to nobody"},
		},
		"Taipei, no rule": {saidOf(ruleless), []string{"nobody is notified while the guard cannot run: set sns.enabled and " +
			"sns.eventBridge", "The alarms notify the topic alone"}},
		"no subscription": {saidOf(deaf), []string{"The alarms notify the topic alone", "Nobody listens"}},
	} {
		t.Run(name, func(t *testing.T) {
			found := tt.said(t).warnings
			if len(found) != len(tt.want) {
				t.Fatalf("%d warnings; want %d", len(found), len(tt.want))
			}
			for i, want := range tt.want {
				if got := found[i]; !strings.Contains(got, want) {
					t.Errorf("warning is %q; want it to say %q", got, want)
				}
			}
		})
	}
}

// TestIntrinsics: the local run evaluates these functions and no other.
func TestIntrinsics(t *testing.T) {
	known := []string{"Ref", "Fn::GetAtt", "Fn::Join", "Fn::Sub"}
	function := regexp.MustCompile(`"(Fn::[A-Za-z:]+|Ref|Condition)":(?:"|\[|\{"Fn)`)
	for _, name := range golden.Names() {
		tpl := goldenTemplate(t, name)
		for _, m := range function.FindAllStringSubmatch(text(tpl), -1) {
			if !slices.Contains(known, m[1]) {
				t.Errorf("template %s uses %s", name, m[1])
			}
		}
		if got, want := slices.Sorted(
			maps.Keys(tpl),
		), []string{
			"Description",
			"Outputs",
			"Resources",
		}; !cmp.Equal(
			got,
			want,
		) {
			t.Errorf("template %s has the sections %v; want %v", name, got, want)
		}
	}
}

func TestStackProperties(t *testing.T) {
	made := newStack(t, newApp(t), variant(t, "everything"))
	if !*made.TerminationProtection() {
		t.Error("termination protection is off")
	}
	if got, want := *made.StackName(), "trailkeeper-all"; got != want {
		t.Errorf("the stack is called %s; want %s", got, want)
	}
	if tags := *made.Tags().TagValues(); len(tags) > 0 {
		t.Errorf("the stack has the tags %v, which CloudFormation would put on its keys", tags)
	}
	tpl := goldenTemplate(t, "everything")
	for _, kind := range []string{
		"AWS::Lambda::Function", "AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::IAM::Role", "AWS::Events::Rule", "AWS::KMS::Key",
		"AWS::CloudWatch::Alarm",
		"AWS::DynamoDB::Table", "AWS::CloudTrail::Trail", "AWS::S3::Bucket",
	} {
		for id, r := range tpl.resources(kind) {
			want := `[{"Key":"cost-centre","Value":"42"},{"Key":"team","Value":"security"}]`
			if kind == "AWS::KMS::Key" { // nobody could be let make it with tags without letting them tag every other key
				want = "null"
			}
			if got := text(r["Tags"]); got != want {
				t.Errorf("%s has the tags %s; want %s", id, got, want)
			}
		}
	}
	want := []string{
		"CanaryTrailBucketName",
		"CanaryTrailName",
		"DashboardName",
		"FirstTrailBucketName",
		"FirstTrailName",
		"FunctionName",
		"GuardDeadLettersUrl",
		"GuardFailuresUrl",
		"LastQueueUrl",
		"LogGroupName",
		"RuleNames",
		"SecretName",
		"SlackDeadLettersUrl",
		"SweepDeadLettersUrl",
		"TableName",
		"TestDeadLettersUrl",
		"TopicArn",
		"TopicDeadLettersUrl",
		"WatchDeadLettersUrl",
		"WatchFailuresUrl",
		"WatchFunctionName",
		"WatchLastQueueUrl",
		"WatchLogGroupName",
		"WatchTableName",
	}
	if got := slices.Sorted(maps.Keys(object(tpl["Outputs"]))); !cmp.Equal(got, want) {
		t.Errorf("outputs %v; want %v", got, want)
	}
}

func TestFunction(t *testing.T) {
	tpl := goldenTemplate(t, "default")
	_, f := tpl.only(t, "AWS::Lambda::Function", "Guard")
	want := map[string]any{
		"Architectures": []any{"arm64"},
		"Runtime":       "provided.al2023",
		"Handler":       "bootstrap",
		"MemorySize":    256.0,
		"Timeout":       60.0,
	}
	for name, value := range want {
		if !cmp.Equal(f[name], value) {
			t.Errorf("%s is %v; want %v", name, f[name], value)
		}
	}
	if f["ReservedConcurrentExecutions"] != nil || f["FunctionName"] != nil {
		t.Error("concurrency or name is set though no setting asks for it")
	}
	logID, logs := tpl.only(t, "AWS::Logs::LogGroup", "Guard")
	logging := object(f["LoggingConfig"])
	if logging["LogFormat"] != "JSON" || logging["ApplicationLogLevel"] != "INFO" ||
		target(logging["LogGroup"]) != logID ||
		logs["RetentionInDays"] != 30.0 {
		t.Errorf("logging is %s, %s; want JSON at INFO, kept for 30 days", text(logging), text(logs))
	}
	_, invoke := tpl.only(t, "AWS::Lambda::EventInvokeConfig", "Guard")
	queue, _ := tpl.only(t, "AWS::SQS::Queue", "GuardFailures")
	wantInvoke := map[string]any{
		"FunctionName":             "GuardFunction",
		"Qualifier":                "$LATEST",
		"MaximumRetryAttempts":     2.0,
		"MaximumEventAgeInSeconds": 21600.0,
		"DestinationConfig":        map[string]any{"OnFailure": map[string]any{"Destination": withoutHash(queue) + ".Arn"}},
	}
	if diff := cmp.Diff(any(wantInvoke), plain(invoke)); diff != "" {
		t.Errorf("asynchronous invocation (-want +got):\n%s", diff)
	}
	if plain(f["Role"]) != "GuardRole.Arn" || f["KmsKeyArn"] != nil {
		t.Errorf("the function's role is %v and its key %v; want the guard's and none", plain(f["Role"]), f["KmsKeyArn"])
	}
}

// TestNewRefuses: what is wrong is an error with every problem, and not a panic from deep inside.
func TestNewRefuses(t *testing.T) {
	app := newApp(t)
	s := settings.Defaults()
	s.StackName, s.Mode = "Not a name", config.Mode("repair")
	_, _, err := stack.NewStack(app, stack.Props{Settings: s})
	for _, want := range []string{
		`stackName is "Not a name"`, `mode is "repair"`, "want at least one way to notify", "props have no Code",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v; want it to say %q", err, want)
		}
	}
	if _, err := stack.New(
		awscdk.NewStack(app, jsii.String("Host"), nil),
		"Trailkeeper",
		stack.Props{Settings: s},
	); err == nil {
		t.Error("New took settings that are wrong")
	}
}

// TestInAnotherApp adds two deployments to the stack of another app.
func TestInAnotherApp(t *testing.T) {
	host := awscdk.NewStack(newApp(t), jsii.String("SecurityBaseline"), nil)
	for _, name := range []string{"first", "second"} {
		s := settings.Defaults()
		s.StackName = name
		s.SNS.Enabled, s.Warden.Enabled = true, false
		made, err := stack.New(host, "Trailkeeper-"+name, stack.Props{Settings: s, Code: code(t)})
		if err != nil {
			t.Fatal(err)
		}
		awscdk.NewCfnOutput(host, jsii.String(name), &awscdk.CfnOutputProps{Value: made.Guard.Function.FunctionArn()})
	}
	tpl := templateOf(t, host)
	if got := len(tpl.resources("AWS::Lambda::Function")); got != 2 {
		t.Errorf("%d functions; want 2", got)
	}
	if ruleNamed(tpl, "first-tampering") == nil || ruleNamed(tpl, "second-tampering") == nil {
		t.Error("the rules of the two deployments have not their own names")
	}
}
