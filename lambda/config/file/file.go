// Package file writes and reads the JSON files that are reviewed in git and deployed within the function's asset.
//
// It knows none of their contents, and it guesses nothing: a file with an unknown field, or with more behind it, is refused.
package file

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
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

// Parse reads one JSON value of type T. The error says what is wrong, without the name of the file.
func Parse[T any](content []byte) (T, error) {
	var v, none T
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		return none, errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return none, errors.New("there is more behind the first JSON object")
	}
	return v, nil
}
