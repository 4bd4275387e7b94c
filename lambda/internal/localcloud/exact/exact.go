// Package exact decodes JSON whose names are taken letter by letter, as CloudFormation and IAM do and encoding/json
// does not. It knows no format of its own.
package exact

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Decode decodes JSON and refuses a name that out does not have, letter by letter: encoding/json alone folds case,
// CloudFormation and IAM do not.
func Decode(raw []byte, out any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return err
	}
	return decode(v, raw, out)
}

// Convert is Decode of a value that is JSON already: nil, texts, numbers, lists and objects.
func Convert(v, out any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return decode(v, raw, out)
}

func decode(v any, raw []byte, out any) error {
	if unknown := unknownNames(v, reflect.TypeOf(out)); len(unknown) > 0 {
		return fmt.Errorf("json: unknown field %s", strings.Join(unknown, ", "))
	}
	return json.Unmarshal(raw, out)
}

// unknownNames lists the names in v, quoted and in order, that no structure of t has. A type that decodes itself checks
// itself.
func unknownNames(v any, t reflect.Type) []string {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return nil
	}
	switch t.Kind() {
	case reflect.Pointer:
		return unknownNames(v, t.Elem())
	case reflect.Slice:
		list, _ := v.([]any)
		var unknown []string
		for _, item := range list {
			unknown = append(unknown, unknownNames(item, t.Elem())...)
		}
		return unknown
	case reflect.Struct:
		object, _ := v.(map[string]any)
		return unknownFields(object, t)
	default:
		return nil
	}
}

func unknownFields(object map[string]any, t reflect.Type) []string {
	known := map[string]reflect.Type{}
	for f := range t.Fields() {
		name := f.Name
		if tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); tag != "" {
			name = tag
		}
		known[name] = f.Type
	}
	var unknown []string
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if field, ok := known[name]; ok {
			unknown = append(unknown, unknownNames(object[name], field)...)
		} else {
			unknown = append(unknown, fmt.Sprintf("%q", name))
		}
	}
	return unknown
}
