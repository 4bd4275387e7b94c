package main

// The kinds of change.
const (
	negated      = "condition negated"
	half         = "half dropped" // of && or ||
	always       = "condition true"
	never        = "condition false"
	swapped      = "arguments swapped" // neighbours of one type
	dropped      = "statement dropped"
	errorDropped = "error dropped" // return err becomes return nil
	bound        = "bound"         // a number ± 1, < for <=
	zeroed       = "field zeroed"  // of a struct literal
	shortened    = "element dropped"
)

// mutant is one small change.
type mutant struct {
	file   string // absolute
	line   int
	kind   string
	before string
	after  string
	edits  []edit // the same change in several forms: the first that compiles is tried
}

// edit replaces a part of a file.
type edit struct {
	start, end int
	text       string
}

// zero is a function that an edit may call: it keeps a value's variables and imports in use, and loses the value.
const zero = "mutantZero"

const zeroFunc = "\n\nfunc " + zero + "[T any](T) (zero T) { return }\n"

func (e edit) apply(src []byte) []byte {
	changed := append([]byte{}, src[:e.start]...)
	changed = append(append(changed, e.text...), src[e.end:]...)
	return append(changed, zeroFunc...)
}
