package stack_test

import (
	"slices"
	"strings"
	"testing"

	"trailkeeper/cdk/golden"
)

// onEvidence is a record of a call as EventBridge delivers it.
func onEvidence(t *testing.T, source, event string, parameters map[string]any, more map[string]any) []byte {
	t.Helper()
	detail := map[string]any{
		"eventSource": source + ".amazonaws.com", "eventName": event, "requestParameters": parameters, "readOnly": false,
		"recipientAccountId": "111122223333", "awsRegion": "eu-west-1",
	}
	for name, v := range more {
		detail[name] = v
	}
	return delivered(t, source, detail)
}

// TestEvidence plays calls on what the baseline names, and on CloudTrail Lake and the organization, through the rules:
// each goes to the guard, to Slack without it and to the topic; one on something else goes nowhere.
func TestEvidence(t *testing.T) {
	tpl := goldenTemplate(t, "evidence")
	type m = map[string]any
	key := func(arn string) m { return m{"resources": []m{{"ARN": arn, "accountId": "111122223333"}}} }
	const keyARN = "arn:aws:kms:eu-west-1:111122223333:key/44444444-4444-4444-4444-444444444444"
	for name, c := range map[string]struct {
		event []byte
		slack string // the destination; empty: nothing matches
	}{
		"lifecycle":        {onEvidence(t, "s3", "PutBucketLifecycle", m{"bucketName": "management-logs"}, nil), "SlackDestination"},
		"another bucket":   {onEvidence(t, "s3", "PutBucketLifecycle", m{"bucketName": "management-logs2"}, nil), ""},
		"a digest":         {onEvidence(t, "s3", "DeleteObject", m{"bucketName": "management-logs", "key": "trail/AWSLogs/x"}, nil), "SlackRest"},
		"another object":   {onEvidence(t, "s3", "DeleteObject", m{"bucketName": "management-logs", "key": "AWSLogs/x"}, nil), ""},
		"the key":          {onEvidence(t, "kms", "DisableKey", nil, key(keyARN)), "SlackDestination"},
		"another key":      {onEvidence(t, "kms", "DisableKey", nil, key(keyARN+"0")), ""},
		"the log group":    {onEvidence(t, "logs", "DeleteLogGroup", m{"logGroupName": "management"}, nil), "SlackDestination"},
		"Lake":             {onEvidence(t, "cloudtrail", "DeleteEventDataStore", m{"eventDataStore": "x"}, nil), "SlackDestination"},
		"account moved":    {onEvidence(t, "organizations", "MoveAccount", m{"accountId": "444455556666"}, nil), "SlackDestination"},
		"refused":          {onEvidence(t, "s3", "DeleteBucket", m{"bucketName": "management-logs"}, m{"errorCode": "AccessDenied"}), "SlackRest"},
		"StopLogging":      {onEvidence(t, "cloudtrail", "StopLogging", m{"name": "management"}, nil), ""},
		"reading a trail":  {onEvidence(t, "cloudtrail", "GetTrail", m{"name": "management"}, nil), ""},
		"reading a bucket": {onEvidence(t, "s3", "GetBucketPolicy", m{"bucketName": "management-logs"}, nil), ""},
	} {
		var got []string
		for _, rule := range tpl.resources("AWS::Events::Rule") {
			if id, _ := rule["Name"].(string); strings.HasPrefix(id, "trailkeeper-evidence-") && matches(t, patternOf(t, rule), c.event) {
				for _, to := range list(rule["Targets"]) {
					got = append(got, withoutHash(target(object(to)["Arn"])))
				}
			}
		}
		slices.Sort(got)
		want := []string{"GuardFunction", "NotificationsTopic", c.slack}
		if c.slack == "" {
			want = nil
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: goes to %v; want %v", name, got, want)
		}
	}
}

// TestEvidenceIsOptional: without the setting no rule is made.
func TestEvidenceIsOptional(t *testing.T) {
	for _, name := range golden.Names() {
		made := 0
		for _, rule := range goldenTemplate(t, name).resources("AWS::Events::Rule") {
			if id, _ := rule["Name"].(string); strings.Contains(id, "-evidence-") {
				made++
			}
		}
		if (made > 0) != variant(t, name).Evidence.Enabled {
			t.Errorf("%s: %d rules on evidence", name, made)
		}
	}
}

// TestEvidenceGrants: the guard may read what the baseline describes, and enable the key, each bucket and key by its ARN;
// without the setting it enables nothing, and without a description it reads nothing.
func TestEvidenceGrants(t *testing.T) {
	const bucket, key = " on arn:aws:s3:::management-logs", " on arn:aws:kms:eu-west-1:111122223333:key/44444444-4444-4444-4444-444444444444"
	reads := []string{
		"s3:GetBucketPolicy" + bucket, "s3:GetBucketVersioning" + bucket, "s3:GetLifecycleConfiguration" + bucket,
		"kms:DescribeKey" + key, "kms:GetKeyPolicy" + key,
	}
	s := variant(t, "evidence")
	s.Evidence.EnableKeys = false
	for name, test := range map[string]struct {
		tpl  template
		want []string
	}{
		"evidence": {goldenTemplate(t, "evidence"), append(slices.Clone(reads), "kms:CancelKeyDeletion"+key, "kms:EnableKey"+key)},
		"reads":    {unvalidated(t, s), reads},
		"recreate": {goldenTemplate(t, "recreate"), nil},
	} {
		var got []string
		for _, g := range grants(t, test.tpl, "GuardRole") {
			if strings.HasSuffix(g, bucket) || strings.HasSuffix(g, key) {
				got = append(got, g)
			}
		}
		slices.Sort(got)
		want := slices.Sorted(slices.Values(test.want))
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q; want %q", name, got, want)
		}
	}
}
