package report

import (
	"cmp"
	"slices"

	"trailkeeper/lambda/config/route"
	"trailkeeper/lambda/internal/finding"
)

// Router returns where a finding goes: to the destinations of the first route that fits, made by name, and otherwise to
// the default ones. What closes an incident goes to all that have heard of it.
func Router(list route.List, made map[string]Notifier, defaults []Notifier) func(finding.Finding) []Notifier {
	return func(n finding.Finding) []Notifier {
		var to []Notifier
		for _, heard := range n.RouteKeys() {
			some := defaults
			if r, ok := list.Match(factsOf(n, heard)); ok {
				some = nil
				for _, name := range slices.Concat(r.Slack, r.Topics) {
					if made[name] != nil {
						some = append(some, made[name])
					}
				}
			}
			for _, one := range some {
				if !slices.ContainsFunc(to, func(other Notifier) bool { return other.Name() == one.Name() }) {
					to = append(to, one)
				}
			}
		}
		return to
	}
}

// factsOf are what a route chooses by: where it happened, never who did it.
func factsOf(n finding.Finding, h finding.RouteKey) route.Facts {
	f := route.Facts{
		Recipient: cmp.Or(n.Recipient, n.Account),
		Severity:  string(h.Severity),
		Event:     h.Event,
		Trail:     n.Subject.ARN,
	}
	if s, ok := finding.SubjectOf(n.Subject.ARN); ok {
		f.Owner = s.Account
	}
	return f
}
