// Package composed is what the packages have in common that compose EventBridge rules of a list of calls (protect,
// evidence): conditions and patterns, which are split until EventBridge admits them, and who called, in words.
//
// It has no list of calls, and knows nothing of a deployment or a baseline.
package composed

import (
	"encoding/json"
	"fmt"

	"trailkeeper/rules"
)

// Rule is one EventBridge rule.
type Rule struct {
	Name        string // unique, such as protect-lambda or evidence-attempt-kms
	Description string
	Pattern     map[string]any
	// Text is what EventBridge itself says of a match, with the placeholders of Paths: plain text in one line. No value
	// that they lead to can break JSON or be read as markup.
	Text  string
	Paths map[string]string
}

// Longest replaces the placeholders of a pattern by the longest texts that may stand in their place, so that it is
// measured as it may become; nil: there are none.
type Longest func(pattern []byte) []byte

// Fits is why EventBridge would refuse the pattern with the longest texts in the place of its placeholders.
func (l Longest) Fits(pattern map[string]any) error {
	raw, err := json.Marshal(pattern)
	if err != nil {
		return err
	}
	if l != nil {
		raw = l(raw)
	}
	_, err = rules.ParsePattern(raw)
	return err
}

// Split is the values, in parts of which EventBridge admits every one: halves of halves, as far as it takes. A single
// value is left as it is.
func (l Longest) Split(values []any, pattern func(part []any) map[string]any) [][]any {
	if len(values) < 2 || l.Fits(pattern(values)) == nil {
		return [][]any{values}
	}
	half := len(values) / 2
	return append(l.Split(values[:half], pattern), l.Split(values[half:], pattern)...)
}

// Names makes names unique.
type Names map[string]int

// Next is the name where it is new, and otherwise with a number behind it: -2, -3, and so on.
func (n Names) Next(name string) string {
	if n[name]++; n[name] > 1 {
		return fmt.Sprintf("%s-%d", name, n[name])
	}
	return name
}
