package notes

import "trailkeeper/lambda/internal/finding"

// outcomeWords are those on what became of a restore.
func outcomeWords() map[finding.NoteID]string {
	return map[finding.NoteID]string{
		finding.NoteNotCompared: "The trail could not be compared with its baseline in full.",
		finding.NoteNoDrift:     "Verified: nothing weakens the trail, compared with its baseline.",
		finding.NoteUnverified: "CloudTrail accepted what was set back to the baseline. It did not let the trail be read, " +
			"so whether that holds could not be " +
			"verified.",
		finding.NotePartlyRestored: "Some of what weakens the trail could not be restored: each change below says " +
			"whether it " +
			"is, and if not, why.",
		finding.NoteAttemptCap:      "The attempt cap is reached, because somebody keeps changing the trail.",
		finding.NoteNothingRestored: "Nothing of what weakens the trail could be restored.",
		finding.NoteSeenRestored: "Verified: what was seen to be weaker matches the baseline again; the rest could not " +
			"be read.",
		finding.NoteRecreated: "The trail was created again. Verified: it matches its baseline.",
		finding.NoteRestored:  "Verified: the trail matches its baseline.",

		finding.NextDeployToCompare: "Give the guard's role its policy back by deploying again, and look at the trail.",
		finding.NextDeployToRead: "Give the guard's role its policy back by deploying again, and look at what could not " +
			"be read.",
		finding.NextWaitForSweep: "Wait for the next sweep, which verifies it, and look at who uses up the account's " +
			"reads of CloudTrail.",
		finding.NextRestoreByHand: "If no message reports the restore within five minutes, restore the trail by hand.",
		finding.NextRestoreListed: "Restore what is listed as NOT restored, and find out who changed it.",
	}
}
