package protect

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"trailkeeper/rules"
)

// Kind is whose calls a rule is about.
type Kind string

// The kinds.
const (
	Alert   Kind = ""           // a call that succeeded, of anybody but the deployer
	Deploy  Kind = "deployment" // one of the deployer: CloudFormation's role, in whoever's hands it is
	Attempt Kind = "attempt"    // a call that was refused
)

// Rule is one EventBridge rule.
type Rule struct {
	Name        string // such as protect-lambda or protect-lambda-deploy; unique
	Description string
	Kind        Kind
	Pattern     map[string]any
	// Text is what is said of a match, with the placeholders of Paths: plain text in one line. No value that they lead to
	// can break JSON or be read as markup.
	Text  string
	Paths map[string]string
}

// Rules are the rules of a deployment, in the order in which they are deployed: of each service those for calls that
// succeeded, one or more, with another each for the deployer; at the end those for refused calls. No two kinds match the
// same event. What EventBridge would not admit as one rule is split. The error names a rule for which that does not help.
func Rules(d Deployment) ([]Rule, error) {
	var all []Rule
	number := map[string]int{}
	for _, g := range groups(d) {
		name := "protect-" + strings.TrimSuffix(g.source, ".amazonaws.com")
		for _, part := range g.split(d) {
			if number[name]++; number[name] > 1 {
				part.name = fmt.Sprintf("%s-%d", name, number[name])
			} else {
				part.name = name
			}
			all = append(all, part.rule(d, Alert))
			if d.Deployer != "" {
				all = append(all, part.rule(d, Deploy))
			}
		}
	}
	all = append(all, attempts(d)...)
	for _, r := range all {
		if err := fits(d, r.Pattern); err != nil {
			return nil, fmt.Errorf("rule %s: %w", r.Name, err)
		}
	}
	return all, nil
}

// group is the calls of a service that name what they are about in the same way.
type group struct {
	name   string
	source string
	field  string
	events []string
	values []any // of the field; none: the calls take nothing
	what   []string
	shown  bool
}

func groups(d Deployment) (all []group) {
	index := map[string]int{}
	for _, c := range calls() {
		values := c.form(d)
		if values == nil {
			continue
		}
		raw, _ := json.Marshal(values) // of texts
		id := c.source + " " + c.field + " " + string(raw)
		if c.field == "" {
			id += c.what
		}
		i, known := index[id]
		if !known {
			i = len(all)
			index[id] = i
			all = append(all, group{source: c.source, field: c.field, values: values, shown: true})
		}
		g := &all[i]
		g.events = append(g.events, c.event)
		g.shown = g.shown && c.shown
		if !slices.Contains(g.what, c.what) {
			g.what = append(g.what, c.what)
		}
	}
	return all
}

// split is the group, or several of which each has a part of its values, so that EventBridge admits every one.
func (g group) split(d Deployment) []group {
	if fits(d, g.pattern(d, Alert)) == nil || len(g.values) < 2 {
		return []group{g}
	}
	first, second := g, g
	half := len(g.values) / 2
	first.values, second.values = g.values[:half], g.values[half:]
	return append(first.split(d), second.split(d)...)
}

// fits is why EventBridge would refuse the pattern with the longest texts in the place of its placeholders.
func fits(d Deployment, pattern map[string]any) error {
	raw, err := json.Marshal(pattern)
	if err != nil {
		return err
	}
	if d.Longest != nil {
		raw = d.Longest(raw)
	}
	_, err = rules.ParsePattern(raw)
	return err
}

func (g group) rule(d Deployment, kind Kind) Rule {
	r := Rule{Name: g.name, Kind: kind, Pattern: g.pattern(d, kind)}
	what := "calls on " + orList(g.what)
	if kind == Deploy {
		r.Name += "-deploy"
		what += ", by the role that deploys it"
	}
	r.Description = what
	r.Text, r.Paths = g.text(d, kind)
	return r
}

// pattern matches what CloudTrail records in the deployment's account. Nobody can put an event on a bus whose source
// begins with "aws." (EventBridge API reference, PutEvents), which keeps forged records out.
func (g group) pattern(d Deployment, kind Kind) map[string]any {
	detail := map[string]any{
		"eventSource": []any{g.source},
		"eventName":   g.eventNames(),
		"errorCode":   []any{absent},
	}
	if len(g.values) > 0 {
		at := map[string]any{}
		detail["requestParameters"] = at
		steps := strings.Split(g.field, ".")
		for _, s := range steps[:len(steps)-1] {
			below := map[string]any{}
			at[s] = below
			at = below
		}
		at[steps[len(steps)-1]] = g.values
	}
	if d.Deployer != "" {
		// Root and IAM users have no sessionIssuer.
		who := []any{absent, map[string]any{"anything-but": []any{d.Deployer}}}
		if kind == Deploy {
			who = []any{d.Deployer}
		}
		detail["userIdentity"] = map[string]any{"sessionContext": map[string]any{"sessionIssuer": map[string]any{"arn": who}}}
	}
	return envelope(d, detail)
}

func envelope(d Deployment, detail map[string]any) map[string]any {
	return map[string]any{
		"source":      []any{prefix("aws.")},
		"account":     []any{d.Account},
		"detail-type": []any{"AWS API Call via CloudTrail"},
		"detail":      detail,
	}
}

// eventNames are the calls; Lambda's have a version behind their names, so that the beginning is matched (Lambda
// Developer Guide, "Logging AWS Lambda API calls using AWS CloudTrail"). Of two beginnings the shorter has both.
func (g group) eventNames() (all []any) {
	for _, e := range g.events {
		switch {
		case g.source != "lambda.amazonaws.com":
			all = append(all, e)
		case !slices.ContainsFunc(g.events, func(o string) bool { return o != e && strings.HasPrefix(e, o) }):
			all = append(all, prefix(e))
		}
	}
	return all
}

// attempts are the rules for refused calls: their parameters are often missing from the record, and what they were about
// stands in the error message alone (TestAttempt has the services' forms).
func attempts(d Deployment) (all []Rule) {
	var sources []any
	for _, g := range groups(d) {
		if !slices.Contains(sources, any(g.source)) {
			sources = append(sources, g.source)
		}
	}
	values := []any{wildcard("*:" + d.Stack + "*"), wildcard("*/" + d.Stack + "*")}
	pattern := envelope(d, map[string]any{
		"eventSource":  sources,
		"readOnly":     []any{false},
		"errorCode":    []any{map[string]any{"exists": true}},
		"errorMessage": values,
	})
	text, paths := attemptText(d)
	return []Rule{{
		Name:        "protect-attempt",
		Description: "calls on Trailkeeper's resources that were refused",
		Kind:        Attempt,
		Pattern:     pattern,
		Text:        text,
		Paths:       paths,
	}}
}

// orList is "its rule, API destination or connection"; there is at least one.
func orList(all []string) string {
	list := slices.Clone(all)
	for i := range list[1:] {
		list[i+1] = strings.TrimPrefix(list[i+1], "its ")
	}
	last := len(list) - 1
	if last == 0 {
		return list[0]
	}
	return strings.Join(list[:last], ", ") + " or " + list[last]
}
