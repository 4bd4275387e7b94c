package finding

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
