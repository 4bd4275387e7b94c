package stack_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/golden"
)

// TestNoTrailUnasked: a trail is never made silently.
func TestNoTrailUnasked(t *testing.T) {
	for _, name := range golden.Names() {
		for _, kind := range []string{"AWS::CloudTrail::Trail", "AWS::S3::Bucket", "AWS::S3::BucketPolicy"} {
			for id, found := range goldenTemplate(t, name).resources(kind) {
				if results := strings.HasPrefix(id, "BacktestResults"); name != "everything" && (!results || name != "backtest") {
					t.Errorf("%s has %s: %s", name, id, text(found))
				}
			}
		}
	}
}

// TestOwnTrails: the trails as wholes.
func TestOwnTrails(t *testing.T) {
	tpl := goldenTemplate(t, "everything")
	base := func(id, record string) map[string]any {
		return map[string]any{
			"EnableLogFileValidation":    true,
			"IncludeGlobalServiceEvents": true,
			"IsLogging":                  true,
			"IsMultiRegionTrail":         true,
			"S3BucketName":               id + "Bucket",
			"EventSelectors":             []any{map[string]any{"IncludeManagementEvents": true, "ReadWriteType": record}},
		}
	}
	canary, first := base("Canary", "WriteOnly"), base("FirstTrail", "All")
	first["CloudWatchLogsLogGroupArn"], first["CloudWatchLogsRoleArn"] = "FirstTrailLog.Arn", "FirstTrailRole.Arn"
	canary["KMSKeyId"] = "CanaryKey.Arn"
	first["KMSKeyId"] = "arn:aws:kms:eu-west-1:111122223333:key/55555555-5555-5555-5555-555555555555"
	first["InsightSelectors"] = []any{
		map[string]any{"InsightType": "ApiCallRateInsight"},
		map[string]any{"InsightType": "ApiErrorRateInsight"},
	}
	for prefix, want := range map[string]map[string]any{"Canary": canary, "FirstTrail": first} {
		id, trail := tpl.only(t, "AWS::CloudTrail::Trail", prefix)
		delete(trail, "Tags") // TestStackProperties
		if diff := cmp.Diff(any(want), plain(trail)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
		policy, _ := tpl.only(t, "AWS::S3::BucketPolicy", prefix)
		if !tpl.dependsOn(id, policy) {
			t.Errorf("%s does not wait for its bucket's policy, and CloudTrail writes at once", id)
		}
	}
}

// TestTrailKey: CloudTrail may describe the key, and encrypt with it, for the stack's trails alone; who may decrypt is
// left to the account.
func TestTrailKey(t *testing.T) {
	_, key := goldenTemplate(t, "everything").only(t, "AWS::KMS::Key", "CanaryKey")
	const trails = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/trailkeeper-all-*"
	from, forTrails := byService("cloudtrail.amazonaws.com"), map[string]any{"aws:SourceArn": trails}
	want := document(ownerOfIt, deployed,
		allowed("TrailLooks", "kms:DescribeKey", from, "*", map[string]any{"ArnLike": forTrails}),
		allowed("TrailWrites", "kms:GenerateDataKey*", from, "*", map[string]any{
			"ArnLike": forTrails, "StringLike": map[string]any{"kms:EncryptionContext:aws:cloudtrail:arn": trails},
		}))
	if diff := cmp.Diff(want, plain(key["KeyPolicy"])); diff != "" {
		t.Errorf("policy of the canary's key (-want +got):\n%s", diff)
	}
	if key["EnableKeyRotation"] != true {
		t.Error("the key is not rotated")
	}
}

// TestOwnTrailsStay: whatever the trails need stays with them, under names that a new deployment does not meet.
func TestOwnTrailsStay(t *testing.T) {
	tpl := goldenTemplate(t, "everything")
	for id, r := range object(tpl["Resources"]) {
		if !strings.HasPrefix(id, "Canary") && !strings.HasPrefix(id, "FirstTrail") {
			continue
		}
		if !retained(tpl, id) {
			t.Errorf("%s goes with the stack", id)
		}
		for _, name := range []string{"TrailName", "BucketName", "RoleName", "LogGroupName"} {
			if at(r, "Properties."+name) != nil {
				t.Errorf("%s has a name of its own", id)
			}
		}
	}
}

// TestTrailBuckets: nothing public, encrypted, versioned; CloudTrail alone writes, for trails of this stack; no plain
// HTTP.
func TestTrailBuckets(t *testing.T) {
	tpl := goldenTemplate(t, "everything")
	for _, prefix := range []string{"Canary", "FirstTrail"} {
		_, bucket := tpl.only(t, "AWS::S3::Bucket", prefix)
		delete(bucket, "Tags") // TestStackProperties
		want := map[string]any{
			"BucketEncryption": map[string]any{"ServerSideEncryptionConfiguration": []any{
				map[string]any{"ServerSideEncryptionByDefault": map[string]any{"SSEAlgorithm": "AES256"}},
			}},
			"OwnershipControls": map[string]any{"Rules": []any{map[string]any{"ObjectOwnership": "BucketOwnerEnforced"}}},
			"PublicAccessBlockConfiguration": map[string]any{
				"BlockPublicAcls":       true,
				"BlockPublicPolicy":     true,
				"IgnorePublicAcls":      true,
				"RestrictPublicBuckets": true,
			},
			"VersioningConfiguration": map[string]any{"Status": "Enabled"},
		}
		if prefix == "Canary" {
			want["LifecycleConfiguration"] = map[string]any{"Rules": []any{map[string]any{
				"Id":                          "Expire",
				"Status":                      "Enabled",
				"ExpirationInDays":            90.0,
				"NoncurrentVersionExpiration": map[string]any{"NoncurrentDays": 90.0},
			}}}
		}
		if diff := cmp.Diff(any(want), plain(bucket)); diff != "" {
			t.Errorf("bucket of %s (-want +got):\n%s", prefix, diff)
		}
		_, policy := tpl.only(t, "AWS::S3::BucketPolicy", prefix)
		arn, from := prefix+"Bucket.Arn", byService("cloudtrail.amazonaws.com")
		trails := map[string]any{"aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/trailkeeper-all-*"}
		wantPolicy := document(
			denyPlainHTTP(nil, "s3:*", map[string]any{"AWS": "*"}, []any{arn, arn + "/*"}),
			allowed("TrailLooks", "s3:GetBucketAcl", from, arn, map[string]any{"ArnLike": trails}),
			allowed("TrailWrites", "s3:PutObject", from, arn+"/AWSLogs/111122223333/*", map[string]any{
				"ArnLike": trails, "StringEquals": map[string]any{"s3:x-amz-acl": "bucket-owner-full-control"},
			}))
		if diff := cmp.Diff(wantPolicy, plain(policy["PolicyDocument"])); diff != "" {
			t.Errorf("policy of %s's bucket (-want +got):\n%s", prefix, diff)
		}
	}
}
