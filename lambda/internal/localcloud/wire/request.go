package wire

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// reader reads a request by its model, into texts, json.Number, booleans, time.Time, lists and maps. What is no
// parameter is refused, as is one that is not played. With bounds, so is everything that the model forbids.
type reader struct {
	model  *Model
	bounds bool

	malformed []string // what has another type
	unknown   []string
	wrong     []string // constraints that are not met, as AWS words it
}

// Read reads the request of an operation in its canonical form, as JSON has it, or refuses it.
func (m *Model) Read(op string, given map[string]any, bounds bool) (map[string]any, *kernel.Error) {
	r := &reader{model: m, bounds: bounds}
	params := map[string]any{}
	if shape := m.Shapes[m.Operations[op].Input]; shape != nil {
		params = r.structure("", shape, given)
	} else {
		r.unknown = slices.Sorted(maps.Keys(given))
	}
	switch {
	case len(r.malformed) > 0:
		return nil, kernel.Refuse("SerializationException", "%s", strings.Join(r.malformed, "; "))
	case len(r.unknown) > 0:
		return nil, kernel.Refuse("ValidationException", "the local run does not know %s of %s",
			strings.Join(r.unknown, ", "), op)
	case len(r.wrong) == 1:
		return nil, kernel.Refuse("ValidationException", "1 validation error detected: %s", r.wrong[0])
	case len(r.wrong) > 1:
		return nil, kernel.Refuse("ValidationException", "%d validation errors detected: %s", len(r.wrong),
			strings.Join(r.wrong, "; "))
	}
	return params, nil
}

func (r *reader) structure(path string, s *Shape, given map[string]any) map[string]any {
	out := make(map[string]any, len(given))
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if given[name] == nil {
			continue
		}
		at := strings.TrimPrefix(path+"."+name, ".")
		member, ok := s.Members[name]
		if !ok || member.Unplayed {
			r.unknown = append(r.unknown, fmt.Sprintf("%.100q", at))
			continue
		}
		out[name] = r.value(at, r.model.Shapes[member.Shape], given[name])
	}
	for _, name := range s.Required {
		if out[name] == nil && r.bounds {
			r.wrong = append(r.wrong, fmt.Sprintf("Value null at '%s' failed to satisfy constraint: Member must not be null",
				strings.TrimPrefix(path+"."+name, ".")))
		}
	}
	return out
}

func (r *reader) value(path string, s *Shape, v any) any {
	switch s.Type {
	case "structure":
		if m, ok := v.(map[string]any); ok {
			return r.structure(path, s, m)
		}
	case "map":
		if m, ok := v.(map[string]any); ok {
			return r.pairs(path, s, m)
		}
	case "list":
		if list, ok := v.([]any); ok {
			r.size(path, s, len(list))
			out := make([]any, len(list))
			for i := range list {
				out[i] = r.value(fmt.Sprintf("%s.%d.member", path, i+1), r.model.Shapes[s.Member.Shape], list[i])
			}
			return out
		}
	case "string", "blob":
		if text, ok := v.(string); ok {
			r.text(path, s, text)
			return text
		}
	case "boolean":
		if b, ok := v.(bool); ok {
			return b
		}
	case "timestamp":
		if at, ok := moment(v); ok {
			return at
		}
	default:
		if n, ok := number(s.Type, v); ok {
			f, _ := n.Float64()
			r.within(path, s, f, n.String(), "")
			return n
		}
	}
	r.malformed = append(r.malformed, fmt.Sprintf("%s is no %s", path, s.Type))
	return nil
}

func (r *reader) pairs(path string, s *Shape, given map[string]any) map[string]any {
	r.size(path, s, len(given))
	out := make(map[string]any, len(given))
	for _, key := range slices.Sorted(maps.Keys(given)) {
		r.text(path, r.model.Shapes[s.Key.Shape], key)
		out[key] = r.value(path+"."+key, r.model.Shapes[s.Value.Shape], given[key])
	}
	return out
}

func (r *reader) size(path string, s *Shape, n int) {
	r.within(path, s, float64(n), fmt.Sprintf("list of %d", n), "length ")
}

func (r *reader) text(path string, s *Shape, text string) {
	shown := fmt.Sprintf("%.200s", text)
	r.within(path, s, float64(utf8.RuneCountInString(text)), shown, "length ")
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, text) {
		r.fails(path, shown, "Member must satisfy enum value set: ["+strings.Join(s.Enum, ", ")+"]")
	}
	if r.bounds && !s.matches(text) {
		r.fails(path, shown, "Member must satisfy regular expression pattern: "+s.Pattern)
	}
}

func (r *reader) within(path string, s *Shape, n float64, shown, of string) {
	if s.Min != nil && n < *s.Min {
		r.fails(path, shown, fmt.Sprintf("Member must have %svalue greater than or equal to %v", of, *s.Min))
	}
	if s.Max != nil && n > *s.Max {
		r.fails(path, shown, fmt.Sprintf("Member must have %svalue less than or equal to %v", of, *s.Max))
	}
}

func (r *reader) fails(path, shown, constraint string) {
	if r.bounds {
		r.wrong = append(r.wrong, fmt.Sprintf("Value '%s' at '%s' failed to satisfy constraint: %s", shown, path, constraint))
	}
}

// moment reads a timestamp: seconds since 1970 in JSON, a date in forms.
func moment(v any) (time.Time, bool) {
	switch v := v.(type) {
	case time.Time:
		return v, true
	case json.Number:
		seconds, err := v.Float64()
		return time.UnixMilli(int64(seconds * 1000)).UTC(), err == nil
	case string:
		at, err := time.Parse(time.RFC3339, v)
		return at, err == nil
	default:
		return time.Time{}, false
	}
}

// number reads a number, which must be a whole one unless the type says otherwise.
func number(kind string, v any) (json.Number, bool) {
	n, ok := v.(json.Number)
	if f, isFloat := v.(float64); isFloat {
		n, ok = json.Number(strconv.FormatFloat(f, 'f', -1, 64)), true
	}
	if !ok {
		return "", false
	}
	if kind == "double" || kind == "float" {
		_, err := n.Float64()
		return n, err == nil
	}
	_, err := n.Int64()
	return n, err == nil
}
