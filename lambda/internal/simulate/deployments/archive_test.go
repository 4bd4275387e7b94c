package deployments

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/stage"
)

type object = map[string]any

// owned are the buckets of the stack's account as their owner has them: one whose events come by EventBridge, and one
// with a key under an alias whose notifications go to the queue.
const owned = `{"Resources": {
	"Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": [{"Effect": "Allow", "Action": "kms:*",
		"Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Resource": "*"}]}}},
	"Alias": {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/old-logs", "TargetKeyId": {"Ref": "Key"}}},
	"Org": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "org-trail-logs",
		"NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": true}}}},
	"Old": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "old-logs",
		"BucketEncryption": {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault":
			{"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Fn::GetAtt": ["Key", "Arn"]}}}]},
		"NotificationConfiguration": {"QueueConfigurations": [
			{"Event": "s3:ObjectCreated:*", "Queue": "arn:aws:sqs:eu-west-1:111122223333:trailkeeper-log-files"}]}}}}}`

// partners is a bucket of another account, whose owner publishes to the stack's topic and lets the watch's role read.
const partners = `{"Resources": {
	"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "partner-logs",
		"NotificationConfiguration": {"TopicConfigurations": [{"Event": "s3:ObjectCreated:*", "Topic": "TOPIC"}]}}},
	"Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": {"Statement": [
		{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": ["s3:GetObject", "s3:GetObjectVersion"],
		 "Resource": "arn:aws:s3:::partner-logs/security/*", "Condition": {"ArnLike":
			{"aws:PrincipalArn": "arn:aws:iam::111122223333:role/trailkeeper/trailkeeper-WatchRole*"}}}]}}}}}`

// signIn is a log file with a record that a rule matches, of an account.
func signIn(t *testing.T, account, address string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "events", "testdata", "console-login-without-mfa.json"))
	if err != nil {
		t.Fatal(err)
	}
	var envelope struct{ Detail object }
	if err := json.Unmarshal(raw, &envelope); err != nil {
		t.Fatal(err)
	}
	envelope.Detail["eventID"], envelope.Detail["sourceIPAddress"] = address, address
	envelope.Detail["recipientAccountId"] = account
	text, err := json.Marshal(object{"Records": []any{envelope.Detail}})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(text)
	_ = z.Close()
	return b.Bytes()
}

func key(prefix, account, name string) string {
	return prefix + account + "/CloudTrail/eu-west-1/2026/03/02/" + account + "_CloudTrail_eu-west-1_20260302T0915Z_" + name +
		".json.gz"
}

// archived plays a template of the variant "archive" with buckets of three owners, for so long after a file was removed,
// and returns what was said in the topic, and what lies in the dead-letter queue of log files.
func archived(t *testing.T, template []byte, rest time.Duration) (told string, dead int, err error) {
	t.Helper()
	s, err := stage.New(stage.Options(template), stage.Setup{})
	if err != nil {
		return "", 0, err
	}
	t.Cleanup(func() { _ = s.Cloud.Close() })
	const own, other = stage.Account, stage.MemberAccount
	if err := s.Cloud.Deploy([]byte(owned), own, stage.Region, "owner"); err != nil {
		return "", 0, err
	}
	theirs := strings.ReplaceAll(partners, "TOPIC", s.Cloud.ARNOf("ArchiveTopic"))
	if err := s.Cloud.Deploy([]byte(theirs), other, stage.Region, "partner"); err != nil {
		return "", 0, err
	}
	whole := signIn(t, own, "192.0.2.9")
	for _, f := range []struct {
		bucket, key string
		body        []byte
	}{
		{"org-trail-logs", key("AWSLogs/", own, "a"), signIn(t, own, "192.0.2.1")},
		{"org-trail-logs", key("AWSLogs/", "777788889999", "b"), signIn(t, "777788889999", "192.0.2.2")},
		{"old-logs", key("AWSLogs/", own, "c"), signIn(t, own, "192.0.2.3")},
		{"partner-logs", key("security/AWSLogs/", other, "d"), signIn(t, other, "192.0.2.4")},
		{"old-logs", key("AWSLogs/", own, "poison"), whole[:len(whole)-9]},
	} {
		if !s.Cloud.PutObject(f.bucket, f.key, f.body) {
			t.Fatalf("no bucket %s", f.bucket)
		}
	}
	if err := s.Cloud.RunFor(5 * time.Minute); err != nil {
		return "", 0, err
	}
	s.Cloud.RemoveObject("org-trail-logs", key("AWSLogs/", own, "a"))
	if err := s.Cloud.RunFor(rest); err != nil {
		return "", 0, err
	}
	for _, e := range s.Cloud.Entries() {
		switch {
		case e.Kind == localcloud.KindSNS && e.Err == "":
			told += e.Text + "\n"
		case e.Kind == localcloud.KindAlarm:
			told += e.Subject + " " + e.Text + "\n"
		}
	}
	return told, len(s.Cloud.Queued()["LogFileDeadLetters"]), nil
}

// TestArchiveReads: with the grants of the template, and those of the owners as cdk/README.md has them, the files of
// each bucket are read: each record is reported once by each of two rules, whatever account it is of, and a removal once.
func TestArchiveReads(t *testing.T) {
	template, _ := golden.Variant("archive")
	told, dead, err := archived(t, template, 2*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"} {
		if n := strings.Count(told, "Event ID        "+address+"\n"); n != 2 {
			t.Errorf("the record from %s was reported %d times; want by two rules", address, n)
		}
	}
	for what, want := range map[string]bool{
		"Unverified": false, "log file of CloudTrail was removed": true, "watch-log-file-dead-letters": true,
	} {
		if strings.Contains(told, what) != want {
			t.Errorf("%q is said: %t; want %t:\n%.3000s", what, !want, want, told)
		}
	}
	if dead != 1 {
		t.Errorf("%d dead letters; want the one file that is broken off", dead)
	}
}

// TestArchiveMutations: a template that lacks a part of the way, or of the grants, does not read the files.
func TestArchiveMutations(t *testing.T) {
	template, _ := golden.Variant("archive")
	statements := func(r object, resource, property string) []any {
		p := find(t, r, resource)["Properties"].(object)
		if property == "Policies" {
			p = p["Policies"].([]any)[0].(object)
		}
		return p["PolicyDocument"].(object)["Statement"].([]any)
	}
	without := func(resource, property, sid string) func(object) {
		return func(r object) {
			all := statements(r, resource, property)
			i := slices.IndexFunc(all, func(s any) bool { return s.(object)["Sid"] == sid })
			if i < 0 {
				t.Fatalf("%s has no statement %s", resource, sid)
			}
			all[i].(object)["Resource"] = "arn:aws:s3:::nothing"
		}
	}
	neither := func(sid string) func(object) {
		return func(r object) {
			without("LogFilesPolicy", "", sid)(r)
			without("LogFileDeadLettersPolicy", "", sid)(r)
		}
	}
	variable := func(name string, value any) func(object) {
		return func(r object) {
			f := find(t, r, "WatchFunction")["Properties"].(object)
			f["Environment"].(object)["Variables"].(object)[name] = value
		}
	}
	gone := func(resource string) func(object) {
		return func(r object) {
			for id := range r {
				if strings.HasPrefix(id, resource) {
					delete(r, id)
				}
			}
		}
	}
	for name, m := range map[string]struct {
		edit func(object)
		lost []string // records that are not reported as they are
	}{
		"nothing":                  {func(object) {}, []string{}}, // the records are reported in that time
		"no grant on the files":    {without("WatchRole", "Policies", "LogFiles"), []string{"192.0.2.1", "192.0.2.2", "192.0.2.3"}},
		"none on another owner's":  {without("WatchRole", "Policies", "LogFiles2"), []string{"192.0.2.4"}},
		"no grant by the alias":    {without("WatchRole", "Policies", "LogFileAliases"), []string{"192.0.2.3"}},
		"no rule":                  {func(r object) { find(t, r, "LogFiles1Rule")["Properties"].(object)["State"] = "DISABLED" }, []string{"192.0.2.1", "192.0.2.2"}},
		"EventBridge may not send": {neither("FromRules"), []string{"192.0.2.1", "192.0.2.2"}},
		"SNS may not send":         {neither("FromTopics"), []string{"192.0.2.4"}},
		"S3 may not send":          {without("LogFilesPolicy", "", "FromBuckets"), nil},
		"S3 may not publish":       {without("ArchiveTopicPolicy", "", "FromBuckets"), nil},
		"no subscription":          {gone("ArchiveSubscription"), []string{"192.0.2.4"}},
		"no mapping":               {gone("ArchiveMapping"), []string{"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"}},
		"the queue may not be polled": {
			without("WatchRole", "Policies", "LogFilesQueue"), nil,
		},
		"one account's records alone": {variable("TRAILKEEPER_ANY_LOG_ACCOUNT", "false"), []string{"192.0.2.2"}},
		"no bucket":                   {variable("TRAILKEEPER_LOG_BUCKETS", "111122223333/other/AWSLogs/"), []string{"192.0.2.1", "192.0.2.3"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var tpl struct{ Resources object }
			var whole object
			for _, into := range []any{&tpl, &whole} {
				if err := json.Unmarshal(template, into); err != nil {
					t.Fatal(err)
				}
			}
			m.edit(tpl.Resources)
			whole["Resources"] = tpl.Resources
			edited, err := json.Marshal(whole)
			if err != nil {
				t.Fatal(err)
			}
			told, _, err := archived(t, edited, 10*time.Minute)
			if m.lost == nil && err == nil {
				t.Error("what AWS refuses when the bucket is configured, or the queue is mapped, is taken")
			}
			if m.lost != nil && err != nil {
				t.Fatal(err)
			}
			if name == "nothing" {
				for _, address := range []string{"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"} {
					if !reported(told, address) {
						t.Errorf("the record from %s was not reported", address)
					}
				}
			}
			for _, address := range m.lost {
				if reported(told, address) {
					t.Errorf("the record from %s was reported all the same", address)
				}
			}
		})
	}
}

// reported says whether a message has the record, and does not say that it is unverified.
func reported(told, address string) bool {
	for text := range strings.SplitSeq(told, "Trailkeeper, stack") {
		if strings.Contains(text, "Event ID        "+address+"\n") && !strings.Contains(text, "Unverified") {
			return true
		}
	}
	return false
}

func find(t *testing.T, resources object, prefix string) object {
	t.Helper()
	found := ""
	for id := range resources {
		if strings.HasPrefix(id, prefix) && (found == "" || len(id) < len(found)) {
			found = id
		}
	}
	r, ok := resources[found].(object)
	if !ok {
		t.Fatalf("the template has no %s", prefix)
	}
	return r
}
