package eventrule

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"trailkeeper/rules"
)

// checkPattern is what EventBridge would refuse in a pattern, with the longest texts in the place of what
// CloudFormation fills in: it would do so in the middle of a deployment, and take all of it back.
func checkPattern(pattern map[string]any) error {
	raw, err := json.Marshal(pattern)
	if err == nil {
		_, err = rules.ParsePattern(withLongestTexts(raw))
	}
	return err
}

// withLongestTexts replaces CDK's tokens.
func withLongestTexts(raw []byte) []byte {
	token := regexp.MustCompile(`\$\{Token\[([^\]]*)\]\}`)
	return token.ReplaceAllFunc(
		raw,
		func(t []byte) []byte { return []byte(rules.LongestText(string(token.FindSubmatch(t)[1]))) },
	)
}

// decodePattern gives jsii the pattern as plain values, in which pairs of texts are replaced.
func decodePattern(p rules.Pattern, replaced ...string) map[string]any {
	var v map[string]any
	if err := json.Unmarshal([]byte(strings.NewReplacer(replaced...).Replace(string(p.JSON()))), &v); err != nil {
		panic(fmt.Sprintf("pattern of package rules: %v", err)) // parsed before
	}
	return v
}
