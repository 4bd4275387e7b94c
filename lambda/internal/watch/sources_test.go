package watch

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/producertest"
)

// The ways of a notification, in the configuration of the bucket.
var ways = map[string]string{
	"queue": `{"QueueConfigurations": [
		{"Event": "s3:ObjectCreated:*", "Queue": {"Fn::GetAtt": ["Objects", "Arn"]}},
		{"Event": "s3:ObjectRemoved:*", "Queue": {"Fn::GetAtt": ["Objects", "Arn"]}}]}`,
	"topic": `{"TopicConfigurations": [
		{"Event": "s3:ObjectCreated:*", "Topic": {"Ref": "Deliveries"}},
		{"Event": "s3:ObjectRemoved:*", "Topic": {"Ref": "Deliveries"}}]}`,
	"EventBridge": `{"EventBridgeConfiguration": {"EventBridgeEnabled": true}}`,
	"none":        `{}`,
}

// sources sets up a cloud with the real watch, a bucket, a queue and a log group.
func sources(t *testing.T, way string) *localcloud.Cloud {
	t.Helper()
	raw, err := os.ReadFile("testdata/sources.json")
	if err != nil {
		t.Fatal(err)
	}
	template := strings.Replace(string(raw), `"NotificationConfiguration": {}`, `"NotificationConfiguration": `+ways[way], 1)
	c, err := localcloud.New(localcloud.Options{
		Template: []byte(template), Account: "111122223333", Region: "eu-west-1",
		NewHandler: func(_ context.Context, env localcloud.FunctionEnv) (localcloud.Handler, error) {
			o := Options{
				Getenv: env.Getenv, Environ: env.Environ, Log: env.Log, Clock: env.Clock, HTTPClient: env.HTTP,
			}
			return New(o.FromAsset(fstest.MapFS{config.RulesFile: {Data: encoded()}}))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	run(t, c)
	return c
}

func run(t *testing.T, c *localcloud.Cloud) {
	t.Helper()
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
}

// published are the messages of the topic of the notifications.
func published(c *localcloud.Cloud) (all []string) {
	for _, e := range c.Entries() {
		if e.Kind == localcloud.KindSNS && strings.HasSuffix(e.Topic, ":notifications") && e.Err == "" {
			all = append(all, e.Text)
		}
	}
	return all
}

// unwell are the runs that failed, and what was lost.
func unwell(c *localcloud.Cloud) (all []string) {
	for _, e := range c.Entries() {
		if e.Kind == localcloud.KindLost || e.Kind == localcloud.KindInvoked && e.Err != "" {
			all = append(all, fmt.Sprintf("%s %s: %s", e.Kind, e.Subject, e.Err))
		}
	}
	return all
}

func count(all []string, part string) (n int) {
	for _, text := range all {
		if strings.Contains(text, part) {
			n++
		}
	}
	return n
}

// TestEachSource: a log file is decided whichever way its notification takes, its removal is reported, and what a poisoned
// one has is not lost: it is tried again, and at last is in the dead-letter queue.
func TestEachSource(t *testing.T) {
	for _, way := range []string{"queue", "topic", "EventBridge"} {
		c := sources(t, way)
		c.PutObject("org-logs", logKey("good"), []byte(logOf(signIn(t, "1"))))
		c.PutObject("org-logs", logKey("a b+c"), []byte(logOf(signIn(t, "2"))))
		c.PutObject("org-logs", digestKey, []byte("{}"))
		whole := logOf(signIn(t, "3"))
		c.PutObject("org-logs", logKey("poison"), []byte(whole[:len(whole)-8]))
		run(t, c)
		told := published(c)
		for _, address := range []string{"192.0.2.1", "192.0.2.2", "192.0.2.3"} {
			if count(told, address) != 1 {
				t.Errorf("%s: %s is in %d of %d messages: %q", way, address, count(told, address), len(told), told)
			}
		}
		dead := c.Queued()["Dead"]
		if len(dead) != 1 || !strings.Contains(dead[0].Body, "poison") || len(c.Queued()["Objects"]) > 0 {
			t.Errorf("%s: queued %v", way, c.Queued())
		}
		if bad := unwell(c); len(bad) > 0 {
			t.Errorf("%s: %q", way, bad)
		}
		if !strings.Contains(c.Emitted(), "unexpected EOF") {
			t.Errorf("%s: the log does not name what is wrong", way)
		}
	}
}

// TestOverwritten: of a log file that is overwritten or hidden before it is read, what CloudTrail wrote is decided, in a
// bucket with versions: the notification names its version.
func TestOverwritten(t *testing.T) {
	for _, way := range []string{"queue", "topic", "EventBridge"} {
		ways["versions"] = strings.TrimSpace(ways[way]) + `, "VersioningConfiguration": {"Status": "Enabled"}`
		c := sources(t, "versions")
		delete(ways, "versions")
		c.PutObject("org-logs", logKey("a"), []byte(logOf(signIn(t, "1"))))
		c.PutObject("org-logs", logKey("a"), []byte(logOf(signIn(t, "2"))))
		c.PutObject("org-logs", logKey("b"), []byte(logOf(signIn(t, "3"))))
		if !c.RemoveObject("org-logs", logKey("b")) {
			t.Fatal("not removed")
		}
		run(t, c)
		told := published(c)
		for _, address := range []string{"192.0.2.1", "192.0.2.2", "192.0.2.3"} {
			if count(told, address) != 1 {
				t.Errorf("%s: %s is in %d of %d messages", way, address, count(told, address), len(told))
			}
		}
		if len(c.Queued()["Dead"]) > 0 || len(unwell(c)) > 0 {
			t.Errorf("%s: dead %v, %q", way, c.Queued()["Dead"], unwell(c))
		}
	}
}

// TestRemovalBySource: the removal of a log file is reported once, with who removed it.
func TestRemovalBySource(t *testing.T) {
	for _, way := range []string{"queue", "topic", "EventBridge"} {
		c := sources(t, way)
		c.PutObject("org-logs", logKey("a"), []byte(logOf()))
		if !c.RemoveObject("org-logs", logKey("a")) {
			t.Fatal("not removed")
		}
		run(t, c)
		told := published(c)
		who := map[bool]string{true: "111122223333", false: "AWS:AIDA"}[way == "EventBridge"]
		if len(told) != 1 || !strings.Contains(told[0], "log file of CloudTrail was removed") || !strings.Contains(told[0], who) {
			t.Errorf("%s: %q", way, told)
		}
	}
}

// TestLogGroupSource: the records of a log group's subscription are decided; one that also comes in a log file is one.
func TestLogGroupSource(t *testing.T) {
	c := sources(t, "queue")
	const group = "arn:aws:logs:eu-west-1:111122223333:log-group:trail"
	c.LogEvents(group, "111122223333_CloudTrail_eu-west-1", signIn(t, "1"), "no record", signIn(t, "2"))
	c.PutObject("org-logs", logKey("a"), []byte(logOf(signIn(t, "1"))))
	run(t, c)
	told := published(c)
	if count(told, "192.0.2.1") != 1 || count(told, "192.0.2.2") != 1 || count(told, "record 2") != 1 {
		t.Errorf("%q", told)
	}
	if bad := unwell(c); len(bad) > 0 {
		t.Errorf("%q", bad)
	}
}

// TestKeyIsTakenAway: while the key of the log files may not be used, they wait in the queue, and are decided once it may.
func TestKeyIsTakenAway(t *testing.T) {
	c := sources(t, "queue")
	c.PutObject("org-logs", logKey("a"), []byte(logOf(signIn(t, "1"))))
	c.DisableKey(c.ARNOf("Key"))
	if err := c.RunFor(2 * time.Minute); err != nil {
		t.Fatal(err)
	}
	if told := published(c); len(told) > 0 || len(c.Queued()["Objects"]) != 1 ||
		!strings.Contains(c.Emitted(), "KMS.DisabledException: the key of the object cannot be used") {
		t.Errorf("%q, queued %v", told, c.Queued())
	}
	c.EnableKey(c.ARNOf("Key"))
	run(t, c)
	if told := published(c); count(told, "192.0.2.1") != 1 || len(c.Queued()["Objects"])+len(c.Queued()["Dead"]) > 0 {
		t.Errorf("%q, queued %v", told, c.Queued())
	}
}

// TestManySources: of a hundred files that come by two ways, with a bad one in ten, every good record is reported once
// and every bad file is in the dead-letter queue.
func TestManySources(t *testing.T) {
	c := sources(t, "queue")
	var bad []string
	for i := range 100 {
		key := logKey(fmt.Sprintf("%03d", i))
		body := logOf(signIn(t, fmt.Sprint(i)))
		if i%10 == 7 {
			body, bad = "poison", append(bad, key)
		}
		c.PutObject("org-logs", key, []byte(body))
		if i%3 == 0 {
			c.PutObject("org-logs", key, []byte(body)) // S3 may tell of one twice
		}
	}
	run(t, c)
	told := strings.Join(published(c), "\n")
	for i := range 100 {
		if n := strings.Count(told, fmt.Sprintf("Event ID        %d\n", i)); i%10 != 7 && n != 1 {
			t.Errorf("record %d was reported %d times", i, n)
		}
	}
	var dead []string
	for _, m := range c.Queued()["Dead"] {
		var in struct {
			Records []struct {
				S3 struct{ Object struct{ Key string } }
			}
		}
		if err := json.Unmarshal([]byte(m.Body), &in); err != nil {
			t.Fatal(err)
		}
		dead = append(dead, in.Records[0].S3.Object.Key)
	}
	slices.Sort(dead)
	if !slices.Equal(slices.Compact(dead), bad) || len(c.Queued()["Objects"]) > 0 {
		t.Errorf("dead %q, want %q", dead, bad)
	}
}

// TestLogEventsAreTriedAgain: a batch that Lambda gave up on is in the failure queue, and the next scheduled run decides
// it.
func TestLogEventsAreTriedAgain(t *testing.T) {
	c := sources(t, "none")
	away := []*localcloud.Injected{
		c.Inject(localcloud.Fault{Service: "sns", Kind: localcloud.FaultError, Status: 503, Code: "InternalError"}),
		c.Inject(localcloud.Fault{Service: "sqs", Kind: localcloud.FaultError, Status: 503, Code: "InternalError"}),
	}
	c.LogEvents("arn:aws:logs:eu-west-1:111122223333:log-group:trail", "s", signIn(t, "1"))
	run(t, c)
	if failed := unwell(c); len(failed) != 3 || len(c.Queued()["Failures"]) != 1 || len(published(c)) > 0 {
		t.Fatalf("%q, queued %v", failed, c.Queued())
	}
	for _, fault := range away {
		fault.End()
	}
	client := lambda.New(lambda.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(c.Endpoint()),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "operator", SecretAccessKey: "x"}, nil
		}),
	})
	out, err := client.Invoke(t.Context(), &lambda.InvokeInput{
		FunctionName: aws.String("watch"), Payload: producertest.Payload(t, "scheduled-event"),
	})
	if err != nil || out.FunctionError != nil {
		t.Fatalf("%v, %s", err, out.Payload)
	}
	run(t, c)
	if told := published(c); count(told, "192.0.2.1") != 1 || len(c.Queued()["Failures"]) > 0 {
		t.Errorf("%q, queued %v", told, c.Queued())
	}
}
