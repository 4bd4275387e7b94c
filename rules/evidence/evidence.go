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
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/rules"
	"trailkeeper/rules/evidence/calls"
)

// Names are what the declared baselines name, each once; empty: the rules on it are left out.
type Names struct {
	Buckets   []Bucket
	Keys      []string // ARNs
	LogGroups []string // ARNs, with or without ":*" behind them
	// Longest replaces the placeholders of a pattern by the longest that may stand in their place; nil: there are none.
	Longest func(pattern []byte) []byte
}

// Bucket is a bucket and what the keys of a trail's files begin with there, such as "AWSLogs/".
type Bucket struct{ Name, Prefix string }

// Rule is one EventBridge rule.
type Rule struct {
	Name        string // such as evidence-s3 or evidence-attempt-kms; unique
	Description string
	// Attempt says that it matches refused calls alone; otherwise it matches none.
	Attempt bool
	// Many says that one attack may make very many matches.
	Many    bool
	Pattern map[string]any
	// Text is what is said of a match, with the placeholders of Paths: plain text in one line. No value that they lead to
	// can break JSON or be read as markup.
	Text  string
	Paths map[string]string
}

// Rules are the rules, in the order in which they are deployed: those for calls that succeeded, then those for refused
// ones. No two match the same event. What EventBridge would not admit as one rule is split; the error names a rule for
// which that does not help.
func Rules(n Names) ([]Rule, error) {
	var all []Rule
	number := map[string]int{}
	for _, g := range slices.Concat(n.succeeded(), n.refused()) {
		for _, part := range g.split(n) {
			if number[g.name]++; number[g.name] > 1 {
				part.name = fmt.Sprintf("%s-%d", g.name, number[g.name])
			}
			all = append(all, part.rule())
		}
	}
	for _, r := range all {
		if err := n.fits(r.Pattern); err != nil {
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
func (g group) split(n Names) []group {
	if n.fits(g.pattern()) == nil || len(g.values) < 2 {
		return []group{g}
	}
	first, second := g, g
	half := len(g.values) / 2
	first.values, second.values = g.values[:half], g.values[half:]
	return append(first.split(n), second.split(n)...)
}

// fits is why EventBridge would refuse the pattern with the longest texts in the place of its placeholders.
func (n Names) fits(pattern map[string]any) error {
	raw, err := json.Marshal(pattern)
	if err != nil {
		return err
	}
	if n.Longest != nil {
		raw = n.Longest(raw)
	}
	_, err = rules.ParsePattern(raw)
	return err
}

// pattern matches what CloudTrail records. Nobody can put an event on a bus whose source begins with "aws."
// (EventBridge API reference, PutEvents), which keeps forged records out.
func (g group) pattern() map[string]any {
	detail := map[string]any{
		"eventSource": []any{g.source},
		"eventName":   anys(g.events),
		"errorCode":   []any{map[string]any{"exists": g.attempt}},
	}
	if len(g.values) > 0 {
		put(detail, g.field, g.values)
	}
	for field, values := range g.further {
		put(detail, field, values)
	}
	return map[string]any{
		"source":      []any{"aws." + strings.TrimSuffix(g.source, ".amazonaws.com")},
		"detail-type": []any{"AWS API Call via CloudTrail"},
		"detail":      detail,
	}
}

// put puts conditions at a path of an object.
func put(at map[string]any, path string, values []any) {
	steps := strings.Split(path, ".")
	for _, s := range steps[:len(steps)-1] {
		below, ok := at[s].(map[string]any)
		if !ok {
			below = map[string]any{}
			at[s] = below
		}
		at = below
	}
	at[steps[len(steps)-1]] = values
}

func anys[T any](texts []T) []any {
	all := make([]any, len(texts))
	for i, t := range texts {
		all[i] = t
	}
	return all
}

// namesOf are the calls of a kind, and of a place in the parameters where they name what they are about; an empty place
// is any.
func namesOf(of calls.Of, source, at string) (all []string) {
	for _, c := range calls.All() {
		if c.Of == of && c.Source == source && (at == "" || c.At == at) {
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
