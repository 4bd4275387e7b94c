package notes

import (
	"maps"

	"trailkeeper/lambda/internal/finding"
)

// responseWords are those on what an event leads to.
func responseWords() map[finding.NoteID]string {
	all := approvalWords()
	maps.Copy(all, eventWords())
	return all
}

// eventWords are those on what an event leads to, but for its approval.
func eventWords() map[finding.NoteID]string {
	return map[finding.NoteID]string{
		finding.NoteDeclaredOff: "The trail's declared baseline says that it does not log, so it was not restarted.",
		finding.NoteLateApprovedStop: "This event comes late. The trail is stopped under an approval that is in force, so " +
			"it was not " +
			"restarted.",
		finding.NoteLooksItself:   "The guard now looks at every trail itself.",
		finding.NoteStoppedAgain:  "It had been stopped again since the event, at %s.",
		finding.NoteGaveUpStart:   "Logging was not restored in %s runs, and Lambda does not run the event again.",
		finding.NoteGaveUpRestore: "The trail was not restored in %s runs, and Lambda does not run the event again.",
		finding.NoteRunsAgain: "Lambda runs a failed event again, up to %s times; if every run fails, the event goes to " +
			"the failure " +
			"queue and its alarm says so.",
		finding.NoteStaysQueued: "The event stays in the queue that it was taken from, and the next sweep tries again.",
		finding.NoteNotRecorded: "Nothing was restored, because no baseline of this trail is deployed and the recorded one " +
			"does not " +
			"serve: %s.",
		finding.NoteBadBaseline: "Nothing was restored, because the trail's baseline cannot be used: %s.",
		finding.NoteNoBaseline:  "Nothing was restored, because no baseline of this trail is deployed.",
		finding.NoteNotRecalled: "So approved changes and the attempt cap could not be looked up.",
		finding.NoteOwnUnknown: "The guard's role started logging, and the trail's status could not be read to see " +
			"whether it held.",
		finding.NoteOwnFailed: "The guard's role started logging, and that did not hold: the trail's status said " +
			"afterwards that it " +
			"was not logging.",
		finding.NoteRestCompared: "What else differed was compared with the baseline.",
		finding.NoteNotCovered: "What is weaker than in the baseline stands under an approval, which does not cover this " +
			"call.",
		finding.NoteAlreadyUndone: "The call asked for what weakens the trail, compared with its baseline. It was already " +
			"undone with " +
			"the change before: reading the trail shows nothing of it any more.",

		finding.NoteTest: "This is a test: nothing has happened, and nothing was changed. It took the way of a real event, " +
			"through " +
			"EventBridge and the guard.",
		finding.NoteAlarm: "Alarm %s went to ALARM at %s. EventBridge could not post it to Slack then. Its description in " +
			"CloudWatch " +
			"says what it means and what to do.",
		finding.NoteUnreadable: "The payload cannot be handled: %s.",

		finding.NextStartNow:        "Restart logging by hand now.\n$ aws cloudtrail start-logging --region %s --name %s",
		finding.NextStartUnlessSoon: "If no message reports the restore within five minutes, restart logging by hand.",
		finding.NextRestoreNow:      "Restore the trail by hand now, and find out who changed it.",
		finding.NextSweepTries:      "The sweep tries again every %s min.",
		finding.NextCapture: "Then capture the trail's baseline, and deploy.\n$ trailkeeper baseline capture " +
			"--region %s --trail %s",
		finding.NextDeployBaseline: "Deploy Trailkeeper again with a baseline file that is right. Until then, do this by " +
			"hand.",
		finding.NextTakeAway: "Act now: find out who changes the trail and take their access away. Trailkeeper restored it " +
			"%s times " +
			"within an hour and after each event now restores only what blinds it.",
		finding.NextSweepGoesOn: "The sweep goes on every %s min.",
		finding.NextGoesOn:      "It goes on in an hour.",
		finding.NextReadStatus:  "Check the trail's status.\n$ aws cloudtrail get-trail-status --region %s --name %s",
		finding.NextWhoForged:   "Find out who can invoke the function, or put such a record into its queues.",
		finding.NextWhoInvoked: "Find out who sent it: only this deployment's rules should invoke the guard. The payload " +
			"is in the " +
			"failure queue, and from the next sweep on in the last queue.",
	}
}

// approvalWords are those on what an approval is worth.
func approvalWords() map[finding.NoteID]string {
	return map[finding.NoteID]string{
		finding.NoteCoversNothing: "The approval covers nothing: %s.",
		finding.NoteNotCounting:   "The approval does not count: %s",
		finding.NoteApprovalTooOld: "The approval does not count: the call was made at %s, more than a day before this " +
			"record of it " +
			"came.",
		finding.NoteVerifying:     "Verification pending: %s",
		finding.NoteConfirmBy:     "If it is not confirmed by %s, the next sweep takes the change for any other.",
		finding.NoteCallConfirmed: "CloudTrail's event history confirms the call.",
		finding.NoteOtherValues: "The record that arrived claims other values than CloudTrail knows; only those that " +
			"CloudTrail " +
			"knows are approved.",
		finding.NoteMayBeUndone:   "So a restore after another event, or the sweep, may undo the change.",
		finding.NoteNoTable:       "There is no state table to wait with.",
		finding.NoteNoSweepInTime: "No sweep comes in time to verify it.",
		finding.NoteTooManyClaims: "Too many claims are waited for on this trail.",
		finding.NoteClaimedBefore: "A claim on this trail was not confirmed; until %s none is waited for.",

		finding.NoteNoBaselineAnyway: "The trail has no baseline, so nothing would be restored in any case.",
		finding.NoteModeAnyway:       "In this mode nothing of it would be restored in any case.",
		finding.NoteStaysUntil:       "The change stays until then.",
	}
}
