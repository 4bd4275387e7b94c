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

// Why CloudTrail did not carry a call out.
const (
	NoteThrottled          NoteID = "throttled"
	NoteBusy               NoteID = "trail_busy"
	NoteCallTimedOut       NoteID = "call_timed_out"
	NoteExpiredCredentials NoteID = "credentials_expired"
	NoteTrailNotFound      NoteID = "trail_not_found"
	NoteBadTrailName       NoteID = "trail_name_refused"
	NoteWrongHome          NoteID = "home_region_wrong"
	NoteNotManagement      NoteID = "not_management_account"
	NoteConversion         NoteID = "organization_conversion"
	NoteOrganizationAccess NoteID = "organization_access"
	NoteNoLinkedRole       NoteID = "no_service_linked_role"
	NoteOrganizationOff    NoteID = "organization_not_enabled"
	NoteBlocked            NoteID = "blocked_by_policy"
	NoteNotAllowed         NoteID = "role_not_allowed"
	NotePassRoleBlocked    NoteID = "pass_role_blocked"
	NotePassRole           NoteID = "pass_role_not_allowed"
	NoteNotPermitted       NoteID = "operation_not_permitted"
	NoteBadCredentials     NoteID = "credentials_refused"
	NoteNoCredentials      NoteID = "no_credentials"
	NoteSuspended          NoteID = "topic_account_suspended"
	NoteFailedWith         NoteID = "failed_with"
	NoteRefusedWith        NoteID = "refused_with"
	NoteNoAnswer           NoteID = "no_cloudtrail_answer"
	NoteNotInTime          NoteID = "not_answered_in_time"
	NoteUnreachable        NoteID = "unreachable"
	NoteNoTime             NoteID = "no_time_left"
)

// What CloudTrail says of what a baseline has.
const (
	NoteBucketGone       NoteID = "bucket_gone"
	NoteBucketPolicy     NoteID = "bucket_policy"
	NotePrefixRefused    NoteID = "prefix_refused"
	NoteKeyGone          NoteID = "key_gone"
	NoteKeyRefused       NoteID = "key_refused"
	NoteKeyUnusable      NoteID = "key_unusable"
	NoteKeyPolicy        NoteID = "key_policy"
	NoteTopicGone        NoteID = "topic_gone"
	NoteLogsUnavailable  NoteID = "logs_unavailable"
	NoteLogGroupGone     NoteID = "log_group_gone"
	NoteLogRoleGone      NoteID = "log_role_gone"
	NoteTooManyTrails    NoteID = "too_many_trails"
	NoteTrailExists      NoteID = "trail_exists"
	NoteTrailHidden      NoteID = "trail_hidden"
	NoteSettingsRefused  NoteID = "settings_refused"
	NoteSelectorsRefused NoteID = "selectors_refused"
	NoteInsightsRefused  NoteID = "insights_refused"
	NoteTagsRefused      NoteID = "tags_refused"
	NoteTrailUnknown     NoteID = "trail_unknown"
	NoteCreatedElsewhere NoteID = "created_elsewhere"
	NoteNotKnownYet      NoteID = "new_trail_not_known_yet"
)

// What became of a restart.
const (
	NoteLogging       NoteID = "logging_confirmed"
	NoteLoggingSince  NoteID = "logging_since"
	NoteStatusNotRead NoteID = "status_not_read"
	NoteStatusUnread  NoteID = "status_unread"
	NoteStatusOld     NoteID = "status_old"
	NoteStatusOff     NoteID = "status_off"
)

// Why something is not restored, or not known to be.
const (
	NoteNamesNoTrail     NoteID = "baseline_names_no_trail"
	NoteNotRead          NoteID = "trail_not_read"
	NoteNotCreated       NoteID = "trail_not_created"
	NoteCapped           NoteID = "capped"
	NoteReservedTag      NoteID = "reserved_tag"
	NoteChangedMeanwhile NoteID = "changed_meanwhile"
	NoteAcceptedGone     NoteID = "accepted_gone"
	NoteAcceptedUnseen   NoteID = "accepted_unseen"
	NoteAcceptedUnread   NoteID = "accepted_unread"
	NoteAcceptedNotShown NoteID = "accepted_not_shown"
	NoteLeftAlone        NoteID = "left_alone"
	NoteStands           NoteID = "stands_under_approval"
	NoteOnlyDeclared     NoteID = "only_declared"
	NoteEndsSelectors    NoteID = "restore_ends_selectors"
	NoteEndsInsights     NoteID = "restore_ends_insights"
	NoteEventsByHand     NoteID = "event_configuration_by_hand"
)

// What a human does about a call that CloudTrail did not carry out.
const (
	NextCreateWithSettings NoteID = "create_with_settings"
	NextCreateFromBaseline NoteID = "create_from_baseline"
	NextStartMeant         NoteID = "start_meant"
	NextStartAtHome        NoteID = "start_at_home"
	NextStartIfOff         NoteID = "start_if_off"
	NextCorrectARN         NoteID = "correct_arn"
	NextCaptureAtHome      NoteID = "capture_at_home"
	NextRestoreThere       NoteID = "restore_there"
	NextConvertThere       NoteID = "convert_there"
	NextOrganizationAccess NoteID = "give_organization_access"
	NextLinkedRole         NoteID = "create_linked_role"
	NextOrganizationOn     NoteID = "enable_organization"
	NextAllow              NoteID = "allow_in_policy"
	NextRolePolicy         NoteID = "bring_role_policy_back"
	NextAllowPassRole      NoteID = "allow_pass_role"
	NextPassRole           NoteID = "grant_pass_role"
	NextManagingService    NoteID = "managing_service"
	NextCheckRole          NoteID = "check_role"
	NextTopicAccount       NoteID = "topic_account"
	NextLookUpError        NoteID = "look_up_error"
	NextCheckEndpoint      NoteID = "check_endpoint"
	NextCheckNetwork       NoteID = "check_network"
	NextMakeBucket         NoteID = "make_bucket"
	NextBucketPolicy       NoteID = "restore_bucket_policy"
	NextCorrectPrefix      NoteID = "correct_prefix"
	NextFindKey            NoteID = "find_key"
	NextCorrectKey         NoteID = "correct_key"
	NextEnableKey          NoteID = "enable_key"
	NextKeyPolicy          NoteID = "restore_key_policy"
	NextTopic              NoteID = "restore_topic"
	NextLookAtLogGroup     NoteID = "look_at_log_group"
	NextLogGroup           NoteID = "restore_log_group"
	NextLogRole            NoteID = "restore_log_role"
	NextDeleteTrails       NoteID = "delete_other_trails"
	NextCompare            NoteID = "compare_with_baseline"
	NextCorrectBaseline    NoteID = "correct_baseline"
	NextCorrectSelectors   NoteID = "correct_selectors"
	NextCorrectInsights    NoteID = "correct_insights"
	NextRemoveTags         NoteID = "remove_tags"
	NextFindTrail          NoteID = "find_trail"
	NextDeleteElsewhere    NoteID = "delete_elsewhere"
	NextStopThem           NoteID = "stop_them"
	NextLookAt             NoteID = "look_at_part"
)

// What CloudTrail's event history says of a claim to an approval.
const (
	NoteHistoryOther     NoteID = "history_other_values"
	NoteHistoryLate      NoteID = "history_late"
	NoteHistoryNoCall    NoteID = "history_no_such_call"
	NoteHistoryNotYet    NoteID = "history_not_yet"
	NoteHistoryUnknown   NoteID = "history_unknown"
	NoteHistoryUnchecked NoteID = "history_unchecked"
	NoteHistoryRival     NoteID = "history_rival"
)
