package coverage

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

// verbs are the words before values that are exact, that start a text and that end one, and those that stand for the
// value true.
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
		return verbs{
			exactly: "through endpoint",
			starts:  "through endpoints that start with",
			ends:    "through endpoints that end in",
		}
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

// listOf words cubes, those of one kind together.
func listOf(w *comparer, v verbs, cubes []cube) []string {
	var exact, starts, ends, both some
	var words []string
	for _, c := range cubes {
		switch yes := c.exact && v.yes != "" && w.texts.prefix(c) == "true"; {
		case yes:
			words = append(words, v.yes)
		case c.exact:
			exact.add(w.texts.prefix(c), "", "")
		case w.texts.suffix(c) == "":
			starts.add(w.texts.prefix(c), "", "")
		case w.texts.prefix(c) == "":
			ends.add("", "", w.texts.suffix(c))
		default:
			both.add(w.texts.prefix(c), "…", w.texts.suffix(c))
		}
	}
	for _, group := range []struct {
		verb   string
		values some
	}{{v.exactly, exact}, {v.starts, starts}, {v.ends, ends}, {v.starts, both}} {
		if group.values.all > 0 {
			words = append(words, strings.TrimSpace(group.verb+" "+group.values.either()))
		}
	}
	if len(words) == 0 {
		return nil
	}
	return []string{strings.Join(words, " or ")}
}

// some are the first of many values, and how many they are.
type some struct {
	first []string
	all   int
}

func (s *some) add(prefix, between, suffix string) {
	if s.all++; s.all <= maxValues {
		s.first = append(s.first, prefix+between+suffix)
	}
}

// either names the values: "a", "a or b", "a, b, c or 4 more".
func (s *some) either() string {
	shown := make([]string, 0, maxValues+1)
	for _, v := range s.first {
		shown = append(shown, shownValue(v))
	}
	if more := s.all - len(shown); more > 0 {
		shown = append(shown, fmt.Sprintf("%d more", more))
	}
	last := len(shown) - 1
	if last == 0 {
		return shown[0]
	}
	return strings.Join(shown[:last], ", ") + " or " + shown[last]
}

// shownValue bounds what a caller of AWS wrote and leaves out what does not print: control characters and those that
// turn the text around.
func shownValue(s string) string {
	if s == "" {
		return `""`
	}
	return shorten(s, maxValue)
}

func shorten(s string, limit int) string {
	var short strings.Builder
	short.Grow(min(len(s), limit) + len("…"))
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
