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
	}
}
