package composed

import "strings"

// Event is the pattern of records of CloudTrail whose event has one of the sources. Nobody can put an event on a bus
// whose source begins with "aws." (EventBridge API reference, PutEvents), which keeps forged records out.
func Event(sources []any, detail map[string]any) map[string]any {
	return map[string]any{"source": sources, "detail-type": []any{"AWS API Call via CloudTrail"}, "detail": detail}
}

// Put puts the conditions of a field at its path in a detail, with dots.
func Put(detail map[string]any, path string, conditions []any) {
	steps, at := strings.Split(path, "."), detail
	for _, s := range steps[:len(steps)-1] {
		below, ok := at[s].(map[string]any)
		if !ok {
			below = map[string]any{}
			at[s] = below
		}
		at = below
	}
	at[steps[len(steps)-1]] = conditions
}

// Exactly are the conditions that a field is one of the values; nil without values.
func Exactly[T any](values []T) (all []any) {
	for _, v := range values {
		all = append(all, v)
	}
	return all
}

// Prefix is the condition that a text begins so.
func Prefix(text string) any { return map[string]any{"prefix": text} }

// Wildcard is the condition that a text is so, where * stands for anything.
func Wildcard(text string) any { return map[string]any{"wildcard": text} }

// Exists is the condition that there is such a field, or that there is none.
func Exists(is bool) any { return map[string]any{"exists": is} }

// But is the condition that there is such a field, and that no value of it begins with one of the texts.
func But(prefixes ...string) any {
	return map[string]any{"anything-but": map[string]any{"prefix": prefixes}}
}
