package message

import "trailkeeper/lambda/internal/finding"

// redriveWords are those on what comes out of the queues.
func redriveWords() map[finding.NoteID]string {
	return map[finding.NoteID]string{
		finding.NoteLate: "This message is late: at %s it was parked, because %s.",
		finding.NoteLateUnproven: "This message is late: at %s it was parked. It is not known that this deployment wrote " +
			"it, so " +
			"only what can be read again is told.",
		finding.NoteNow:   "The trail is now: %s.",
		finding.NoteMoved: "Its destination %s is not in the settings any more.",
		finding.NoteAside: "%s went to the last queue. Each can never be handled or delivered, or was tried for too " +
			"long.",
		finding.NoteAsideReason: "%s: %s.",
		finding.NextRedrive: "Fix the cause, then redrive: that tries what lies in the last queue once more and says " +
			"why it stays.\n$ trailkeeper redrive",

		finding.NoteUndelivered: `%s delivery failed: %s; the message is parked in the failure queue. It said: "%s".`,
		finding.NoteNotParked: "%s delivery failed: %s; nor did the failure queue confirm that it has the message: %s. " +
			`It said: "%s".`,
		finding.NextSweepSends: "Fix the cause. The next sweep, or trailkeeper redrive, sends the message.",
		finding.NextFixBoth: "Fix both causes. Lambda runs the event again; if that fails too, the function's on-failure " +
			"queue keeps the event.",

		finding.NoteRepeated:       "%s times more since %s: %s.",
		finding.NoteRepeatedOnce:   "once more since %s: %s.",
		finding.NoteLastOfIncident: "That was event %s of incident %s.",
		finding.NoteLastOfTests:    "That was event %s of the test alerts.",
		finding.NoteLastOfGone:     "That was event %s of stops of trails that CloudTrail does not know.",
		finding.NoteLastOfQuiet:    "That was event %s of calls that are not known to have weakened anything.",
		finding.NoteLastOfUnproven: "That was event %s of messages out of the queues that are not known to be this " +
			"deployment's own.",
		finding.NoteLastOfUnreadable: "That was event %s of the payloads that cannot be read.",
		finding.NoteLastOfMany:       "That was event %s of several callers, of whom no more is told at once.",
		finding.NoteLastOfOne:        "That was event %s of one caller.",
		finding.NotePace:             "Each was handled as it came; of the same, a message is sent once in %s minutes.",
		finding.NotePaceFight: "Each was answered as it came; while the trail is contested, one message a minute " +
			"sums up.",
		finding.NextEndFight: "Act now: find out who changes the trail, and take their access away.",
	}
}
