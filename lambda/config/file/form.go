package file

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Problem is something that is wrong with a file: where it stands in it ("trail.settings.s3BucketName", empty for the
// file itself), and in one sentence what is wrong and what to do.
type Problem struct{ Path, Sentence string }

// Holds reports whether a place in the file is that of the problem or within it.
func (p Problem) Holds(path string) bool {
	rest, within := strings.CutPrefix(path, p.Path)
	return within && (p.Path == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
}

// form lists what encoding/json lets pass and people do not mean: a key that is missing although it is always written,
// a key that stands there twice, one that is not known or is spelled with other capitals, null, and a value of another
// kind. The content is JSON.
func form(content []byte, t reflect.Type) []Problem {
	w := &walker{decoder: json.NewDecoder(bytes.NewReader(content))}
	w.decoder.UseNumber()
	w.value("", t)
	return w.found
}

type walker struct {
	decoder *json.Decoder
	found   []Problem
}

func (w *walker) wrong(path, format string, args ...any) {
	at := path
	if at == "" {
		at = "the file"
	}
	w.found = append(w.found, Problem{path, at + " " + fmt.Sprintf(format, args...)})
}

// value goes through one value, which is to be of the type.
func (w *walker) value(path string, t reflect.Type) {
	if t.Kind() == reflect.Pointer { // what may be left out
		t = t.Elem()
	}
	token, err := w.decoder.Token()
	if err != nil {
		return // the content is JSON
	}
	switch {
	case token == json.Delim('{') && t.Kind() == reflect.Struct && t != moment:
		w.object(path, t)
	case token == json.Delim('{') && t.Kind() == reflect.Map:
		w.entries(path, t.Elem())
	case token == json.Delim('[') && t.Kind() == reflect.Slice:
		for i := 0; w.decoder.More(); i++ {
			w.value(fmt.Sprintf("%s[%d]", path, i), t.Elem())
		}
		w.skip(1)
	case token == json.Delim('{'), token == json.Delim('['):
		w.wrong(path, "is %s; want %s", kind(token), wanted(t))
		w.skip(1)
	case !fits(token, t):
		w.wrong(path, "is %s; want %s", kind(token), wanted(t))
	}
}

// object goes through the keys of an object and its closing brace.
func (w *walker) object(path string, t reflect.Type) {
	known, required := keys(t)
	seen := map[string]bool{}
	for w.decoder.More() {
		key := w.key()
		at := below(path, key)
		field, ok := known[key]
		if !ok {
			w.unknown(at, key, known)
			w.skip(0)
			continue
		}
		if seen[key] {
			w.wrong(at, "is there twice; keep one")
		}
		seen[key] = true
		w.value(at, field)
	}
	w.skip(1)
	for _, key := range required {
		if !seen[key] {
			w.wrong(below(path, key), "is missing; want %s", wanted(known[key]))
		}
	}
}

// entries goes through an object whose keys are free.
func (w *walker) entries(path string, of reflect.Type) {
	seen := map[string]bool{}
	for w.decoder.More() {
		key := w.key()
		at := fmt.Sprintf("%s[%.200q]", path, key)
		if seen[key] {
			w.wrong(at, "is there twice; keep one")
		}
		seen[key] = true
		w.value(at, of)
	}
	w.skip(1)
}

func (w *walker) unknown(at, key string, known map[string]reflect.Type) {
	instead := "; remove it"
	for name := range known {
		if strings.EqualFold(name, key) {
			instead = fmt.Sprintf("; capitals count: write %q", name)
		}
	}
	where := at + ": "
	if at == key {
		where = ""
	}
	w.found = append(w.found, Problem{at, fmt.Sprintf("%sunknown field %.100q%s", where, key, instead)})
}

func (w *walker) key() string {
	token, _ := w.decoder.Token() // the content is JSON
	key, _ := token.(string)
	return key
}

// skip reads on to the end of so many objects and lists that are open; with none, to the end of the next value.
func (w *walker) skip(open int) {
	for {
		token, err := w.decoder.Token()
		switch {
		case err != nil:
			return // the content is JSON
		case token == json.Delim('{'), token == json.Delim('['):
			open++
		case token == json.Delim('}'), token == json.Delim(']'):
			open--
		}
		if open <= 0 {
			return
		}
	}
}

var moment = reflect.TypeFor[time.Time]()

// keys are the keys of a structure by their types, and in their order those that Format always writes: these are
// required.
func keys(t reflect.Type) (known map[string]reflect.Type, required []string) {
	known = map[string]reflect.Type{}
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || name == "" {
			continue
		}
		known[name] = f.Type
		if !slices.ContainsFunc(
			strings.Split(options, ","),
			func(o string) bool { return o == "omitempty" || o == "omitzero" },
		) {
			required = append(required, name)
		}
	}
	return known, required
}

// fits reports whether a value that is neither object nor list is of the type. Null is of none.
func fits(token json.Token, t reflect.Type) bool {
	switch v := token.(type) {
	case bool:
		return t.Kind() == reflect.Bool
	case json.Number:
		_, err := strconv.ParseInt(v.String(), 10, strconv.IntSize)
		return t.Kind() == reflect.Int && err == nil
	case string:
		if t == moment {
			return new(time.Time).UnmarshalText([]byte(v)) == nil
		}
		return t.Kind() == reflect.String
	}
	return false
}

func wanted(t reflect.Type) string {
	switch {
	case t == moment:
		return "a time such as 2026-10-01T12:00:00Z"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Int:
		return "a whole number"
	case t.Kind() == reflect.Slice:
		return "a list"
	case t.Kind() == reflect.String:
		return "a text"
	default:
		return "an object"
	}
}

// kind says what a value is, with the value where it may explain why it is refused.
func kind(token json.Token) string {
	switch v := token.(type) {
	case json.Delim:
		return map[json.Delim]string{'{': "an object", '[': "a list"}[v]
	case string:
		return fmt.Sprintf("%.100q", v)
	case nil:
		return "null"
	default:
		return fmt.Sprintf("%.100s", fmt.Sprint(v))
	}
}

func below(path, key string) string {
	if len(key) > 100 {
		key = key[:100] + "…"
	}
	if path == "" {
		return key
	}
	return path + "." + key
}
