package settings

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/config/nearest"
)

// ContextKey is the key of the settings in the CDK context (cdk.json). Behind it and a colon may stand the name of a
// Region: that object's settings win in the stack that is deployed there.
const ContextKey = "trailkeeper"

// Source is where the settings come from.
type Source struct {
	Context map[string]any // the CDK context, as encoding/json decodes it; other keys are not looked at
	// Groups reads the file of groups of accounts that the settings name; none for a file that does not exist. Nil: there
	// is no file.
	Groups func(file string) (map[string][]string, error)
	// Region is where the stack will be deployed if the settings do not say; empty: not known.
	Region string
	// Now is what approvals may not be too far from; zero: that is not checked.
	Now time.Time
}

// Parse reads the object under ContextKey alone.
func Parse(object any) (Settings, error) {
	return Read(Source{Context: map[string]any{ContextKey: object}})
}

// Read reads the settings of the stack. The error lists every problem, each with the object, the key, the value and
// what is wanted; a key that the table does not have is one.
func Read(from Source) (Settings, error) {
	root, ok := from.Context[ContextKey].(map[string]any)
	region := cmp.Or(regionIn(root), from.Region)
	s := defaultsIn(region)
	s.LikelyRegion = from.Region
	if !ok {
		return s, fmt.Errorf(
			"%s is %s; want an object with the settings (cdk/README.md, \"Settings\")",
			ContextKey,
			shape(from.Context[ContextKey]),
		)
	}
	r := newReader(&s, ContextKey)
	r.read("", root)
	r.readRegions(from.Context, region)
	if !concerns([]string{"accountGroupsFile"}, r.unread) {
		if err := addGroups(&s, from.Groups); err != nil {
			r.refuse("accountGroupsFile", err)
		}
	}
	all := problemsOf(s, r.unread)
	if !from.Now.IsZero() {
		all = append(all, s.Exceptions().CheckExpiry(from.Now)...)
	}
	for _, err := range all {
		r.add([]error{err}, r.origin(err.Error()))
	}
	return s, errors.Join(r.errs...)
}

// Validate reports every problem of settings that were not made by Read.
func (s Settings) Validate() error { return join(problemsOf(s, nil)) }

// problemsOf reports what is wrong with the values. About the keys that could not be read there is an error already.
func problemsOf(s Settings, unread []string) []error {
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
	return append(errs, contradictions(s, unread)...)
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
	object   string // where the values stand in the context
	known    map[string]setting
	errs     []error
	unread   []string // keys and groups whose value has the wrong type, and the places of such values inside of a setting
	regional []string // keys that the object of the stack's Region has
	region   string   // its name
}

func newReader(s *Settings, object string) *reader {
	r := &reader{settings: s, object: object, known: map[string]setting{}}
	for _, row := range table() {
		r.known[row.key] = row
	}
	return r
}

// readRegions takes over the object of the stack's Region. Those of others are read as well, for what is wrong in them.
func (r *reader) readRegions(context map[string]any, region string) {
	for _, key := range slices.Sorted(maps.Keys(context)) {
		of, ok := strings.CutPrefix(key, ContextKey+":")
		if !ok {
			continue
		}
		object, isObject := context[key].(map[string]any)
		switch {
		case !validRegion(of):
			r.errs = append(r.errs, fmt.Errorf("%s is the object of no Region; want %s:eu-west-1 or such%s",
				show(key), ContextKey, nearest.Mean(of, regionsNear(of))))
		case !isObject:
			r.errs = append(r.errs, fmt.Errorf("%s is %s; want an object with settings", key, shape(context[key])))
		case region == "":
			r.errs = append(r.errs, fmt.Errorf("%s is for one Region, and that of the stack is not known; give the command a "+
				"Region (option --region, or AWS_REGION)", key))
		default:
			r.readRegion(key, object, of == region)
		}
	}
}

func (r *reader) readRegion(key string, object map[string]any, here bool) {
	into := *r.settings
	sub := newReader(&into, key)
	if _, ok := object["env"]; ok {
		sub.errs = append(
			sub.errs, fmt.Errorf("%s.env is for %s alone; an object of one Region binds no stack", key, ContextKey),
		)
		object = maps.Clone(object)
		delete(object, "env")
	}
	sub.read("", object)
	r.errs = append(r.errs, sub.errs...)
	if !here {
		return
	}
	r.region, r.regional = key, keysIn("", object)
	for _, row := range table() { // what wins must not hide what is wrong elsewhere
		if slices.Contains(r.regional, row.key) {
			r.add(row.check(r.settings), ContextKey)
		}
	}
	*r.settings = into
	r.unread = append(r.unread, sub.unread...)
}

// add adds problems of an object, but those of what could not be read.
func (r *reader) add(errs []error, object string) {
	for _, err := range errs {
		if !about(err.Error(), r.unread) {
			r.errs = append(r.errs, fmt.Errorf("%s.%w", object, err))
		}
	}
}

// keysIn are the settings that an object has.
func keysIn(prefix string, object map[string]any) []string {
	var keys []string
	for name, value := range object {
		if group, ok := value.(map[string]any); ok {
			keys = append(keys, keysIn(prefix+name+".", group)...)
		}
		if slices.ContainsFunc(table(), func(row setting) bool { return row.key == prefix+name }) {
			keys = append(keys, prefix+name)
		}
	}
	return keys
}

// origin is the object in which the setting stands that a problem is about.
func (r *reader) origin(problem string) string {
	if about(problem, r.regional) {
		return r.region
	}
	return ContextKey
}

// about reports whether a problem is about one of these places, or something in it.
func about(problem string, places []string) bool {
	return slices.ContainsFunc(places, func(at string) bool {
		rest, ok := strings.CutPrefix(problem, at)
		return ok && (rest == "" || strings.ContainsAny(rest[:1], " .[:"))
	})
}

// read takes the values of one object over, in the order of their names.
func (r *reader) read(prefix string, object map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		key, value := prefix+name, object[name]
		row, isSetting := r.known[key]
		switch {
		case strings.Contains(name, ".") && (isSetting || r.isGroup(key)): // beside the object it could say something else
			r.refuse(key, fmt.Errorf("%s is written with a period; want an object in an object, such as "+
				"\"slack\": {\"enabled\": true}", key))
		case isSetting:
			if err := row.read(r.settings, value); err != nil {
				r.refuse(key, err)
			}
		case r.isGroup(key):
			group, ok := value.(map[string]any)
			if !ok {
				names := strings.Join(r.within(key), ", ")
				r.refuse(key, fmt.Errorf("%s is %s; want an object with %s", key, shape(value), names))
				continue
			}
			r.read(key+".", group)
		default:
			names := r.within(strings.TrimSuffix(prefix, "."))
			meant := nearest.Of(name, names) // what would be said of its default is about the same mistake
			r.refuse(prefix+cmp.Or(meant, name), unknown(prefix, name, value, names))
		}
	}
}

// refuse adds the problems of a value that could not be read, or not as a whole.
func (r *reader) refuse(key string, err error) {
	var many several
	if !errors.As(err, &many) {
		many = several{err}
	}
	for _, err := range many {
		r.errs = append(r.errs, fmt.Errorf("%s.%w", r.object, err))
		var part misread
		if errors.As(err, &part) {
			r.unread = append(r.unread, part.at)
		} else {
			r.unread = append(r.unread, key)
		}
	}
}

func (r *reader) isGroup(key string) bool {
	for name := range r.known {
		if strings.HasPrefix(name, key+".") {
			return true
		}
	}
	return false
}

// within lists the names that an object may have.
func (r *reader) within(group string) []string {
	names := map[string]bool{}
	for key := range r.known {
		rest, ok := key, true
		if group != "" {
			rest, ok = strings.CutPrefix(key, group+".")
		}
		if ok {
			name, _, _ := strings.Cut(rest, ".")
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}
