package expression

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"trailkeeper/events/plain"
)

// decoder reads a JSON object into what encoding/json makes of it with UseNumber, less what is null, in a fraction of
// the time: most of a record is text that means itself, and is not copied again. Whatever it does not know, all that is
// no JSON included, it leaves to encoding/json.
type decoder struct {
	raw   []byte
	text  string // raw; its parts are what is decoded
	at    int
	depth int
	spare spare
}

const (
	// maxQuickDepth is how deep a value may be nested for decoder.
	maxQuickDepth = 100
	// maxShared bounds the text that one of its parts keeps in memory.
	maxShared = 16 << 10
)

// decode decodes an object. It is nil where the text is for encoding/json to decode.
func (d *decoder) decode(raw []byte) map[string]any {
	d.raw, d.text, d.at, d.depth = raw, string(raw), 0, 0
	if d.space(); d.at == len(raw) || raw[d.at] != '{' {
		return nil
	}
	value, ok := d.object()
	if d.space(); !ok || d.at < len(raw) {
		return nil
	}
	return value
}

func (d *decoder) space() {
	for d.at < len(d.raw) {
		switch d.raw[d.at] {
		case ' ', '\n', '\t', '\r':
			d.at++
		default:
			return
		}
	}
}

// next goes behind a character, if that is what comes next.
func (d *decoder) next(c byte) bool {
	if d.space(); d.at < len(d.raw) && d.raw[d.at] == c {
		d.at++
		return true
	}
	return false
}

func (d *decoder) object() (of map[string]any, ok bool) {
	if d.depth++; d.depth > maxQuickDepth {
		return nil, false
	}
	d.at++
	of = d.spare.object(d.depth == 1)
	if d.next('}') {
		d.depth--
		return of, true
	}
	for {
		if d.space(); d.at >= len(d.raw) || d.raw[d.at] != '"' {
			return nil, false
		}
		key, ok := d.string()
		if !ok || !d.next(':') {
			return nil, false
		}
		value, ok := d.value()
		if !ok {
			return nil, false
		}
		if value == nil {
			delete(of, key) // null is the same as missing, also where there was a value before
		} else {
			of[key] = value
		}
		if d.next(',') {
			continue
		}
		d.depth--
		return of, d.next('}')
	}
}

func (d *decoder) array() (of []any, ok bool) {
	if d.depth++; d.depth > maxQuickDepth {
		return nil, false
	}
	d.at++
	if d.next(']') {
		d.depth--
		return []any{}, true
	}
	for {
		value, ok := d.value()
		if !ok {
			return nil, false
		}
		of = append(of, value)
		if d.next(',') {
			continue
		}
		d.depth--
		return of, d.next(']')
	}
}

func (d *decoder) value() (value any, ok bool) {
	if d.space(); d.at >= len(d.raw) {
		return nil, false
	}
	switch c := d.raw[d.at]; c {
	case '"':
		return boxed(d.string())
	case '{':
		return boxed(d.object())
	case '[':
		return boxed(d.array())
	case 't':
		return true, d.word("true")
	case 'f':
		return false, d.word("false")
	case 'n':
		return nil, d.word("null")
	default:
		return boxed(d.number())
	}
}

func boxed[T any](value T, ok bool) (any, bool) { return value, ok }

func (d *decoder) word(word string) bool {
	ok := strings.HasPrefix(d.text[d.at:], word)
	d.at += len(word)
	return ok
}

// number reads a whole number as most are, and of any other asks encoding/json whether it is one.
func (d *decoder) number() (json.Number, bool) {
	start, plain := d.at, true
	for ; d.at < len(d.raw); d.at++ {
		c := d.raw[d.at]
		if c >= '0' && c <= '9' {
			continue
		}
		if c != '-' && c != '+' && c != '.' && c|0x20 != 'e' {
			break
		}
		plain = false
	}
	written := d.text[start:d.at]
	plain = plain && written != "" && (written[0] != '0' || written == "0")
	if len(d.raw) > maxShared {
		written = strings.Clone(written)
	}
	return json.Number(written), plain || json.Valid([]byte(written))
}

// string reads a text.
func (d *decoder) string() (string, bool) {
	start := d.at
	end := d.stringEnd()
	if end == 0 {
		return "", false
	}
	d.at = end
	if quoted := d.raw[start:end]; !plain.Is(quoted) {
		var text string
		if bytes.IndexByte(quoted, '\\') >= 0 || !utf8.Valid(quoted) {
			err := json.Unmarshal(quoted, &text)
			return text, err == nil
		}
	}
	if len(d.raw) > maxShared {
		return strings.Clone(d.text[start+1 : end-1]), true
	}
	return d.text[start+1 : end-1], true
}

// stringEnd is behind the quotation mark that ends the string which begins there, and 0 where there is none. What is
// behind a backslash is for encoding/json to check.
func (d *decoder) stringEnd() int {
	for at := d.at + 1; ; at += 2 {
		switch at = plain.End(d.raw, at); {
		case at >= len(d.raw):
			return 0
		case d.raw[at] == '"':
			return at + 1
		case d.raw[at] != '\\' || at+1 >= len(d.raw):
			return 0
		}
	}
}
