package events

import (
	"bytes"
	"encoding/json"
	"slices"
)

// fields are the values of a JSON object as EventBridge's matcher sees them: keys are compared exactly, a key that is
// written twice has both values, and an array stands for its elements. encoding/json would take keys in any case, and
// the last of two.
type fields map[string][]json.RawMessage

// fieldsOf reads the objects among values; what is no object has no fields.
func fieldsOf(values ...json.RawMessage) fields {
	f := fields{}
	for _, v := range elements(values) {
		if len(v) > 0 && v[0] == '{' {
			f.read(v)
		}
	}
	return f
}

func (f fields) read(object json.RawMessage) {
	for name, value := range members(object) {
		f[name] = append(f[name], value)
	}
}

// maxNesting bounds the arrays in arrays that are opened: each costs another look at all that is in it, and nothing of
// AWS has two.
const maxNesting = 8

// elements opens the arrays among values, and those within.
func elements(values []json.RawMessage) []json.RawMessage { return opened(values, maxNesting) }

func opened(values []json.RawMessage, nesting int) []json.RawMessage {
	var all []json.RawMessage
	for _, v := range values {
		if v = bytes.TrimSpace(v); len(v) == 0 || v[0] != '[' {
			all = append(all, v)
			continue
		}
		if nesting == 0 {
			continue
		}
		var list []json.RawMessage
		for _, one := range members(v) {
			list = append(list, one)
		}
		all = append(all, opened(list, nesting-1)...)
	}
	return all
}

// object returns the fields of a field.
func (f fields) object(name string) fields { return fieldsOf(f[name]...) }

// exists reports whether EventBridge's "exists" is true of the field: null and "" exist, an empty array and an object
// do not.
func (f fields) exists(name string) bool {
	return slices.ContainsFunc(elements(f[name]), func(v json.RawMessage) bool { return len(v) > 0 && v[0] != '{' })
}

// texts are the values that are texts.
func (f fields) texts(name string) []string {
	var all []string
	for _, v := range elements(f[name]) {
		if len(v) > 0 && v[0] == '"' {
			all = append(all, textOf(v))
		}
	}
	return all
}

// text returns the first text, and "" where there is none.
func (f fields) text(name string) string { return firstOf(f.texts(name)...) }

// single returns the only text, and "" where there are several: nobody may be taken for two at once.
func (f fields) single(name string) string {
	if all := slices.Compact(f.texts(name)); len(all) == 1 {
		return all[0]
	}
	return ""
}

// oneOf returns the first of the wanted texts that the field has, because one is enough for a pattern; otherwise its
// first text.
func (f fields) oneOf(name string, wanted ...string) string {
	all := f.texts(name)
	for _, w := range wanted {
		if slices.Contains(all, w) {
			return w
		}
	}
	return firstOf(all...)
}

// raw returns a field as it is written, the last time where that is twice, and nil where it is missing or null. No
// pattern looks at it.
func (f fields) raw(name string) json.RawMessage {
	if all := f[name]; len(all) > 0 && !bytes.Equal(all[len(all)-1], []byte("null")) {
		return all[len(all)-1]
	}
	return nil
}

// yes reports whether a value is true, or the text "true" as some records write it.
func (f fields) yes(name string) bool { return f.trueFalse(name) == "true" }

// trueFalse is "true" or "false", as a text or not and in any case, and empty for anything else.
func (f fields) trueFalse(name string) string {
	for _, v := range elements(f[name]) {
		switch s := string(bytes.ToLower(bytes.Trim(v, `"`))); s {
		case "true", "false":
			return s
		}
	}
	return ""
}
