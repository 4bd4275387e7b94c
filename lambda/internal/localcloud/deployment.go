package localcloud

import (
	"encoding/json"
	"maps"
	"slices"
)

// Deployment is what the template deploys, as far as promises depend on it.
type Deployment struct {
	// Destination says that EventBridge itself can post to Slack; Topic, that there is a topic.
	Destination, Topic bool
	// Publishes says that EventBridge itself tells a topic of calls.
	Publishes bool
	// Table says that there is a state table; Schedule, that a schedule invokes a function.
	Table, Schedule bool
	// Organization says that a function's role has permissions for AWS Organizations or CloudTrail's service-linked role.
	Organization bool
	// OtherAccounts says that a function's role may restart trails of accounts besides its own.
	OtherAccounts bool
	// Functions are the names of the functions.
	Functions []string
	// EventNames are the calls that the rules' patterns list.
	EventNames []string
	// Environment is what the template gives the functions, all together.
	Environment map[string]string
	// Assumptions are sentences about what the template uses and does not hold.
	Assumptions []string
}

// Deployment returns what the template deploys.
func (c *Cloud) Deployment() Deployment {
	d := Deployment{
		Destination: len(c.stack.destinations) > 0, Topic: len(c.stack.topics) > 0, Table: len(c.stack.tables) > 0,
		Schedule: slices.ContainsFunc(c.stack.schedules, func(s *schedule) bool { return s.enabled }), Environment: map[string]string{},
		Assumptions: slices.Sorted(slices.Values(c.stack.assumptions)),
	}
	for _, r := range c.stack.rules {
		names := eventNames(r.pattern.JSON())
		d.EventNames = append(d.EventNames, names...)
		d.Publishes = d.Publishes || len(names) > 0 && slices.ContainsFunc(r.targets, func(t target) bool { return c.stack.topics[t.Arn] != nil })
	}
	for _, f := range c.stack.functions {
		d.Functions = append(d.Functions, f.name)
		maps.Copy(d.Environment, f.spec.Environment.Variables)
		d.Organization = d.Organization || f.role != nil && f.role.forOrganizations()
		d.OtherAccounts = d.OtherAccounts || f.role != nil && f.role.forOthers(c.opts.Account)
	}
	return d
}

func eventNames(pattern json.RawMessage) []string {
	var p struct {
		Detail struct{ EventName []any }
	}
	if json.Unmarshal(pattern, &p) != nil {
		return nil // such a pattern lists no names
	}
	var names []string
	for _, v := range p.Detail.EventName {
		if name, ok := v.(string); ok {
			names = append(names, name)
		}
	}
	return names
}
