package settings

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/exception"
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
	at string // the place in the setting, such as "routes[1]"
}

// partly takes what could be read of an array of objects over, and marks what could not.
func partly[T any](s setting, at func(*Settings) *[]T, fields []field[T]) func(*Settings, any) error {
	return func(all *Settings, v any) error {
		elements, isArray := v.([]any)
		if !isArray {
			return s.mismatch(v)
		}
		var errs several
		values := make([]T, len(elements))
		for i, e := range elements {
			place := fmt.Sprintf("%s[%d]", s.key, i)
			for _, err := range readObject(&values[i], place, e, fields) {
				errs = append(errs, misread{err, place})
			}
		}
		*at(all) = values
		if len(errs) > 0 {
			return errs
		}
		return nil
	}
}

// objects is an array of objects. Every name that is unknown and every value of another type is reported.
func objects[T any](s setting, at func(*Settings) *[]T, fields []field[T]) setting {
	s.nested = true
	s.value = func(all *Settings) any { return *at(all) }
	read := partly(s, at, fields)
	s.read = func(all *Settings, v any) error {
		before := *at(all)
		err := read(all, v)
		if err != nil {
			*at(all) = before
		}
		return err
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
		return []error{fmt.Errorf("%s is %s; want an object with %s", at, shape(v), strings.Join(names, ", "))}
	}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(object)) {
		i := slices.Index(names, name)
		switch {
		case i < 0:
			errs = append(
				errs,
				fmt.Errorf("%s.%s is no setting (its value is %s); there are %s", at, showName(name), shape(object[name]),
					strings.Join(names, ", ")),
			)
		case !fields[i].read(into, object[name]):
			errs = append(errs, fmt.Errorf("%s.%s is %s; want %s", at, name, shape(object[name]), fields[i].want))
		}
	}
	return errs
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
		elements, ok := v.([]any)
		for _, e := range elements {
			value, isText := e.(string)
			*of(t) = append(*of(t), value)
			ok = ok && isText
		}
		return ok
	}}
}

const (
	wantTrail  = "the ARN of a trail, or *"
	wantEvents = "an array of calls such as UpdateTrail"
)

func approvals(key, doc string) setting {
	type t = exception.Approval
	s := objects(
		setting{key: key, doc: doc, want: "an array of objects"},
		func(s *Settings) *[]t { return &s.Approvals },
		[]field[t]{
			texted("principal", "the ARN of an IAM role or user", func(a *t) *string { return &a.Principal }),
			listed("events", wantEvents, func(a *t) *[]string { return &a.Events }),
			texted("trail", wantTrail, func(a *t) *string { return &a.Trail }),
			texted("reason", "a reason of at most 200 characters", func(a *t) *string { return &a.Reason }),
			{"expires", "a time such as 2026-10-01T12:00:00Z", func(a *t, v any) bool {
				value, _ := v.(string)
				at, err := time.Parse(time.RFC3339, value)
				a.Expires = at
				return err == nil
			}},
		},
	)
	s.check = func(all *Settings) []error {
		return redacted(exception.List{Approvals: all.Approvals}.Check(config.ModeRecreate))
	}
	return s
}

// overrides checks what can be said without the deployment's mode; see Settings.exceeding.
func overrides(key, doc string) setting {
	type t = exception.Override
	s := objects(
		setting{key: key, doc: doc, want: "an array of objects"},
		func(s *Settings) *[]t { return &s.Overrides },
		[]field[t]{
			texted("trail", wantTrail, func(o *t) *string { return &o.Trail }),
			filled("events", wantEvents, func(o *t) *[]string { return &o.Events }),
			texted("mode", "exclude, "+config.ModeNames, func(o *t) *config.Mode { return &o.Mode }),
		},
	)
	s.check = func(all *Settings) []error {
		return redacted(exception.List{Overrides: all.Overrides}.Check(config.ModeRecreate))
	}
	return s
}

// exceeding are the overrides whose mode is more than the deployment's. What is wrong for another reason is reported by
// their own setting.
func (s Settings) exceeding(unread []string) []error {
	list := exception.List{Overrides: s.Overrides}
	if concerns([]string{"mode", "overrides"}, unread) || !slices.Contains(config.Modes(), s.Mode) ||
		holdsCredential(s.Overrides) ||
		len(list.Check(config.ModeRecreate)) > 0 {
		return nil
	}
	return redacted(list.Check(s.Mode))
}

func redacted(errs []error) []error {
	for i, err := range errs {
		errs[i] = errors.New(redact(err.Error()))
	}
	return errs
}

// ExpiredNotes says, one text for each, which approvals no longer count.
func (s Settings) ExpiredNotes(now time.Time) []string {
	var notes []string
	for _, a := range s.Exceptions().Expired(now) {
		notes = append(
			notes,
			fmt.Sprintf("The approval of %s on %s by %s (%q) expired at %s and no longer counts: remove it from approvals",
				strings.Join(a.Events, ", "), a.Trail, a.Principal, a.Reason, a.Expires.UTC().Format(time.RFC3339)),
		)
	}
	return notes
}

// ours are the accounts whose trails this deployment keeps; none: it is not known before the deployment.
func (s Settings) ours() []string {
	if len(s.Accounts) == 0 && s.Env.Account != "" {
		return []string{s.Env.Account}
	}
	return s.Accounts
}

// OwnAccountNote says that the stack's own account is not among the configured ones, which is rarely meant; empty where
// it is, or is not known. Likely is the account to which a stack that is bound to none is deployed.
func (s Settings) OwnAccountNote(likely string) string {
	own := cmp.Or(s.Env.Account, likely)
	if len(s.Accounts) == 0 || own == "" || slices.Contains(s.Accounts, own) {
		return ""
	}
	return fmt.Sprintf(
		"accounts does not name %s, the account of the stack: its own trails are neither watched nor restored. Add it, "+
			"unless that is meant",
		own,
	)
}

// foreign are the trails of approvals and overrides that no event and no sweep of this deployment can be about: an
// exemption that is never used hides a mistake.
func (s Settings) foreign(unread []string) []error {
	ours := s.ours()
	if len(ours) == 0 || concerns([]string{"accounts", "env.account", "approvals", "overrides"}, unread) {
		return nil
	}
	var errs []error
	check := func(key string, i int, trail string) {
		a, err := config.ParseARN(trail)
		if err == nil && !slices.Contains(ours, a.Account) && !holdsCredential(trail) {
			errs = append(
				errs,
				fmt.Errorf(
					"%s[%d].trail is %s, a trail of account %s; want one of %s",
					key,
					i,
					show(trail),
					show(a.Account),
					show(ours),
				),
			)
		}
	}
	for i, a := range s.Approvals {
		check("approvals", i, a.Trail)
	}
	for i, o := range s.Overrides {
		check("overrides", i, o.Trail)
	}
	return errs
}
