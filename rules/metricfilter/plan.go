package metricfilter

import (
	"fmt"
	"slices"
	"strings"

	"trailkeeper/lambda/config/nearest"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/filterpattern"
)

// The names that stand for several rules.
const (
	// CIS are the controls of the CIS AWS Foundations Benchmark, with the patterns that it prescribes.
	CIS = "cis"
	// Conditions are those for which metric filters on a trail's log group are usually made: a sign-in to the console from
	// outside, any sign-in, one of root, one that failed, calls that were refused, large instances and new IAM users.
	Conditions = "conditions"
)

var conditions = []string{
	"console-login-outside",
	"console-login-any",
	"root-console-login",
	"console-login-failed",
	"refused-calls",
	"large-instances",
	"iam-user-created",
}

// Filter is one metric filter.
type Filter struct {
	Rule        string // the ID of the rule that it is about
	Pattern     string
	Description string // one paragraph; empty where the rule has none
}

// Refusal is a rule that has no filter.
type Refusal struct {
	Rule   string // its ID
	Reason string // a sentence about the rule, without its end
}

// Plan is the filters for names, each CIS, Conditions or the ID of a rule, in this order and each rule once; and the
// rules that have none. Where a rule is named both by CIS and otherwise, the prescribed pattern stands. It does not
// matter whether the watch has the rule switched on.
//
// It is an error if a name is unknown, all of them at once, or if there are more filters than a log group may have.
func Plan(set *detect.Set, names []string) ([]Filter, []Refusal, error) {
	p := plan{set: set}
	if slices.Contains(names, CIS) {
		for _, c := range Controls() {
			p.control(c)
		}
	}
	for _, name := range names {
		switch name {
		case CIS:
		case Conditions:
			for _, id := range conditions {
				p.rule(id)
			}
		default:
			p.rule(name)
		}
	}
	if len(p.filters) > filterpattern.MaxFilters {
		p.unknown = append(p.unknown, fmt.Sprintf("%d metric filters are asked for, and a log group may have %d",
			len(p.filters), filterpattern.MaxFilters))
	}
	if len(p.unknown) > 0 {
		return nil, nil, fmt.Errorf("%s", strings.Join(p.unknown, "\n"))
	}
	return p.filters, p.refused, nil
}

type plan struct {
	set     *detect.Set
	filters []Filter
	refused []Refusal
	seen    []string // the IDs of rules
	unknown []string // what is wrong
	regexps int      // patterns with a regular expression
}

// find is a rule that has not been asked for before.
func (p *plan) find(id string) *detect.Rule {
	at := slices.IndexFunc(p.set.Rules, func(r *detect.Rule) bool { return r.ID == id })
	if at < 0 {
		known := []string{CIS, Conditions}
		for _, r := range p.set.Rules {
			known = append(known, r.ID)
		}
		p.unknown = append(p.unknown, fmt.Sprintf("there is no rule %.80q%s", id, nearest.Mean(id, known)))
		return nil
	}
	if slices.Contains(p.seen, id) {
		return nil
	}
	p.seen = append(p.seen, id)
	return p.set.Rules[at]
}

// control adds the filter of a control. What its pattern does otherwise than the rule, its description says.
func (p *plan) control(c Control) {
	r := p.find(c.Rule)
	if r == nil {
		return
	}
	description := r.Description + " (" + c.Title() + ".)"
	if c.Differs != "" {
		description += " " + c.Differs + "."
	}
	p.filters = append(p.filters, Filter{c.Rule, c.Pattern, oneLine(description)})
}

func (p *plan) rule(id string) {
	r := p.find(id)
	if r == nil {
		return
	}
	pattern, err := Write(r)
	if err != nil {
		p.refused = append(p.refused, Refusal{id, oneLine(err.Error())})
		return
	}
	if parsed, err := filterpattern.Parse(pattern); err == nil && parsed.Regexps() > 0 {
		if p.regexps++; p.regexps > filterpattern.MaxRegexpPatterns {
			p.refused = append(p.refused, Refusal{id, fmt.Sprintf("its pattern needs a regular expression, and a log group may "+
				"have %d such patterns; name it before the others to have it among them", filterpattern.MaxRegexpPatterns)})
			return
		}
	}
	p.filters = append(p.filters, Filter{id, pattern, oneLine(r.Description)})
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
