package doctor

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// logs is the bucket of the trail.
const logs = "log-archive-111122223333"

// onBucket is a call on the trail's bucket.
func onBucket(call func(ctx context.Context, api *s3.Client) error) tamper {
	return func(ctx context.Context, w *world) error {
		return call(ctx, s3.NewFromConfig(w.sdk(), func(o *s3.Options) { o.UsePathStyle = true }))
	}
}

// kms makes calls of KMS.
func (w *world) kms(operation string, input map[string]any) map[string]any {
	w.t.Helper()
	client, err := awsenv.HTTPClient(os.Getenv)
	if err != nil {
		w.t.Fatal(err)
	}
	api := awsapi.Client{HTTP: client, Credentials: w.sdk().Credentials, Getenv: os.Getenv, Now: time.Now}
	out, err := api.Call(w.t.Context(), awsapi.Call{Service: "kms", Region: "eu-west-1", Operation: operation, Input: input})
	if err != nil {
		w.t.Fatalf("%s: %v", operation, err)
	}
	return out
}

// encrypt has the trail encrypt with a new key, and gives its ARN.
func (w *world) encrypt() string {
	w.t.Helper()
	metadata := awsapi.Object(w.kms("CreateKey", map[string]any{"Description": "logs"})["KeyMetadata"])
	arn := awsapi.Text(metadata["Arn"])
	w.kms("PutKeyPolicy", map[string]any{"KeyId": arn, "Policy": `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"},
		{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":["kms:GenerateDataKey*","kms:DescribeKey"],"Resource":"*"}]}`})
	if _, err := cloudtrail.NewFromConfig(w.sdk()).UpdateTrail(w.t.Context(), &cloudtrail.UpdateTrailInput{
		Name: aws.String(mainTrail), KmsKeyId: aws.String(arn),
	}); err != nil {
		w.t.Fatal(err)
	}
	return arn
}

// TestEvidence: bucket and key of a trail are compared where its baseline describes them; what may not be read is unknown.
func TestEvidence(t *testing.T) {
	deny := func(action string) tamper {
		return func(_ context.Context, w *world) error {
			w.cloud.AddPrincipal(localcloud.Principal{
				AccessKey: "operator", Account: "111122223333", UserName: "operator",
				Denied: map[string]string{action: localcloud.NoIdentityPolicy},
			})
			return nil
		}
	}
	expire := func(days int32) tamper {
		return onBucket(func(ctx context.Context, api *s3.Client) error {
			_, err := api.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{
				Bucket: aws.String(logs), LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{{
					Status: types.ExpirationStatusEnabled, Filter: &types.LifecycleRuleFilter{Prefix: aws.String("")},
					Expiration: &types.LifecycleExpiration{Days: aws.Int32(days)},
				}}},
			})
			return err
		})
	}
	noPolicy := onBucket(func(ctx context.Context, api *s3.Client) error {
		_, err := api.DeleteBucketPolicy(ctx, &s3.DeleteBucketPolicyInput{Bucket: aws.String(logs)})
		return err
	})
	disable := func(_ context.Context, w *world) error {
		w.kms("DisableKey", map[string]any{"KeyId": w.key})
		return nil
	}
	for name, test := range map[string]struct {
		capture []string
		do      tamper
		status  verdict.Status // empty: no verdict
		says    string
	}{
		"as captured":           {[]string{"--evidence"}, nothing, verdict.OK, "are as their baselines say (2)."},
		"no policy":             {[]string{"--evidence"}, noPolicy, verdict.Error, "worse than the baselines say: log-archive-111122223333 (policy)."},
		"a short life":          {[]string{"--evidence"}, expire(1), verdict.Error, "log-archive-111122223333 (lifecycle)."},
		"a disabled key":        {[]string{"--evidence"}, disable, verdict.Error, "(enabled)."},
		"no policy to be read":  {[]string{"--evidence"}, deny("s3:GetBucketPolicy"), verdict.Unknown, "could not be read as a whole. The policy of the bucket"},
		"no key to be read":     {[]string{"--evidence"}, deny("kms:DescribeKey"), verdict.Unknown, "could not be read as a whole. The key "},
		"worse, and unreadable": {[]string{"--evidence"}, all(disable, deny("s3:GetBucketPolicy")), verdict.Error, "(enabled)."},
		"not described":         {nil, noPolicy, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "default")
			w.key = w.encrypt()
			args := append([]string{"baseline", "capture", "--region", "eu-west-1", "--dir", w.dir}, test.capture...)
			if code, out, errs := w.run(args...); code != cli.ExitOK {
				t.Fatalf("exit %d: %s%s", code, out, errs)
			}
			if err := test.do(t.Context(), w); err != nil {
				t.Fatal(err)
			}
			v := w.judge("evidence")
			if v.Status != test.status || !strings.Contains(v.Says, test.says) {
				t.Errorf("%+v; want %q, %q", v, test.status, test.says)
			}
			if v.Status == verdict.Unknown && !strings.Contains(v.Do, "Allow kms:DescribeKey, kms:GetKeyPolicy, s3:GetBucketPolicy, s3:GetBucketVersioning, s3:GetLifecycleConfiguration to") {
				t.Errorf("what to do is %s", v.Do)
			}
		})
	}
}
