package localcloud

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

const foreignHook = "https://evil.example.com/services/T1/B1/foreign"

func secretClient(c *Cloud, key string) *secretsmanager.Client {
	return secretsmanager.NewFromConfig(awsConfig(c, region, key))
}

// A secret that was replaced has the new text, and its old one as the previous version; no record has either.
func TestReplacedSecret(t *testing.T) {
	c := newCloud(t, nil)
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	client, ctx, id := secretClient(c, "operator"), t.Context(), aws.String("app")
	get := func(label string) *secretsmanager.GetSecretValueOutput {
		out, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: id, VersionStage: &label})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	was := get("AWSCURRENT")
	put, err := client.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId: id, SecretString: aws.String(`{"webhook":"` + foreignHook + `"}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	now, before := get("AWSCURRENT"), get("AWSPREVIOUS")
	if *now.VersionId != *put.VersionId || !strings.Contains(*now.SecretString, foreignHook) || *before.VersionId != *was.VersionId {
		t.Errorf("current %s, previous %s; were %s and none", *now.VersionId, *before.VersionId, *was.VersionId)
	}
	_, err = client.UpdateSecretVersionStage(ctx, &secretsmanager.UpdateSecretVersionStageInput{
		SecretId: id, VersionStage: aws.String("AWSCURRENT"), MoveToVersionId: was.VersionId,
	})
	if code(err) != "InvalidParameterException" {
		t.Errorf("without the version that has the label: %v", err)
	}
	_, err = client.UpdateSecretVersionStage(ctx, &secretsmanager.UpdateSecretVersionStageInput{
		SecretId: id, VersionStage: aws.String("AWSCURRENT"), RemoveFromVersionId: now.VersionId, MoveToVersionId: was.VersionId,
	})
	if err != nil || *get("AWSCURRENT").VersionId != *was.VersionId || *get("AWSPREVIOUS").VersionId != *now.VersionId {
		t.Errorf("moved back: %v", err)
	}
	run(t, c)
	records := recorded(t, c, "PutSecretValue")
	if len(records) != 1 || records[0]["secretId"] != "app" || records[0]["secretString"] != nil || records[0]["clientRequestToken"] == nil {
		t.Errorf("records %v", records)
	}
	if strings.Contains(c.Emitted(), foreignHook) {
		t.Error("the new text left the cloud")
	}
}

// A secret that is scheduled for deletion is described and restored, and gives nothing; one that was forced is gone.
func TestDeletedSecret(t *testing.T) {
	c := newCloud(t, nil)
	client, ctx, id := secretClient(c, "operator"), t.Context(), aws.String("app")
	get := func() error {
		_, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: id})
		return err
	}
	remove := func(forced bool, days int64) error {
		in := &secretsmanager.DeleteSecretInput{SecretId: id, ForceDeleteWithoutRecovery: &forced}
		if days > 0 {
			in.RecoveryWindowInDays = &days
		}
		_, err := client.DeleteSecret(ctx, in)
		return err
	}
	for _, days := range []int64{6, 31} {
		if err := remove(false, days); code(err) != "InvalidParameterException" {
			t.Errorf("%d days: %v", days, err)
		}
	}
	if err := remove(false, 7); err != nil || code(get()) != "InvalidRequestException" {
		t.Errorf("deleted: %v, %v", err, get())
	}
	out, err := client.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: id})
	if err != nil || out.DeletedDate == nil || !out.DeletedDate.Equal(c.Now().Add(7*24*time.Hour)) {
		t.Errorf("described %+v, %v", out, err)
	}
	if _, err := client.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: id}); err != nil || get() != nil {
		t.Errorf("restored: %v, %v", err, get())
	}
	if err := remove(true, 7); code(err) != "InvalidParameterException" {
		t.Errorf("forced with a window: %v", err)
	}
	if err := remove(true, 0); err != nil || code(get()) != "ResourceNotFoundException" {
		t.Errorf("forced: %v, %v", err, get())
	}
}

// What another account does to the secret of its own that has the same name changes nothing here; and ours it cannot
// read, whatever its policy says.
func TestSecretsOfAccounts(t *testing.T) {
	c := newCloud(t, nil)
	c.AddPrincipal(Principal{AccessKey: "stranger", Account: "999988887777", UserName: "eve"})
	stranger, operator, ctx := secretClient(c, "stranger"), secretClient(c, "operator"), t.Context()
	put := &secretsmanager.PutSecretValueInput{SecretId: aws.String("app"), SecretString: aws.String("theirs")}
	if _, err := stranger.PutSecretValue(ctx, put); err != nil {
		t.Fatal(err)
	}
	ours, err := operator.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String("app")})
	if err != nil || *ours.SecretString == "theirs" {
		t.Errorf("%v; or another account has changed ours", err)
	}
	open := `{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:*", "Resource": "*"}}`
	for _, tt := range []struct {
		opened                bool
		policy, value, public string
	}{
		{false, "AccessDeniedException", "AccessDeniedException", "PublicPolicyException"},
		{true, "", "AccessDeniedException", "PublicPolicyException"},
	} {
		in := &secretsmanager.PutResourcePolicyInput{SecretId: aws.String("app"), ResourcePolicy: &open, BlockPublicPolicy: aws.Bool(true)}
		if _, err := operator.PutResourcePolicy(ctx, in); code(err) != tt.public {
			t.Errorf("public: %v", err)
		}
		if in.BlockPublicPolicy = nil; tt.opened {
			if _, err := operator.PutResourcePolicy(ctx, in); err != nil {
				t.Fatal(err)
			}
		}
		_, err := stranger.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: ours.ARN})
		_, read := stranger.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: ours.ARN})
		if code(err) != tt.policy || code(read) != tt.value {
			t.Errorf("opened %v: %v, %v", tt.opened, err, read)
		}
	}
}

// A webhook that is not Slack's takes what is posted to it, and says that all is well.
func TestForeignWebhook(t *testing.T) {
	c := newCloud(t, nil)
	asFunction(t, c, func(_ context.Context, _ aws.Config, env FunctionEnv) {
		post := func() any { return callSlack(t, env, foreignHook, "", `{"text":"x"}`)["text"] }
		if got := post(); got != "no_service" {
			t.Errorf("unknown: %v", got)
		}
		c.ForeignWebhook(foreignHook)
		if got := post(); got != "ok" || len(c.Channels()["foreign"]) != 1 {
			t.Errorf("%v, %v", got, c.Channels())
		}
	})
}
