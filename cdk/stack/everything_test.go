package stack_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/settings"
)

// property is where a setting of the variant "everything" must be seen: one property of one resource.
type property struct {
	setting string
	kind    string // type of the resource, less "AWS::"
	prefix  string // of its logical ID
	path    string // into its properties; a number is a place in a list, and Sid=Name the element with that value
	want    any
}

var everything = []property{
	{"stackName", "Events::Rule", "TamperingRule", "Name", "trailkeeper-all-tampering-5d2d3ceb"},
	{"mode", "Lambda::Function", "Guard", "Environment.Variables.TRAILKEEPER_MODE", "restart"},
	{
		"accounts",
		"IAM::Role",
		"GuardRole",
		"Policies.0.PolicyDocument.Statement.Sid=Trails.Condition.StringEquals.aws:ResourceAccount",
		[]any{"111122223333", "444455556666"},
	},
	{"organizationTrail", "IAM::Role", "GuardRole", "Policies.0.PolicyDocument.Statement.Sid=Organization.Resource", "*"},
	{"sweep.enabled", "Scheduler::Schedule", "Sweep", "State", "ENABLED"},
	{"sweep.minutes", "Scheduler::Schedule", "Sweep", "ScheduleExpression", "rate(1 minute)"},
	{"table.enabled", "Lambda::Function", "Guard", "Environment.Variables.TRAILKEEPER_TABLE", "StateTable"},
	{"table.recorded", "Lambda::Function", "Guard", "Environment.Variables.TRAILKEEPER_RECORDED", "true"},
	{
		"table.breakGlass",
		"DynamoDB::Table",
		"State",
		"ResourcePolicy.PolicyDocument.Statement.0.Condition.ArnNotEquals.aws:PrincipalArn.2",
		"arn:aws:iam::111122223333:role/ops/BreakGlass",
	},
	{"warden.enabled", "Lambda::Function", "Warden", "FunctionName", "trailkeeper-all-warden"},
	{"warden.minutes", "Scheduler::Schedule", "Warden", "ScheduleExpression", "rate(10 minutes)"},
	{"warden.mode", "Lambda::Function", "Warden", "Environment.Variables.TRAILKEEPER_WARDEN_MODE", "restore"},
	{
		"overrides",
		"IAM::Role",
		"GuardRole",
		"Policies.0.PolicyDocument.Statement.Sid=LeftAlone.Resource",
		"arn:aws:cloudtrail:eu-west-1:111122223333:trail/sandbox",
	},
	{"canary.enabled", "CloudTrail::Trail", "Canary", "EventSelectors.0.ReadWriteType", "WriteOnly"},
	{"canary.key", "CloudTrail::Trail", "Canary", "KMSKeyId", "CanaryKey.Arn"},
	{
		"firstTrail.key",
		"CloudTrail::Trail",
		"FirstTrail",
		"KMSKeyId",
		"arn:aws:kms:eu-west-1:111122223333:key/55555555-5555-5555-5555-555555555555",
	},
	{"firstTrail.enabled", "CloudTrail::Trail", "FirstTrail", "EventSelectors.0.ReadWriteType", "All"},
	{"firstTrail.logGroup", "CloudTrail::Trail", "FirstTrail", "CloudWatchLogsLogGroupArn", "FirstTrailLog.Arn"},
	{"firstTrail.insights", "CloudTrail::Trail", "FirstTrail", "InsightSelectors.1.InsightType", "ApiErrorRateInsight"},
	{"activity", "Events::Rule", "ActivityRule", "State", "ENABLED"},
	{"bus", "Events::Rule", "TamperingRule", "EventBusName", "security"},
	{"secret", "Lambda::Function", "Guard", "Environment.Variables.TRAILKEEPER_SLACK_SECRET", "security/trailkeeper"},
	{
		"heartbeat.warden", "Lambda::Function", "Warden", "Environment.Variables.TRAILKEEPER_HEARTBEAT_KEY", "heartbeat_warden",
	},
	{"heartbeat.guard", "Lambda::Function", "Guard", "Environment.Variables.TRAILKEEPER_HEARTBEAT_KEY", "heartbeat_guard"},
	{"heartbeat.method", "Lambda::Function", "Guard", "Environment.Variables.TRAILKEEPER_HEARTBEAT_METHOD", "POST"},
	{
		"secretVersion", "Events::ApiDestination", "SlackDestination", "InvocationEndpoint",
		"{{resolve:secretsmanager:security/trailkeeper:SecretString:webhook::0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f}}",
	},
	{
		"secretKeyArn", "IAM::Role", "GuardRole", "Policies.0.PolicyDocument.Statement.Sid=SecretKey.Resource",
		"arn:aws:kms:eu-west-1:111122223333:key/11111111-1111-1111-1111-111111111111",
	},
	{"slack.enabled", "Events::Connection", "Slack", "AuthorizationType", "API_KEY"},
	{
		"slack.webhook", "Events::ApiDestination", "SlackDestination", "InvocationEndpoint",
		"{{resolve:secretsmanager:security/trailkeeper:SecretString:webhook::0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f}}",
	},
	{"slack.botToken", "Events::Connection", "Slack", "AuthParameters.ApiKeyAuthParameters.ApiKeyName", "Authorization"},
	{"slack.channel", "Lambda::Function", "Guard", "Environment.Variables.TRAILKEEPER_SLACK_CHANNEL", "C0123456789"},
	{
		"slack.api",
		"Lambda::Function",
		"Guard",
		"Environment.Variables.TRAILKEEPER_SLACK_API",
		"https://slack-gov.com/api/",
	},
	{"slack.eventBridge", "Events::Rule", "TamperingRule", "Targets.1.Arn", "SlackDestination.Arn"},
	{
		"slack.wording.tampering", "Events::Rule", "TamperingRule", "Targets.1.InputTransformer.InputTemplate",
		`{"text":":fire: <event> by <actor> on <name><trailName> (<id>)"}`,
	},
	{
		"slack.wording.change",
		"Events::Rule",
		"ChangeRule",
		"Targets.1.InputTransformer.InputTemplate",
		`{"text":"<event> changed a trail (<id>)"}`,
	},
	{
		"slack.wording.ownRepair",
		"Events::Rule",
		"OwnRepairRule",
		"Targets.1.InputTransformer.InputTemplate",
		`{"text":"<event> by Trailkeeper (<id>)"}`,
	},
	{
		"slack.wording.attempt",
		"Events::Rule",
		"AttemptRule",
		"Targets.1.InputTransformer.InputPathsMap.what",
		"$.detail.eventName",
	},
	{
		"slack.wording.oddActor", "Events::Rule", "OddActorRule", "Targets.1.InputTransformer.InputTemplate",
		`{"text":"<event> by an odd actor (<id>)"}`,
	},
	{"sns.enabled", "Lambda::Function", "Guard", "Environment.Variables.TRAILKEEPER_TOPIC_ARN", "NotificationsTopic"},
	{"sns.topicName", "SNS::Topic", "NotificationsTopic", "TopicName", "trailkeeper-all"},
	{"sns.displayName", "SNS::Topic", "NotificationsTopic", "DisplayName", "Trailkeeper <all>"},
	{"sns.encrypt", "SNS::Topic", "NotificationsTopic", "KmsMasterKeyId", "NotificationsKey.Arn"},
	{
		"sns.emailFrom",
		"SNS::Subscription",
		"NotificationsSms",
		"FilterPolicy",
		map[string]any{"severity": []any{"high", "critical"}},
	},
	{
		"sns.routeKeyArns", "IAM::Role", "GuardRole", "Policies.0.PolicyDocument.Statement.Sid=RouteTopicKeys.Resource",
		"arn:aws:kms:eu-west-1:111122223333:key/44444444-4444-4444-4444-444444444444",
	},
	{
		"routes",
		"IAM::Role",
		"GuardRole",
		"Policies.0.PolicyDocument.Statement.Sid=RouteTopics.Resource",
		[]any{
			"arn:aws:sns:eu-west-1:111122223333:trailkeeper-pager",
			"arn:aws:sns:eu-west-1:111122223333:trailkeeper-production",
		},
	},
	{"testAlert.weekly", "Scheduler::Schedule", "TestAlert", "ScheduleExpression", "cron(7 9 ? * MON *)"},
	{"dashboard", "CloudWatch::Dashboard", "Dashboard", "DashboardName", "trailkeeper-all-eu-west-1"},
	{"sns.subscriptions", "SNS::Subscription", "NotificationsEmailJson", "Endpoint", "siem@example.com"},
	{"function.name", "Lambda::Function", "Guard", "FunctionName", "trailkeeper-all-guard"},
	{"function.memory", "Lambda::Function", "Guard", "MemorySize", 512.0},
	{"function.timeout", "Lambda::Function", "Guard", "Timeout", 90.0},
	{"function.logLevel", "Lambda::Function", "Guard", "LoggingConfig.ApplicationLogLevel", "DEBUG"},
	{"function.logRetentionDays", "Logs::LogGroup", "GuardLog", "RetentionInDays", 365.0},
	{"function.asyncRetries", "Lambda::EventInvokeConfig", "Guard", "MaximumRetryAttempts", 1.0},
	{"function.maxEventAge", "Lambda::EventInvokeConfig", "Guard", "MaximumEventAgeInSeconds", 3600.0},
	{
		"function.deadLetterArn",
		"Lambda::Function",
		"Guard",
		"DeadLetterConfig.TargetArn",
		"arn:aws:sqs:eu-west-1:111122223333:all-failures",
	},
	{"function.reservedConcurrency", "Lambda::Function", "Guard", "ReservedConcurrentExecutions", 5.0},
	{"watch.name", "Lambda::Function", "Watch", "FunctionName", "trailkeeper-all-watch"},
	{
		"watch.deadLetterArn",
		"Lambda::Function",
		"Watch",
		"DeadLetterConfig.TargetArn",
		"arn:aws:sns:eu-west-1:111122223333:trailkeeper-all-failures",
	},
	{"watch.enabled", "Lambda::Function", "Watch", "Handler", "bootstrap"},
	{"watch.ruleErrors", "Lambda::Function", "Watch", "Environment.Variables.TRAILKEEPER_RULE_ERRORS", "true"},
	{
		"watch.metrics.namespace", "Lambda::Function", "Watch", "Environment.Variables.TRAILKEEPER_REFUSED_NAMESPACE",
		"CloudTrailToSlack/AccessDeniedEvents",
	},
	{"watch.memory", "Lambda::Function", "Watch", "MemorySize", 1024.0},
	{"watch.timeout", "Lambda::Function", "Watch", "Timeout", 120.0},
	{"watch.logLevel", "Lambda::Function", "Watch", "LoggingConfig.ApplicationLogLevel", "WARN"},
	{"watch.logRetentionDays", "Logs::LogGroup", "WatchLog", "RetentionInDays", 90.0},
	{"watch.reservedConcurrency", "Lambda::Function", "Watch", "ReservedConcurrentExecutions", 20.0},
	{
		"metricFilters.rules", "Logs::MetricFilter", "MetricFiltersKeyDisabled", "FilterPattern",
		"{($.eventSource=kms.amazonaws.com) && (($.eventName=DisableKey) || ($.eventName=ScheduleKeyDeletion))}",
	},
	{"metricFilters.logGroup", "Logs::MetricFilter", "MetricFiltersKeyDisabled", "LogGroupName", "/aws/cloudtrail/management"},
	{"metricFilters.namespace", "CloudWatch::Alarm", "MetricFiltersKeyDisabled", "Namespace", "CISBenchmark"},
	{
		"metricFilters.topicArn", "CloudWatch::Alarm", "MetricFiltersKeyDisabled", "OKActions.0",
		"arn:aws:sns:eu-west-1:111122223333:trailkeeper-compliance",
	},
	{"retry.slackMaxEventAge", "Events::Rule", "TamperingRule", "Targets.1.RetryPolicy.MaximumEventAgeInSeconds", 600.0},
	{"retry.slackAttempts", "Events::Rule", "TamperingRule", "Targets.1.RetryPolicy.MaximumRetryAttempts", 10.0},
	{"retry.guardMaxEventAge", "Events::Rule", "TamperingRule", "Targets.0.RetryPolicy.MaximumEventAgeInSeconds", 7200.0},
	{"retry.guardAttempts", "Events::Rule", "TamperingRule", "Targets.0.RetryPolicy.MaximumRetryAttempts", 100.0},
	{"encryptionKey", "Lambda::Function", "Guard", "KmsKeyArn", "DataKey.Arn"},
	{
		"permissionsBoundary",
		"IAM::Role",
		"GuardRole",
		"PermissionsBoundary",
		"arn:aws:iam::111122223333:policy/TrailkeeperBoundary",
	},
	{
		"runbook",
		"Lambda::Function",
		"Guard",
		"Environment.Variables.TRAILKEEPER_RUNBOOK",
		"https://wiki.example.com/trailkeeper",
	},
	{"alarms", "CloudWatch::Alarm", "AlarmsGuardErrors", "AlarmName", "trailkeeper-all/guard-errors"},
	{"tags", "SQS::Queue", "GuardFailures", "Tags.0.Key", "cost-centre"},
	{"env.account", "Lambda::Function", "Guard", "Environment.Variables.TRAILKEEPER_ACCOUNTS", "111122223333"},
	{"env.region", "Lambda::Function", "Guard", "Code.S3Bucket", "cdk-trailkpr-assets-111122223333-eu-west-1"},
}

// elsewhere are the settings that no property of this variant shows, and the tests that look at them.
var elsewhere = []string{
	"sns.topicArn",
	"sns.topicKeyArn",
	"function.failureQueueArn",   // TestEnvironment, TestGuardGrants, TestAlarms: variant "existing"
	"terminationProtection",      // TestStackProperties
	"baselines",                  // TestGuardGrants: variant "recreate"
	"deployRole",                 // TestDeployRole
	"accountGroups",              // in the asset: TestRoutesFile of cdk
	"accountGroupsFile",          // TestGroupsFile of cdk
	"accountNames",               // in the asset: TestListsFile of cdk
	"repository",                 // TestRunbookPage of settings
	"approvals",                  // in the asset: TestExceptionsFile of cdk
	"sweep.regions",              // in the asset: TestListsFile of cdk
	"organizationId",             // TestAccounts
	"sns.eventBridge",            // TestPlaces
	"watch.rules",                // in the asset: TestReadRules of cdk
	"watch.builtInRules",         // the same: TestOwnRulesAlone
	"watch.lists",                // the same
	"watch.metrics.refusedCalls", // TestWatchEnvironment
	"archive.buckets",            // variant "archive": TestWatchEnvironment, TestLogFilesGrants
	"archive.logGroups",          // variant "archive": TestLogGroups, TestWatchEnvironment
	"archive.removals",           // TestLogFilesRules
	"archive.concurrency",        // TestLogFilesMapping
	"guardrail.attachTo",         // TestGuardrail: variant "guardrail"
	"guardrail.rcp",              // the same
	"guardrail.breakGlass",       // the same
	"guardrail.keys",             // the same
	"protect.enabled",            // variant "protect": TestProtect
	"evidence.enabled",           // variant "evidence": TestEvidence
	"evidence.enableKeys",        // the same: TestEvidenceGrants
	"warden.region",              // variant "elsewhere": TestWardenElsewhere

	"archive.backtest",            // TestBacktestIsOptional
	"archive.backtestConcurrency", // TestBacktestMachine
}

// TestEverySettingIsSeen: each setting reaches the property that it is about, and no setting is missing here.
func TestEverySettingIsSeen(t *testing.T) {
	tpl := goldenTemplate(t, "everything")
	seen := slices.Clone(elsewhere)
	for _, p := range everything {
		_, properties := tpl.only(t, "AWS::"+p.kind, p.prefix)
		if diff := cmp.Diff(p.want, at(plain(properties), p.path)); diff != "" {
			t.Errorf("%s: %s of %s (-want +got):\n%s", p.setting, p.path, p.prefix, diff)
		}
		seen = append(seen, p.setting)
	}
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)`").FindAllStringSubmatch(settings.Markdown(), -1) {
		if !slices.Contains(seen, row[1]) {
			t.Errorf("nothing says where the setting %s is seen", row[1])
		}
	}
}

func at(v any, path string) any {
	for step := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case []any:
			i, err := strconv.Atoi(step)
			if name, value, ok := strings.Cut(step, "="); ok {
				i, err = slices.IndexFunc(in, func(one any) bool { return object(one)[name] == value }), nil
			}
			if err != nil || i < 0 || i >= len(in) {
				return nil
			}
			v = in[i]
		case map[string]any:
			v = in[step]
		default:
			return nil
		}
	}
	return v
}

// TestSubscriptions: each endpoint has its protocol, what cannot be delivered goes to the dead-letter queue, and
// people are notified of the settings' severities and of every alarm, which comes without a severity.
func TestSubscriptions(t *testing.T) {
	want := map[string]any{
		"security@example.com":        "email",
		"siem@example.com":            "email-json",
		"https://hooks.example.com":   "https",
		"http://intranet.example.com": "http",
		"+14155550100":                "sms",
		"{{resolve:secretsmanager:security/trailkeeper:SecretString:opsgenie_url::}}": "https",
		"arn:aws:sqs:eu-west-1:111122223333:siem":                                     "sqs",
		"arn:aws:lambda:eu-west-1:111122223333:function:ticket":                       "lambda",
	}
	got, alarms := map[string]any{}, map[string]any{}
	held := map[string]any{"severity": []any{"high", "critical"}}
	for id, s := range goldenTemplate(t, "everything").resources("AWS::SNS::Subscription") {
		endpoint, protocol := s["Endpoint"].(string), s["Protocol"]
		people := slices.Contains([]any{"email", "email-json", "sms"}, protocol)
		redrive := map[string]any{"deadLetterTargetArn": "TopicDeadLetters.Arn"}
		if !cmp.Equal(plain(s["RedrivePolicy"]), any(redrive)) {
			t.Errorf("%s is %s; want it with the topic's dead-letter queue", id, text(s))
		}
		switch plain(s["TopicArn"]) {
		case "NotificationsTopic":
			got[endpoint] = protocol
			if filtered := cmp.Equal(s["FilterPolicy"], any(held)) &&
				s["FilterPolicyScope"] == "MessageAttributes"; filtered != people {
				t.Errorf("%s is %s; want a filter for people alone", id, text(s))
			}
		case "NotificationsAlarmsTopic":
			alarms[endpoint] = protocol
			if s["FilterPolicy"] != nil {
				t.Errorf("%s is %s; a message of CloudWatch has no attribute, and a filter would hold it back", id, text(s))
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("subscriptions (-want +got):\n%s", diff)
	}
	wantAlarms := map[string]any{"security@example.com": "email", "siem@example.com": "email-json", "+14155550100": "sms"}
	if diff := cmp.Diff(wantAlarms, alarms); diff != "" {
		t.Errorf("subscriptions to the alarms (-want +got):\n%s", diff)
	}
}

// TestNobodyIsHeldBack: without sns.emailFrom there is one topic, and no filter.
func TestNobodyIsHeldBack(t *testing.T) {
	tpl := goldenTemplate(t, "default")
	if n := len(tpl.resources("AWS::SNS::Topic")); n != 1 {
		t.Errorf("%d topics; want 1", n)
	}
	for id, s := range tpl.resources("AWS::SNS::Subscription") {
		if s["FilterPolicy"] != nil || s["FilterPolicyScope"] != nil {
			t.Errorf("%s has a filter: %s", id, text(s))
		}
	}
}
