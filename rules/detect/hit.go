package detect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"trailkeeper/rules/expression"
)

// Hit is what a rule says of a record that it matches. Its texts are the record's, bounded and not escaped.
type Hit struct {
	Title, Summary string
	Severity       string
	Route          string // empty where neither the rule nor a switch has one
	Dedupe         string // records with the same key are one matter; empty where the rule has none
	Within         int    // seconds for which a matter lasts; 0 where the rule has none
}

// Describe says what a rule says of a record, as the settings and the record's account have it. A text that cannot be
// made is the rule's ID, and a severity medium.
func (r *Rule) Describe(record expression.Record) (Hit, []RuleError) {
	return r.describe(record, r.in(record))
}

func (r *Rule) describe(record expression.Record, said Switch) (Hit, []RuleError) {
	var errs []RuleError
	check := func(what string, err error) {
		if err != nil {
			errs = append(errs, RuleError{r.ID, what + ": " + err.Error()})
		}
	}
	var h Hit
	var err error
	if h.Title, err = r.title.render(record, shownTitle, maxTitle); err != nil || h.Title == "" {
		h.Title = r.ID
	}
	check("title", err)
	h.Summary, err = r.summary.render(record, maxSummary, maxSummary)
	check("summary", err)
	severe := r.severity
	if said.Severity != "" {
		severe = severity{constant: said.Severity}
	}
	h.Severity, err = severe.of(record)
	check("severity", err)
	if h.Dedupe, err = joined(r.dedupe, record); err == nil && len(r.dedupe) > 0 {
		h.Within = r.dedupeWithin
	}
	check("dedupe", err)
	h.Route = cmp.Or(said.Route, r.Route)
	return h, errs
}

func (s severity) of(record expression.Record) (string, error) {
	if s.program == nil {
		return s.constant, nil
	}
	word, err := s.program.Text(record)
	if err == nil && !slices.Contains(severities, word) {
		err = fmt.Errorf("it is %q; it must be low, medium, high or critical", short(word))
	}
	if err != nil {
		return "medium", err
	}
	return word, nil
}

var apart = strings.NewReplacer(`\`, `\\`, "|", `\|`)

// joined is a key of several values: those of one record differ from those of another if any value does.
func joined(programs []*expression.Program, record expression.Record) (string, error) {
	var values []string
	for _, p := range programs {
		value, err := p.Text(record)
		if err != nil {
			return "", err
		}
		if len(programs) > 1 {
			value = apart.Replace(value)
		}
		values = append(values, value)
	}
	return strings.Join(values, "|"), nil
}
