// Package compare compares what a template says of a resource with what an API answers: values that mean the same are
// equal, whatever their form.
//
// It asks nothing, and does not decide what a difference means. What it compares may have been written by an attacker:
// what is shown of it is bounded, and what cannot be read is never equal.
package compare

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/sanitize"
)

// maxShown bounds a value in a difference, in runes.
const maxShown = 160

// Scalar reports whether two values are the same number, truth value or text: 5 and "5" are, and true and "true"; and an
// empty text or list, and an object that has nothing else, is the same as nothing. Lists and objects are compared member by
// member.
func Scalar(want, got any) bool {
	return empty(want) && empty(got) || canonical(scalars(want)) == canonical(scalars(got))
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		for _, member := range v {
			if !empty(member) {
				return false
			}
		}
		return true
	}
	return false
}

// Set reports whether two lists have the same members, whatever their order, as often as they stand there.
func Set(want, got any) bool {
	if empty(want) || empty(got) {
		return empty(want) && empty(got)
	}
	a, okA := scalars(want).([]any)
	b, okB := scalars(got).([]any)
	return okA && okB && canonical(sorted(a)) == canonical(sorted(b))
}

// Document reports whether two JSON documents are the same value, whether each is a text or a tree: the order of keys
// and white space do not count. A key that stands twice makes a text unreadable.
func Document(want, got any) bool {
	a, errA := tree(want)
	b, errB := tree(got)
	return errA == nil && errB == nil && canonical(a) == canonical(b)
}

// Pattern reports whether two event patterns match the same events, as far as their form shows: the order of the values
// of a field does not count, since any of them may match ("Amazon EventBridge event patterns").
func Pattern(want, got any) bool {
	a, errA := tree(want)
	b, errB := tree(got)
	return errA == nil && errB == nil && canonical(unordered(a)) == canonical(unordered(b))
}

// Digest is a short name of a value that is not shown: "sha256:" and twelve digits of the SHA-256 of its canonical form.
func Digest(v any) string {
	t, err := tree(v)
	if err != nil {
		t = v
	}
	sum := sha256.Sum256([]byte(canonical(t)))
	return "sha256:" + hex.EncodeToString(sum[:])[:12]
}

// Show is a value for people to read, on one line of at most 160 characters and, where it is longer, its Digest: another end is
// another value. It is "none" where there is none.
func Show(v any) string {
	switch v := v.(type) {
	case nil:
		return "none"
	case string:
		if v == "" {
			return "none"
		}
		return bounded(v, maxShown)
	}
	return bounded(canonical(v), maxShown)
}

// bounded is a text of at most so many characters, and where it was longer its digest behind it.
func bounded(text string, most int) string {
	short := sanitize.Bound(text, most)
	if utf8.RuneCountInString(text) <= most {
		return short
	}
	sum := sha256.Sum256([]byte(text))
	return short + " (sha256:" + hex.EncodeToString(sum[:])[:12] + ")"
}

// canonical writes a value of encoding/json so that equal values are equal texts.
func canonical(v any) string {
	var out strings.Builder
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return "" // a value that JSON has not: none that was read from JSON
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// scalars writes every number and truth value in a value as a text.
func scalars(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = scalars(v[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for key := range v {
			out[key] = scalars(v[key])
		}
		return out
	case []string:
		out := make([]any, len(v))
		for i := range v {
			out[i] = v[i]
		}
		return out
	}
	return text(v)
}

// text is a scalar as a text; nil stays nil.
func text(v any) any {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return strconv.FormatInt(int64(v), 10)
		}
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return v
}

// unordered sorts every list in a value.
func unordered(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = unordered(v[i])
		}
		return sorted(out)
	case map[string]any:
		out := make(map[string]any, len(v))
		for key := range v {
			out[key] = unordered(v[key])
		}
		return out
	}
	return v
}

// Text is the JSON text of a value; a text is as it is.
func Text(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return canonical(v)
}

// Word is a value that goes into a command of the AWS CLI: as it is where neither a shell reads anything into it nor the CLI,
// which takes what begins with "-" for an option and reads file://, fileb:// and addresses; and "…" where one might.
func Word(s string) string {
	const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:/@+=,"
	if len(s) > 512 || !events.ConsistsOf(s, plain) || s[0] == '-' || strings.Contains(s, "://") {
		return "…"
	}
	return s
}
