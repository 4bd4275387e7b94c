package trail

import (
	"fmt"
	"strings"
	"unicode"
)

// Limits of what is said, as most of it was written by callers of AWS.
const (
	maxValue  = 80  // runes of one value
	maxValues = 3   // values of one kind
	maxPhrase = 400 // runes of one phrase
)

// verbs are the words before values that are exact, that start a text and that end one, and those that stand for the value true.
type verbs struct{ exactly, starts, ends, yes string }

func (b box) verbs(field string) verbs {
	switch field {
	case onType:
		return verbs{exactly: "of", starts: "of types that start with", ends: "of types that end in"}
	case onSource:
		if _, ok := b.find(onType); ok {
			return verbs{exactly: "from", starts: "from sources that start with", ends: "from sources that end in"}
		}
		return verbs{exactly: "of", starts: "of sources that start with", ends: "of sources that end in"}
	case onARN:
		return verbs{exactly: "on", starts: "below", ends: "on ARNs that end in"}
	case onPrincipal:
		return verbs{exactly: "by principal", starts: "by principals that start with", ends: "by principals that end in"}
	case onName:
		return verbs{exactly: "named", starts: "with names that start with", ends: "with names that end in"}
	case onEventType:
		return verbs{exactly: "of type", starts: "of types that start with", ends: "of types that end in"}
	case onError:
		return verbs{exactly: "with error", starts: "with errors that start with", ends: "with errors that end in"}
	case onEndpoint:
		return verbs{exactly: "through endpoint", starts: "through endpoints that start with", ends: "through endpoints that end in"}
	}
	if strings.HasPrefix(field, onUnknown) {
		return verbs{exactly: "with an unknown condition on"}
	}
	words := verbs{exactly: "with " + shownValue(field)}
	words.starts, words.ends = words.exactly+" that starts with", words.exactly+" that ends in"
	if field == onConsole {
		words.yes = "from console sessions"
	}
	return words
}

// list words cubes, those of one kind together.
func (v verbs) list(cubes []cube) []string {
	var exact, starts, ends, both, words []string
	for _, c := range cubes {
		switch {
		case c.exact && c.prefix == "true" && v.yes != "":
			words = append(words, v.yes)
		case c.exact:
			exact = append(exact, c.prefix)
		case c.suffix == "":
			starts = append(starts, c.prefix)
		case c.prefix == "":
			ends = append(ends, c.suffix)
		default:
			both = append(both, c.prefix+"…"+c.suffix)
		}
	}
	for _, group := range []struct {
		verb   string
		values []string
	}{{v.exactly, exact}, {v.starts, starts}, {v.ends, ends}, {v.starts, both}} {
		if len(group.values) > 0 {
			words = append(words, strings.TrimSpace(group.verb+" "+either(group.values)))
		}
	}
	if len(words) == 0 {
		return nil
	}
	return []string{strings.Join(words, " or ")}
}

// either names some values: "a", "a or b", "a, b, c or 4 more".
func either(values []string) string {
	var shown []string
	for _, v := range values[:min(len(values), maxValues)] {
		shown = append(shown, shownValue(v))
	}
	if more := len(values) - len(shown); more > 0 {
		shown = append(shown, fmt.Sprintf("%d more", more))
	}
	last := len(shown) - 1
	if last == 0 {
		return shown[0]
	}
	return strings.Join(shown[:last], ", ") + " or " + shown[last]
}

// shownValue bounds what a caller of AWS wrote and leaves out what does not print: control characters and those that turn the text around.
func shownValue(s string) string {
	if s == "" {
		return `""`
	}
	return shorten(s, maxValue)
}

func shorten(s string, limit int) string {
	var short strings.Builder
	n := 0
	for _, r := range s {
		if !unicode.IsPrint(r) {
			continue
		}
		if n++; n > limit {
			return short.String() + "…"
		}
		short.WriteRune(r)
	}
	return short.String()
}
