package finding

// What is wrong with a trail.
const (
	NoteNotLogging  NoteID = "not_logging"
	NoteNoFiles     NoteID = "delivers_no_files"
	NoteNoDigests   NoteID = "delivers_no_digests"
	NoteNoEvents    NoteID = "delivers_no_events"
	NoteNeverDigest NoteID = "no_digest"
	NoteStaleDigest NoteID = "stale_digest"
)

// How something was found.
const (
	NoteUnnamedTrail NoteID = "found_after_unnamed"
	NoteSwept        NoteID = "found_by_sweep"
	NoteSweptAfter   NoteID = "found_by_sweep_after"
	NoteNoEvent      NoteID = "found_without_event"
)

// What a sweep does about a finding, and why not.
const (
	NoteModeNotify    NoteID = "sweep_mode_notify"
	NoteNeverSeen     NoteID = "never_seen_logging"
	NoteNextSweep     NoteID = "next_sweep"
	NoteNextSweepIn   NoteID = "next_sweep_in"
	NoteWeaker        NoteID = "weaker"
	NoteModeLeaves    NoteID = "mode_leaves"
	NotePutBackByRun  NoteID = "put_back_by_another_run"
	NoteNotDeclared   NoteID = "no_declared_baseline"
	NoteModeRecreates NoteID = "mode_recreates"
)

// What an approval has to do with it.
const (
	NoteHeldInVain        NoteID = "approval_unconfirmed"
	NoteHeld              NoteID = "approval_may_cover"
	NoteApprovalExpired   NoteID = "approval_expired"
	NoteApprovedByHistory NoteID = "approved_by_history"
	NoteDoubted           NoteID = "approval_doubted"
	NoteFalseClaim        NoteID = "approval_unknown_call"
	NoteLateClaim         NoteID = "approval_late"
	NotePutBackAnyway     NoteID = "approval_put_back"
	NoteClaimConfirmed    NoteID = "approval_confirmed"
)

// Who made a change.
const (
	NoteActorLater     NoteID = "actor_later"
	NoteActor          NoteID = "actor"
	NoteActorNoEvent   NoteID = "actor_without_event"
	NoteActorUnknown   NoteID = "actor_unknown"
	NoteActorNotLooked NoteID = "actor_not_looked_up"
	NoteActorAgain     NoteID = "actor_looked_for_again"
	NoteActorOfFinding NoteID = "actor_of_finding"
)

// What is over.
const (
	NoteConfirmed       NoteID = "confirmed"
	NoteThereAgain      NoteID = "over_missing"
	NoteLogsAgain       NoteID = "over_not_logging"
	NoteNotWeaker       NoteID = "over_weakened"
	NoteDeliversAgain   NoteID = "over_delivery_error"
	NoteDigestsAgain    NoteID = "over_stale"
	NotePutRight        NoteID = "put_right"
	NoteInOrder         NoteID = "in_order"
	NoteWasContested    NoteID = "was_contested"
	NoteEndNotDelivered NoteID = "end_not_delivered"
	NoteNoSuchTrail     NoteID = "no_such_trail"
	NoteTrailNotSeen    NoteID = "trail_not_seen"
	NoteNeverKnown      NoteID = "never_known"
)

// What a sweep sees of the deployment.
const (
	NoteBlindTable     NoteID = "blind_table"
	NoteNoTrail        NoteID = "no_trail"
	NoteNoOwnTrail     NoteID = "no_own_trail"
	NoteNoTrailSeen    NoteID = "no_trail_seen"
	NoteNotAllSeen     NoteID = "not_all_seen"
	NoteMoreUnseen     NoteID = "more_unseen"
	NoteBaselineRecord NoteID = "baseline_recorded"
	NoteNoHeartbeat    NoteID = "no_heartbeat"
)

// What a human does about what a sweep finds.
const (
	NextDeliveryPolicies NoteID = "delivery_policies"
	NextDigests          NoteID = "digests"
	NextStart            NoteID = "start"
	NextStartOrExclude   NoteID = "start_or_exclude"
	NextStartUnless      NoteID = "start_unless_restored"
	NextPutBackOrAccept  NoteID = "put_back_or_accept"
	NextCreateAndCapture NoteID = "create_and_capture"
	NextCreate           NoteID = "create"
	NextRemoveBaseline   NoteID = "remove_baseline"
	NextWhoCanInvoke     NoteID = "who_can_invoke"
	NextWhoCalled        NoteID = "who_called"
	NextWhereFrom        NoteID = "where_from"
	NextBlind            NoteID = "blind"
	NextHeartbeat        NoteID = "heartbeat"
	NextRecordSomewhere  NoteID = "record_somewhere"
	NextLookThere        NoteID = "look_there"
	NextDeclare          NoteID = "declare"
)

// What comes out of the queues.
const (
	NoteLate         NoteID = "late"
	NoteLateUnproven NoteID = "late_unproven"
	NoteNow          NoteID = "late_now"
	NoteMoved        NoteID = "late_moved"
	NoteAside        NoteID = "aside"
	NoteAsideReason  NoteID = "aside_reason"
	NextRedrive      NoteID = "redrive"
)

// What becomes of messages: one that a channel did not take, and what happens again and again.
const (
	NoteUndelivered      NoteID = "undelivered"
	NoteNotParked        NoteID = "undelivered_not_parked"
	NoteRepeated         NoteID = "repeated"
	NoteRepeatedOnce     NoteID = "repeated_once"
	NoteLastOfIncident   NoteID = "last_of_incident"
	NoteLastOfTests      NoteID = "last_of_tests"
	NoteLastOfGone       NoteID = "last_of_gone"
	NoteLastOfQuiet      NoteID = "last_of_quiet"
	NoteLastOfUnproven   NoteID = "last_of_unproven"
	NoteLastOfUnreadable NoteID = "last_of_unreadable"
	NoteLastOfMany       NoteID = "last_of_many_callers"
	NoteLastOfOne        NoteID = "last_of_one_caller"
	NoteLastOfExpired    NoteID = "last_of_expired"
	NotePace             NoteID = "repeats_pace"
	NotePaceDay          NoteID = "repeats_pace_day"
	NotePaceFight        NoteID = "repeats_pace_contested"
	NextSweepSends       NoteID = "sweep_sends"
	NextFixBoth          NoteID = "fix_both"
	NextEndFight         NoteID = "end_fight"
)
