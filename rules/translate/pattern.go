package translate

import (
	"regexp"
	"slices"
	"strings"
)

// Star and One stand for any text and for any one character in a pattern.
const (
	Star rune = -1 - iota
	One
)

// Like holds where the field is as the pattern says.
func Like(f Field, pattern []rune) Condition {
	first, last := 0, len(pattern)
	for first < last && pattern[first] == Star {
		first++
	}
	for last > first && pattern[last-1] == Star {
		last--
	}
	inner := pattern[first:last]
	wild := func(r rune) bool { return r < 0 }
	switch {
	case len(inner) == 0 && len(pattern) > 0:
		return f.Exists()
	case slices.ContainsFunc(inner, wild):
		return globbed(f, pattern)
	case first == 0 && last == len(pattern):
		return f.Equals(string(inner))
	case first == 0:
		return f.StartsWith(string(inner))
	case last == len(pattern):
		return f.EndsWith(string(inner))
	}
	return f.Contains(string(inner))
}

// globbed is a pattern as glob has it, and as a regular expression where a star or a question mark stands for itself.
func globbed(f Field, pattern []rune) Condition {
	var glob, re, short, long strings.Builder
	literal := false
	for _, r := range pattern {
		switch r {
		case Star:
			glob.WriteByte('*')
			re.WriteString(".*")
			long.WriteString("xy")
		case One:
			glob.WriteByte('?')
			re.WriteByte('.')
			short.WriteByte('x')
			long.WriteByte('x')
		default:
			literal = literal || r == '*' || r == '?'
			text := f.fold(string(r))
			glob.WriteString(text)
			re.WriteString(regexp.QuoteMeta(text))
			short.WriteRune(r)
			long.WriteRune(r)
		}
	}
	expression := "(?s)^" + re.String() + "$"
	holds := regexp.MustCompile(expression).MatchString
	cel := "%s.glob(" + quote(glob.String()) + ")"
	if literal {
		cel = "%s.matches(" + quote(expression) + ")"
	}
	return f.text(cel, holds, []string{short.String(), long.String()},
		[]string{short.String() + "OrElse", "Not" + short.String(), shorter(short.String()), "a-b"})
}

// Matches holds where the regular expression, in RE2's syntax, is found in the field. The error says what is wrong.
func Matches(f Field, pattern string) (Condition, error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	f.Fold = false
	var yes []string
	if sample := sampleOf(pattern); re.MatchString(sample) {
		yes = append(yes, sample)
	}
	return f.text("%s.matches("+quote(pattern)+")", re.MatchString, yes, []string{"", "a-b"}), nil
}

// Differs holds where the field is there and is not as the pattern says. Of a path through lists, one value does.
func Differs(f Field, pattern []rune) Condition {
	if !slices.ContainsFunc(pattern, func(r rune) bool { return r != Star }) && len(pattern) > 0 {
		return Constant(false)
	}
	if f.Path.Through {
		f.differs = true
		return Like(f, pattern)
	}
	return And(f.Exists(), Negate(Like(f, pattern)))
}
