package localcloud

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
)

// A key's policy must let CloudTrail describe the key, and encrypt with it for the trail at hand.
func TestTrailKey(t *testing.T) {
	const (
		at = `"Principal": {"Service": "cloudwatch.amazonaws.com"}, ` +
			`"Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}}`
		service  = `, {"Effect": "Allow", "Resource": "*", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": `
		describe = service + `"kms:DescribeKey"`
		encrypt  = service + `"kms:GenerateDataKey*"`
		main     = `, "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"}}}`
		other    = `, "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/other"}}}`
		context  = `, "Condition": {"StringLike": {` +
			`"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:111122223333:trail/*"}}}`
		refused = "InsufficientEncryptionPolicyException"
	)
	for statements, want := range map[string]string{
		"":                                  refused,
		encrypt + main:                      refused, // it cannot be described
		describe + main:                     refused,
		describe + main + encrypt + other:   refused,
		describe + other + encrypt + main:   refused,
		describe + main + encrypt + main:    "",
		describe + main + encrypt + context: "",
		describe + context + encrypt + main: refused, // describing a key has no encryption context
		describe + "}" + encrypt + "}":      "",
		describe + main + encrypt + main + service + `"kms:*", "Condition": {"StringNotLike": {"aws:SourceArn": "*"}}}`: "",
	} {
		c := newCloud(t, nil, edit(t, at, at+statements))
		key := c.ARNOf("Key")
		c.Pass(2 * time.Second)
		_, err := trails(c, region).CreateTrail(t.Context(), &cloudtrail.CreateTrailInput{
			Name: aws.String("main"), S3BucketName: aws.String("logs"), KmsKeyId: &key,
		})
		if code(err) != want {
			t.Errorf("%s: got %v, want %q", statements, err, want)
		}
	}
}
