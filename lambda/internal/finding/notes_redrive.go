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
