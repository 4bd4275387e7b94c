package wire

import (
	"encoding/json"
	"fmt"
	"reflect"
	"time"
)

// fitted turns a result into what the encoders take: texts, numbers, booleans, time.Time, []any and map[string]any. It
// is an error where the service's model has no such answer.
func (m *Model) fitted(op string, result any) (map[string]any, error) {
	shape := m.Shapes[m.Operations[op].Output]
	if shape == nil {
		shape = &Shape{Type: "structure"}
	}
	if result == nil {
		result = map[string]any{}
	}
	v, err := m.fit(op, shape, result)
	out, _ := v.(map[string]any)
	return out, err
}

func (m *Model) fit(path string, s *Shape, v any) (any, error) {
	of := reflect.ValueOf(v)
	switch s.Type {
	case "structure", "map":
		if of.Kind() == reflect.Map {
			return m.fitMap(path, s, of)
		}
	case "list":
		if of.Kind() == reflect.Slice {
			return m.fitList(path, s, of)
		}
	case "string", "blob":
		if of.Kind() == reflect.String {
			return of.String(), nil
		}
	case "boolean":
		if of.Kind() == reflect.Bool {
			return of.Bool(), nil
		}
	case "timestamp":
		if at, ok := v.(time.Time); ok {
			return at, nil
		}
	default:
		if n, ok := v.(json.Number); ok {
			return n, nil
		}
		if of.CanInt() || of.CanFloat() {
			return json.Number(fmt.Sprint(v)), nil
		}
	}
	return nil, fmt.Errorf("%s is %T; want a %s", path, v, s.Type)
}

func (m *Model) fitList(path string, s *Shape, of reflect.Value) (any, error) {
	out := make([]any, of.Len())
	for i := range out {
		item, err := m.fit(fmt.Sprintf("%s[%d]", path, i), m.Shapes[s.Member.Shape], of.Index(i).Interface())
		if err != nil {
			return nil, err
		}
		out[i] = item
	}
	return out, nil
}

func (m *Model) fitMap(path string, s *Shape, of reflect.Value) (any, error) {
	out := make(map[string]any, of.Len())
	for _, key := range of.MapKeys() {
		name, shape := key.String(), m.Shapes[s.Value.Shape]
		if s.Type == "structure" {
			member, ok := s.Members[name]
			if !ok {
				return nil, fmt.Errorf("%s has no member %s", path, name)
			}
			shape = m.Shapes[member.Shape]
		}
		value := of.MapIndex(key).Interface()
		if value == nil {
			continue
		}
		v, err := m.fit(path+"."+name, shape, value)
		if err != nil {
			return nil, err
		}
		out[name] = v
	}
	return out, nil
}
