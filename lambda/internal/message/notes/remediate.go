package notes

import (
	"maps"

	"trailkeeper/lambda/internal/finding"
)

// remediationWords are those on what stands in the way of a remediation.
func remediationWords() map[finding.NoteID]string {
	all := refusalWords()
	maps.Copy(all, settingsWords())
	maps.Copy(all, leftWords())
	maps.Copy(all, historyWords())
	return all
}

// refusalWords are those on a call that CloudTrail did not carry out.
func refusalWords() map[finding.NoteID]string {
	return map[finding.NoteID]string{
		finding.NoteThrottled: "CloudTrail throttled the call: it takes one such call a second for an account and " +
			"Region.",
		finding.NoteBusy:               "CloudTrail is still busy with another change to the trail.",
		finding.NoteCallTimedOut:       "CloudTrail gave up waiting for the call.",
		finding.NoteExpiredCredentials: "The function's credentials had expired.",
		finding.NoteTrailNotFound:      "No such trail: %s.",
		finding.NoteBadTrailName:       "CloudTrail does not take %s as a trail.",
		finding.NoteWrongHome:          "The trail's home Region is not %s.",
		finding.NoteNotManagement: "Organization trail of account %s: only the management account or a delegated " +
			"administrator can start or change it.",
		finding.NoteConversion: "Only the organization's management account can make a trail the organization's, or take " +
			"that back; a delegated administrator cannot.",
		finding.NoteOrganizationAccess: "An organization trail needs more permissions than the function has: " +
			"organizations:DescribeOrganization, organizations:ListAWSServiceAccessForOrganization and iam:GetRole on the " +
			"CloudTrail service-linked role.",
		finding.NoteNoLinkedRole:    "The management account has no service-linked role for CloudTrail.",
		finding.NoteOrganizationOff: "The organization does not let CloudTrail work for it.",
		finding.NoteBlocked:         "The call was blocked by policy: %s.",
		finding.NoteNotAllowed:      "The function's role is not allowed to make the call.",
		finding.NotePassRoleBlocked: "Passing the role for CloudWatch Logs to CloudTrail was blocked by policy: %s.",
		finding.NotePassRole: "The function's role may not pass the role for CloudWatch Logs to CloudTrail " +
			"(iam:PassRole).",
		finding.NoteNotPermitted:   "CloudTrail does not permit this operation on the trail.",
		finding.NoteBadCredentials: "AWS did not accept the function's credentials.",
		finding.NoteNoCredentials:  "The function has no credentials to sign the call with.",
		finding.NoteSuspended: "The topic is in an account that AWS has suspended, or AWS did not accept the function's " +
			"credentials.",
		finding.NoteFailedWith:  "CloudTrail failed with %s.",
		finding.NoteRefusedWith: "CloudTrail refused the call with %s.",
		finding.NoteNoAnswer:    "The CloudTrail endpoint answered what is no CloudTrail answer.",
		finding.NoteNotInTime:   "CloudTrail did not answer in time.",
		finding.NoteUnreachable: "CloudTrail could not be reached.",
		finding.NoteNoTime:      "No time was left to restore it in this run.",

		finding.NextCreateWithSettings: "If it was deleted, create it again with the settings it had and run " +
			"start-logging.",
		finding.NextCreateFromBaseline: "If it was deleted, create it again with the settings of its baseline, then run " +
			"start-logging.",
		finding.NextStartMeant: "Start logging by hand on the trail that was meant.",
		finding.NextStartAtHome: "Run start-logging in the trail's home Region; describe-trails shows it as " +
			"HomeRegion.",
		finding.NextStartIfOff: "If the trail's status says that IsLogging is false, run start-logging.\n$ aws cloudtrail " +
			"get-trail-status --region %s --name %s",
		finding.NextCorrectARN: "Correct trail.arn in the baseline, and deploy.",
		finding.NextCaptureAtHome: "Capture the trail's baseline in its home Region, which describe-trails shows as " +
			"HomeRegion, and deploy.",
		finding.NextRestoreThere: "Restore it there, or run Trailkeeper in that account.",
		finding.NextConvertThere: "Set it there with update-trail, or run Trailkeeper in that account.",
		finding.NextOrganizationAccess: "Set organizationTrail in the settings and deploy again. Where it is set, do it by " +
			"hand, with a role that may administer the organization.",
		finding.NextLinkedRole: "Create the role AWSServiceRoleForCloudTrail in the management account, then restore the " +
			"trail or its logging.",
		finding.NextOrganizationOn: "Enable all features of the organization and trusted access for CloudTrail, then " +
			"restore the trail or its logging.",
		finding.NextAllow: "Let the function's role through in that policy, or restore the trail with a principal that it " +
			"lets through.",
		finding.NextRolePolicy: "Deploy Trailkeeper again to bring its role's policy back, and find out who changed it.",
		finding.NextAllowPassRole: "Let the function's role through in that policy, or set the log group by hand with " +
			"update-trail.",
		finding.NextPassRole: "Deploy Trailkeeper again with this baseline, which grants it, or set the log group by hand " +
			"with update-trail.",
		finding.NextManagingService: "Look at the trail in the console: one that a service manages is changed by that " +
			"service alone.",
		finding.NextCheckRole:    "Check that the function's role still exists, and deploy Trailkeeper again.",
		finding.NextTopicAccount: "Look at the topic's account, and set another topic in the baseline.",
		finding.NextLookUpError: "Look the error up in the CloudTrail API reference, and do by hand what the call was " +
			"to do.",
		finding.NextCheckEndpoint: "Check the function's endpoint settings.",
		finding.NextCheckNetwork:  "If this lasts, check the function's network and endpoint settings.",
	}
}

// settingsWords are those on what a baseline has and CloudTrail does not take.
func settingsWords() map[finding.NoteID]string {
	return map[finding.NoteID]string{
		finding.NoteBucketGone:    "The baseline's bucket does not exist.",
		finding.NoteBucketPolicy:  "The policy of the baseline's bucket does not let CloudTrail write.",
		finding.NotePrefixRefused: "CloudTrail does not take the baseline's prefix.",
		finding.NoteKeyGone: "The baseline's KMS key does not exist or is not in the bucket's Region, or the topic's key " +
			"does not exist or is elsewhere.",
		finding.NoteKeyRefused:  "CloudTrail does not take the ARN of the baseline's KMS key.",
		finding.NoteKeyUnusable: "The baseline's KMS key cannot be used.",
		finding.NoteKeyPolicy: "The policy of the baseline's KMS key, or that of its bucket, does not let CloudTrail " +
			"in.",
		finding.NoteTopicGone:       "The baseline's topic does not exist, or its policy does not let CloudTrail publish.",
		finding.NoteLogsUnavailable: "CloudTrail cannot deliver to CloudWatch Logs in this Region now.",
		finding.NoteLogGroupGone:    "The baseline's log group does not exist, or its role may not write there.",
		finding.NoteLogRoleGone: "The baseline's role for CloudWatch Logs does not exist, or CloudTrail may not " +
			"assume it.",
		finding.NoteTooManyTrails:    "The Region has as many trails as CloudTrail allows.",
		finding.NoteTrailExists:      "A trail of this name is there already.",
		finding.NoteTrailHidden:      "CloudTrail says that there is a trail of this name, but does not show it.",
		finding.NoteSettingsRefused:  "CloudTrail does not take the baseline's settings together.",
		finding.NoteSelectorsRefused: "CloudTrail does not take the baseline's event selectors.",
		finding.NoteInsightsRefused:  "CloudTrail does not take the baseline's Insights selectors.",
		finding.NoteTagsRefused:      "CloudTrail does not take the baseline's tags beside those that the trail has.",
		finding.NoteTrailUnknown:     "CloudTrail does not know the trail that is to be restored.",
		finding.NoteCreatedElsewhere: "CloudTrail created %s instead: the baseline is one of another account than the " +
			"function's.",
		finding.NoteNotKnownYet: "CloudTrail does not know the new trail yet.",

		finding.NextMakeBucket: "Find out who deleted it; make it again under an account of yours before somebody else " +
			"takes its name.",
		finding.NextBucketPolicy:  "Restore the bucket's policy: CloudTrail needs s3:GetBucketAcl and s3:PutObject.",
		finding.NextCorrectPrefix: "Correct s3KeyPrefix in the baseline, and deploy.",
		finding.NextFindKey: "Look at both keys and at where the bucket is. Cancel a deletion and enable the key; " +
			"otherwise capture a baseline with a key in the bucket's Region.",
		finding.NextCorrectKey: "Correct kmsKeyId in the baseline, and deploy.",
		finding.NextEnableKey:  "Enable the key, or cancel its deletion, and find out who disabled it.",
		finding.NextKeyPolicy: "Check both and restore what was changed: CloudTrail needs kms:GenerateDataKey* and " +
			"kms:DescribeKey of the key, s3:GetBucketAcl and s3:PutObject of the bucket.",
		finding.NextTopic:            "Restore the topic and its policy.",
		finding.NextLookAtLogGroup:   "Look at the trail's log group later.",
		finding.NextLogGroup:         "Restore the log group, then deliver to it again with update-trail.",
		finding.NextLogRole:          "Restore the role, then set it again with update-trail.",
		finding.NextDeleteTrails:     "Find out who made them, delete one that is not needed, and create the trail again.",
		finding.NextCompare:          "Compare it with the baseline.",
		finding.NextCorrectBaseline:  "Correct the baseline, and deploy.",
		finding.NextCorrectSelectors: "Correct the selectors in the baseline, and deploy.",
		finding.NextCorrectInsights: "Correct them in the baseline, and deploy; Insights need management events of " +
			"the kind " +
			"that they look at.",
		finding.NextRemoveTags:      "Remove the tags that somebody added, and restore the baseline's.",
		finding.NextFindTrail:       "Look for it with describe-trails.",
		finding.NextDeleteElsewhere: "Delete that trail, and correct the baselines and the accounts in the settings.",
	}
}

// leftWords are those on what a remediation leaves, and on what it verifies.
func leftWords() map[finding.NoteID]string {
	return map[finding.NoteID]string{
		finding.NoteLogging: "GetTrailStatus confirms that the trail is logging again.",
		finding.NoteLoggingSince: "GetTrailStatus says that the trail is logging again since %s, after the stop and before " +
			"this run's call: somebody else, or an earlier run of the guard, had started it.",
		finding.NoteStatusNotRead: "The trail's status could not be read.",
		finding.NoteStatusUnread:  "CloudTrail accepted StartLogging, but its status could not be read in time.",
		finding.NoteStatusOld: "CloudTrail accepted StartLogging. Its status says that the trail is logging, but shows no " +
			"start after the stop, so it may be old.",
		finding.NoteStatusOff: "CloudTrail accepted StartLogging, but its status still says that the trail is not " +
			"logging.",

		finding.NoteNamesNoTrail: "The baseline names no trail.",
		finding.NoteNotRead:      "So the trail could not be read.",
		finding.NoteNotCreated:   "So the trail could not be created again.",
		finding.NoteCapped: "Attempt cap reached: Trailkeeper has restored this trail as often as its cap allows, and " +
			"somebody keeps changing it.",
		finding.NoteReservedTag: "AWS alone sets tags that begin with aws:. Find out what the tag's service did to the " +
			"trail.",
		finding.NoteChangedMeanwhile: "It was changed while the trail was restored. If no further message reports it, " +
			"restore it by hand.",
		finding.NoteAcceptedGone:   "CloudTrail accepted %s, but the trail is gone now.",
		finding.NoteAcceptedUnseen: "CloudTrail accepted %s, but it could not be verified.",
		finding.NoteAcceptedUnread: "CloudTrail accepted %s, but the trail could not be read since.",
		finding.NoteAcceptedNotShown: "CloudTrail accepted %s, but reading the trail does not show it: it lags, or " +
			"somebody has changed it again.",
		finding.NoteLeftAlone: "It is left alone.",
		finding.NoteStands:    "It stands under an approval.",
		finding.NoteOnlyDeclared: "Only a declared baseline may set or remove it: capture one with trailkeeper baseline " +
			"capture and deploy it.",
		finding.NoteEndsSelectors: "Restoring the recorded selectors would end what is recorded in addition now, and a " +
			"recorded baseline may only strengthen.",
		finding.NoteEndsInsights: "Restoring the recorded selectors would end Insights that are on in addition now, and a " +
			"recorded baseline may only strengthen.",
		finding.NoteEventsByHand: "Trailkeeper does not restore the event configuration; do it with " +
			"put-event-configuration.",

		finding.NextStopThem: "Find out who and stop them, then restore it by hand.",
		finding.NextLookAt:   "Run aws cloudtrail --region %s %s and compare it with the baseline.",
	}
}

// historyWords are those on what CloudTrail's event history says of a claim to an approval.
func historyWords() map[finding.NoteID]string {
	return map[finding.NoteID]string{
		finding.NoteHistoryOther:     "CloudTrail's event history knows the call, and it asked for something else.",
		finding.NoteHistoryLate:      "The call was made more than a day before its record came.",
		finding.NoteHistoryNoCall:    "CloudTrail's event history knows the event, and it is no such call.",
		finding.NoteHistoryNotYet:    "CloudTrail's event history does not show it yet.",
		finding.NoteHistoryUnknown:   "CloudTrail's event history does not know it.",
		finding.NoteHistoryUnchecked: "It could not be verified: %s.",
		finding.NoteHistoryRival:     "CloudTrail's event history shows that %s made the change at %s (event %s).",
	}
}
