// Package evidence composes the EventBridge rules for calls that take a trail's evidence away (package calls): on the
// bucket, log files, key and log group that the declared baselines name, and on CloudTrail Lake, the organization and the
// account around them, which need no baseline.
//
// It sees what CloudTrail records and EventBridge delivers. S3 and KMS record a call in the account and Region of the
// bucket or key, and the calls on the organization and account are recorded in one Region of the partition: elsewhere the
// rules match only what is forwarded to their bus. Deleted log files arrive only where a trail logs S3 data events of the
// bucket. It makes no resource, judges no record and reads no baseline.
package evidence

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/rules/composed"
	"trailkeeper/rules/evidence/calls"
)

// Names are what the declared baselines name, each once; empty: the rules on it are left out.
type Names struct {
	Buckets   []Bucket
	Keys      []string // ARNs
	LogGroups []string // ARNs, with or without ":*" behind them
	// Longest is for the placeholders of patterns.
	Longest composed.Longest
}

// Bucket is a bucket and what the keys of a trail's files begin with there, such as "AWSLogs/".
type Bucket struct{ Name, Prefix string }

// Rule is one EventBridge rule, such as evidence-s3 or evidence-attempt-kms.
type Rule struct {
	composed.Rule

	// Attempt says that it matches refused calls alone; otherwise it matches none.
	Attempt bool
	// Many says that one attack may make very many matches.
	Many bool
}

// Rules are the rules, in the order in which they are deployed: those for calls that succeeded, then those for refused
// ones. No two match the same event. What EventBridge would not admit as one rule is split; the error names a rule for
// which that does not help.
func Rules(n Names) ([]Rule, error) {
	var all []Rule
	number := composed.Names{}
	for _, g := range slices.Concat(n.succeeded(), n.refused()) {
		for _, part := range g.split(n) {
			part.name = number.Next(g.name)
			all = append(all, part.rule())
		}
	}
	for _, r := range all {
		if err := n.Longest.Fits(r.Pattern); err != nil {
			return nil, fmt.Errorf("rule %s: %w", r.Name, err)
		}
	}
	return all, nil
}

// group is calls of one service that name what they are about in the same way.
type group struct {
	name, source, what string
	events             []string
	attempt, many      bool
	// field is where the detail names the resource, with dots, and values what it has there; none: whatever it is about.
	field  string
	values []any
	// further are conditions on other fields of the detail.
	further map[string][]any
	shown   string // a path to what a message may show; empty: none
}

// split is the group, or several of which each has a part of its values, so that EventBridge admits every one.
func (g group) split(n Names) (all []group) {
	with := func(values []any) group {
		part := g
		part.values = values
		return part
	}
	for _, values := range n.Longest.Split(g.values, func(part []any) map[string]any { return with(part).pattern() }) {
		all = append(all, with(values))
	}
	return all
}

// pattern matches what CloudTrail records.
func (g group) pattern() map[string]any {
	detail := map[string]any{
		"eventSource": []any{g.source},
		"eventName":   composed.Exactly(g.events),
		"errorCode":   []any{composed.Exists(g.attempt)},
	}
	if len(g.values) > 0 {
		composed.Put(detail, g.field, g.values)
	}
	for field, values := range g.further {
		composed.Put(detail, field, values)
	}
	return composed.Event([]any{"aws." + strings.TrimSuffix(g.source, ".amazonaws.com")}, detail)
}

// namesOf are the calls of a kind, and of a place in the parameters where they name what they are about; an empty place
// is any.
func namesOf(of calls.Of, source, at string) (all []string) {
	for _, c := range calls.All() {
		if c.Of == of && c.Source == source && (at == "" || c.At == at || c.Or == at) {
			all = append(all, c.Event)
		}
	}
	return all
}

// logGroup is a log group's name and its ARN without ":*".
func logGroup(arn string) (name, short string) {
	short = strings.TrimSuffix(arn, ":*")
	a, _ := events.ParseARN(short)
	return cmp.Or(strings.TrimPrefix(a.Resource, "log-group:"), arn), short
}
