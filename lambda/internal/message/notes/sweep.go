package notes

import (
	"maps"

	"trailkeeper/lambda/internal/finding"
)

// sweepWords are those on what a sweep finds.
func sweepWords() map[finding.NoteID]string {
	all := actWords()
	maps.Copy(all, endWords())
	maps.Copy(all, coverageWords())
	return all
}

// actWords are those on what a sweep finds, does and leaves.
func actWords() map[finding.NoteID]string {
	return map[finding.NoteID]string{
		finding.NoteNotLogging:  "GetTrailStatus says that the trail is not logging.",
		finding.NoteNoFiles:     "CloudTrail cannot deliver log files to bucket %s: %s.",
		finding.NoteNoDigests:   "CloudTrail cannot deliver digests to bucket %s: %s.",
		finding.NoteNoEvents:    "CloudTrail cannot deliver events to CloudWatch Logs: %s.",
		finding.NoteNeverDigest: "The trail logs, and CloudTrail delivers a digest every hour; none so far.",
		finding.NoteStaleDigest: "The trail logs, and CloudTrail delivers a digest every hour; the last at %s.",

		finding.NoteUnnamedTrail: "Found after an event whose record does not name its trail.",
		finding.NoteSwept:        "Found by the sweep.",
		finding.NoteSweptAfter:   "Found by the sweep; the last event about the trail arrived at %s.",
		finding.NoteNoEvent:      "Found by the sweep: no event arrived.",

		finding.NoteModeNotify:    "Mode notify changes nothing; mode restart would start it.",
		finding.NoteNeverSeen:     "It has no baseline, and no sweep has seen it logging, so it was not started.",
		finding.NoteNextSweep:     "The next sweep tries again.",
		finding.NoteNextSweepIn:   "The next sweep tries again in %s min.",
		finding.NoteWeaker:        "The trail is weaker than its baseline.",
		finding.NoteModeLeaves:    "Mode %s, or an override, leaves that alone; mode restore would restore it.",
		finding.NotePutBackByRun:  "Another run has restored the trail meanwhile.",
		finding.NoteNotDeclared:   "Only a declared baseline says how to create it again, and it has none.",
		finding.NoteModeRecreates: "Only mode recreate creates it again.",

		finding.NoteHeldInVain: "An approval for %s is in force, but nothing has confirmed that it made this change.",
		finding.NoteHeld: "An approval for %s may cover it, and no event has shown who made it: without one it is restored " +
			"after %s.",
		finding.NoteApprovalExpired: "It was changed under an approval for %s (%s), which expired at %s, and the baseline " +
			"was not changed.",
		finding.NoteApprovedByHistory: "CloudTrail's event history shows that %s made it under an approval until %s " +
			"(event %s).",
		finding.NoteDoubted:    "An approval for %s was claimed for it and does not count.",
		finding.NoteFalseClaim: "A record claimed an approval that CloudTrail does not know: event %s, %s by %s.",
		finding.NoteLateClaim:  "A record claimed an approval for a call of long ago: event %s.",
		finding.NotePutBackAnyway: "What it claims to be approved is restored like any other change, as far as the mode " +
			"allows.",
		finding.NoteClaimConfirmed: "CloudTrail's event history confirms %s by %s at %s (event %s), which is approved " +
			"until %s: %s",

		finding.NoteActorLater:     "Who did it is looked up when everything is restored.",
		finding.NoteActor:          "%s by %s at %s from %s (event %s): found in the event history.",
		finding.NoteActorNoEvent:   "%s by %s at %s from %s (event %s): found in the event history; no event arrived.",
		finding.NoteActorUnknown:   "CloudTrail's event history does not show who did it, yet or at all.",
		finding.NoteActorNotLooked: "Who did it could not be looked up: %s.",
		finding.NoteActorAgain:     "The next sweeps look again.",
		finding.NoteActorOfFinding: "This is who is behind what the sweep found at %s (%s).",

		finding.NextDeliveryPolicies: "Check the policies of the bucket, its key, the log group and its role. CloudTrail " +
			"tries to deliver a log file for 30 days.",
		finding.NextDigests: "Look at the bucket's policy and at health.aws.amazon.com.",
		finding.NextStart:   "Start logging by hand.\n$ aws cloudtrail start-logging --region %s --name %s",
		finding.NextStartOrExclude: "If it should log, start it by hand; otherwise exclude it with an entry in " +
			"overrides.\n$ aws cloudtrail start-logging --region %s --name %s",
		finding.NextStartUnless: "If no message reports the restore, start logging by hand.\n$ aws cloudtrail " +
			"start-logging --region %s --name %s",
		finding.NextPutBackOrAccept: "Restore it, or declare the change with trailkeeper baseline accept.",
		finding.NextCreateAndCapture: "If it should be there, create it again and run start-logging; then capture its " +
			"baseline and deploy.",
		finding.NextCreate:         "Create it again with the settings of its baseline, then run start-logging.",
		finding.NextRemoveBaseline: "If it was removed on purpose, remove its baseline file and deploy.",
		finding.NextWhoCanInvoke: "Find out who can invoke the function, put records into its queues or write to its " +
			"table, and who changed the trail.",
		finding.NextWhoCalled: "Find out who made this call, and whether they should be able to.",
	}
}

// endWords are those on what is over.
func endWords() map[finding.NoteID]string {
	return map[finding.NoteID]string{
		finding.NoteConfirmed: "What was done after %s (event %s, %s) was not confirmed then. The sweep finds the trail as " +
			"it " +
			"should be.",
		finding.NoteThereAgain:    "The trail is there again.",
		finding.NoteLogsAgain:     "The trail logs again.",
		finding.NoteNotWeaker:     "The trail is no longer weaker than its baseline.",
		finding.NoteDeliversAgain: "CloudTrail delivers the trail's files again.",
		finding.NoteDigestsAgain:  "CloudTrail delivers digests again.",
		finding.NotePutRight:      "Somebody else has restored it, or it has passed.",
		finding.NoteInOrder:       "The sweep finds nothing that weakens the trail.",
		finding.NoteWasContested: "It was contested, and nobody has touched it for %s minutes. Find out who it was all the " +
			"same.",
		finding.NoteEndNotDelivered: "It was restored at %s, but the message about that is not known to have reached " +
			"anybody.",
		finding.NoteNoSuchTrail:  "CloudTrail knows no trail %s.",
		finding.NoteTrailNotSeen: "For more than a day nobody could see a trail %s.",
		finding.NoteNeverKnown: "No sweep and no baseline ever knew it, so there is nothing to restore: the record that " +
			"opened the incident was wrong, or the trail came and went between two sweeps.",

		finding.NextWhereFrom: "Find out where that record came from: event %s.",
	}
}

// coverageWords are those on what a sweep sees of the whole deployment.
func coverageWords() map[finding.NoteID]string {
	return map[finding.NoteID]string{
		finding.NoteBlindTable: "Without it the sweep looks for trails every time, knows no recorded baseline and no " +
			"approved " +
			"change, and may report things again.",
		finding.NoteNoTrail: "No trail that logs records write management events here, so EventBridge gets no events of " +
			"API " +
			"calls either: until that changes, only the sweep sees anything.",
		finding.NoteNoOwnTrail: "No trail of this account that logs records write management events here. The organization " +
			"trail %s is shown, and whether it logs cannot be seen from here.",
		finding.NoteNoTrailSeen: "No trail is seen to log and to record write management events here. Where none does, " +
			"EventBridge gets no events of API calls either.",
		finding.NoteNotAllSeen: "Not everything could be seen, so that a trail may record them after all.",
		finding.NoteMoreUnseen: "And %s more.",
		finding.NoteBaselineRecord: "The sweep has recorded the trail's present state as its baseline, from which it only " +
			"strengthens the trail: it records %s, into bucket %s.",

		finding.NoteNoHeartbeat: "Until it is sent, nobody outside of this account gets a sign of life; the service that " +
			"waits for it alerts by itself. The sweep has done the rest of its work.",
		finding.NextHeartbeat: "Correct the key in the secret or the setting; the next sweep sends it again.",

		finding.NextBlind: "Find out what keeps the guard from it. Where it is the guard's role, deploy again. A trail " +
			"that " +
			"cannot be read is reported as unknown, never as healthy.",
		finding.NextRecordSomewhere: "Start or repair a trail that records them, or create one; the setting " +
			"firstTrail.enabled makes one.",
		finding.NextLookThere: "Look at that trail in its account, or run Trailkeeper there.",
		finding.NextDeclare: "Check that this is how the trail should be, declare it, and deploy.\n$ trailkeeper baseline " +
			"capture " +
			"--region %s --trail %s",
	}
}
