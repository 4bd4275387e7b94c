package remediate

import "strings"

// explainSettings covers what CloudTrail says of the settings, selectors and tags that are put back. None of it cures
// itself.
func explainSettings(code string) (Problem, bool) {
	p, ok := settingsProblems[strings.TrimSuffix(code, "Exception")]
	return p, ok
}

// settingsProblems are what is wrong and what to do, by the codes.
var settingsProblems = byCode([]coded{
	{
		codes:    []string{"S3BucketDoesNotExist", "InvalidS3BucketName"},
		sentence: "The baseline's bucket does not exist.",
		next: "Find out who deleted it; make it again under an account of yours before somebody else takes its " +
			"name.",
	},
	{
		codes:    []string{"InsufficientS3BucketPolicy"},
		sentence: "The policy of the baseline's bucket does not let CloudTrail write.",
		next:     "Put the bucket's policy back: CloudTrail needs s3:GetBucketAcl and s3:PutObject.",
	},
	{
		codes:    []string{"InvalidS3Prefix"},
		sentence: "CloudTrail does not take the baseline's prefix.",
		next:     "Correct s3KeyPrefix in the baseline, and deploy.",
	},
	{
		codes: []string{"KmsKeyNotFound"},
		sentence: "The baseline's KMS key does not exist or is not in the bucket's Region, or the topic's key does " +
			"not exist or is elsewhere.",
		next: "Look at both keys and at where the bucket is. Cancel a deletion and enable the key; otherwise " +
			"capture a baseline with a key in the bucket's Region.",
	},
	{
		codes:    []string{"InvalidKmsKeyId"},
		sentence: "CloudTrail does not take the ARN of the baseline's KMS key.",
		next:     "Correct kmsKeyId in the baseline, and deploy.",
	},
	{
		codes:    []string{"KmsKeyDisabled", "Kms"},
		sentence: "The baseline's KMS key cannot be used.",
		next:     "Enable the key, or cancel its deletion, and find out who disabled it.",
	},
	{
		codes:    []string{"InsufficientEncryptionPolicy"},
		sentence: "The policy of the baseline's KMS key, or that of its bucket, does not let CloudTrail in.",
		next: "Check both and restore what was changed: CloudTrail needs kms:GenerateDataKey* and " +
			"kms:DescribeKey of the key, s3:GetBucketAcl and s3:PutObject of the bucket.",
	},
	{
		codes:    []string{"InsufficientSnsTopicPolicy", "InvalidSnsTopicName"},
		sentence: "The baseline's topic does not exist, or its policy does not let CloudTrail publish.",
		next:     "Put the topic and its policy back.",
	},
	{
		codes:    []string{"CloudWatchLogsDeliveryUnavailable"},
		sentence: "CloudTrail cannot deliver to CloudWatch Logs in this Region now.",
		next:     "Look at the trail's log group later.",
	},
	{
		codes:    []string{"InvalidCloudWatchLogsLogGroupArn"},
		sentence: "The baseline's log group does not exist, or its role may not write there.",
		next:     "Put the log group back, then deliver to it again with update-trail.",
	},
	{
		codes:    []string{"InvalidCloudWatchLogsRoleArn"},
		sentence: "The baseline's role for CloudWatch Logs does not exist, or CloudTrail may not assume it.",
		next:     "Put the role back, then set it again with update-trail.",
	},
	{
		codes:    []string{"MaximumNumberOfTrailsExceeded"},
		sentence: "The Region has as many trails as CloudTrail allows.",
		next:     "Find out who made them, delete one that is not needed, and create the trail again.",
	},
	{
		codes:    []string{"TrailAlreadyExists"},
		sentence: "A trail of this name is there already.",
		next:     "Compare it with the baseline.",
	},
	{
		codes:    []string{"TrailNotProvided", "InvalidParameterCombination", "InvalidParameter"},
		sentence: "CloudTrail does not take the baseline's settings together.",
		next:     "Correct the baseline, and deploy.",
	},
	{
		codes:    []string{"InvalidEventSelectors"},
		sentence: "CloudTrail does not take the baseline's event selectors.",
		next:     "Correct the selectors in the baseline, and deploy.",
	},
	{
		codes:    []string{"InvalidInsightSelectors", "InsightNotEnabled"},
		sentence: "CloudTrail does not take the baseline's Insights selectors.",
		next: "Correct them in the baseline, and deploy; Insights need management events of the kind that they " +
			"look at.",
	},
	{
		codes:    []string{"TagsLimitExceeded", "InvalidTagParameter"},
		sentence: "CloudTrail does not take the baseline's tags beside those that the trail has.",
		next:     "Remove the tags that somebody added, and put the baseline's back.",
	},
	{
		codes: []string{
			"ResourceNotFound", "ResourceTypeNotSupported", "InactiveEventDataStore", "EventDataStoreNotFound",
			"EventDataStoreARNInvalid",
		},
		sentence: "CloudTrail does not know the trail that is to be restored.",
		next:     "Look for it with describe-trails.",
	},
})

// coded is what errors of some codes say.
type coded struct {
	codes          []string
	sentence, next string
}

func byCode(all []coded) map[string]Problem {
	m := map[string]Problem{}
	for _, c := range all {
		for _, code := range c.codes {
			m[code] = Problem{Sentence: c.sentence, NextStep: c.next}
		}
	}
	return m
}
