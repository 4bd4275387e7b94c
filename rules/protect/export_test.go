package protect

// AllUnseen are the calls of the catalogue without a rule, and why.
var AllUnseen = unseen

// Seen are the calls that rules are for, as IAM has them and as records do.
func Seen() (all []Call) {
	for _, c := range calls() {
		all = append(all, Call{Source: c.source, Event: c.event, Field: c.field})
	}
	return all
}

// Call is one of them.
type Call struct{ Source, Event, Field string }

// InScope are the letters of the techniques.
const InScope = inScope
