package protect

// Unseen is why a call of the catalogue has no rule.
var Unseen = unseen

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
