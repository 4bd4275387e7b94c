package message

import (
	"slices"
	"strings"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message/notes"
)

// Detail says in one or a few sentences what the outcome means here; "" where there is nothing to say.
func Detail(f finding.Finding) string {
	return sentences("", f.Notes)
}

// Why says why a change is not restored, or not verified; "" where there is nothing to say.
func Why(c finding.Change) string { return sentences(c.Reason, c.Why) }

// sentences puts notes after what a producer has worded itself.
func sentences(own string, said []finding.Note) string {
	all := []string{own}
	for _, n := range said {
		all = append(all, notes.Word(n))
	}
	return strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), " ")
}

// steps are what the producer says is to be done; where it says nothing, what is usual after such a finding.
func steps(f finding.Finding) []Step {
	var all []Step
	for _, n := range f.Next {
		text, command := notes.Step(n)
		all = append(all, Step{text, command})
	}
	if len(all) == 0 {
		all = usualSteps(f)
	}
	return all
}

// NextStep is what a human does next, as one text; "" where there is nothing to do.
func NextStep(f finding.Finding) string {
	var all []string
	for _, s := range steps(f) {
		all = append(all, strings.TrimSpace(s.Text+" "+s.Command))
	}
	return strings.Join(all, " ")
}
