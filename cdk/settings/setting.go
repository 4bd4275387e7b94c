package settings

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"trailkeeper/rules"
)

// setting is one key: what it means, how its JSON value is read, and what is wrong with a value.
type setting struct {
	key  string // dotted path, such as "slack.channel"
	doc  string
	want string
	// read takes the JSON value over. The error is for a value of another type.
	read func(*Settings, any) error
	// check reports what is wrong with the value that the settings have.
	check func(*Settings) []error
	// value returns what the settings have.
	value func(*Settings) any
	// nested says that the JSON value is an object that read takes as a whole.
	nested bool
}

// problem is about a value of the right type.
func (s setting) problem(value any) error {
	return fmt.Errorf("%s is %s; want %s", s.key, show(value), s.want)
}

// mismatch is about a value of another type. It does not show the value: it may be whatever was pasted there.
func (s setting) mismatch(value any) error {
	return fmt.Errorf("%s is %s; want %s", s.key, shape(value), s.want)
}

// hidden makes a setting whose value no error shows.
func hidden(s setting) setting {
	check := s.check
	s.check = func(all *Settings) []error {
		if len(check(all)) == 0 {
			return nil
		}
		return []error{s.mismatch(s.value(all))}
	}
	return s
}

// checked adds the check of one value.
func checked[T any](s setting, at func(*Settings) *T, ok func(T) bool) setting {
	s.value = func(all *Settings) any { return *at(all) }
	s.check = func(all *Settings) []error {
		if v := *at(all); !ok(v) {
			return []error{s.problem(v)}
		}
		return nil
	}
	return s
}

// typed reads a value whose JSON type is T itself.
func typed[T any](s setting, at func(*Settings) *T, ok func(T) bool) setting {
	s = checked(s, at, ok)
	s.read = func(all *Settings, v any) error {
		value, isType := v.(T)
		if !isType {
			return s.mismatch(v)
		}
		*at(all) = value
		return nil
	}
	return s
}

func text(key string, at func(*Settings) *string, ok func(string) bool, want, doc string) setting {
	return typed(setting{key: key, doc: doc, want: want}, at, ok)
}

func flag(key string, at func(*Settings) *bool, doc string) setting {
	return typed(setting{key: key, doc: doc, want: "true or false"}, at, func(bool) bool { return true })
}

func number(key string, at func(*Settings) *int, least, most int, doc string) setting {
	return numberOf(
		key,
		at,
		func(v int) bool { return v >= least && v <= most },
		fmt.Sprintf("a whole number from %d to %d", least, most),
		fmt.Sprintf("%s; %d to %d.", strings.TrimSuffix(doc, "."), least, most),
	)
}

func numberOf(key string, at func(*Settings) *int, ok func(int) bool, want, doc string) setting {
	s := checked(setting{key: key, doc: doc, want: want}, at, ok)
	s.read = func(all *Settings, v any) error {
		f, isNumber := v.(float64)
		if !isNumber {
			return s.mismatch(v)
		}
		if f != math.Trunc(f) || math.Abs(f) > math.MaxInt32 {
			return s.problem(v)
		}
		*at(all) = int(f)
		return nil
	}
	return s
}

// list is an array of texts; every element that is wrong is reported.
func list(key string, at func(*Settings) *[]string, ok func(string) bool, want, doc string) setting {
	s := setting{key: key, doc: doc, want: "an array of " + want}
	s.value = func(all *Settings) any { return *at(all) }
	s.read = func(all *Settings, v any) error {
		elements, isArray := v.([]any)
		if !isArray {
			return s.mismatch(v)
		}
		var errs several
		values := make([]string, len(elements))
		for i, e := range elements {
			var isText bool
			if values[i], isText = e.(string); !isText {
				errs = append(errs, fmt.Errorf("%s[%d] is %s; want %s, each in quotation marks", key, i, shape(e), want))
			}
		}
		if len(errs) > 0 {
			return errs
		}
		*at(all) = values
		return nil
	}
	s.check = func(all *Settings) []error {
		var errs []error
		for i, v := range *at(all) {
			if !ok(v) {
				errs = append(errs, fmt.Errorf("%s[%d] is %s; want %s", key, i, show(v), want))
			}
		}
		return errs
	}
	return s
}

// texts is an object of texts; check reports what is wrong with one entry.
func texts(
	key string,
	at func(*Settings) *map[string]string,
	check func(name, value string) error,
	want, doc string,
) setting {
	s := setting{
		key:    key,
		doc:    doc,
		want:   want,
		nested: true,
	}
	s.value = func(all *Settings) any { return *at(all) }
	s.read = func(all *Settings, v any) error {
		values, err := textsOf(v)
		if err != nil {
			return fmt.Errorf("%w: %w", s.mismatch(v), err)
		}
		*at(all) = values
		return nil
	}
	s.check = func(all *Settings) []error {
		var errs []error
		for _, name := range slices.Sorted(maps.Keys(*at(all))) {
			if err := check(name, (*at(all))[name]); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", key, err))
			}
		}
		return errs
	}
	return s
}

func textsOf(v any) (map[string]string, error) {
	object, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("want an object")
	}
	values := make(map[string]string, len(object))
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if values[name], ok = object[name].(string); !ok {
			return nil, fmt.Errorf("%s has %s, and not a text", showName(name), shape(object[name]))
		}
	}
	return values, nil
}

// wording is a replaced Slack message. Left out, its paths are those of the rule's own message.
func wording(key, doc string) setting {
	name := wordingKeys[key[strings.LastIndexByte(key, '.')+1:]]
	s := setting{
		key:    key,
		doc:    doc,
		want:   `an object with a text "text" and, if need be, an object of texts "paths"`,
		nested: true,
	}
	rule, found := rules.FindEventRule(name)
	s.value = func(all *Settings) any {
		if w, ok := all.Slack.Wording[name]; ok {
			return w
		}
		return nil
	}
	s.read = func(all *Settings, v any) error {
		w, err := readWording(rule, v)
		if err != nil {
			return fmt.Errorf("%w: %w", s.mismatch(v), err)
		}
		wordings := maps.Clone(all.Slack.Wording)
		if wordings == nil {
			wordings = map[string]rules.Wording{}
		}
		wordings[name] = w
		all.Slack.Wording = wordings
		return nil
	}
	s.check = func(all *Settings) []error {
		w, ok := all.Slack.Wording[name]
		if !ok || !found {
			return nil
		}
		for _, r := range rules.EventRules() {
			if r.WordingName() != name {
				continue
			}
			if err := w.Check(r); err != nil {
				return []error{errors.New(key + ": " + redact(err.Error()))}
			}
		}
		return nil
	}
	return s
}

func readWording(rule rules.EventRule, v any) (rules.Wording, error) {
	object, ok := v.(map[string]any)
	if !ok {
		return rules.Wording{}, errors.New("not an object")
	}
	w := rules.Wording{Paths: rule.Wording.Paths}
	for name, v := range object {
		switch name {
		case "text":
			if w.Text, ok = v.(string); !ok {
				return w, errors.New("text is not a text")
			}
		case "paths":
			paths, err := textsOf(v)
			if err != nil {
				return w, fmt.Errorf("paths: %w", err)
			}
			w.Paths = paths
		default:
			return w, fmt.Errorf("unknown key %s", showName(name))
		}
	}
	return w, nil
}
