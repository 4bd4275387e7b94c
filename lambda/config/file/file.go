// Package file writes and reads the JSON files that are reviewed in git and deployed within the function's asset.
//
// It knows none of their contents, and it guesses nothing: what Format would not write is refused, key by key and at
// any depth.
package file

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// Format writes v for review: indented, with < > & as they are and a line feed at the end.
func Format(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return out.Bytes(), err
}

// Line writes v on one line, with < > & as they are. What JSON cannot hold, such as a channel, is "".
func Line(v any) string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return ""
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// Parse reads one JSON value of type T. The error says all that is wrong, a problem on a line, without the name of the
// file.
func Parse[T any](content []byte) (T, error) {
	v, problems := Read[T](content)
	var errs []error
	for _, p := range problems {
		errs = append(errs, errors.New(p.Sentence))
	}
	if len(errs) > 0 {
		var none T
		return none, errors.Join(errs...)
	}
	return v, nil
}

// Read reads one JSON value of type T, as far as it can be read, and lists what is wrong with its form. A key that
// Format always writes is required: its absence would mean something that nobody has written.
func Read[T any](content []byte) (T, []Problem) {
	var v T
	if err := syntax(content); err != nil {
		return v, []Problem{{"", err.Error()}}
	}
	problems := form(content, reflect.TypeFor[T]())
	if err := json.Unmarshal(content, &v); err != nil && len(problems) == 0 {
		problems = []Problem{
			{"", strings.TrimPrefix(err.Error(), "json: ")},
		} // form knows every kind of value that our files have
	}
	return v, problems
}

// syntax says why the content is not exactly one JSON value, with the line.
func syntax(content []byte) error {
	d := json.NewDecoder(bytes.NewReader(content))
	var all json.RawMessage
	if err := d.Decode(&all); err != nil {
		if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
			return fmt.Errorf("line %d: %w", 1+bytes.Count(content[:min(int(wrong.Offset), len(content))], []byte("\n")), err)
		}
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more behind the first JSON object")
	}
	return nil
}
