package compare

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

const (
	// maxDocument bounds a document that is read, in bytes: AWS's longest, such as a policy of a queue or key, have 64 KB,
	// twice as long where each quotation mark is escaped.
	maxDocument = 256 << 10
	// maxDepth bounds how deep its values lie in each other.
	maxDepth = 100
)

// tree is the value of a document that is a text, or the value itself.
func tree(v any) (any, error) {
	s, ok := v.(string)
	if !ok {
		return v, nil
	}
	if len(s) > maxDocument {
		return nil, fmt.Errorf("a document of %d bytes; at most %d are read", len(s), maxDocument)
	}
	d := json.NewDecoder(bytes.NewReader([]byte(s)))
	value, err := decode(d, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the document")
	}
	return value, nil
}

// decode reads a value. A key that stands twice in one object is an error: readers differ in which of them counts.
func decode(d *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errors.New("the document's values lie too deep")
	}
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return decodeObject(d, depth)
	case json.Delim('['):
		return decodeList(d, depth)
	}
	return token, nil
}

func decodeObject(d *json.Decoder, depth int) (any, error) {
	out := map[string]any{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		key, _ := token.(string)
		if _, twice := out[key]; twice {
			return nil, fmt.Errorf("the key %.40q stands twice", key)
		}
		if out[key], err = decode(d, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := d.Token()
	return out, err
}

func decodeList(d *json.Decoder, depth int) (any, error) {
	out := []any{}
	for d.More() {
		value, err := decode(d, depth+1)
		if err != nil {
			return nil, err
		}
		out = append(out, value)
	}
	_, err := d.Token()
	return out, err
}

// sorted is a list in the order of its members' canonical forms.
func sorted(list []any) []any {
	keys := make(map[string]any, len(list))
	texts := make([]string, len(list))
	for i, v := range list {
		texts[i] = canonical(v)
		keys[texts[i]] = v
	}
	slices.SortFunc(texts, strings.Compare)
	out := make([]any, len(list))
	for i, text := range texts {
		out[i] = keys[text]
	}
	return out
}
