package settings

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ContextKey is the key of the settings in the CDK context (cdk.json).
const ContextKey = "trailkeeper"

// Parse reads the object under ContextKey, as encoding/json decodes it. The error lists every problem, each with the
// key, the value and what is wanted; a key that the table does not have is one.
func Parse(object any) (Settings, error) { return ParseWithGroups(object, nil, "") }

// ParseWithGroups is Parse with the groups of accounts in the file that the settings name, which read returns; none for
// a file that does not exist. Where the object binds the stack to no Region, likely is the one that it will be deployed
// to; empty: not known.
func ParseWithGroups(object any, read func(file string) (map[string][]string, error), likely string) (Settings, error) {
	root, ok := object.(map[string]any)
	s := DefaultsIn(cmp.Or(regionIn(root), likely))
	s.LikelyRegion = likely
	if !ok {
		return s, fmt.Errorf(
			"%s is %s; want an object with the settings (cdk/README.md, \"Settings\")",
			ContextKey,
			shape(object),
		)
	}
	known := map[string]setting{}
	for _, row := range table() {
		known[row.key] = row
	}
	r := reader{settings: &s, known: known}
	r.read("", root)
	if !concerns([]string{"accountGroupsFile"}, r.unread) {
		if err := s.addGroups(read); err != nil {
			r.refuse("accountGroupsFile", err)
		}
	}
	return s, join(append(r.errs, s.problems(r.unread)...))
}

// Validate reports every problem of settings that were not made by Parse.
func (s Settings) Validate() error { return join(s.problems(nil)) }

// problems reports what is wrong with the values. About the keys that could not be read there is an error already.
func (s Settings) problems(unread []string) []error {
	var errs []error
	for _, row := range table() {
		if holdsCredential(row.value(&s)) {
			errs = append(
				errs,
				fmt.Errorf("%s holds what looks like a Slack token or webhook, which would stand in clear in the template; "+
					"put it into the secret, under %q or %q, and revoke it if others have seen it", row.key, "webhook", "bot_token"),
			)
			continue
		}
		errs = append(errs, row.check(&s)...)
	}
	return append(errs, s.contradictions(unread)...)
}

func join(errs []error) error {
	for i, err := range errs {
		errs[i] = fmt.Errorf("%s.%w", ContextKey, err)
	}
	return errors.Join(errs...)
}

// reader takes JSON values over into settings.
type reader struct {
	settings *Settings
	known    map[string]setting
	errs     []error
	unread   []string // keys and groups whose value has the wrong type, and the places of such values inside of a setting
}

// read takes the values of one object over, in the order of their names.
func (r *reader) read(prefix string, object map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		key, value := prefix+name, object[name]
		row, isSetting := r.known[key]
		switch {
		case strings.Contains(name, ".") && (isSetting || isGroup(r.known, key)): // beside the object it could say something else
			r.errs = append(
				r.errs,
				fmt.Errorf("%s is written with a period; want an object in an object, such as \"slack\": {\"enabled\": true}", key),
			)
			r.unread = append(r.unread, key)
		case isSetting:
			if err := row.read(r.settings, value); err != nil {
				r.refuse(key, err)
			}
		case isGroup(r.known, key):
			group, ok := value.(map[string]any)
			if !ok {
				r.refuse(key, fmt.Errorf("%s is %s; want an object with %s", key, shape(value), within(r.known, key)))
				continue
			}
			r.read(key+".", group)
		default:
			r.errs = append(r.errs, fmt.Errorf("%s is no setting (its value is %s); there are %s",
				prefix+showName(name), shape(value), within(r.known, strings.TrimSuffix(prefix, "."))))
		}
	}
}

func (r *reader) refuse(key string, err error) {
	var many several
	if !errors.As(err, &many) {
		many = several{err}
	}
	r.errs = append(r.errs, many...)
	for _, err := range many {
		var part misread
		if errors.As(err, &part) {
			r.unread = append(r.unread, part.at)
		} else {
			r.unread = append(r.unread, key)
		}
	}
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
