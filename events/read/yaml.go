package read

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// isYAML tells the first line of what the AWS CLI writes with --output yaml or yaml-stream.
func isYAML(line string) bool {
	if line == "---" {
		return true
	}
	rest, _, ok := yamlLine([]byte(line))
	return ok && (len(rest) == 0 || rest[0] == ' ')
}

// yamlLine takes the dashes and the key from a line, and reports whether there were any.
func yamlLine(line []byte) (rest []byte, key string, ok bool) {
	rest = bytes.TrimLeft(line, " ")
	for bytes.HasPrefix(rest, []byte("- ")) {
		rest, ok = bytes.TrimLeft(rest[2:], " "), true
	}
	end := 0
	for end < len(rest) && (rest[end] >= 'a' && rest[end] <= 'z' || rest[end] >= 'A' && rest[end] <= 'Z') {
		end++
	}
	if end > 0 && end < len(rest) && rest[end] == ':' {
		return rest[end+1:], string(rest[:end]), true
	}
	if ok {
		rest = append([]byte(" "), rest...)
	}
	return rest, "", ok
}

// yaml is a text of YAML that a walker has come to.
type yaml struct{ r *walker }

// read reads YAML as the AWS CLI writes it. Of all that is in it, the texts with an object in them count. It ends where
// a line begins with JSON.
func (y yaml) read() error {
	for {
		held := y.r.w.hold(maxLine)
		if len(held) == 0 || held[0] == '{' || held[0] == '[' {
			return nil
		}
		line, _, _ := bytes.Cut(held, []byte("\n"))
		at := y.r.here()
		key, text, err := y.text(at, line)
		if err == nil && (strings.HasPrefix(strings.TrimSpace(text), "{") || strings.HasPrefix(text, "H4sI")) {
			err = y.r.open(at, fmt.Sprintf("%.64s", key), text)
		}
		if err != nil {
			return err
		}
	}
}

// text goes behind a line, and behind the text that begins on it, if that is in quotation marks or a block.
func (y yaml) text(at Place, line []byte) (key, text string, err error) {
	rest, key, _ := yamlLine(line)
	value := bytes.TrimLeft(rest, " ")
	mark := byte(0)
	if len(value) > 0 {
		mark = value[0]
	}
	switch mark {
	case '"', '\'':
		y.r.w.at += len(line) - len(value)
		raw, ok := y.scalar(mark)
		if !ok {
			y.r.w.broken = y.r.w.at
			return "", "", brokenError{at, y.r.w.ends(), false}
		}
		text = unquote(raw)
	case '|', '>':
		y.r.w.skipLine()
		return key, y.block(len(line) - len(bytes.TrimLeft(line, " -"))), nil
	}
	y.r.w.skipLine()
	return key, text, nil
}

// scalar takes a text in quotation marks.
func (y yaml) scalar(mark byte) ([]byte, bool) {
	for size := maxLine; ; size *= 2 {
		held := y.r.w.hold(size)
		for i := 1; i < len(held); i++ {
			switch {
			case mark == '"' && held[i] == '\\':
				i++
			case held[i] != mark:
			case mark == '\'' && i+1 < len(held) && held[i+1] == mark:
				i++
			case i+1 < len(held) || y.r.w.err != nil:
				y.r.w.at += i + 1
				return held[:i+1], true
			}
		}
		if len(held) < size || size > maxValue {
			y.r.w.at = min(y.r.w.at+size, len(y.r.w.buf))
			return nil, false
		}
	}
}

// block takes the lines that stand further in.
func (y yaml) block(indent int) string {
	var text strings.Builder
	for text.Len() < maxValue {
		held := y.r.w.hold(maxLine)
		line, _, _ := bytes.Cut(held, []byte("\n"))
		inner := bytes.TrimLeft(line, " ")
		if len(held) == 0 || len(inner) > 0 && len(line)-len(inner) <= indent {
			break
		}
		text.Write(inner)
		text.WriteByte(' ')
		y.r.w.skipLine()
	}
	return text.String()
}

// unquote reads a text in quotation marks (YAML 1.2, "Flow Scalar Styles"): a line feed is a blank, and one more for
// each line that is empty a line feed.
func unquote(raw []byte) string {
	mark, text := raw[0], string(raw[1:len(raw)-1])
	var out strings.Builder
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '\'' && mark == '\'':
			out.WriteByte(c)
			i += 2
		case c == '\\' && mark == '"':
			i += unescape(&out, text[i:])
		case c == '\n' || c == '\r' || c == ' ' || c == '\t':
			blank := text[i : len(text)-len(strings.TrimLeft(text[i:], " \t\r\n"))]
			switch feeds := strings.Count(blank, "\n"); feeds {
			case 0:
				out.WriteString(blank)
			case 1:
				out.WriteByte(' ')
			default:
				out.WriteString(strings.Repeat("\n", feeds-1))
			}
			i += len(blank)
		default:
			out.WriteByte(c)
			i++
		}
	}
	return out.String()
}

// escapes are those of one letter.
var escapes = map[byte]string{
	'0': "\x00",
	'a': "\a",
	'b': "\b",
	't': "\t",
	'n': "\n",
	'v': "\v",
	'f': "\f",
	'r': "\r",
	'e': "\x1b",
	'N': "\u0085",
	'_': "\u00a0",
	'L': "\u2028",
	'P': "\u2029",
}

// unescape writes what an escape stands for and returns its length.
func unescape(out *strings.Builder, text string) int {
	if len(text) < 2 {
		return 1
	}
	c := text[1]
	if s, ok := escapes[c]; ok {
		out.WriteString(s)
		return 2
	}
	switch digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]; {
	case c == '\n' || c == '\r': // the line goes on, without the blanks at its beginning
		return len(text) - len(strings.TrimLeft(strings.TrimLeft(text[1:], "\r\n"), " \t"))
	case digits > 0 && len(text) >= 2+digits:
		if r, err := strconv.ParseUint(text[2:2+digits], 16, 32); err == nil {
			out.WriteRune(rune(r))
		}
		return 2 + digits
	}
	out.WriteByte(c)
	return 2
}
