package remediate

import (
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
)

// Explanation is what an error means, in words.
type Explanation struct {
	Sentence, NextStep string
	Retryable          bool
}

// Explain words what an error of a call means.
func Explain(call string, err error, t events.Trail) Explanation {
	p := explain(call, err, t)
	return Explanation{Worded([]finding.Note{p.says}), Worded(p.steps()), p.retryable}
}

// Worded are notes as one text.
func Worded(notes []finding.Note) string {
	return message.Detail(finding.Finding{Notes: notes})
}

// ExplainedCodes are the codes that have a meaning of their own.
func ExplainedCodes() (all []string) {
	for _, m := range meanings {
		all = append(all, strings.Fields(m.codes)...)
	}
	return all
}
