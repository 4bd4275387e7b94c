package message

import (
	"fmt"
	"strings"

	"trailkeeper/lambda/internal/finding"
)

// mark begins the command of a note for what a human does next. It stands on a line of its own, after the sentence.
const mark = "\n$ "

// steps are what the producer says is to be done; where it says nothing, what is usual after such a finding.
func steps(f finding.Finding) []Step {
	var all []Step
	for _, n := range f.Next {
		all = append(all, stepOf(n))
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

// stepOf words a note and its command. A command with a value that a shell reads anything in is left out.
func stepOf(n finding.Note) Step {
	words, command, ok := strings.Cut(catalogue()[n.ID], mark)
	if !ok {
		return Step{Text: Word(n)}
	}
	inText := strings.Count(words, "%s")
	if inText+strings.Count(command, "%s") != len(n.Values) {
		return Step{Text: Word(n)}
	}
	return Step{Text: fill(words, n.Values[:inText]), Command: run(command, n.Values[inText:]...)}
}

// run fills in a command's values, or is "" where one is empty or is not plain.
func run(command string, values ...string) string {
	args := make([]any, len(values))
	for i, v := range values {
		if v == "" || len(v) > maxValue || !hasOnly(v, "-_.:/=@+") {
			return ""
		}
		args[i] = v
	}
	return fmt.Sprintf(command, args...)
}

// hasOnly reports whether s has ASCII letters, digits and these characters only, and does not look like an option.
func hasOnly(s, more string) bool {
	return !strings.HasPrefix(s, "-") && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(more, r)
	})
}
