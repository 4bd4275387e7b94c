package eventrule

import (
	"strings"
	"testing"
)

// TestPatternsAreChecked: what EventBridge would refuse is named, with rule and field; a token counts as long as what
// may stand in its place.
func TestPatternsAreChecked(t *testing.T) {
	wild := func(words ...string) []any {
		var list []any
		for _, w := range words {
			list = append(list, map[string]any{"wildcard": "*" + w + "*"})
		}
		return list
	}
	for name, tt := range map[string]struct {
		value []any
		want  string // empty: admitted
	}{
		"three wildcards": {wild("x", "y", "z"), ""},
		"four wildcards": {wild("x", "y", "z", "w"), "event pattern: detail.arn: its wildcards have a " +
			"complexity over 9"},
		"many texts":        {[]any{strings.Repeat("x", 2000)}, ""},
		"too many texts":    {[]any{strings.Repeat("x", 2048)}, "characters; want at most 2048"},
		"accounts":          {[]any{strings.Repeat("${Token[AWS.AccountId.4]}", 160)}, ""},
		"too many accounts": {[]any{strings.Repeat("${Token[AWS.AccountId.4]}", 180)}, "characters; want at most 2048"},
		"ARNs":              {[]any{strings.Repeat("${Token[Topic.TopicArn.17]}", 7)}, ""},
		"too many ARNs":     {[]any{strings.Repeat("${Token[Topic.TopicArn.17]}", 8)}, "characters; want at most 2048"},
	} {
		got := ""
		if err := checkPattern(map[string]any{"source": []any{"x"}, "detail": map[string]any{"arn": tt.value}}); err != nil {
			got = err.Error()
		}
		if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q; want %q", name, got, tt.want)
		}
	}
}
