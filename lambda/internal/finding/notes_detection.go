package finding

// What a rule found, and what of it is not known.
const (
	NoteThreshold    NoteID = "threshold"
	NoteDistinct     NoteID = "threshold_distinct"
	NoteUncounted    NoteID = "threshold_uncounted"
	NoteAggregated   NoteID = "aggregated_event"
	NoteNotThisStack NoteID = "record_not_ours"
	NoteRuleFailed   NoteID = "rule_failed"
	NoteRuleGoesOn   NoteID = "rule_goes_on"
	NoteWatchTest    NoteID = "watch_test"
	NoteLastOfRule   NoteID = "last_of_rule"
	NoteLogRemoved   NoteID = "log_removed"
	NoteLogExpired   NoteID = "log_expired"
	NoteLogAge       NoteID = "log_expired_after"
	NoteLogHidden    NoteID = "log_hidden"
)

// What a human does about it.
const (
	NextUnlisted      NoteID = "look_in_log_files"
	NextCorrectRule   NoteID = "correct_rule"
	NextAddWatched    NoteID = "add_watched_account"
	NextWhoRemovedLog NoteID = "who_removed_log"
	NextLogLifecycle  NoteID = "log_lifecycle"
	NextLogRetention  NoteID = "log_retention"
	NextWhoWroteLog   NoteID = "who_wrote_log"
	NextWhoInvokedIts NoteID = "who_invoked_watch"
)
