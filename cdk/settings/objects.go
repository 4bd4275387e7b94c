package settings

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/config/nearest"
	"trailkeeper/lambda/config/route"
	"trailkeeper/rules"
)

// field is one name of an object in an array of objects.
type field[T any] struct {
	name, want string
	read       func(*T, any) bool // false for a value of another type
}

// several are the problems of one value that is read as a whole, each of which names its place.
type several []error

func (e several) Error() string { return errors.Join(e...).Error() }

// misread is a value that could not be read inside of a setting, of which the rest was taken over.
type misread struct {
	error
	at string // the place in the setting, such as "routes[1].slack"
}

// objects is an array of objects. Every name that is unknown and every value of another type is reported, and the rest
// is taken over.
func objects[T any](s setting, fields ...field[T]) setting {
	s.nested, s.want = true, "an array of objects"
	s = of(s, func(*[]T) []error { return nil })
	s.read = func(all *Settings, v any) error {
		elements, isArray := v.([]any)
		if !isArray {
			return s.mismatch(v)
		}
		var errs several
		values := make([]T, len(elements))
		for i, e := range elements {
			errs = append(errs, readObject(&values[i], fmt.Sprintf("%s[%d]", s.key, i), e, fields)...)
		}
		*fieldOf[[]T](all, s.key) = values
		if len(errs) > 0 {
			return errs
		}
		return nil
	}
	return s
}

func readObject[T any](into *T, at string, v any, fields []field[T]) []error {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	object, ok := v.(map[string]any)
	if !ok {
		return []error{misread{fmt.Errorf("%s is %s; want an object with %s", at, shape(v), strings.Join(names, ", ")), at}}
	}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(object)) {
		i, value := slices.Index(names, name), object[name]
		switch {
		case i < 0:
			// What it may be meant for is missing, and whatever would be said of that is about the same mistake.
			unread := at
			if nearest.Of(name, names) == "" {
				unread += "." + name
			}
			errs = append(errs, misread{unknown(at+".", name, value, names), unread})
		case !fields[i].read(into, value):
			place := at + "." + name
			errs = append(errs, misread{fmt.Errorf("%s is %s; want %s", place, shape(value), fields[i].want), place})
		}
	}
	return errs
}

// unknown is about a name that should have been one of these.
func unknown(prefix, name string, value any, names []string) error {
	return fmt.Errorf("%s is no setting (its value is %s); there are %s%s",
		prefix+showName(name), shape(value), strings.Join(names, ", "), nearest.Mean(name, names))
}

// texted is a field of a text.
func texted[T any, S ~string](name, want string, of func(*T) *S) field[T] {
	return field[T]{name, want, func(t *T, v any) bool {
		value, ok := v.(string)
		*of(t) = S(value)
		return ok
	}}
}

// filled is a field of a list of texts that narrows something down. An empty one that is written out could be meant to
// fit nothing, and would fit everything.
func filled[T any](name, want string, of func(*T) *[]string) field[T] {
	f := listed(name, want+", at least one: without "+name+" it fits everything", of)
	read := f.read
	f.read = func(t *T, v any) bool { return read(t, v) && len(*of(t)) > 0 }
	return f
}

// listed is a field of a list of texts.
func listed[T any](name, want string, of func(*T) *[]string) field[T] {
	return field[T]{name, want, func(t *T, v any) bool {
		values, ok := textsIn(v)
		*of(t) = values
		return ok
	}}
}

// textsIn returns the elements of an array of texts, and false for anything else.
func textsIn(v any) ([]string, bool) {
	elements, ok := v.([]any)
	var values []string
	for _, e := range elements {
		value, isText := e.(string)
		values, ok = append(values, value), ok && isText
	}
	return values, ok
}

const (
	wantTrail  = "the ARN of a trail, or *"
	wantEvents = "an array of calls such as UpdateTrail"
)

func approvals(key, doc string) setting {
	type t = exception.Approval
	s := objects(
		setting{key: key, doc: doc},
		texted("principal", "the ARN of an IAM role or user", func(a *t) *string { return &a.Principal }),
		listed("events", wantEvents, func(a *t) *[]string { return &a.Events }),
		texted("trail", wantTrail, func(a *t) *string { return &a.Trail }),
		texted("reason", "a reason of at most 200 characters", func(a *t) *string { return &a.Reason }),
		field[t]{"expires", "a time such as 2026-10-01T12:00:00Z", func(a *t, v any) bool {
			value, _ := v.(string)
			at, err := time.Parse(time.RFC3339, value)
			a.Expires = at
			return err == nil
		}},
	)
	s.check = func(all *Settings) []error {
		return redacted(exception.List{Approvals: all.Approvals}.Check(config.ModeRecreate))
	}
	s.arns = func(all *Settings) (found []named) {
		for i, a := range all.Approvals {
			at := fmt.Sprintf("%s[%d].", key, i)
			found = append(found, name(at+"principal", a.Principal), name(at+"trail", a.Trail))
		}
		return found
	}
	return s
}

// overrides checks what can be said without the deployment's mode; see exceeding.
func overrides(key, doc string) setting {
	type t = exception.Override
	s := objects(
		setting{key: key, doc: doc},
		texted("trail", wantTrail, func(o *t) *string { return &o.Trail }),
		filled("events", wantEvents, func(o *t) *[]string { return &o.Events }),
		texted("mode", "exclude, "+config.ModeNames, func(o *t) *config.Mode { return &o.Mode }),
	)
	s.check = func(all *Settings) []error {
		return redacted(exception.List{Overrides: all.Overrides}.Check(config.ModeRecreate))
	}
	s.arns = func(all *Settings) (found []named) {
		for i, o := range all.Overrides {
			found = append(found, name(fmt.Sprintf("%s[%d].trail", key, i), o.Trail))
		}
		return found
	}
	return s
}

// routes reads the list; what is wrong with its values is a matter of the groups as well, see routing.
func routes(key, doc string) setting {
	type t = route.Route
	s := objects(
		setting{key: key, doc: doc},
		filled("accounts", "an array of account IDs and names of groups", func(r *t) *[]string { return &r.Accounts }),
		texted("severity", "low, medium, high or critical", func(r *t) *string { return &r.Severity }),
		filled("events", "an array of calls such as StopLogging and findings such as weakened",
			func(r *t) *[]string { return &r.Events }),
		filled("trails", "an array of ARNs of trails", func(r *t) *[]string { return &r.Trails }),
		texted("name", "a name of lower-case letters, digits and hyphens", func(r *t) *string { return &r.Name }),
		listed("slack", "an array of channel IDs and "+SecretEndpoint+"KEY", func(r *t) *[]string { return &r.Slack }),
		listed("topics", "an array of ARNs of SNS topics", func(r *t) *[]string { return &r.Topics }),
	)
	s.arns = func(all *Settings) (found []named) {
		for i, r := range all.Routes {
			for j, arn := range r.Topics {
				found = append(found, name(fmt.Sprintf("%s[%d].topics[%d]", key, i, j), arn).inRegion())
			}
			for j, arn := range r.Trails {
				found = append(found, name(fmt.Sprintf("%s[%d].trails[%d]", key, i, j), arn))
			}
		}
		return found
	}
	return s
}

// groups is an object of arrays of texts.
func groups(key, doc string) setting {
	s := setting{
		key:    key,
		doc:    doc,
		want:   "an object of group: array of account IDs",
		nested: true,
	}
	s = of(s, func(*map[string][]string) []error { return nil })
	s.read = func(all *Settings, v any) error {
		object, ok := v.(map[string]any)
		if !ok {
			return s.mismatch(v)
		}
		all.AccountGroups = make(map[string][]string, len(object))
		var errs several
		for _, name := range slices.Sorted(maps.Keys(object)) {
			values, ok := textsIn(object[name])
			if ok {
				all.AccountGroups[name] = values
				continue
			}
			err := fmt.Errorf("%s.%s is %s; want an array of account IDs", key, showName(name), shape(object[name]))
			errs = append(errs, misread{err, key + "." + name})
		}
		if len(errs) > 0 {
			return errs
		}
		return nil
	}
	return s
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
			return w, fmt.Errorf("unknown key %s%s", showName(name), nearest.Mean(name, []string{"text", "paths"}))
		}
	}
	return w, nil
}
