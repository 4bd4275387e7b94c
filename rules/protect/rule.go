package protect

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"trailkeeper/rules/composed"
)

// Kind is whose calls a rule is about.
type Kind string

// The kinds.
const (
	Alert   Kind = ""           // a call that succeeded, of anybody but the deployer
	Deploy  Kind = "deployment" // one of the deployer: CloudFormation's role, in whoever's hands it is
	Attempt Kind = "attempt"    // a call that was refused, or failed otherwise
)

// Rule is one EventBridge rule, such as protect-lambda or protect-lambda-deploy.
type Rule struct {
	composed.Rule

	Kind Kind
}

// Rules are the rules of a deployment, in the order in which they are deployed: of each service those for calls that
// succeeded, one or more, with another each for the deployer; at the end those for calls that failed. No two kinds match
// the same event. What EventBridge would not admit as one rule is split. The error names a rule for which that does not
// help.
func Rules(d Deployment) ([]Rule, error) {
	var all []Rule
	number := composed.Names{}
	for _, g := range groups(d) {
		name := "protect-" + strings.TrimSuffix(g.source, ".amazonaws.com")
		for _, part := range g.split(d) {
			part.name = number.Next(name)
			all = append(all, part.rule(d, Alert))
			if d.Deployer != "" {
				all = append(all, part.rule(d, Deploy))
			}
		}
	}
	all = append(all, attempts(d)...)
	for _, r := range all {
		if err := d.Longest.Fits(r.Pattern); err != nil {
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
func (g group) split(d Deployment) (all []group) {
	with := func(values []any) group {
		part := g
		part.values = values
		return part
	}
	for _, values := range d.Longest.Split(g.values, func(part []any) map[string]any { return with(part).pattern(d, Alert) }) {
		all = append(all, with(values))
	}
	return all
}

func (g group) rule(d Deployment, kind Kind) Rule {
	r := Rule{Kind: kind, Rule: composed.Rule{Name: g.name, Pattern: g.pattern(d, kind)}}
	what := "calls on " + strings.TrimSuffix(orList(g.what), ",")
	if kind == Deploy {
		r.Name += "-deploy"
		what += ", by the role that deploys it"
	}
	r.Description = what
	r.Text, r.Paths = g.text(d, kind)
	return r
}

// pattern matches what CloudTrail records in the deployment's account.
func (g group) pattern(d Deployment, kind Kind) map[string]any {
	detail := map[string]any{
		"eventSource": []any{g.source},
		"eventName":   g.eventNames(),
		"errorCode":   []any{composed.Exists(false)},
	}
	if len(g.values) > 0 {
		composed.Put(detail, pathOf(g.field), g.values)
	}
	if d.Deployer != "" {
		// Root and IAM users have no sessionIssuer.
		who := []any{composed.Exists(false), map[string]any{"anything-but": []any{d.Deployer}}}
		if kind == Deploy {
			who = []any{d.Deployer}
		}
		composed.Put(detail, "userIdentity.sessionContext.sessionIssuer.arn", who)
	}
	return envelope(d, detail)
}

// inResources is how a field begins that is not of the request or the response: AWS KMS says there which key a call was
// about, whatever the caller named, which of RetireGrant may be a token alone (AWS KMS Developer Guide, "Examples of AWS
// KMS log entries"; AWS KMS API reference, RetireGrant).
const inResources = "resources."

// pathOf is where the field of a call is in a detail.
func pathOf(field string) string {
	if strings.HasPrefix(field, "responseElements.") || strings.HasPrefix(field, inResources) {
		return field
	}
	return "requestParameters." + field
}

func envelope(d Deployment, detail map[string]any) map[string]any {
	pattern := composed.Event([]any{composed.Prefix("aws.")}, detail)
	pattern["account"] = []any{d.Account}
	return pattern
}

// eventNames are the calls; Lambda's have a version behind their names, so that the beginning is matched (Lambda
// Developer Guide, "Logging AWS Lambda API calls using AWS CloudTrail"). Of two beginnings the shorter has both.
func (g group) eventNames() (all []any) {
	for _, e := range g.events {
		switch {
		case g.source != "lambda.amazonaws.com":
			all = append(all, e)
		case !slices.ContainsFunc(g.events, func(o string) bool { return o != e && strings.HasPrefix(e, o) }):
			all = append(all, composed.Prefix(e))
		}
	}
	return all
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
