package translate

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Path is where a field of a record is.
type Path struct {
	Steps []string
	// Through says that any step may be a list, of which every element is meant. Otherwise a step of digits is the index
	// of an element.
	Through bool
}

// Dotted is the path of a field as it is written with dots.
func Dotted(text string) Path { return Path{Steps: strings.Split(text, ".")} }

// String is the path as it is written with dots.
func (p Path) String() string { return strings.Join(p.Steps, ".") }

var (
	identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	digits     = regexp.MustCompile(`^[0-9]{1,6}$`)
	// reserved are the words that CEL takes for something else (CEL language definition, "Syntax").
	reserved = strings.Fields("true false null in as break const continue else for function if import let loop package " +
		"namespace return var void while")
)

// CEL is the field in the language of the rules. The path goes through no lists.
func (p Path) CEL() string {
	text := "record"
	for _, step := range p.Steps {
		switch {
		case digits.MatchString(step) && !p.Through:
			text += "[" + step + "]"
		case selectable(step):
			text += "." + step
		default:
			text += "[" + quote(step) + "]"
		}
	}
	return text
}

func selectable(step string) bool {
	return identifier.MatchString(step) && !slices.Contains(reserved, step)
}

// has is the condition that the field is there.
func (p Path) has() string {
	if len(p.Steps) > 0 && selectable(p.Steps[len(p.Steps)-1]) {
		return "has(" + p.CEL() + ")"
	}
	return p.CEL() + " != null"
}

// quote writes a text as the language of the rules wants it.
func quote(text string) string {
	quoted := strconv.Quote(text)
	// Go writes what cannot be printed as \x7f, which CEL takes for a byte only in bytes; \u007f is the character in both.
	return strings.NewReplacer(`\\`, `\\`, `\x`, `\u00`).Replace(quoted)
}

// any reports whether some value of the field holds; a field that is missing has the value nil.
func (p Path) any(record map[string]any, holds func(any) bool) bool {
	found := p.values(record)
	if len(found) == 0 {
		return holds(nil)
	}
	return slices.ContainsFunc(found, holds)
}

func (p Path) values(record map[string]any) []any {
	level := []any{record}
	for _, step := range p.Steps {
		var next []any
		for _, v := range level {
			switch v := v.(type) {
			case map[string]any:
				if inner := v[step]; inner != nil {
					next = append(next, p.elements(inner)...)
				}
			case []any:
				if i, err := strconv.Atoi(step); err == nil && !p.Through && i < len(v) && v[i] != nil {
					next = append(next, v[i])
				}
			}
		}
		level = next
	}
	return level
}

// elements are the elements of a list that the path goes through, and otherwise the value.
func (p Path) elements(value any) []any {
	of, isList := value.([]any)
	if !isList || !p.Through {
		return []any{value}
	}
	var all []any
	for _, one := range of {
		if one != nil {
			all = append(all, p.elements(one)...)
		}
	}
	return all
}

// put sets the field, or takes it away where the value is nil. It reports false where something else is in the way.
func (p Path) put(record map[string]any, value any) bool {
	at := record
	for i, step := range p.Steps {
		if i == len(p.Steps)-1 {
			if value == nil {
				delete(at, step)
				return true
			}
			_, there := at[step]
			at[step] = value
			return !there
		}
		if index, err := strconv.Atoi(p.Steps[i+1]); err == nil && !p.Through && digits.MatchString(p.Steps[i+1]) {
			return p.putInList(at, i, index, value)
		}
		inner, ok := at[step].(map[string]any)
		if !ok {
			if at[step] != nil {
				return false
			}
			if value == nil {
				return true
			}
			inner = map[string]any{}
			at[step] = inner
		}
		at = inner
	}
	return false
}

// maxIndex bounds the lists that are made.
const maxIndex = 20

// putInList goes on in an element of the list at a step.
func (p Path) putInList(at map[string]any, i, index int, value any) bool {
	list, _ := at[p.Steps[i]].([]any)
	if value == nil || index > maxIndex {
		return value == nil && len(list) <= index
	}
	for len(list) <= index {
		list = append(list, map[string]any{})
	}
	at[p.Steps[i]] = list
	rest := Path{Steps: p.Steps[i+2:], Through: p.Through}
	if len(rest.Steps) == 0 {
		list[index] = value
		return true
	}
	inner, ok := list[index].(map[string]any)
	return ok && rest.put(inner, value)
}
