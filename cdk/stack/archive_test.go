package stack_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/golden"
	"trailkeeper/cdk/settings"
	"trailkeeper/rules"
)

// TestNoCustomResource: nothing of ours runs in a deployment, and no template writes a bucket's notification
// configuration or empties a bucket.
func TestNoCustomResource(t *testing.T) {
	for _, name := range golden.Names() {
		for id, r := range object(goldenTemplate(t, name)["Resources"]) {
			if why := custom(id, object(r)); why != "" {
				t.Errorf("%s: %s %s", name, id, why)
			}
		}
	}
	for _, r := range []map[string]any{
		{"Type": "Custom::S3BucketNotifications"},
		{"Type": "AWS::CloudFormation::CustomResource"},
		{"Type": "AWS::S3::Bucket", "Properties": map[string]any{"NotificationConfiguration": map[string]any{}}},
		{"Type": "AWS::S3::Bucket", "Properties": map[string]any{"Tags": []any{
			map[string]any{"Key": "aws-cdk:auto-delete-objects", "Value": "true"},
		}}},
		{"Type": "AWS::IAM::Role", "Metadata": "BucketNotificationsHandler"},
		{"Type": "AWS::IAM::Role", "Properties": map[string]any{"Action": "s3:PutBucketNotification"}},
	} {
		if custom("X", r) == "" {
			t.Errorf("%s is not found", text(r))
		}
	}
}

func custom(id string, r map[string]any) string {
	kind, _ := r["Type"].(string)
	all := strings.ToLower(id + text(r))
	switch {
	case strings.HasPrefix(kind, "Custom::") || kind == "AWS::CloudFormation::CustomResource":
		return "is a custom resource"
	case kind == "AWS::Events::Rule": // a pattern may name such a call
	case strings.Contains(all, "bucketnotification") || strings.Contains(all, `"notificationconfiguration"`):
		return "writes the notification configuration of a bucket"
	case strings.Contains(all, "autodeleteobjects") || strings.Contains(all, "auto-delete-objects"):
		return "empties a bucket"
	}
	return ""
}

// TestNoArchive: without buckets nothing of it is deployed.
func TestNoArchive(t *testing.T) {
	for _, name := range golden.Names() {
		if variant(t, name).ReadsLogFiles() {
			continue
		}
		for id := range object(goldenTemplate(t, name)["Resources"]) {
			if strings.HasPrefix(id, "Archive") || strings.Contains(id, "LogFile") {
				t.Errorf("%s has %s", name, id)
			}
		}
	}
}

// TestLogFilesMapping: failed files alone come again, and a notification is hidden for six times the function's
// timeout, as AWS advises.
func TestLogFilesMapping(t *testing.T) {
	long := variant(t, "archive")
	long.Watch.Timeout = 900
	for name, tpl := range map[string]template{"archive": goldenTemplate(t, "archive"), "long": synth(t, long)} {
		s := long // which differs in the timeout alone
		_, mapping := tpl.only(t, "AWS::Lambda::EventSourceMapping", "Archive")
		want := map[string]any{
			"EventSourceArn":                 "LogFiles.Arn",
			"FunctionName":                   "WatchFunction",
			"FunctionResponseTypes":          []any{"ReportBatchItemFailures"},
			"BatchSize":                      10.0,
			"MaximumBatchingWindowInSeconds": 10.0,
			"ScalingConfig":                  map[string]any{"MaximumConcurrency": float64(s.Archive.Concurrency)},
		}
		if diff := cmp.Diff(any(want), plain(mapping)); diff != "" {
			t.Errorf("%s: event source mapping (-want +got):\n%s", name, diff)
		}
		id, queue := logFilesQueue(t, tpl)
		_, function := tpl.only(t, "AWS::Lambda::Function", "Watch")
		if hidden, timeout := queue["VisibilityTimeout"], function["Timeout"].(float64); hidden != 6*timeout {
			t.Errorf("%s: %s hides messages for %v s, and the function runs for %v", name, id, hidden, timeout)
		}
		redrive := map[string]any{"deadLetterTargetArn": "LogFileDeadLetters.Arn", "maxReceiveCount": 5.0}
		if diff := cmp.Diff(any(redrive), plain(queue["RedrivePolicy"])); diff != "" ||
			queue["QueueName"] != s.StackName+"-log-files" {
			t.Errorf("%s: %s (-want +got):\n%s", name, id, diff)
		}
	}
}

func logFilesQueue(t *testing.T, tpl template) (id string, properties map[string]any) {
	t.Helper()
	for name, q := range tpl.resources("AWS::SQS::Queue") {
		if withoutHash(name) == "LogFiles" {
			return name, q
		}
	}
	t.Fatal("there is no queue of log files")
	return "", nil
}

// TestLogFilesRules: each bucket whose events come by EventBridge has a rule on the default bus, whose pattern matches
// what S3 says of CloudTrail's files there and nothing else.
func TestLogFilesRules(t *testing.T) {
	tpl := goldenTemplate(t, "archive")
	for i, b := range []struct{ account, bucket, prefix string }{
		{"111122223333", "org-trail-logs", "AWSLogs/"},
		{"444455556666", "log-archive-copy", "o-1a2b3c4d5e/AWSLogs/"},
	} {
		rule := ruleNamed(tpl, fmt.Sprintf("trailkeeper-log-files-%d", i+1))
		pattern, err := rules.ParsePattern([]byte(text(plain(rule["EventPattern"]))))
		if err != nil || rule["EventBusName"] != nil || rule["State"] != "ENABLED" {
			t.Fatalf("%s: %v, %s", b.bucket, err, text(rule))
		}
		key := b.prefix + "444455556666/CloudTrail/eu-west-1/2026/03/02/x.json.gz"
		event := func(account, bucket, key, kind, reason string) string {
			return fmt.Sprintf(`{"source":"aws.s3","account":%q,"detail-type":%q,"detail":{"bucket":{"name":%q},`+
				`"object":{"key":%q},"reason":%q}}`, account, kind, bucket, key, reason)
		}
		const created, deleted = "Object Created", "Object Deleted"
		for event, want := range map[string]bool{
			event(b.account, b.bucket, key, created, "PutObject"):                                              true,
			event(b.account, b.bucket, key, created, "CompleteMultipartUpload"):                                true,
			event(b.account, b.bucket, key, deleted, "DeleteObject"):                                           true,
			event(b.account, b.bucket, strings.Replace(key, "l/", "l-Digest/", 1), deleted, "DeleteObject"):    true,
			event(b.account, b.bucket, key, deleted, "Lifecycle Expiration"):                                   true,
			event(b.account, b.bucket, key, "Object Tags Added", "PutObject"):                                  false,
			event("999988887777", b.bucket, key, created, "PutObject"):                                         false,
			event(b.account, "other", key, created, "PutObject"):                                               false,
			event(b.account, b.bucket, "x/"+key, created, "PutObject"):                                         false,
			event(b.account, b.bucket, strings.Replace(key, "CloudTrail/", "vpcflowlogs/", 1), created, "Put"): false,
		} {
			if got, err := pattern.Match([]byte(event)); got != want || err != nil {
				t.Errorf("%s: %s: %t, %v", b.bucket, event, got, err)
			}
		}
		to := []any{map[string]any{
			"Id":               "Queue",
			"Arn":              "LogFiles.Arn",
			"DeadLetterConfig": map[string]any{"Arn": "LogFileDeadLetters.Arn"},
			"RetryPolicy":      map[string]any{"MaximumEventAgeInSeconds": 3600.0, "MaximumRetryAttempts": 185.0},
		}}
		if diff := cmp.Diff(any(to), plain(rule["Targets"])); diff != "" {
			t.Errorf("%s: targets (-want +got):\n%s", b.bucket, diff)
		}
	}
	if ruleNamed(tpl, "trailkeeper-log-files-3") != nil {
		t.Error("there are more rules than buckets whose events come by EventBridge")
	}
	quiet := variant(t, "archive")
	quiet.Archive.Removals = false
	rule := ruleNamed(unvalidated(t, quiet), "trailkeeper-log-files-1")
	if strings.Contains(text(rule["EventPattern"]), "Deleted") {
		t.Errorf("without removals the rule is %s", text(rule["EventPattern"]))
	}
}

// TestLogFilesGrants: the files of each owner below the prefixes, and the keys through S3 alone.
func TestLogFilesGrants(t *testing.T) {
	_, role := goldenTemplate(t, "archive").only(t, "AWS::IAM::Role", "WatchRole")
	got := map[string]any{}
	for _, v := range list(at(role, "Policies.0.PolicyDocument.Statement")) {
		if sid, _ := object(v)["Sid"].(string); strings.HasPrefix(sid, "LogFile") {
			s := object(plain(v))
			delete(s, "Sid")
			delete(s, "Effect")
			got[sid] = any(s)
		}
	}
	owned := func(owner string, files ...any) map[string]any {
		s := map[string]any{
			"Action":    []any{"s3:GetObject", "s3:GetObjectVersion"},
			"Resource":  any(files),
			"Condition": map[string]any{"StringEquals": map[string]any{"aws:ResourceAccount": owner}},
		}
		if len(files) == 1 {
			s["Resource"] = files[0]
		}
		return s
	}
	throughS3 := map[string]any{"kms:ViaService": "s3.eu-west-1.amazonaws.com"}
	want := map[string]any{
		"LogFilesQueue": any(map[string]any{
			"Action":   []any{"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"},
			"Resource": "LogFiles.Arn",
		}),
		"LogFiles": any(owned("111122223333", "arn:aws:s3:::more-old-logs/AWSLogs/*", "arn:aws:s3:::old-logs/AWSLogs/*",
			"arn:aws:s3:::org-trail-logs/AWSLogs/*")),
		"LogFiles2": any(owned("444455556666", "arn:aws:s3:::log-archive-copy/o-1a2b3c4d5e/AWSLogs/*",
			"arn:aws:s3:::partner-logs/security/*")),
		"LogFiles3": any(owned("777788889999", "arn:aws:s3:::audit-logs/AWSLogs/*")),
		"LogFileKeys": any(map[string]any{
			"Action":    "kms:Decrypt",
			"Resource":  "arn:aws:kms:eu-west-1:111122223333:key/33333333-3333-3333-3333-333333333333",
			"Condition": map[string]any{"StringEquals": throughS3},
		}),
		"LogFileKeys2": any(map[string]any{
			"Action":    "kms:Decrypt",
			"Resource":  "arn:aws:kms:eu-west-1:444455556666:key/22222222-2222-2222-2222-222222222222",
			"Condition": map[string]any{"StringEquals": throughS3},
		}),
		"LogFileAliases": any(map[string]any{
			"Action":   "kms:Decrypt",
			"Resource": "arn:aws:kms:eu-west-1:111122223333:key/*",
			"Condition": map[string]any{
				"StringEquals":             throughS3,
				"ForAnyValue:StringEquals": map[string]any{"kms:ResourceAliases": []any{"alias/old-logs"}},
			},
		}),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("grants (-want +got):\n%s", diff)
	}
}

// TestLogFilesWithAKey: the key of the queues encrypts the topic as well, and admits S3 where that writes to them.
func TestLogFilesWithAKey(t *testing.T) {
	s := variant(t, "archive")
	s.EncryptionKey = settings.KeyCreate
	tpl := synth(t, s)
	_, key := tpl.only(t, "AWS::KMS::Key", "DataKey")
	admitted := at(plain(key), "KeyPolicy.Statement.Sid=LogFilesOfBuckets")
	want := allowed("LogFilesOfBuckets", useKey, byService("s3.amazonaws.com"), "*", nil)
	if diff := cmp.Diff(any(want), admitted); diff != "" {
		t.Errorf("the key's statement (-want +got):\n%s", diff)
	}
	_, topic := tpl.only(t, "AWS::SNS::Topic", "Archive")
	if plain(topic["KmsMasterKeyId"]) != "DataKey.Arn" {
		t.Errorf("the topic is %s", text(topic))
	}
	for i := range s.Archive.Buckets {
		s.Archive.Buckets[i].Source = settings.SourceEventBridge
	}
	if _, key := unvalidated(t, s).only(t, "AWS::KMS::Key", "DataKey"); strings.Contains(text(key), "s3.amazonaws.com") {
		t.Error("the key admits S3, which writes to none of the queues")
	}
}

// TestLogFilesQueuePolicies: S3 for the buckets and their owners, SNS for the topics and EventBridge for the rules may
// send, and nobody else.
func TestLogFilesQueuePolicies(t *testing.T) {
	got := map[string]any{}
	for _, p := range goldenTemplate(t, "archive").resources("AWS::SQS::QueuePolicy") {
		if queue := plain(list(p["Queues"])[0]).(string); strings.HasPrefix(queue, "LogFile") {
			got[queue] = plain(p["PolicyDocument"])
		}
	}
	from := func(sources ...any) map[string]any {
		return map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": sources}}
	}
	send := func(sid, service string, condition map[string]any) map[string]any {
		return allowed(sid, "sqs:SendMessage", byService(service), nil, condition)
	}
	topics := from("arn:aws:sns:eu-central-1:777788889999:cloudtrail", "ArchiveTopic")
	buckets := from("arn:aws:s3:::more-old-logs", "arn:aws:s3:::old-logs")
	buckets["StringEquals"] = map[string]any{"aws:SourceAccount": []any{"111122223333"}}
	want := map[string]any{}
	for queue, statements := range map[string][]map[string]any{
		"LogFiles": {
			send("FromBuckets", "s3.amazonaws.com", buckets), send("FromTopics", "sns.amazonaws.com", topics),
			onlyThese(nil, "WatchRole.Arn"),
			send("FromRules", "events.amazonaws.com", from("LogFiles1Rule.Arn", "LogFiles2Rule.Arn")),
		},
		"LogFileDeadLetters": {
			send("FromTopics", "sns.amazonaws.com", topics), onlyThese(nil, "WatchRole.Arn"),
			send("FromRules", "events.amazonaws.com", from("LogFiles1Rule.Arn", "LogFiles2Rule.Arn")),
		},
	} {
		for _, s := range statements {
			s["Resource"] = queue + ".Arn"
		}
		plainHTTP := denyPlainHTTP(nil, "sqs:*", map[string]any{"AWS": "*"}, queue+".Arn")
		want[queue] = document(append([]map[string]any{plainHTTP}, statements...)...)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("policies of the queues (-want +got):\n%s", diff)
	}
}

// TestArchiveTopics: the queue is subscribed to the given topics, in their Regions, and to ours, on which S3 alone may
// publish, for the bucket's owner.
func TestArchiveTopics(t *testing.T) {
	tpl := goldenTemplate(t, "archive")
	got := map[string]any{}
	for id, s := range tpl.resources("AWS::SNS::Subscription") {
		if strings.HasPrefix(id, "Archive") {
			got[withoutHash(id)] = plain(s)
		}
	}
	subscribed := func(topic string, more map[string]any) any {
		s := map[string]any{
			"TopicArn":           topic,
			"Protocol":           "sqs",
			"Endpoint":           "LogFiles.Arn",
			"RawMessageDelivery": true,
			"RedrivePolicy":      map[string]any{"deadLetterTargetArn": "LogFileDeadLetters.Arn"},
		}
		maps.Copy(s, more)
		return s
	}
	want := map[string]any{
		"ArchiveSubscription": subscribed("ArchiveTopic", nil),
		"ArchiveGivenTopic": subscribed("arn:aws:sns:eu-central-1:777788889999:cloudtrail",
			map[string]any{"Region": "eu-central-1"}),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("subscriptions (-want +got):\n%s", diff)
	}
	_, policy := tpl.only(t, "AWS::SNS::TopicPolicy", "Archive")
	document := document(denyPlainHTTP("AllowPublishThroughSSLOnly", "sns:Publish", "*", "ArchiveTopic"),
		allowed("FromBuckets", "sns:Publish", byService("s3.amazonaws.com"), "ArchiveTopic", map[string]any{
			"ArnEquals":    map[string]any{"aws:SourceArn": []any{"arn:aws:s3:::partner-logs"}},
			"StringEquals": map[string]any{"aws:SourceAccount": []any{"444455556666"}},
		}))
	if diff := cmp.Diff(document, plain(policy["PolicyDocument"])); diff != "" {
		t.Errorf("policy of the topic (-want +got):\n%s", diff)
	}
}

// TestEventsOfOtherAccounts: the default event bus takes S3's events, and no other, from the accounts whose buckets'
// events come that way.
func TestEventsOfOtherAccounts(t *testing.T) {
	got := slices.Collect(maps.Values(goldenTemplate(t, "archive").resources("AWS::Events::EventBusPolicy")))
	want := map[string]any{
		"StatementId": "trailkeeper-log-files-444455556666",
		"Statement": map[string]any{
			"Effect":    "Allow",
			"Principal": map[string]any{"AWS": "arn:aws:iam::444455556666:root"},
			"Action":    "events:PutEvents",
			"Resource":  "arn:aws:events:eu-west-1:111122223333:event-bus/default",
			"Condition": map[string]any{"StringEquals": map[string]any{"events:source": "aws.s3"}},
		},
	}
	if len(got) != 1 {
		t.Fatalf("%d policies of the bus", len(got))
	}
	if diff := cmp.Diff(any(want), plain(got[0])); diff != "" {
		t.Errorf("policy of the bus (-want +got):\n%s", diff)
	}
}

// wantLogFileAlarms adds the alarms on what reads log files.
func wantLogFileAlarms(
	s settings.Settings, remember int,
	put func(name, namespace, metric, statistic string, minutes int, dimensions ...string),
	want map[string]any,
) {
	put("watch-log-file-dead-letters", "AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", remember,
		"QueueName", "LogFileDeadLetters.QueueName")
	put("watch-log-files-late", "AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", 3,
		"QueueName", "LogFiles.QueueName")
	late := object(want[s.StackName+"/watch-log-files-late"])
	late["Period"], late["DatapointsToAlarm"], late["Threshold"] = 300.0, 3.0, 3600.0
}

// TestLogGroups: CloudWatch Logs invokes the watch for the log groups of the settings, and for no other.
func TestLogGroups(t *testing.T) {
	tpl := goldenTemplate(t, "archive")
	groups := map[string]bool{}
	for _, r := range object(tpl["Resources"]) {
		properties := object(object(r)["Properties"])
		switch object(r)["Type"] {
		case "AWS::Logs::SubscriptionFilter":
			name, _ := properties["LogGroupName"].(string)
			groups[name] = true
			if properties["FilterPattern"] != "" || plain(properties["DestinationArn"]) != "WatchFunction.Arn" ||
				!strings.HasPrefix(fmt.Sprint(object(r)["DependsOn"]), "[WatchLogGroup") {
				t.Errorf("the filter of %s: %v", name, text(r.(map[string]any)))
			}
		case "AWS::Lambda::Permission":
			if properties["Principal"] != "logs.amazonaws.com" {
				continue
			}
			source := resolved(properties["SourceArn"])
			if resolved(properties["SourceAccount"]) != "111122223333" || plain(properties["FunctionName"]) != "WatchFunction" ||
				!strings.HasPrefix(source, "arn:aws:logs:eu-west-1:111122223333:log-group:") || !strings.HasSuffix(source, ":*") {
				t.Errorf("permission %v", text(r.(map[string]any)))
			}
		}
	}
	if len(groups) != 2 || !groups["CloudTrail/management"] {
		t.Errorf("subscribed to %v", groups)
	}
}

// TestOwnersCommands: each keeps what the bucket has, as .ci/aws-cli proves, and names the owner.
func TestOwnersCommands(t *testing.T) {
	got := map[string]string{}
	for id, o := range object(goldenTemplate(t, "archive")["Outputs"]) {
		if strings.HasPrefix(id, "LogFilesCommand") {
			got[id], _ = plain(object(o)["Value"]).(string)
		}
	}
	command := func(bucket, owner, program string) string {
		at := "--bucket " + bucket + " --expected-bucket-owner " + owner
		return "old=$(aws s3api get-bucket-notification-configuration --output json " + at + `) && new=$(printf %s "$old" | ` +
			"jq -s '(add // {}) " + program + "') && aws s3api put-bucket-notification-configuration " + at +
			` --notification-configuration "$new"`
	}
	to := func(kind, arn, prefix string) string {
		return `| .` + kind + `Configurations = [.` + kind + `Configurations[]? | select(.Id != "trailkeeper ` + prefix +
			`")] + [{Id: "trailkeeper ` + prefix + `", ` + kind + `Arn: "` + arn + `", ` +
			`Events: ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:LifecycleExpiration:*"], Filter: {Key: {FilterRules: [` +
			`{Name: "prefix", Value: "` + prefix + `"}, {Name: "suffix", Value: ".json.gz"}]}}}]`
	}
	const on = "+ {EventBridgeConfiguration: {}}"
	want := map[string]string{
		"LogFilesCommand1": command("org-trail-logs", "111122223333", on),
		"LogFilesCommand2": command("log-archive-copy", "444455556666", on),
		"LogFilesCommand3": command("old-logs", "111122223333", to("Queue", "LogFiles.Arn", "AWSLogs/")),
		"LogFilesCommand4": command("partner-logs", "444455556666", to("Topic", "ArchiveTopic", "security/")),
		"LogFilesCommand5": command("more-old-logs", "111122223333", to("Queue", "LogFiles.Arn", "AWSLogs/")),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}
