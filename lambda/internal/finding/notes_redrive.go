package finding

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
	NotePace             NoteID = "repeats_pace"
	NotePaceFight        NoteID = "repeats_pace_contested"
	NextSweepSends       NoteID = "sweep_sends"
	NextFixBoth          NoteID = "fix_both"
	NextEndFight         NoteID = "end_fight"
)
