package python

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is what a token is.
type kind int

const (
	end kind = iota
	name
	number
	str
	mark
)

// token is a word, a literal or a mark of Python. Line counts from 1.
type token struct {
	kind kind
	text string // of a literal its value
	line int
	// joined says that a literal is made of several that stand side by side.
	joined bool
	// first is what the first of those was.
	first string
	// formatted says that a literal has values in braces, which are not known.
	formatted bool
}

// marks are the operators and delimiters, the longest first.
var marks = []string{
	"**=", "//=", "<<=", ">>=", "...", "!=", "==", "<=", ">=", ":=", "->", "**", "//", "<<", ">>", "+=", "-=", "*=", "/=",
	"%=", "&=", "|=", "^=", "@=", "(", ")", "[", "]", "{", "}", ",", ":", ".", ";", "@", "=", "+", "-", "*", "/", "%", "&",
	"|", "^", "~", "<", ">",
}

// errFormatted is what stands against a literal with values in braces.
var errFormatted = errors.New("an f-string with values in braces cannot be translated; write the value out")

// tokens reads Python. Line breaks count as white space, and literals side by side are one, as in Python.
func tokens(source string) ([]token, error) {
	var all []token
	line := 1
	for rest := source; ; {
		rest = skip(rest, &line)
		if rest == "" {
			return append(all, token{kind: end, line: line}), nil
		}
		t, length, err := next(rest)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		t.line = line
		line += strings.Count(rest[:length], "\n")
		rest = rest[length:]
		if last := len(all) - 1; t.kind == str && last >= 0 && all[last].kind == str {
			if len(all[last].text) > maxSource {
				return nil, fmt.Errorf("line %d: a text is longer than %d bytes", line, maxSource)
			}
			if !all[last].joined {
				all[last].first = all[last].text
			}
			all[last].text, all[last].joined = all[last].text+t.text, true
			all[last].formatted = all[last].formatted || t.formatted
			continue
		}
		all = append(all, t)
	}
}

// skip leaves out white space, comments and line breaks.
func skip(rest string, line *int) string {
	for rest != "" {
		switch c := rest[0]; {
		case c == '\n':
			*line++
			rest = rest[1:]
		case c == ' ' || c == '\t' || c == '\r' || c == '\f':
			rest = rest[1:]
		case c == '\\' && (strings.HasPrefix(rest, "\\\n") || strings.HasPrefix(rest, "\\\r\n")):
			rest = rest[1:]
		case c == '#':
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				return ""
			}
			rest = rest[end:]
		default:
			return rest
		}
	}
	return ""
}

// next is the token at the start of the text, and how long it is.
func next(rest string) (token, int, error) {
	if prefix, ok := literalStart(rest); ok {
		return literal(rest, prefix)
	}
	r, size := utf8.DecodeRuneInString(rest)
	switch {
	case r == '_' || unicode.IsLetter(r):
		length := len(rest) - len(strings.TrimLeftFunc(rest, inName))
		return token{kind: name, text: rest[:length]}, length, nil
	case r >= '0' && r <= '9' || r == '.' && len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9':
		length := len(rest) - len(strings.TrimLeftFunc(rest, func(r rune) bool { return r == '.' || inName(r) }))
		return token{kind: number, text: rest[:length]}, length, nil
	}
	for _, m := range marks {
		if strings.HasPrefix(rest, m) {
			return token{kind: mark, text: m}, len(m), nil
		}
	}
	return token{}, 0, fmt.Errorf("%q is no Python", rest[:size])
}

func inName(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// literalStart is the prefix of a text literal, if one starts here.
func literalStart(rest string) (prefix string, ok bool) {
	length := 0
	for length < len(rest) && length < 3 && strings.IndexByte("rRbBuUfFtT", rest[length]) >= 0 {
		length++
	}
	return strings.ToLower(rest[:length]), length < len(rest) && (rest[length] == '"' || rest[length] == '\'')
}

// literal reads a text literal.
func literal(rest, prefix string) (token, int, error) {
	if strings.ContainsAny(prefix, "bt") {
		return token{}, 0, fmt.Errorf("a literal with the prefix %q is no text", prefix)
	}
	quote := rest[len(prefix) : len(prefix)+1]
	if strings.HasPrefix(rest[len(prefix):], strings.Repeat(quote, 3)) {
		quote = strings.Repeat(quote, 3)
	}
	var value strings.Builder
	for at := len(prefix) + len(quote); at < len(rest); {
		switch c := rest[at]; {
		case strings.HasPrefix(rest[at:], quote):
			text := value.String()
			formatted := strings.Contains(prefix, "f") && strings.ContainsAny(text, "{}")
			return token{kind: str, text: text, formatted: formatted}, at + len(quote), nil
		case c == '\n' && len(quote) == 1:
			return token{}, 0, errors.New("a literal ends with its line, without a quotation mark")
		case c == '\\' && at+1 < len(rest):
			text, length, err := escape(rest[at:], strings.Contains(prefix, "r"))
			if err != nil {
				return token{}, 0, err
			}
			value.WriteString(text)
			at += length
		default:
			value.WriteByte(c)
			at++
		}
	}
	return token{}, 0, errors.New("a literal has no closing quotation mark")
}

// escapes are the escape sequences of one character.
var escapes = map[byte]string{
	'\\': `\`,
	'\'': `'`,
	'"':  `"`,
	'a':  "\a",
	'b':  "\b",
	'f':  "\f",
	'n':  "\n",
	'r':  "\r",
	't':  "\t",
	'v':  "\v",
	'\n': "",
}

// escape is what an escape sequence stands for, and how long it is. In a raw literal it stands for itself.
func escape(rest string, raw bool) (string, int, error) {
	c := rest[1]
	if raw {
		return rest[:2], 2, nil
	}
	if text, ok := escapes[c]; ok {
		return text, 2, nil
	}
	length := map[byte]int{
		'x': 2,
		'u': 4,
		'U': 8,
	}[c]
	if length == 0 {
		if c == 'N' || c >= '0' && c <= '7' {
			return "", 0, fmt.Errorf("the escape sequence %q cannot be translated; write the character", rest[:2])
		}
		return rest[:1], 1, nil // Python keeps the backslash of what is no escape sequence
	}
	if len(rest) < 2+length {
		return "", 0, fmt.Errorf("the escape sequence %q is too short", rest)
	}
	code, err := strconv.ParseUint(rest[2:2+length], 16, 32)
	if err != nil || !utf8.ValidRune(rune(code)) {
		return "", 0, fmt.Errorf("%q is no escape sequence", rest[:2+length])
	}
	return string(rune(code)), 2 + length, nil
}
