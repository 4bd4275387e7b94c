package finding

// What the deployment looks like, compared with how it was deployed.
const (
	NoteDeploymentGone NoteID = "deployment_gone"
	NoteManyDiffer     NoteID = "deployment_many_differ"
	NoteManyRestored   NoteID = "deployment_many_restored"
	NoteAsDeployed     NoteID = "deployment_as_deployed"
	NoteManyRecovered  NoteID = "deployment_many_recovered"
	NoteSeesAll        NoteID = "deployment_sees_all"
	NoteUnseenPart     NoteID = "deployment_unseen_part"
)

// What became of a difference, and why.
const (
	NoteReadAgain     NoteID = "deployment_read_again"
	NoteNotReadAgain  NoteID = "deployment_not_read_again"
	NoteStillDiffers  NoteID = "deployment_still_differs"
	NoteNeverRestored NoteID = "deployment_never_restored"
	NoteWardenNotify  NoteID = "deployment_mode_notify"
	NoteInDoubt       NoteID = "deployment_in_doubt"
	NoteNoTimeLeft    NoteID = "deployment_no_time"
	NoteRepairFailed  NoteID = "deployment_repair_failed"
)

// What a human does about the deployment.
const (
	NextRunByHand  NoteID = "deployment_run_by_hand"
	NextAsTemplate NoteID = "deployment_as_template"
	NextWhoChanged NoteID = "deployment_who_changed"
	NextUnseenPart NoteID = "deployment_see_all"
)
