package remediate

import "strings"

// explainSettings covers what CloudTrail says of the settings, selectors and tags that are put back. None of it cures itself.
func explainSettings(code string) (Problem, bool) {
	sentence, next := settingsProblem(strings.TrimSuffix(code, "Exception"))
	return Problem{Sentence: sentence, NextStep: next}, sentence != ""
}

func settingsProblem(code string) (sentence, next string) {
	switch code {
	case "S3BucketDoesNotExist", "InvalidS3BucketName":
		return "The baseline's bucket does not exist.", "Find out who deleted it; make it again under an account of yours before somebody else takes its name."
	case "InsufficientS3BucketPolicy":
		return "The policy of the baseline's bucket does not let CloudTrail write.", "Put the bucket's policy back: CloudTrail needs s3:GetBucketAcl and s3:PutObject."
	case "InvalidS3Prefix":
		return "CloudTrail does not take the baseline's prefix.", "Correct s3KeyPrefix in the baseline, and deploy."
	case "KmsKeyNotFound":
		return "The baseline's KMS key does not exist or is not in the bucket's Region, or the topic's key does not exist or is elsewhere.",
			"Look at both keys and at where the bucket is. Cancel a deletion and enable the key; otherwise capture a baseline with a key in the bucket's Region."
	case "InvalidKmsKeyId":
		return "CloudTrail does not take the ARN of the baseline's KMS key.", "Correct kmsKeyId in the baseline, and deploy."
	case "KmsKeyDisabled", "Kms":
		return "The baseline's KMS key cannot be used.", "Enable the key, or cancel its deletion, and find out who disabled it."
	case "InsufficientEncryptionPolicy":
		return "The policy of the baseline's KMS key, or that of its bucket, does not let CloudTrail in.",
			"Look at both and put back what was changed: CloudTrail needs kms:GenerateDataKey* and kms:DescribeKey of the key, s3:GetBucketAcl and " +
				"s3:PutObject of the bucket."
	case "InsufficientSnsTopicPolicy", "InvalidSnsTopicName":
		return "The baseline's topic does not exist, or its policy does not let CloudTrail publish.", "Put the topic and its policy back."
	case "CloudWatchLogsDeliveryUnavailable":
		return "CloudTrail cannot deliver to CloudWatch Logs in this Region now.", "Look at the trail's log group later."
	case "InvalidCloudWatchLogsLogGroupArn":
		return "The baseline's log group does not exist, or its role may not write there.", "Put the log group back, then deliver to it again with update-trail."
	case "InvalidCloudWatchLogsRoleArn":
		return "The baseline's role for CloudWatch Logs does not exist, or CloudTrail may not assume it.", "Put the role back, then set it again with update-trail."
	case "MaximumNumberOfTrailsExceeded":
		return "The Region has as many trails as CloudTrail allows.", "Find out who made them, delete one that is not needed, and create the trail again."
	case "TrailAlreadyExists":
		return "A trail of this name is there already.", "Compare it with the baseline."
	case "TrailNotProvided", "InvalidParameterCombination", "InvalidParameter":
		return "CloudTrail does not take the baseline's settings together.", "Correct the baseline, and deploy."
	case "InvalidEventSelectors":
		return "CloudTrail does not take the baseline's event selectors.", "Correct the selectors in the baseline, and deploy."
	case "InvalidInsightSelectors", "InsightNotEnabled":
		return "CloudTrail does not take the baseline's Insights selectors.",
			"Correct them in the baseline, and deploy; Insights need management events of the kind that they look at."
	case "TagsLimitExceeded", "InvalidTagParameter":
		return "CloudTrail does not take the baseline's tags beside those that the trail has.", "Remove the tags that somebody added, and put the baseline's back."
	case "ResourceNotFound", "ResourceTypeNotSupported", "InactiveEventDataStore", "EventDataStoreNotFound", "EventDataStoreARNInvalid":
		return "CloudTrail does not know the trail that is to be put back.", "Look for it with describe-trails."
	}
	return "", ""
}
