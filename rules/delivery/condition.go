package delivery

import (
	"encoding/json"
	"strings"

	"trailkeeper/rules"
	"trailkeeper/rules/expression"
)

// byAWS are the fields whose texts are AWS's own, and in ASCII.
var byAWS = []string{
	"eventName", "eventSource", "eventType", "eventCategory", "awsRegion", "errorCode", "userIdentity.type",
}

// conditions are the tests of a field as EventBridge has them. Where it has no like, or would refuse them, all that is
// asked is that the field is there.
func conditions(path string, tests []expression.Test) []any {
	there := []any{operator("exists", true)}
	var all []any
	for _, t := range tests {
		some := condition(path, t)
		if some == nil {
			return there
		}
		all = append(all, some...)
	}
	if !admitted(all) {
		return there
	}
	return all
}

func operator(name string, argument any) any { return map[string]any{name: argument} }

// admitted reports whether EventBridge would take the conditions of a field, however many they are.
func admitted(all []any) bool {
	var wild []any
	apart := false
	for _, one := range all {
		of, _ := one.(map[string]any)
		_, suffix := of["suffix"]
		_, fold := of["equals-ignore-case"]
		apart = apart || suffix || fold
		if of["wildcard"] != nil {
			wild = append(wild, one)
		}
	}
	if len(wild) == 0 {
		return true
	}
	if apart {
		return false
	}
	text, err := json.Marshal(map[string]any{"detail": map[string]any{"a": wild}})
	if err != nil {
		return false
	}
	_, err = rules.ParsePattern(text)
	return err == nil
}

// condition is a test as EventBridge has it, which may be several conditions, and nil where it has no like.
func condition(path string, t expression.Test) []any {
	switch t.Op {
	case expression.Is:
		return []any{exactly(t.Text)}
	case expression.IsFold:
		if foldable(path, t.Text) {
			return []any{operator("equals-ignore-case", t.Text)}
		}
	case expression.StartsWith:
		if t.Text != "" {
			return []any{operator("prefix", t.Text)}
		}
	case expression.EndsWith:
		if t.Text != "" {
			return []any{operator("suffix", t.Text)}
		}
	case expression.Contains:
		if t.Text != "" {
			return []any{operator("wildcard", "*"+escaped(t.Text)+"*")}
		}
	case expression.Glob:
		return globbed(t.Text)
	case expression.Truth:
		return []any{t.Text == "true"}
	}
	return nil
}

// exactly is a text. One that looks like an address would be compared as one, so that it is a prefix.
func exactly(text string) any {
	if strings.Trim(text, "0123456789abcdefABCDEF:.") == "" && strings.ContainsAny(text, ":.") {
		return operator("prefix", text)
	}
	return text
}

// foldable reports whether EventBridge's equals-ignore-case takes all that lower gives this text for. The Kelvin sign
// and the dotted capital I are lower-case k and i for the one and not for the other: AWS writes neither in its own
// names.
func foldable(path, text string) bool {
	if !isASCII(text) {
		return false
	}
	for _, own := range byAWS {
		if path == own {
			return true
		}
	}
	return !strings.ContainsAny(text, "ik")
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

func escaped(text string) string { return strings.NewReplacer(`\`, `\\`, "*", `\*`).Replace(text) }

// globbed is a pattern of glob: "?" is any text, as EventBridge has nothing for one character.
func globbed(pattern string) []any {
	if !strings.ContainsAny(pattern, "*?") {
		return []any{exactly(pattern)}
	}
	var b strings.Builder
	for i := range len(pattern) {
		switch c := pattern[i]; c {
		case '*', '?':
			if !strings.HasSuffix(b.String(), "*") || strings.HasSuffix(b.String(), `\*`) {
				b.WriteByte('*')
			}
		case '\\':
			b.WriteString(`\\`)
		default:
			b.WriteByte(c)
		}
	}
	switch wild := b.String(); {
	case wild == "*":
		return nil
	case strings.Index(wild, "*") == len(wild)-1 && !strings.Contains(wild, `\`):
		return []any{operator("prefix", wild[:len(wild)-1])}
	default:
		return []any{operator("wildcard", wild)}
	}
}
