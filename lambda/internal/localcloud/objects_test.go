package localcloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestObjectAccess: who may read an object, and what is said to who may not (Amazon S3 API Reference, GetObject).
func TestObjectAccess(t *testing.T) {
	resources := archiveResources()
	resources["Key"] = object{"Type": "AWS::KMS::Key", "Properties": object{"KeyPolicy": object{"Statement": []any{object{
		"Effect": "Allow", "Principal": object{"AWS": "arn:aws:iam::" + account + ":root"}, "Action": "kms:*", "Resource": "*",
	}}}}}
	resources["Sealed"] = object{"Type": "AWS::S3::Bucket", "Properties": object{
		"BucketName": "sealed",
		"BucketEncryption": object{"ServerSideEncryptionConfiguration": []any{object{
			"ServerSideEncryptionByDefault": object{
				"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": object{"Fn::GetAtt": []any{"Key", "Arn"}},
			},
		}}},
	}}
	c := mustArchive(t, &worker{}, resources)
	for key, denied := range map[string]string{"noget": "s3:GetObject", "nolist": "s3:ListBucket", "nokey": "kms:Decrypt"} {
		c.AddPrincipal(Principal{AccessKey: key, Account: account, UserName: key, Denied: map[string]string{
			denied: fmt.Sprintf(NoIdentityPolicy, denied),
		}})
	}
	c.AddPrincipal(Principal{AccessKey: "other", Account: member, UserName: "other"})
	for _, bucket := range []string{"logs", "sealed"} {
		if status, body := as(t, c, "operator", "PUT /"+bucket+"/AWSLogs/a\nhello"); status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
	}
	want := func(what, key, request string, status int, says string, header ...string) {
		t.Helper()
		if got, body := as(t, c, key, request, header...); got != status || !strings.Contains(body, says) {
			t.Errorf("%s: %d %s; want %d and %s", what, got, body, status, says)
		}
	}
	want("granted", "operator", "GET /logs/AWSLogs/a", 200, "hello")
	want("its owner", "operator", "GET /logs/AWSLogs/a", 200, "hello", "X-Amz-Expected-Bucket-Owner", account)
	want("another owner", "operator", "GET /logs/AWSLogs/a", 403, "<Code>AccessDenied</Code>",
		"X-Amz-Expected-Bucket-Owner", member)
	want("not granted", "noget", "GET /logs/AWSLogs/a", 403, "s3:GetObject on resource: arn:aws:s3:::logs/AWSLogs/a")
	want("no key", "operator", "GET /logs/b", 404, "<Code>NoSuchKey</Code>")
	want("no key, and no list", "nolist", "GET /logs/b", 403, "<Code>AccessDenied</Code>")
	want("a list without the grant", "nolist", "GET /logs?list-type=2", 403, "s3:ListBucket on resource: arn:aws:s3:::logs")
	want("another account", "other", "GET /logs/AWSLogs/a", 403, "no resource-based policy allows")
	want("a copy", "operator", "PUT /logs/b", 501, "CopyObject", "X-Amz-Copy-Source", "logs/AWSLogs/a")
	want("a part of it", "operator", "GET /logs/AWSLogs/a", 400, "Range", "Range", "bytes=0-1")
	want("encrypted", "operator", "GET /sealed/AWSLogs/a", 200, "hello")
	want("encrypted, no key", "nokey", "GET /sealed/AWSLogs/a", 403, "is not authorized to perform: kms:Decrypt on the resource")
	c.DisableKey(c.ARNOf("Key"))
	want("a disabled key", "operator", "GET /sealed/AWSLogs/a", 400, "<Code>KMS.DisabledException</Code>")
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + member +
		`:root"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::logs/*"}]}`
	want("a policy", "operator", "PUT /logs?policy\n"+policy, 200, "")
	want("another account, let in", "other", "GET /logs/AWSLogs/a", 200, "hello")
	want("another account's list", "other", "GET /logs?list-type=2", 403, "AccessDenied")
}

// TestVersions: a bucket with versions keeps what is overwritten and hidden, and gives it to who may read versions.
func TestVersions(t *testing.T) {
	c := mustArchive(t, &worker{}, object{"Kept": object{"Type": "AWS::S3::Bucket", "Properties": object{
		"BucketName": "kept", "VersioningConfiguration": object{"Status": "Enabled"},
	}}, "Plain": object{"Type": "AWS::S3::Bucket", "Properties": object{"BucketName": "plain"}}})
	for key, denied := range map[string]string{"latest": "s3:GetObjectVersion", "versions": "s3:GetObject", "nodelete": "s3:DeleteObjectVersion"} {
		c.AddPrincipal(Principal{AccessKey: key, Account: account, UserName: key, Denied: map[string]string{
			denied: fmt.Sprintf(NoIdentityPolicy, denied),
		}})
	}
	want := func(key, request string, status int, says string) {
		t.Helper()
		if got, body := as(t, c, key, request); got != status || !strings.Contains(body, says) {
			t.Errorf("%s: %s: %d %s; want %d and %s", key, request, got, body, status, says)
		}
	}
	put := func(text string) string {
		t.Helper()
		status, header, _ := asked(t, c, "operator", "PUT /kept/a\n"+text)
		if id := header.Get("X-Amz-Version-Id"); status != http.StatusOK || id == "" {
			t.Fatalf("%d, version %q", status, id)
		}
		return header.Get("X-Amz-Version-Id")
	}
	first, second := put("one"), put("two")
	want("operator", "GET /kept/a", 200, "two")
	want("operator", "GET /kept/a?versionId="+first, 200, "one")
	want("versions", "GET /kept/a?versionId="+first, 200, "one")
	want("versions", "GET /kept/a", 403, "s3:GetObject on resource")
	want("latest", "GET /kept/a", 200, "two")
	want("latest", "GET /kept/a?versionId="+second, 403, "s3:GetObjectVersion on resource")
	want("operator", "GET /kept/a?versionId=null", 404, "<Code>NoSuchVersion</Code>")
	want("operator", "GET /kept/b?versionId="+first, 404, "<Code>NoSuchVersion</Code>")
	want("operator", "DELETE /kept/a", 204, "")
	want("operator", "GET /kept/a", 404, "<Code>NoSuchKey</Code>")
	want("operator", "GET /kept/a?versionId="+second, 200, "two")
	want("operator", "DELETE /kept", 409, "<Code>BucketNotEmpty</Code>")
	third := put("three")
	want("nodelete", "DELETE /kept/a?versionId="+third, 403, "s3:DeleteObjectVersion on resource")
	want("operator", "DELETE /kept/a?versionId="+third, 204, "")
	want("operator", "GET /kept/a", 404, "<Code>NoSuchKey</Code>")
	want("operator", "GET /kept/a?versionId="+third, 404, "<Code>NoSuchVersion</Code>")
	_, header, _ := asked(t, c, "operator", "DELETE /kept/c")
	want("operator", "GET /kept/c?versionId="+header.Get("X-Amz-Version-Id"), 405, "<Code>MethodNotAllowed</Code>")
	want("operator", "PUT /plain/a\nhello", 200, "")
	want("operator", "GET /plain/a?versionId=null", 200, "hello")
	want("operator", "GET /plain/a?versionId="+first, 404, "<Code>NoSuchVersion</Code>")
	want("operator", "DELETE /plain/a?versionId=null", 204, "")
	want("operator", "GET /plain/a", 404, "<Code>NoSuchKey</Code>")
}

// TestListing: a listing goes page by page in the order of keys, with folders.
func TestListing(t *testing.T) {
	c := mustArchive(t, &worker{}, archiveResources())
	for i := range 1005 {
		c.PutObject("logs", fmt.Sprintf("p/%04d", i), nil)
	}
	for _, key := range []string{"a", "p2/x", "p2/y/z", "q r"} {
		c.PutObject("logs", key, nil)
	}
	get := func(query string) string {
		t.Helper()
		status, body := as(t, c, "operator", "GET /logs?list-type=2"+query)
		if status != http.StatusOK {
			t.Fatalf("%s: %d %s", query, status, body)
		}
		return body
	}
	first := get("&prefix=p/")
	if strings.Count(first, "<Contents>") != 1000 || !strings.Contains(first, "<IsTruncated>true</IsTruncated>") {
		t.Errorf("first page: %d keys", strings.Count(first, "<Contents>"))
	}
	_, token, _ := strings.Cut(first, "<NextContinuationToken>")
	token, _, _ = strings.Cut(token, "<")
	if rest := get("&prefix=p/&continuation-token=" + token); strings.Count(rest, "<Contents>") != 5 ||
		!strings.Contains(rest, "<Key>p/1000</Key>") {
		t.Errorf("second page: %s", rest)
	}
	folders := get("&delimiter=/&encoding-type=url")
	for _, want := range []string{
		"<CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes>", "<CommonPrefixes><Prefix>p2/</Prefix></CommonPrefixes>",
		"<Key>q+r</Key>", "<KeyCount>4</KeyCount>",
	} {
		if !strings.Contains(folders, want) {
			t.Errorf("no %s in %s", want, folders)
		}
	}
	if after := get("&start-after=p2/x"); strings.Count(after, "<Contents>") != 2 {
		t.Errorf("start after: %s", after)
	}
	if one := get("&delimiter=/&max-keys=1"); !strings.Contains(one, "<Key>a</Key>") || !strings.Contains(one, "Token>after:a<") {
		t.Errorf("one: %s", one)
	}
	if status, body := as(t, c, "operator", "GET /logs?list-type=2&continuation-token=x"); status != 400 {
		t.Errorf("another token: %d %s", status, body)
	}
}

// TestNotifications: S3 tells what its configuration names, in its form.
func TestNotifications(t *testing.T) {
	w := &worker{}
	c := mustArchive(t, w, archiveResources())
	for _, request := range []string{
		"PUT /logs/AWSLogs/a%20b+c/%C3%A9.gz\nhello", "PUT /logs/elsewhere\nhello", "DELETE /logs/AWSLogs/a%20b+c/%C3%A9.gz",
		"DELETE /logs/never",
	} {
		if status, body := as(t, c, "operator", request); status >= 300 {
			t.Fatalf("%s: %d %s", request, status, body)
		}
	}
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
	var bodies []string
	for _, batch := range w.batches(t) {
		bodies = append(bodies, batch...)
	}
	if len(bodies) != 4 || !strings.Contains(bodies[0], `"Event":"s3:TestEvent"`) ||
		!strings.Contains(bodies[1], `"Event":"s3:TestEvent"`) {
		t.Fatalf("%d messages: %s", len(bodies), bodies)
	}
	var sequencers []string
	for i, want := range []struct{ name, size string }{{"ObjectCreated:Put", "5"}, {"ObjectRemoved:Delete", "<nil>"}} {
		var in struct {
			Records []struct {
				EventName, EventSource, EventVersion, AwsRegion string
				UserIdentity                                    struct{ PrincipalID string }
				S3                                              struct {
					Bucket struct{ Name, ARN string }
					Object map[string]any
				}
			}
		}
		if err := json.Unmarshal([]byte(bodies[2+i]), &in); err != nil {
			t.Fatal(err)
		}
		r := in.Records[0]
		if r.EventName != want.name || r.S3.Object["key"] != "AWSLogs/a+b%2Bc/%C3%A9.gz" || r.S3.Bucket.ARN != logsBucket ||
			fmt.Sprint(r.S3.Object["size"]) != want.size || !strings.HasPrefix(r.UserIdentity.PrincipalID, "AWS:AIDA") {
			t.Errorf("%s", bodies[2+i])
		}
		sequencers = append(sequencers, fmt.Sprint(r.S3.Object["sequencer"]))
	}
	if sequencers[0] >= sequencers[1] || len(sequencers[0]) != len(sequencers[1]) {
		t.Errorf("sequencers %q", sequencers)
	}
}

// TestNotificationConfiguration: what S3 refuses.
func TestNotificationConfiguration(t *testing.T) {
	c := mustArchive(t, &worker{}, archiveResources())
	entry := func(kind, arn, event, prefix string) string {
		return "<" + kind + "Configuration><" + kind + ">" + arn + "</" + kind + "><Event>" + event + "</Event><Filter><S3Key>" +
			"<FilterRule><Name>prefix</Name><Value>" + prefix + "</Value></FilterRule></S3Key></Filter></" + kind + "Configuration>"
	}
	for name, tt := range map[string]struct {
		body   string
		status int
		says   string
	}{
		"two": {
			entry("Queue", objectQueue, "s3:ObjectCreated:*", "a/") + entry("Topic", logsTopic, "s3:ObjectCreated:Put", "b/"), 200, "",
		},
		"overlapping": {
			entry("Queue", objectQueue, "s3:ObjectCreated:*", "a/") + entry("Topic", logsTopic, "s3:ObjectCreated:Put", "a/b/"),
			400, "Configurations overlap",
		},
		"no policy":      {entry("Queue", deadQueue, "s3:ObjectCreated:*", "a/"), 400, "Unable to validate the following destination"},
		"another Region": {entry("Queue", strings.Replace(objectQueue, "eu-west-1", "us-east-1", 1), "s3:ObjectCreated:*", ""), 400, "region"},
		"no event":       {entry("Queue", objectQueue, "s3:Nothing", "a/"), 400, "enum"},
	} {
		status, body := as(t, c, "operator", "PUT /logs?notification\n<NotificationConfiguration>"+tt.body+"</NotificationConfiguration>")
		if status != tt.status || !strings.Contains(body, tt.says) {
			t.Errorf("%s: %d %s; want %d %s", name, status, body, tt.status, tt.says)
		}
	}
	as(t, c, "operator", "PUT /logs?notification\n<NotificationConfiguration>"+entry("Topic", logsTopic, "s3:ObjectCreated:Put", "b/")+
		"</NotificationConfiguration>")
	_, body := as(t, c, "operator", "GET /logs?notification")
	for _, want := range []string{"<TopicConfiguration>", "<Event>s3:ObjectCreated:Put</Event>", "<FilterRule><Name>Prefix</Name>"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in %s", want, body)
		}
	}
}

// TestTopicToQueue: a queue gets what a topic is told, in SNS's envelope.
func TestTopicToQueue(t *testing.T) {
	resources := archiveResources()
	resources["Bucket"].(object)["Properties"].(object)["NotificationConfiguration"] = object{
		"TopicConfigurations": []any{object{"Event": "s3:ObjectCreated:*", "Topic": logsTopic}},
	}
	w := &worker{}
	c := mustArchive(t, w, resources)
	as(t, c, "operator", "PUT /logs/a\nhello")
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
	all := w.batches(t)
	last := all[len(all)-1][0]
	var envelope struct{ Type, TopicArn, Message string }
	if err := json.Unmarshal([]byte(last), &envelope); err != nil || envelope.Type != "Notification" ||
		envelope.TopicArn != logsTopic || !strings.Contains(envelope.Message, `"eventName":"ObjectCreated:Put"`) {
		t.Errorf("%v, %s", err, last)
	}
}

// TestMapping: what a function did not handle is received again after the queue's time, and at last is in the
// dead-letter queue; nothing else is.
func TestMapping(t *testing.T) {
	w := &worker{answer: func(payload string) (string, error) {
		var in struct {
			Records []struct{ MessageID, Body string }
		}
		_ = json.Unmarshal([]byte(payload), &in)
		var failures []any
		for _, r := range in.Records {
			if strings.Contains(r.Body, "poison") {
				failures = append(failures, object{"itemIdentifier": r.MessageID})
			}
		}
		answer, _ := json.Marshal(object{"batchItemFailures": failures})
		return string(answer), nil
	}}
	c := mustArchive(t, w, archiveResources())
	began := c.Now()
	for _, key := range []string{"good", "poison", "fine"} {
		c.PutObject("logs", "AWSLogs/"+key, nil)
	}
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
	poison := 0
	for _, batch := range w.batches(t)[1:] {
		for _, body := range batch {
			if strings.Contains(body, "poison") {
				poison++
			}
		}
	}
	queued := c.Queued()
	if poison != 3 || len(queued["Objects"]) != 0 || len(queued["Dead"]) != 1 ||
		!strings.Contains(queued["Dead"][0].Body, "poison") || queued["Dead"][0].Receives != 3 {
		t.Errorf("received %d times, queued %v", poison, queued)
	}
	if took := c.Now().Sub(began); took < 18*time.Minute {
		t.Errorf("it took %s; want three times the visibility timeout", took)
	}
}

// TestMappingAnswers: an answer that cannot be read, or names what is not there, is about the whole batch.
func TestMappingAnswers(t *testing.T) {
	for answer, want := range map[string]int{
		"": 0, "null": 0, "{}": 0, `{"batchItemFailures":[]}`: 0, "no JSON": 1, `{"batchItemFailures":[{"itemIdentifier":""}]}`: 1,
		`{"batchItemFailures":[{"itemIdentifier":null}]}`: 1, `{"batchItemFailures":[{"id":"x"}]}`: 1, "ERROR": 1,
	} {
		w := &worker{}
		c := mustArchive(t, w, archiveResources())
		w.answer = func(string) (string, error) {
			if answer == "ERROR" {
				return "", errors.New("failed")
			}
			return answer, nil
		}
		c.PutObject("logs", "AWSLogs/a", nil)
		if err := c.Run(); err != nil {
			t.Fatal(err)
		}
		if got := len(c.Queued()["Dead"]); got != want {
			t.Errorf("%s: %d dead, want %d", answer, got, want)
		}
	}
}

// TestArchiveTemplates: what CloudFormation refuses of these resources.
func TestArchiveTemplates(t *testing.T) {
	set := func(id, property string, value any) func(object) {
		return func(r object) { r[id].(object)["Properties"].(object)[property] = value }
	}
	subscription := func(r object) {
		r["Subscription"] = object{"Type": "AWS::Logs::SubscriptionFilter", "Properties": object{
			"LogGroupName": "trail", "DestinationArn": workARN, "FilterPattern": "",
		}}
	}
	for want, change := range map[string]func(object){
		"Queue visibility timeout: 30 seconds is less than Function timeout: 60": set("Objects", "VisibilityTimeout", 30),
		"more than 10 need a MaximumBatchingWindowInSeconds":                     set("Mapping", "BatchSize", 11),
		"the function's role may not take messages out of the queue":             func(r object) { r["Role"] = roleOf() },
		"FunctionResponseTypes": set("Mapping", "FunctionResponseTypes", []any{"X"}),
		"maxReceiveCount":       set("Objects", "RedrivePolicy", object{"deadLetterTargetArn": deadQueue, "maxReceiveCount": 0}),
		"dead-letter queue of this account and Region": set("Objects", "RedrivePolicy",
			object{"deadLetterTargetArn": deadQueue + "x", "maxReceiveCount": 1}),
		"Unable to validate the following destination": func(r object) { delete(r, "ObjectsPolicy") },
		"Could not execute the lambda function":        subscription,
	} {
		resources := archiveResources()
		change(resources)
		if _, err := archiveCloud(t, &worker{}, resources); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %s", err, want)
		}
	}
}

// TestLogSubscription: a function gets the events of a log group, packed.
func TestLogSubscription(t *testing.T) {
	resources := archiveResources()
	resources["Permission"] = object{"Type": "AWS::Lambda::Permission", "Properties": object{
		"Action": "lambda:InvokeFunction", "FunctionName": object{"Ref": "Work"}, "Principal": "logs.amazonaws.com",
		"SourceAccount": account, "SourceArn": logsGroup + ":*",
	}}
	for i := range 2 {
		resources[fmt.Sprint("Subscription", i)] = object{"Type": "AWS::Logs::SubscriptionFilter", "Properties": object{
			"LogGroupName": "trail", "DestinationArn": workARN, "FilterPattern": "",
		}}
	}
	w := &worker{}
	c := mustArchive(t, w, resources)
	w.got = nil
	c.LogEvents(logsGroup, "stream", `{"a":1}`, "b")
	c.LogEvents(logsGroup+"x", "stream", "of another group")
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
	if len(w.got) != 2 || !strings.HasPrefix(w.got[0], `{"awslogs":{"data":"H4sI`) {
		t.Errorf("got %q", w.got)
	}
	resources["Subscription2"] = resources["Subscription1"]
	if _, err := archiveCloud(t, &worker{}, resources); err == nil || !strings.Contains(err.Error(), "LimitExceeded") {
		t.Errorf("three subscriptions: %v", err)
	}
}

// TestRemovedFromVersions: an object of a bucket with versions is hidden, and EventBridge is told so.
func TestRemovedFromVersions(t *testing.T) {
	resources := archiveResources()
	properties := resources["Bucket"].(object)["Properties"].(object)
	properties["VersioningConfiguration"] = object{"Status": "Enabled"}
	properties["NotificationConfiguration"] = object{"EventBridgeConfiguration": object{"EventBridgeEnabled": true}}
	resources["Rule"] = object{"Type": "AWS::Events::Rule", "Properties": object{
		"EventPattern": object{"source": []any{"aws.s3"}, "detail-type": []any{"Object Created", "Object Deleted"}},
		"Targets":      []any{object{"Id": "Work", "Arn": workARN}}, "State": "ENABLED",
	}}
	resources["Permission"] = object{"Type": "AWS::Lambda::Permission", "Properties": object{
		"Action": "lambda:InvokeFunction", "FunctionName": object{"Ref": "Work"}, "Principal": "events.amazonaws.com",
	}}
	w := &worker{}
	c := mustArchive(t, w, resources)
	as(t, c, "operator", "PUT /logs/AWSLogs/a%20b\nhello")
	as(t, c, "operator", "DELETE /logs/AWSLogs/a%20b")
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, payload := range w.got {
		var e struct {
			DetailType string `json:"detail-type"`
			Detail     struct {
				Object   struct{ Key string }
				Deletion string `json:"deletion-type"`
			}
		}
		if err := json.Unmarshal([]byte(payload), &e); err != nil {
			t.Fatal(err)
		}
		types = append(types, e.DetailType+" "+e.Detail.Object.Key+" "+e.Detail.Deletion)
	}
	want := []string{"Object Created AWSLogs/a b ", "Object Deleted AWSLogs/a b Delete Marker Created"}
	if diff := cmp.Diff(want, types); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
