package stack

import (
	"encoding/json"
	"fmt"
	"regexp"

	"trailkeeper/rules"
)

// patterns collects what EventBridge would refuse in the patterns of a deployment: it would do so in the middle of it,
// and take all of it back.
type patterns struct{ errs []error }

// check looks at the pattern of a rule, with the longest texts in the place of what CloudFormation fills in, and
// returns it.
func (p *patterns) check(rule string, pattern map[string]any) map[string]any {
	raw, err := json.Marshal(pattern)
	if err == nil {
		_, err = rules.ParsePattern(withLongestTexts(raw))
	}
	if err != nil {
		p.errs = append(p.errs, fmt.Errorf("rule %s: %w", rule, err))
	}
	return pattern
}

// withLongestTexts replaces CDK's tokens.
func withLongestTexts(raw []byte) []byte {
	token := regexp.MustCompile(`\$\{Token\[([^\]]*)\]\}`)
	return token.ReplaceAllFunc(
		raw,
		func(t []byte) []byte { return []byte(rules.LongestText(string(token.FindSubmatch(t)[1]))) },
	)
}
