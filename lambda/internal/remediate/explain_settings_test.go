package remediate_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/smithy-go"

	"trailkeeper/lambda/internal/remediate"
)

// TestExplainWhatPuttingBackMeets covers the errors that the SDK's model lists for UpdateTrail, CreateTrail,
// PutEventSelectors, PutInsightSelectors and AddTags beyond those of StartLogging.
func TestExplainWhatPuttingBackMeets(t *testing.T) {
	for _, tt := range []struct {
		err  smithy.APIError
		says string
	}{
		{&types.S3BucketDoesNotExistException{}, "bucket does not exist"},
		{&types.InvalidS3BucketNameException{}, "bucket does not exist"},
		{&types.InsufficientS3BucketPolicyException{}, "policy of the baseline's bucket"},
		{&types.InvalidS3PrefixException{}, "prefix"},
		{&types.KmsKeyNotFoundException{}, "KMS key does not exist or is not in the bucket's Region, or the topic's key"},
		{&types.InvalidKmsKeyIdException{}, "ARN of the baseline's KMS key"},
		{&types.KmsKeyDisabledException{}, "KMS key cannot be used"},
		{&types.KmsException{}, "KMS key cannot be used"},
		{&types.InsufficientEncryptionPolicyException{}, "policy of the baseline's KMS key, or that of its bucket"},
		{&types.InsufficientSnsTopicPolicyException{}, "topic"},
		{&types.InvalidSnsTopicNameException{}, "topic"},
		{&types.CloudWatchLogsDeliveryUnavailableException{}, "CloudWatch Logs"},
		{&types.InvalidCloudWatchLogsLogGroupArnException{}, "log group"},
		{&types.InvalidCloudWatchLogsRoleArnException{}, "role for CloudWatch Logs"},
		{&types.MaximumNumberOfTrailsExceededException{}, "as many trails"},
		{&types.TrailAlreadyExistsException{}, "there already"},
		{&types.TrailNotProvidedException{}, "settings together"},
		{&types.InvalidParameterCombinationException{}, "settings together"},
		{&types.InvalidEventSelectorsException{}, "event selectors"},
		{&types.InvalidInsightSelectorsException{}, "Insights selectors"},
		{&types.TagsLimitExceededException{}, "tags"},
		{&types.InvalidTagParameterException{}, "tags"},
		{&types.ResourceNotFoundException{}, "does not know the trail"},
		{&types.ResourceTypeNotSupportedException{}, "does not know the trail"},
	} {
		p := remediate.Explain("UpdateTrail", tt.err, trail)
		if p.Retryable || !strings.Contains(p.Sentence, tt.says) || !strings.HasSuffix(p.Sentence, ".") ||
			!strings.HasSuffix(p.NextStep, ".") {
			t.Errorf("%s: %+v; want a final problem that says %q", tt.err.ErrorCode(), p, tt.says)
		}
	}
}
