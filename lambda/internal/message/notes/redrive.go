package notes

import "trailkeeper/lambda/internal/finding"

// redriveWords are those on what comes out of the queues.
func redriveWords() map[finding.NoteID]string {
	return map[finding.NoteID]string{
		finding.NoteLate: "This message is late: its delivery failed at %s, because %s.",
		finding.NoteLateUnproven: "This message is late: its delivery failed at %s. Nothing proves that this deployment " +
			"wrote it, so only what can be read again is reported.",
		finding.NoteNow:   "The trail is now: %s.",
		finding.NoteMoved: "Its destination %s is not in the settings any more.",
		finding.NoteAside: "%s went to the last queue. Each can never be handled or delivered, or was tried for too " +
			"long.",
		finding.NoteAsideReason: "%s: %s.",
		finding.NextRedrive: "Fix the cause, then redrive: that tries what lies in the last queue once more and says " +
			"why it " +
			"stays. NAME is the stack's output FunctionName.\n$ trailkeeper redrive --function NAME",

		finding.NoteUndelivered: `%s delivery failed: %s. The message is kept in the failure queue. It says: "%s".`,
		finding.NoteNotParked: "%s delivery failed: %s. The failure queue did not confirm that it keeps the message " +
			"either: " +
			`%s. The message says: "%s".`,
		finding.NextSweepSends: "Fix the cause. The next sweep delivers the message; trailkeeper redrive does it now.",
		finding.NextFixBoth: "Fix both causes. Lambda runs the event again; if that fails too, the event goes to the " +
			"failure queue.",

		finding.NoteRepeated:       "%s times more since %s: %s.",
		finding.NoteRepeatedOnce:   "once more since %s: %s.",
		finding.NoteLastOfIncident: "That was event %s of incident %s.",
		finding.NoteLastOfTests:    "That was event %s of the test alerts.",
		finding.NoteLastOfGone:     "That was event %s of stops of trails that CloudTrail does not know.",
		finding.NoteLastOfQuiet:    "That was event %s of calls that are not known to have weakened anything.",
		finding.NoteLastOfUnproven: "That was event %s of messages out of the queues that are not known to be this " +
			"deployment's own.",
		finding.NoteLastOfUnreadable: "That was event %s of the payloads that cannot be read.",
		finding.NoteLastOfMany:       "That was event %s of several callers; more of them are not reported at once.",
		finding.NoteLastOfOne:        "That was event %s of one caller.",
		finding.NoteLastOfExpired:    "That was event %s of the files that the bucket's lifecycle removed.",
		finding.NotePaceDay:          "Of files that expire as they should, one message is sent a day and bucket.",
		finding.NotePace:             "Each was handled as it came; of the same, one message is sent in %s minutes.",
		finding.NotePaceFight: "Each was answered as it came; while the trail is contested, one message a minute " +
			"sums up.",
		finding.NextEndFight: "Act now: find out who changes the trail, and revoke their access.",
	}
}
