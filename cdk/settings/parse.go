package settings

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ContextKey is the key of the settings in the CDK context (cdk.json).
const ContextKey = "trailkeeper"

// Parse reads the object under ContextKey, as encoding/json decodes it. The error lists every problem, each with the key, the value and
// what is wanted; a key that the table does not have is one.
func Parse(object any) (Settings, error) {
	s := Defaults()
	root, ok := object.(map[string]any)
	if !ok {
		return s, fmt.Errorf("%s is %s; want an object with the settings (README, \"Settings\")", ContextKey, show(object))
	}
	known := map[string]setting{}
	for _, row := range table() {
		known[row.key] = row
	}
	errs := read(&s, known, "", root)
	return s, join(append(errs, s.problems()...))
}

// Validate reports every problem of settings that were not made by Parse.
func (s Settings) Validate() error { return join(s.problems()) }

func (s Settings) problems() []error {
	var errs []error
	for _, row := range table() {
		errs = append(errs, row.check(&s)...)
	}
	return append(errs, s.contradictions()...)
}

func join(errs []error) error {
	for i, err := range errs {
		errs[i] = fmt.Errorf("%s.%w", ContextKey, err)
	}
	return errors.Join(errs...)
}

// read takes the values of one object over, in the order of their names.
func read(s *Settings, known map[string]setting, prefix string, object map[string]any) []error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(object)) {
		key, value := prefix+name, object[name]
		row, isSetting := known[key]
		switch {
		case isSetting:
			if err := row.read(s, value); err != nil {
				errs = append(errs, err)
			}
		case isGroup(known, key):
			group, ok := value.(map[string]any)
			if !ok {
				errs = append(errs, fmt.Errorf("%s is %s; want an object with %s", key, show(value), within(known, key)))
				continue
			}
			errs = append(errs, read(s, known, key+".", group)...)
		default:
			errs = append(errs, fmt.Errorf("%s is no setting (value %s); there are %s",
				prefix+strings.Trim(show(name), `"`), show(value), within(known, strings.TrimSuffix(prefix, "."))))
		}
	}
	return errs
}

func isGroup(known map[string]setting, key string) bool {
	for name := range known {
		if strings.HasPrefix(name, key+".") {
			return true
		}
	}
	return false
}

// within lists the names that an object may have.
func within(known map[string]setting, group string) string {
	names := map[string]bool{}
	for key := range known {
		rest, ok := key, true
		if group != "" {
			rest, ok = strings.CutPrefix(key, group+".")
		}
		if ok {
			name, _, _ := strings.Cut(rest, ".")
			names[name] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(names)), ", ")
}
