package notes

import "trailkeeper/lambda/internal/finding"

// assessWords are those on what an event asks for.
func assessWords() map[finding.NoteID]string {
	return map[finding.NoteID]string{
		finding.NoteTrailDeleted: "The trail is deleted and records nothing. Its log files remain in the bucket.",
		finding.NoteSettingsChanged: "The trail's settings were changed. It may record less, or deliver elsewhere, while " +
			"its status still says that it is logging.",
		finding.NoteSelectorsChanged: "What the trail records was changed. The status of a trail that records no " +
			"management events still says that it is logging.",
		finding.NoteInsightsChanged: "The Insights selectors were changed.",
		finding.NoteTrailCreated:    "A trail was created.",
		finding.NoteLoggingStarted:  "Logging was started.",
		finding.NoteTagsChanged:     "The trail's tags were changed. Policies that depend on tags may no longer protect it.",
		finding.NoteNetworkActivity: "A request for this call crossed a VPC endpoint. The record does not say whether it " +
			"succeeded.",
		finding.NoteApproved:       "An approval is in force for %s until %s: %s.",
		finding.NoteStoppedUnnamed: "Logging was stopped, but the record does not say on which trail: %s.",
		finding.NoteWouldStart: "The trail is not logging. Mode notify changes nothing; mode restart would have called " +
			"StartLogging on %s.",
		finding.NoteRefused: "AWS refused the call, so nothing has changed.",
		finding.NoteNotOurs: "No call was made: %s.",
		finding.NoteForeignTrail: "Organization trail of account %s: only the management account or a delegated " +
			"administrator can restart it. No call was made from here.",

		finding.NextCreateAgain: "Create the trail again with the settings it had, then start logging: a trail that is " +
			"created by API or CLI does not log.\n$ aws cloudtrail start-logging --region %s --name %s",
		finding.NextCompareSettings: "Compare the trail's settings with what they should be, and restore them with " +
			"update-trail.\n$ aws cloudtrail describe-trails --region %s --trail-name-list %s",
		finding.NextCompareSelectors: "Compare the trail's event selectors with what they should be, and restore them with " +
			"put-event-selectors.\n$ aws cloudtrail get-event-selectors --region %s --trail-name %s",
		finding.NextCompareInsights: "Compare the trail's Insights selectors with what they should be, and restore them " +
			"with put-insight-selectors.\n$ aws cloudtrail get-insight-selectors --region %s --trail-name %s",
		finding.NextFindStopped: "Check the status of each trail of this Region with get-trail-status, and run " +
			"start-logging on the one that is not logging.\n$ aws cloudtrail describe-trails --region %s",
		finding.NextWhyAttempted: "Find out why %s was attempted. If the caller should not be able to, review what else it " +
			"did.\n$ aws cloudtrail lookup-events --region %s --lookup-attributes AttributeKey=EventId,AttributeValue=%s",
		finding.NextAddAccount: "If this deployment is to act on it, add the account to the setting accounts. Otherwise " +
			"find out who sent the event.",
		finding.NextRestartThere: "Start logging there, or deploy Trailkeeper in that account. A delegated administrator's " +
			"deployment adds %s to its setting accounts.",
	}
}
