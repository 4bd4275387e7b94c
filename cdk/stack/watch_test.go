package stack_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/golden"
	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config"
)

// TestWatchGrants: the watch may write to nothing but its notifications and its state: nothing of CloudTrail's, and
// nothing that the guard writes to or reads from.
func TestWatchGrants(t *testing.T) {
	own := []string{
		"dynamodb:GetItem on WatchStateTable", "dynamodb:PutItem on WatchStateTable", "dynamodb:Query on WatchStateTable",
		"kms:Decrypt on NotificationsKey", "kms:GenerateDataKey* on NotificationsKey",
		"logs:CreateLogStream on WatchLog", "logs:PutLogEvents on WatchLog",
		"sns:Publish on NotificationsTopic",
		"sqs:ChangeMessageVisibility on WatchDeadLetters", "sqs:ChangeMessageVisibility on WatchFailures",
		"sqs:ChangeMessageVisibility on WatchLastQueue",
		"sqs:DeleteMessage on WatchDeadLetters", "sqs:DeleteMessage on WatchFailures", "sqs:DeleteMessage on WatchLastQueue",
		"sqs:ReceiveMessage on WatchDeadLetters", "sqs:ReceiveMessage on WatchFailures",
		"sqs:ReceiveMessage on WatchLastQueue",
		"sqs:SendMessage on WatchFailures", "sqs:SendMessage on WatchLastQueue",
	}
	const secret = "secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:111122223333:secret:"
	for name, more := range map[string][]string{
		"watch": {secret + "trailkeeper-??????"},
		"everything": {
			secret + "security/trailkeeper-??????",
			"kms:Decrypt on DataKey", "kms:DescribeKey on DataKey", "kms:Encrypt on DataKey",
			"kms:GenerateDataKey* on DataKey", "kms:ReEncrypt* on DataKey",
			"kms:Decrypt on arn:aws:kms:eu-west-1:111122223333:key/11111111-1111-1111-1111-111111111111",
			"kms:Decrypt on arn:aws:kms:eu-west-1:111122223333:key/44444444-4444-4444-4444-444444444444",
			"kms:GenerateDataKey* on arn:aws:kms:eu-west-1:111122223333:key/44444444-4444-4444-4444-444444444444",
			"sns:Publish on arn:aws:sns:eu-west-1:111122223333:trailkeeper-all-failures",
			"sns:Publish on arn:aws:sns:eu-west-1:111122223333:trailkeeper-pager",
			"sns:Publish on arn:aws:sns:eu-west-1:111122223333:trailkeeper-production",
		},
		"archive": {
			secret + "trailkeeper-??????",
			"kms:Decrypt on arn:aws:kms:eu-west-1:111122223333:key/*",
			"kms:Decrypt on arn:aws:kms:eu-west-1:111122223333:key/33333333-3333-3333-3333-333333333333",
			"kms:Decrypt on arn:aws:kms:eu-west-1:444455556666:key/22222222-2222-2222-2222-222222222222",
			"s3:GetObject on arn:aws:s3:::audit-logs/AWSLogs/*",
			"s3:GetObject on arn:aws:s3:::log-archive-copy/o-1a2b3c4d5e/AWSLogs/*",
			"s3:GetObject on arn:aws:s3:::more-old-logs/AWSLogs/*",
			"s3:GetObject on arn:aws:s3:::old-logs/AWSLogs/*",
			"s3:GetObject on arn:aws:s3:::org-trail-logs/AWSLogs/*",
			"s3:GetObject on arn:aws:s3:::partner-logs/security/*",
			"s3:GetObjectVersion on arn:aws:s3:::audit-logs/AWSLogs/*",
			"s3:GetObjectVersion on arn:aws:s3:::log-archive-copy/o-1a2b3c4d5e/AWSLogs/*",
			"s3:GetObjectVersion on arn:aws:s3:::more-old-logs/AWSLogs/*",
			"s3:GetObjectVersion on arn:aws:s3:::old-logs/AWSLogs/*",
			"s3:GetObjectVersion on arn:aws:s3:::org-trail-logs/AWSLogs/*",
			"s3:GetObjectVersion on arn:aws:s3:::partner-logs/security/*",
			"sqs:ReceiveMessage on LogFiles", "sqs:DeleteMessage on LogFiles", "sqs:GetQueueAttributes on LogFiles",
			"sqs:ReceiveMessage on LogFileDeadLetters", "sqs:DeleteMessage on LogFileDeadLetters",
			"sqs:ChangeMessageVisibility on LogFileDeadLetters",
		},
	} {
		want := slices.Sorted(slices.Values(slices.Concat(own, more)))
		got := slices.Compact(slices.Sorted(slices.Values(grants(t, goldenTemplate(t, name), "WatchRole"))))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: the watch's grants (-want +got):\n%s", name, diff)
		}
	}
}

// TestGuardKeepsToItself: the guard may touch nothing of the watch's, and its own grants are the same with a watch.
func TestGuardKeepsToItself(t *testing.T) {
	for _, name := range []string{"watch", "everything"} {
		for _, grant := range grants(t, goldenTemplate(t, name), "GuardRole") {
			if strings.Contains(grant, " on Watch") {
				t.Errorf("%s: the guard may %s", name, grant)
			}
		}
	}
	s := variant(t, "watch")
	s.Watch = settings.Defaults().Watch
	if diff := cmp.Diff(
		grants(t, unvalidated(t, s), "GuardRole"), grants(t, goldenTemplate(t, "watch"), "GuardRole"),
	); diff != "" {
		t.Errorf("the guard's grants (-without a watch +with one):\n%s", diff)
	}
}

// TestNoWatch: without it nothing of it is deployed.
func TestNoWatch(t *testing.T) {
	for _, name := range golden.Names() {
		if variant(t, name).Watch.Enabled {
			continue
		}
		for id := range object(goldenTemplate(t, name)["Resources"]) {
			if strings.HasPrefix(id, "Watch") || strings.HasPrefix(id, "Redelivery") || strings.HasPrefix(id, "AlarmsWatch") {
				t.Errorf("%s has %s", name, id)
			}
		}
	}
}

// TestWatchEnvironment: the watch can read what the template tells it, with the values that CloudFormation would put
// in.
func TestWatchEnvironment(t *testing.T) {
	queue := func(name string) string { return "https://sqs.eu-west-1.amazonaws.com/111122223333/Watch" + name }
	base := config.Watch{
		Reporting: config.Reporting{
			Stack:        "trailkeeper",
			Accounts:     []string{"111122223333"},
			Partition:    "aws",
			TopicARN:     "arn:aws:sns:eu-west-1:111122223333:NotificationsTopic",
			SlackSecret:  "trailkeeper",
			SlackChannel: "C0123456789",
			SlackAPI:     config.DefaultSlackAPI,
			FailureQueue: queue("Failures"),
			LastQueue:    queue("LastQueue"),
			Table:        "WatchStateTable",
			DeadLetters:  []string{queue("DeadLetters")},
		},
		RedriveMinutes:   5,
		GuardedAccounts:  []string{"111122223333"},
		GuardedRegions:   []string{"eu-west-1"},
		RuleErrors:       true,
		RefusedNamespace: "Trailkeeper",
	}
	silent := base
	silent.RuleErrors, silent.RefusedNamespace = false, ""
	all := base
	all.Stack, all.Runbook = "trailkeeper-all", "https://wiki.example.com/trailkeeper"
	all.SlackSecret, all.SlackAPI = "security/trailkeeper", "https://slack-gov.com/api/"
	all.RedriveMinutes, all.RefusedNamespace = 1, "CloudTrailToSlack/AccessDeniedEvents"
	files := base
	files.DeadLetters = append(
		slices.Clone(files.DeadLetters), "https://sqs.eu-west-1.amazonaws.com/111122223333/LogFileDeadLetters",
	)
	files.LogBuckets = []string{
		"111122223333/org-trail-logs/AWSLogs/", "444455556666/log-archive-copy/o-1a2b3c4d5e/AWSLogs/",
		"777788889999/audit-logs/AWSLogs/", "111122223333/old-logs/AWSLogs/", "444455556666/partner-logs/security/",
		"111122223333/more-old-logs/AWSLogs/",
	}
	files.LogGroups = []string{
		"111122223333:CloudTrail/management", "111122223333:aws-cloudtrail-logs-111122223333-data",
	}
	files.AnyLogAccount, files.RemovedLogs = true, true
	quiet := variant(t, "watch")
	quiet.Watch.RuleErrors, quiet.Watch.Metrics.RefusedCalls = false, false
	for name, tt := range map[string]struct {
		tpl  template
		want config.Watch
	}{
		"watch":      {goldenTemplate(t, "watch"), base},
		"everything": {goldenTemplate(t, "everything"), all},
		"archive":    {goldenTemplate(t, "archive"), files},
		"quiet":      {unvalidated(t, quiet), silent},
	} {
		env, environ := environmentOf(t, tt.tpl, "Watch")
		got, err := config.WatchFromEnv(func(name string) string { return env[name] })
		if err != nil || config.WatchUnknown(environ) != nil {
			t.Errorf("%s: the watch refuses its environment: %v, %v", name, err, config.WatchUnknown(environ))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: environment (-want +got):\n%s", name, diff)
		}
	}
}

// TestWatchFunction: it runs as the guard does, but for what the settings say of it, and with its own queue for what it
// gives up on.
func TestWatchFunction(t *testing.T) {
	tpl := goldenTemplate(t, "watch")
	_, f := tpl.only(t, "AWS::Lambda::Function", "Watch")
	want := map[string]any{
		"Architectures":                []any{"arm64"},
		"Runtime":                      "provided.al2023",
		"Handler":                      "bootstrap",
		"MemorySize":                   512.0,
		"Timeout":                      60.0,
		"ReservedConcurrentExecutions": 10.0,
		"Role":                         "WatchRole.Arn",
	}
	for name, value := range want {
		if got := plain(f[name]); !cmp.Equal(got, value) {
			t.Errorf("%s is %v; want %v", name, got, value)
		}
	}
	_, invoke := tpl.only(t, "AWS::Lambda::EventInvokeConfig", "Watch")
	wantInvoke := map[string]any{
		"FunctionName":             "WatchFunction",
		"Qualifier":                "$LATEST",
		"MaximumRetryAttempts":     2.0,
		"MaximumEventAgeInSeconds": 21600.0,
		"DestinationConfig":        map[string]any{"OnFailure": map[string]any{"Destination": "WatchFailures.Arn"}},
	}
	if diff := cmp.Diff(any(wantInvoke), plain(invoke)); diff != "" {
		t.Errorf("asynchronous invocation (-want +got):\n%s", diff)
	}
	_, schedule := tpl.only(t, "AWS::Scheduler::Schedule", "Redelivery")
	to := object(plain(schedule["Target"]))
	var input struct {
		DetailType string `json:"detail-type"`
		Source     string
	}
	if err := json.Unmarshal([]byte(to["Input"].(string)), &input); err != nil {
		t.Fatal(err)
	}
	if schedule["ScheduleExpression"] != "rate(5 minutes)" || to["Arn"] != "WatchFunction.Arn" ||
		input.DetailType != "Scheduled Event" || input.Source != "aws.scheduler" {
		t.Errorf("redelivery is %s", text(schedule))
	}
}

// TestWatchTable: nobody but the watch and who breaks the glass writes its items, and it is there before the function.
func TestWatchTable(t *testing.T) {
	tpl := goldenTemplate(t, "everything")
	id, table := tpl.only(t, "AWS::DynamoDB::Table", "WatchState")
	writers := at(plain(table), "ResourcePolicy.PolicyDocument.Statement.0.Condition.ArnNotEquals.aws:PrincipalArn")
	want := []any{"WatchRole.Arn", "arn:aws:iam::111122223333:role/ops/BreakGlass"}
	if !cmp.Equal(writers, any(want)) || !retained(tpl, id) {
		t.Errorf("%v write the watch's table; want %v, and the table to stay", writers, want)
	}
	function, _ := tpl.only(t, "AWS::Lambda::Function", "Watch")
	grants, _ := tpl.only(t, "AWS::IAM::Policy", "WatchState")
	if !tpl.dependsOn(function, grants) || !tpl.dependsOn(grants, id) {
		t.Error("the function does not wait for its grants on the table")
	}
}

// TestWatchRules: a rule for each pattern, numbered, with the watch alone as its target; calls that only read are
// delivered where the pattern asks for them.
func TestWatchRules(t *testing.T) {
	for _, name := range []string{"watch", "everything"} {
		s, tpl := variant(t, name), goldenTemplate(t, name)
		for i, of := range patterns(t, s) {
			rule := ruleNamed(tpl, ruleName(s, fmt.Sprintf("watch-%d", i+1)))
			var want any
			if err := json.Unmarshal(of.Pattern.JSON(), &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, rule["EventPattern"]); diff != "" {
				t.Errorf("%s: pattern %d (-want +got):\n%s", name, i+1, diff)
			}
			state := map[bool]string{true: "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", false: "ENABLED"}[of.ReadEvents]
			if got := targetIDs(rule); rule["State"] != state || !slices.Equal(got, []string{"Watch"}) {
				t.Errorf("%s: rule %d is %v for %v; want %s for the watch", name, i+1, rule["State"], got, state)
			}
		}
		if rule := ruleNamed(tpl, ruleName(s, fmt.Sprintf("watch-%d", len(patterns(t, s))+1))); rule != nil {
			t.Errorf("%s has more rules than patterns", name)
		}
	}
}

// watchQueues are the policies of the watch's queues: the guard is not among those who may touch them.
func watchQueues(breakGlass any) map[string]any {
	want := map[string]any{}
	for queue, statements := range map[string][]map[string]any{
		"WatchFailures":  {onlyThese(breakGlass, "WatchRole.Arn")},
		"WatchLastQueue": {onlyThese(breakGlass, "WatchRole.Arn")},
		"WatchDeadLetters": {
			onlyThese(breakGlass, "WatchRole.Arn", "RedeliveryRole.Arn"),
			allowed("FromRules", "sqs:SendMessage", byService("events.amazonaws.com"), nil,
				map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": []any{
					"arn:aws:events:eu-west-1:111122223333:rule/security/trailkeeper-all-watch-*", "TestRule.Arn",
				}}}),
		},
	} {
		for _, s := range statements {
			s["Resource"] = queue + ".Arn"
		}
		plainHTTP := denyPlainHTTP(nil, "sqs:*", map[string]any{"AWS": "*"}, queue+".Arn")
		want[queue] = document(append([]map[string]any{plainHTTP}, statements...)...)
	}
	return want
}

// wantWatchAlarms adds the alarms on the watch.
func wantWatchAlarms(
	s settings.Settings,
	tpl template,
	put func(name, namespace, metric, statistic string, minutes int, dimensions ...string),
	want map[string]any,
) {
	again := map[int]int{60: 5, 120: 6}[s.Watch.Timeout]
	remember := max(again, s.Sweep.Minutes+2)
	const visible = "ApproximateNumberOfMessagesVisible"
	for name, metric := range map[string]string{"watch-errors": "Errors", "watch-throttles": "Throttles"} {
		put(name, "AWS/Lambda", metric, "Sum", again, "FunctionName", "WatchFunction")
	}
	for name, metric := range map[string]string{
		"watch-destination-failures": "DestinationDeliveryFailures", "watch-events-dropped": "AsyncEventsDropped",
	} {
		put(name, "AWS/Lambda", metric, "Sum", 1, "FunctionName", "WatchFunction")
	}
	put("watch-failures", "AWS/SQS", visible, "Maximum", remember, "QueueName", "WatchFailures.QueueName")
	put("watch-dead-letters", "AWS/SQS", visible, "Maximum", remember, "QueueName", "WatchDeadLetters.QueueName")
	put("watch-last-queue", "AWS/SQS", visible, "Maximum", 1, "QueueName", "WatchLastQueue.QueueName")
	put("watch-redelivery-late", "AWS/SQS", visible, "Maximum", 12, "QueueName", "WatchFailures.QueueName")
	late := object(want[s.StackName+"/watch-redelivery-late"])
	late["Period"], late["DatapointsToAlarm"] = 300.0, 12.0
	put("watch-lost", "AWS/Events", "InvocationsFailedToBeSentToDlq", "Sum", 1)
	lost := object(want[s.StackName+"/watch-lost"])
	for _, name := range []string{"Namespace", "MetricName", "Statistic", "Dimensions", "Period"} {
		delete(lost, name)
	}
	if s.ReadsLogFiles() {
		wantLogFileAlarms(s, remember, put, want)
	}
	metrics, filled := []any{}, []string{}
	for i, files := 1, 1; ; i++ {
		name := ruleName(s, fmt.Sprintf("watch-%d", i))
		dimensions := []any{map[string]any{"Name": "RuleName", "Value": name}}
		if bus := s.OwnBus(); bus != "" {
			dimensions = append([]any{map[string]any{"Name": "EventBusName", "Value": bus}}, dimensions...)
		}
		if ruleNamed(tpl, name) == nil { // those for log files come behind, and are on the default bus
			name = fmt.Sprintf("%s-log-files-%d", s.StackName, files)
			files++
			dimensions = []any{map[string]any{"Name": "RuleName", "Value": name}}
		}
		if ruleNamed(tpl, name) == nil {
			break
		}
		metrics = append(metrics, map[string]any{
			"Id": fmt.Sprintf("m%d", i), "ReturnData": false, "MetricStat": map[string]any{
				"Metric": map[string]any{
					"Namespace": "AWS/Events", "MetricName": "InvocationsFailedToBeSentToDlq", "Dimensions": dimensions,
				},
				"Period": 60.0, "Stat": "Sum",
			},
		})
		filled = append(filled, fmt.Sprintf("FILL(m%d, 0)", i))
	}
	lost["Metrics"] = append(metrics, map[string]any{
		"Id":         "greatest",
		"Label":      "InvocationsFailedToBeSentToDlq",
		"ReturnData": true,
		"Expression": "MAX([" + strings.Join(filled, ", ") + "])",
	})
}
