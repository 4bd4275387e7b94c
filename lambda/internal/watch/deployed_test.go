package watch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/localcloud"
)

// idle is the guard, which has nothing to do here.
type idle struct{}

func (idle) Invoke(context.Context, []byte) ([]byte, error) { return nil, nil }

// deployed is what CDK makes of the settings with log files, with the real watch. The partner's account is
// 444455556666.
func deployed(t *testing.T) *localcloud.Cloud {
	t.Helper()
	template, err := os.ReadFile("../../../cdk/golden/archive.json")
	if err != nil {
		t.Fatal(err)
	}
	c, err := localcloud.New(localcloud.Options{
		Template: template, Account: "111122223333", Region: "eu-west-1", Strict: true,
		Secrets: map[string]string{"trailkeeper": `{"bot_token":"xoxb-1","webhook":"https://hooks.slack.com/services/T0/B0/x"}`},
		NewHandler: func(_ context.Context, env localcloud.FunctionEnv) (localcloud.Handler, error) {
			if env.Getenv(config.EnvLogBuckets) == "" {
				return idle{}, nil
			}
			o := Options{Getenv: env.Getenv, Environ: env.Environ, Log: env.Log, Clock: env.Clock, HTTPClient: env.HTTP}
			return New(o.FromAsset(fstest.MapFS{config.RulesFile: {Data: encoded()}}))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	c.AddPrincipal(localcloud.Principal{AccessKey: "partner", Account: "444455556666", UserName: "partner"})
	return c
}

func keysOf(who string) aws.CredentialsProviderFunc {
	return func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: who, SecretAccessKey: "x"}, nil
	}
}

// owner is an owner of buckets, who does what cdk/README.md says.
type owner struct {
	*s3.Client
	t *testing.T
}

func ownerOf(t *testing.T, c *localcloud.Cloud, who string) owner {
	return owner{s3.New(s3.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(c.Endpoint()), UsePathStyle: true, Credentials: keysOf(who),
	}), t}
}

func (o owner) must(_ any, err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o owner) bucket(name string, tells types.NotificationConfiguration) {
	o.t.Helper()
	o.must(o.CreateBucket(o.t.Context(), &s3.CreateBucketInput{
		Bucket:                    aws.String(name),
		CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: "eu-west-1"},
	}))
	o.must(o.PutBucketNotificationConfiguration(o.t.Context(), &s3.PutBucketNotificationConfigurationInput{
		Bucket: aws.String(name), NotificationConfiguration: &tells,
	}))
}

func (o owner) put(bucket, key, body, kmsKey string) {
	o.t.Helper()
	in := &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String(key), Body: bytes.NewReader([]byte(body))}
	if kmsKey != "" {
		in.ServerSideEncryption, in.SSEKMSKeyId = types.ServerSideEncryptionAwsKms, aws.String(kmsKey)
	}
	o.must(o.PutObject(o.t.Context(), in))
}

// askKMS makes a call as the operator, without a client.
func askKMS(t *testing.T, c *localcloud.Cloud, call, body string) (answer map[string]any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.Endpoint(), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "TrentService."+call)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=operator/20261001/eu-west-1/kms/aws4_request, Signature=x")
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	if err := json.NewDecoder(got.Body).Decode(&answer); got.StatusCode != http.StatusOK || err != nil && !errors.Is(err, io.EOF) {
		t.Fatalf("%s: %d, %v, %v", call, got.StatusCode, answer, err)
	}
	return answer
}

// TestDeployedSources: with the template that CDK makes, each source reaches the watch once the owner of the bucket has
// done his part, and what is removed is reported.
func TestDeployedSources(t *testing.T) {
	c := deployed(t)
	created := []types.Event{"s3:ObjectCreated:*", "s3:ObjectRemoved:*"}
	ours, partner := ownerOf(t, c, "operator"), ownerOf(t, c, "partner")
	ours.bucket("org-trail-logs", types.NotificationConfiguration{EventBridgeConfiguration: &types.EventBridgeConfiguration{}})
	ours.bucket("old-logs", types.NotificationConfiguration{QueueConfigurations: []types.QueueConfiguration{
		{QueueArn: aws.String(c.ARNOf("LogFiles")), Events: created},
	}})
	partner.bucket("partner-logs", types.NotificationConfiguration{TopicConfigurations: []types.TopicConfiguration{
		{TopicArn: aws.String(c.ARNOf("ArchiveTopic")), Events: created},
	}})
	made := askKMS(t, c, "CreateKey", `{}`)
	id, _ := made["KeyMetadata"].(map[string]any)["KeyId"].(string)
	askKMS(t, c, "CreateAlias", `{"AliasName":"alias/old-logs","TargetKeyId":"`+id+`"}`)
	partner.must(partner.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{
		Bucket: aws.String("partner-logs"),
		Policy: aws.String(`{"Version":"2012-10-17","Statement":[{"Sid":"Trailkeeper","Effect":"Allow",
			"Principal":{"AWS":"111122223333"},"Action":["s3:GetObject","s3:GetObjectVersion"],"Resource":"arn:aws:s3:::partner-logs/*",
			"Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/trailkeeper/trailkeeper-WatchRole*"}}}]}`),
	}))

	ours.put("org-trail-logs", logKey("a"), logOf(signIn(t, "1")), "")
	ours.put("old-logs", logKey("a"), logOf(signIn(t, "2")), "alias/old-logs")
	partner.put("partner-logs", "security/"+logKey("a"), logOf(signIn(t, "3")), "")
	c.LogEvents("arn:aws:logs:eu-west-1:111122223333:log-group:CloudTrail/management", "s", signIn(t, "4"), signIn(t, "1"))
	run(t, c)
	ours.must(ours.DeleteObject(t.Context(), &s3.DeleteObjectInput{
		Bucket: aws.String("org-trail-logs"), Key: aws.String(logKey("a")),
	}))
	run(t, c)

	var told []string
	for _, e := range c.Entries() {
		if e.Kind == localcloud.KindSNS && strings.Contains(e.Topic, "Notifications") && e.Err == "" {
			told = append(told, e.Text)
		}
	}
	for _, address := range []string{"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "log file of CloudTrail was removed"} {
		if n := count(told, address); n != 1 {
			t.Errorf("%s is in %d of %d messages", address, n, len(told))
		}
	}
	for name, messages := range c.Queued() {
		if len(messages) > 0 {
			t.Errorf("%s holds %v", name, messages)
		}
	}
	if bad := unwell(c); len(bad) > 0 {
		t.Errorf("%q", bad)
	}
}
