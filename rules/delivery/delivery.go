// Package delivery says which events of EventBridge the rules over CloudTrail need: the patterns that deliver them, and
// which rules need records that no source delivers.
//
// A pattern lets pass what a rule may match, and more: the rule itself decides. The package is pure, and knows no
// account, stack or function.
package delivery

import (
	"fmt"
	"slices"
	"strings"

	"trailkeeper/rules"
	"trailkeeper/rules/detect"
)

// maxPatterns is how many EventBridge rules are made at most. An event bus has 300 (EventBridge quotas), and they are
// not all for this. The built-in rules need six; 500 of a collection fit.
const maxPatterns = 50

// fewPatterns is how many there may be for the conditions as they are. Where they would be more, calls that change
// something are delivered by their names and services alone.
const fewPatterns = 8

// Pattern is the pattern of one EventBridge rule.
type Pattern struct {
	rules.Pattern
	// ReadEvents says that the EventBridge rule needs the state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS: in the
	// state ENABLED, management events whose names begin with Describe, Get or List do not arrive (EventBridge User
	// Guide, "Receiving read-only management events from AWS services").
	ReadEvents bool
	// Rules are the IDs of the rules that it is for, in order.
	Rules []string
}

// Patterns are the patterns for the rules of a set that are on in some account. Every record that such a rule matches,
// and that the rule's own pattern takes where it has one, passes at least one of them, in the envelope that
// CloudTrail's events have on the default event bus. The order is always the same.
//
// It is an error if there would be more than 50; it names the rules that need the most.
func Patterns(set *detect.Set) ([]Pattern, error) {
	var boxes, own []box
	for _, rule := range set.Rules {
		if !rule.On() {
			continue
		}
		if rule.Pattern != nil {
			own = append(own, box{reads: true, own: rule.Pattern, rules: []string{rule.ID}})
			continue
		}
		for _, c := range rule.Clauses() {
			boxes = append(boxes, boxOf(c, rule.ID))
		}
	}
	merged := merge(boxes)
	if len(merged) > fewPatterns {
		for i := range boxes {
			boxes[i] = boxes[i].coarse()
		}
		merged = merge(boxes)
	}
	merged = append(merged, merge(own)...)
	if len(merged) > maxPatterns {
		return nil, tooMany(merged)
	}
	patterns := make([]Pattern, 0, len(merged))
	for _, b := range merged {
		p, err := rules.ParsePattern(b.json())
		if err != nil {
			return nil, fmt.Errorf("the EventBridge pattern of %s: %w", strings.Join(b.rules, ", "), err)
		}
		patterns = append(patterns, Pattern{p, b.reads, b.rules})
	}
	return patterns, nil
}

// tooMany names the rules that are in the most patterns.
func tooMany(boxes []box) error {
	count := map[string]int{}
	var ids []string
	for _, b := range boxes {
		for _, id := range b.rules {
			if count[id]++; count[id] == 1 {
				ids = append(ids, id)
			}
		}
	}
	slices.SortStableFunc(ids, func(a, b string) int { return count[b] - count[a] })
	const named = 10
	more := ""
	if len(ids) > named {
		more = fmt.Sprintf(" and %d more", len(ids)-named)
		ids = ids[:named]
	}
	return fmt.Errorf("the rules need %d EventBridge rules, and at most %d are made; turn some off, or compare "+
		"eventSource and eventName with == and in: %s%s", len(boxes), maxPatterns, strings.Join(ids, ", "), more)
}
