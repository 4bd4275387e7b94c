package read

import (
	"encoding/json"
	"errors"
	"fmt"

	"trailkeeper/events/plain"
)

// maxDepth is how deep a value may be nested: as deep as encoding/json goes, which the guard reads its events with.
const maxDepth = 10000

var (
	errMore = errors.New("the value goes on") // the text ends before the value does
	errList = errors.New("a list")            // an object has a list of records, which is read one by one

	errTooDeep = fmt.Errorf("nested more than %d deep", maxDepth)
	errTooMany = fmt.Errorf("of more than %d values, the most that are read as one", plain.MaxValues)
)

// malformed is what is wrong with a text, and where in it.
type malformed struct {
	at   int
	what string
}

func (m malformed) Error() string { return m.what }

func unexpected(text []byte, at int, want string) error {
	return malformed{at, fmt.Sprintf("no JSON: %q where %s belongs", text[at], want)}
}

// span is where a member of an object stands in it; the key is without its quotation marks.
type span struct{ key, keyEnd, value, end int }

// scanner checks JSON as strictly as encoding/json does, and copies nothing. It keeps where the members of the
// outermost object are.
type scanner struct {
	members []span
	final   bool // there is no more text
	lists   bool // stop at a list of records in the outermost object
	outer   int  // how deep the value is nested in others

	depth  int
	object [maxDepth/64 + 2]uint64 // for each depth whether it is that of an object
}

// value returns the length of the value that the text begins with. The error is errMore, errList with where the list
// begins, errTooMany, or malformed.
func (s *scanner) value(text []byte) (at int, err error) {
	s.members, s.depth = s.members[:0], 0
	for opened := false; ; {
		if at = space(text, at); at >= len(text) {
			return at, errMore
		}
		switch text[at] {
		case '"':
			at, err = stringEnd(text, at)
		case '{', '[':
			at, opened, err = s.open(text, at)
		default:
			at, err = s.scalar(text, at)
		}
		if err != nil {
			return at, err
		}
		if opened {
			opened = false
			continue
		}
		more := false
		if at, more, err = s.close(text, at); err != nil || !more {
			return at, err
		}
	}
}

// open goes into an object or an array, and reports whether a value follows in it.
func (s *scanner) open(text []byte, at int) (next int, opened bool, err error) {
	if s.depth++; s.depth+s.outer > maxDepth {
		return at, false, malformed{at, errTooDeep.Error()}
	}
	isObject, end := text[at] == '{', byte(']')
	word, bit := &s.object[s.depth>>6], uint64(1)<<(s.depth&63)
	*word &^= bit
	if isObject {
		*word |= bit
		end = '}'
	}
	if at = space(text, at+1); at >= len(text) {
		return at, false, errMore
	}
	if text[at] == end {
		s.depth--
		return at + 1, false, nil
	}
	if isObject {
		at, err = s.key(text, at)
	}
	return at, true, err
}

func (s *scanner) inObject() bool { return s.object[s.depth>>6]&(1<<(s.depth&63)) != 0 }

// close goes on behind a value, and reports whether another follows.
func (s *scanner) close(text []byte, at int) (next int, more bool, err error) {
	for ; s.depth > 0; s.depth-- {
		isObject := s.inObject()
		if isObject {
			at = s.plainMembers(text, at)
		}
		if at = space(text, at); at >= len(text) {
			return at, false, errMore
		}
		switch c := text[at]; {
		case c == ',' && isObject:
			if at = space(text, at+1); at >= len(text) {
				return at, false, errMore
			}
			at, err = s.key(text, at)
			return at, true, err
		case c == ',':
			return at + 1, true, nil
		case c == '}' && isObject, c == ']' && !isObject:
			at++
		case isObject:
			return at, false, unexpected(text, at, "a comma or }")
		default:
			return at, false, unexpected(text, at, "a comma or ]")
		}
	}
	return at, false, nil
}

// plainMembers ends a member of an object, and goes over those behind it that are texts and written without a blank or
// an escape: most are.
func (s *scanner) plainMembers(text []byte, at int) (next int) {
	for {
		if s.depth == 1 {
			s.members[len(s.members)-1].end = at
		}
		key := at + 2
		if key >= len(text) || text[at] != ',' || text[at+1] != '"' || len(s.members) >= plain.MaxValues {
			return at
		}
		keyEnd := plain.End(text, key)
		value := keyEnd + 2
		if value >= len(text) || text[keyEnd] != '"' || text[keyEnd+1] != ':' || text[value] != '"' {
			return at
		}
		end := plain.End(text, value+1)
		if end >= len(text) || text[end] != '"' {
			return at
		}
		if s.depth == 1 {
			s.members = append(s.members, span{key: key, keyEnd: keyEnd, value: value})
		}
		at = end + 1
	}
}

// key reads the key that begins there, and the colon.
func (s *scanner) key(text []byte, at int) (next int, err error) {
	if text[at] != '"' {
		return at, unexpected(text, at, "a key")
	}
	end, err := stringEnd(text, at)
	if err != nil {
		return end, err
	}
	colon := space(text, end)
	if colon >= len(text) {
		return colon, errMore
	}
	if text[colon] != ':' {
		return colon, unexpected(text, colon, "a colon")
	}
	if s.depth > 1 {
		return colon + 1, nil
	}
	value := space(text, colon+1)
	switch {
	case value >= len(text):
		return value, errMore
	case len(s.members) >= plain.MaxValues:
		return at, errTooMany
	}
	s.members = append(s.members, span{key: at + 1, keyEnd: end - 1, value: value})
	if s.lists && text[value] == '[' && isList(text[at+1:end-1]) {
		return value, errList
	}
	return value, nil
}

// scalar reads a number, true, false or null.
func (s *scanner) scalar(text []byte, at int) (next int, err error) {
	for _, word := range [...]string{"true", "false", "null"} {
		if rest := text[at:]; rest[0] == word[0] {
			for i := range len(word) {
				if i >= len(rest) {
					return len(text), errMore
				}
				if rest[i] != word[i] {
					return at + i, unexpected(text, at+i, word)
				}
			}
			return at + len(word), nil
		}
	}
	if text[at] != '-' && !isDigit(text[at]) {
		return at, unexpected(text, at, "a value")
	}
	return s.number(text, at)
}

// number reads a number of JSON: no plus in front, no leading zero, and a digit on both sides of a point.
func (s *scanner) number(text []byte, at int) (next int, err error) {
	if text[at] == '-' {
		at++
	}
	if at < len(text) && text[at] == '0' {
		at++
	} else if at, err = digits(text, at); err != nil {
		return at, err
	}
	if at < len(text) && text[at] == '.' {
		if at, err = digits(text, at+1); err != nil {
			return at, err
		}
	}
	if at, err = exponent(text, at); err == nil && at >= len(text) && !s.final {
		err = errMore
	}
	return at, err
}

// exponent reads that of a number, if it has one.
func exponent(text []byte, at int) (int, error) {
	if at >= len(text) || text[at]|0x20 != 'e' {
		return at, nil
	}
	if at++; at < len(text) && (text[at] == '+' || text[at] == '-') {
		at++
	}
	return digits(text, at)
}

// digits reads one digit or more.
func digits(text []byte, at int) (int, error) {
	if at >= len(text) {
		return at, errMore
	}
	if !isDigit(text[at]) {
		return at, unexpected(text, at, "a digit")
	}
	for at < len(text) && isDigit(text[at]) {
		at++
	}
	return at, nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// space skips what means nothing.
func space(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r') {
		at++
	}
	return at
}

// stringEnd is behind the quotation mark that ends the string which begins there.
func stringEnd(text []byte, at int) (int, error) {
	at++
	for {
		at = plain.End(text, at)
		switch {
		case at >= len(text):
			return at, errMore
		case text[at] == '"':
			return at + 1, nil
		case text[at] != '\\':
			return at, unexpected(text, at, "a character of a string")
		}
		next, err := escapeEnd(text, at)
		if err != nil {
			return next, err
		}
		at = next
	}
}

func escapeEnd(text []byte, at int) (int, error) {
	if at+1 >= len(text) {
		return len(text), errMore
	}
	switch text[at+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return at + 2, nil
	case 'u':
		for i := at + 2; i < at+6; i++ {
			if i >= len(text) {
				return i, errMore
			}
			if c := text[i]; !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
				return i, unexpected(text, i, "a hexadecimal digit")
			}
		}
		return at + 6, nil
	}
	return at + 1, unexpected(text, at+1, "an escape")
}

// textOf is what a JSON string says, and "" of anything else.
func textOf(raw []byte) string {
	if len(raw) < 2 || raw[0] != '"' {
		return ""
	}
	if inner := raw[1 : len(raw)-1]; plain.Is(inner) {
		return string(inner)
	}
	var s string
	_ = json.Unmarshal(raw, &s) // it was checked
	return s
}
