package act

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/kmskey"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/stage"
)

// The trail that the golden template of evidence knows, and somebody of another account.
const (
	EvidenceBucket = "management-logs"
	sniperKey      = "AKIASNIPER0000000001"
	sniperAccount  = "999988887777"
	digest         = "trail/AWSLogs/" + stage.Account + "/CloudTrail-Digest/" + stage.Region + "/2026/03/02/" + stage.Account +
		"_CloudTrail-Digest_" + stage.Region + "_management_" + stage.Region + "_20260302T090000Z.json.gz"
)

// EvidenceKey is the key of that trail.
func EvidenceKey() string {
	return stage.At(stage.Region, stage.Account).ARN("kms", "key/44444444-4444-4444-4444-444444444444")
}

// evidenceBucket is the ARN of its bucket.
func evidenceBucket() string { return stage.At("", "").ARN("s3", EvidenceBucket) }

// EvidenceTrail is that trail. It records what is done to the objects in its bucket.
func EvidenceTrail(arn string) baseline.State {
	state := stage.DeclaredState(localcloud.TrailSeed{ARN: arn, Logging: true, MultiRegion: true})
	state.Settings.S3Bucket, state.Settings.S3Prefix, state.Settings.KMSKeyID = EvidenceBucket, "trail", EvidenceKey()
	state.Selectors[0].DataResources = []baseline.DataResource{
		{Type: "AWS::S3::Object", Values: []string{evidenceBucket() + "/"}},
	}
	return state
}

// bucketsOf is S3 as somebody's key sees it.
func bucketsOf(s *stage.Stage, key string) *s3.Client {
	return s3.NewFromConfig(stage.Config(s.Cloud, s.Region, key), func(o *s3.Options) { o.UsePathStyle = true })
}

// ShortLifecycle has the trail's bucket delete its files after a day.
func ShortLifecycle(ctx context.Context, s *stage.Stage) error {
	_, err := bucketsOf(s, stage.AttackerKey).PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{
		Bucket: aws.String(EvidenceBucket),
		LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{{
			ID: aws.String("tidy"), Status: types.ExpirationStatusEnabled, Filter: &types.LifecycleRuleFilter{Prefix: aws.String("")},
			Expiration: &types.LifecycleExpiration{Days: aws.Int32(1)},
		}}},
	})
	return err
}

// SnipeBucket empties and deletes the trail's bucket. Somebody of another account takes its name, and lets CloudTrail in.
func SnipeBucket(ctx context.Context, s *stage.Stage) error {
	s.Cloud.EmptyBucket(EvidenceBucket)
	s.Cloud.Note("mallory", "deletes every object of the bucket "+EvidenceBucket)
	if _, err := bucketsOf(s, stage.AttackerKey).DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: aws.String(EvidenceBucket)}); err != nil {
		return err
	}
	s.Cloud.Pass(2 * time.Second)
	s.Cloud.AddPrincipal(localcloud.Principal{AccessKey: sniperKey, Account: sniperAccount, UserName: "eve"})
	eve := bucketsOf(s, sniperKey)
	if _, err := eve.CreateBucket(ctx, &s3.CreateBucketInput{
		Bucket:                    aws.String(EvidenceBucket),
		CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(s.Region)},
	}); err != nil {
		return err
	}
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},` +
		`"Action":["s3:GetBucketAcl","s3:PutObject"],"Resource":["` + evidenceBucket() + `","` + evidenceBucket() + `/*"]}]}`
	_, err := eve.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: aws.String(EvidenceBucket), Policy: aws.String(policy)})
	return err
}

// DeleteDigest deletes a digest of the trail.
func DeleteDigest(ctx context.Context, s *stage.Stage) error {
	s.Cloud.PutObject(EvidenceBucket, digest, []byte("{}"))
	_, err := bucketsOf(s, stage.AttackerKey).DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String(EvidenceBucket), Key: aws.String(digest)})
	return err
}

// DisableKey disables the key of the trail.
func DisableKey(ctx context.Context, s *stage.Stage) error { return toKey(ctx, s, "DisableKey", nil) }

// DoomKey has the key of the trail deleted in a week.
func DoomKey(ctx context.Context, s *stage.Stage) error {
	return toKey(ctx, s, "ScheduleKeyDeletion", map[string]any{"PendingWindowInDays": 7})
}

func toKey(ctx context.Context, s *stage.Stage, op string, in map[string]any) error {
	cfg := stage.Config(s.Cloud, s.Region, stage.AttackerKey)
	client, ok := cfg.HTTPClient.(*http.Client)
	if !ok {
		client = http.DefaultClient
	}
	api := &awsapi.Client{HTTP: client, Credentials: cfg.Credentials, Now: s.Cloud.Now, Getenv: func(name string) string {
		return map[string]string{"AWS_ENDPOINT_URL": s.Cloud.Endpoint()}[name]
	}}
	_, err := (&kmskey.Client{Call: api.Call}).Do(ctx, op, EvidenceKey(), in)
	return err
}
