package finding

// What became of a restore.
const (
	NoteNotCompared     NoteID = "not_compared"
	NoteNoDrift         NoteID = "no_drift"
	NoteUnverified      NoteID = "unverified"
	NotePartlyRestored  NoteID = "partly_restored"
	NoteAttemptCap      NoteID = "attempt_cap"
	NoteNothingRestored NoteID = "nothing_restored"
	NoteSeenRestored    NoteID = "seen_restored"
	NoteRecreated       NoteID = "recreated"
	NoteRestored        NoteID = "restored"
)

// What a human does after a restore.
const (
	NextDeployToCompare NoteID = "deploy_to_compare"
	NextDeployToRead    NoteID = "deploy_to_read"
	NextWaitForSweep    NoteID = "wait_for_sweep"
	NextRestoreByHand   NoteID = "restore_by_hand"
	NextRestoreListed   NoteID = "restore_listed"
)
