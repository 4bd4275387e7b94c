package finding

// What an event leads to.
const (
	NoteDeclaredOff      NoteID = "declared_off"
	NoteLateApprovedStop NoteID = "late_approved_stop"
	NoteLooksItself      NoteID = "looks_itself"
	NoteStoppedAgain     NoteID = "stopped_again"
	NoteGaveUpStart      NoteID = "gave_up_start"
	NoteGaveUpRestore    NoteID = "gave_up_restore"
	NoteRunsAgain        NoteID = "runs_again"
	NoteStaysQueued      NoteID = "stays_queued"
	NoteNotRecorded      NoteID = "baseline_not_recorded"
	NoteBadBaseline      NoteID = "baseline_unusable"
	NoteNoBaseline       NoteID = "baseline_missing"
	NoteNotRecalled      NoteID = "not_recalled"
	NoteOwnUnknown       NoteID = "own_start_unknown"
	NoteOwnFailed        NoteID = "own_start_failed"
	NoteRestCompared     NoteID = "rest_compared"
	NoteNotCovered       NoteID = "call_not_covered"
	NoteAlreadyUndone    NoteID = "already_undone"
)

// What an approval is worth.
const (
	NoteCoversNothing    NoteID = "approval_covers_nothing"
	NoteNotCounting      NoteID = "approval_not_counting"
	NoteApprovalTooOld   NoteID = "approval_too_old"
	NoteVerifying        NoteID = "approval_verifying"
	NoteConfirmBy        NoteID = "approval_confirm_by"
	NoteCallConfirmed    NoteID = "approval_call_confirmed"
	NoteOtherValues      NoteID = "approval_other_values"
	NoteMayBeUndone      NoteID = "approval_may_be_undone"
	NoteNoTable          NoteID = "approval_no_table"
	NoteNoSweepInTime    NoteID = "approval_no_sweep"
	NoteTooManyClaims    NoteID = "approval_too_many"
	NoteClaimedBefore    NoteID = "approval_claimed_before"
	NoteNoBaselineAnyway NoteID = "approved_no_baseline"
	NoteModeAnyway       NoteID = "approved_mode"
	NoteStaysUntil       NoteID = "approved_stays"
)

// What reaches the guard and is no record.
const (
	NoteTest       NoteID = "test"
	NoteAlarm      NoteID = "alarm"
	NoteUnreadable NoteID = "unreadable"
)

// What a human does after an event.
const (
	NextStartNow        NoteID = "start_now"
	NextStartUnlessSoon NoteID = "start_unless_soon"
	NextRestoreNow      NoteID = "restore_now"
	NextSweepTries      NoteID = "sweep_tries"
	NextCapture         NoteID = "capture"
	NextDeployBaseline  NoteID = "deploy_baseline"
	NextTakeAway        NoteID = "take_access_away"
	NextSweepGoesOn     NoteID = "sweep_goes_on"
	NextGoesOn          NoteID = "goes_on_in_an_hour"
	NextReadStatus      NoteID = "read_status"
	NextWhoForged       NoteID = "who_forged"
	NextWhoInvoked      NoteID = "who_invoked"
)

// What an event asks for.
const (
	NoteTrailDeleted     NoteID = "trail_deleted"
	NoteSettingsChanged  NoteID = "settings_changed"
	NoteSelectorsChanged NoteID = "selectors_changed"
	NoteInsightsChanged  NoteID = "insights_changed"
	NoteTrailCreated     NoteID = "trail_created"
	NoteLoggingStarted   NoteID = "logging_started"
	NoteTagsChanged      NoteID = "tags_changed"
	NoteNetworkActivity  NoteID = "network_activity"
	NoteApproved         NoteID = "approved_for"
	NoteStoppedUnnamed   NoteID = "stopped_unnamed"
	NoteWouldStart       NoteID = "would_start"
	NoteRefused          NoteID = "refused"
	NoteNotOurs          NoteID = "not_ours"
	NoteForeignTrail     NoteID = "foreign_trail"
)

// What a human does next about it.
const (
	NextCreateAgain      NoteID = "next_create_again"
	NextCompareSettings  NoteID = "next_compare_settings"
	NextCompareSelectors NoteID = "next_compare_selectors"
	NextCompareInsights  NoteID = "next_compare_insights"
	NextFindStopped      NoteID = "next_find_stopped"
	NextWhyAttempted     NoteID = "next_why_attempted"
	NextAddAccount       NoteID = "next_add_account"
	NextRestartThere     NoteID = "next_restart_there"
)
