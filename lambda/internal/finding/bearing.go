package finding

// Bearing is what a finding means for the incident of its subject. Its producer says it: nothing that reports knows
// what a call or a reading means.
type Bearing struct {
	Role Role
	// Aspects are those of the subject that it is about. None, where it ends something: all.
	Aspects []Aspect
	// Stand is how they stand: open, needs_human, or restored; empty: it does not say.
	Stand IncidentState
}

// Role is the part of a finding in an incident. It is a closed set.
type Role string

// The roles.
const (
	RoleNone  Role = ""      // it belongs to no incident
	RoleJoins Role = "joins" // it belongs to the one that there is
	RoleOpens Role = "opens" // the subject is, or was, out of its baseline: it opens one where there is none
	RoleEnds  Role = "ends"  // reading the subject shows that what was wrong is over, as far as it was noted before the reading
)

// Aspect is a part of a subject that can be wrong by itself. Its values are those of the producers; incidents keep
// them.
type Aspect string

// Minor says of a finding that very many like it may come of nothing, so that together they are bounded. It is a closed
// set.
type Minor string

// The kinds of it.
const (
	MinorNone  Minor = ""
	MinorQuiet Minor = "quiet" // nothing is known to have weakened the subject
	MinorGone  Minor = "gone"  // there is no such subject any more, which is reported by itself
)
