package events

import (
	"encoding/json"
	"iter"
	"unicode/utf8"
)

// members yields the keys and the values of a JSON object in the order in which they are written, a key that is there
// twice both times. An array has its elements, each with an empty key. The text must be valid JSON, which Parse makes
// sure of once for the whole payload: encoding/json would look at every level of it again, and each record is read
// before the trail is restored.
func members(text []byte) iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		isObject := len(text) > 0 && text[0] == '{'
		for at := next(text, 1); at < len(text) && text[at] != '}' && text[at] != ']'; at = next(text, at) {
			key := ""
			if isObject {
				end := valueEnd(text, at)
				key = textOf(text[at:end])
				at = next(text, end)
			}
			end := valueEnd(text, at)
			if end <= at || !yield(key, text[at:end]) {
				return
			}
			at = end
		}
	}
}

// next skips what stands between values.
func next(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r' ||
		text[at] == ',' || text[at] == ':') {
		at++
	}
	return at
}

// valueEnd is where the value ends that begins there.
func valueEnd(text []byte, at int) int {
	depth := 0
	for at < len(text) {
		switch text[at] {
		case '"':
			at = stringEnd(text, at)
			if depth == 0 {
				return at
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return at // it ends what the value is in
			}
			if depth--; depth == 0 {
				return at + 1
			}
		case ',', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return at
			}
		}
		at++
	}
	return at
}

// stringEnd is behind the quotation mark that ends the string which begins there.
func stringEnd(text []byte, at int) int {
	for at++; at < len(text) && text[at] != '"'; at++ {
		if text[at] == '\\' {
			at++
		}
	}
	return min(at+1, len(text))
}

// textOf is what a JSON string says, and "" of anything else.
func textOf(raw []byte) string {
	if len(raw) < 2 || raw[0] != '"' {
		return ""
	}
	plain := raw[1 : len(raw)-1]
	for _, c := range plain {
		if c == '\\' || c >= utf8.RuneSelf {
			var s string
			if json.Unmarshal(raw, &s) != nil {
				return ""
			}
			return s
		}
	}
	return string(plain)
}
