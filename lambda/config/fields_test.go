package config_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config"
)

// environment is what the program of a function is configured with.
type environment interface{ Env() map[string]string }

// readOf reads a configuration's own environment, after changes to it.
func readOf[C environment](c C, from func(func(string) string) (C, error), changes map[string]string) (C, error) {
	env := c.Env()
	for name, value := range changes {
		env[name] = value
	}
	return from(func(name string) string { return env[name] })
}

// checkFieldsAreRead takes each field out of a whole configuration, one at a time: it alone is missing in what is read back,
// and a problem where it is required. Those that the environment does not have are not set in the whole.
func checkFieldsAreRead[C environment](t *testing.T, whole C, from func(func(string) string) (C, error), required, elsewhere []string) {
	t.Helper()
	for _, f := range reflect.VisibleFields(reflect.TypeFor[C]()) {
		if f.Anonymous {
			continue
		}
		want := whole
		field := reflect.ValueOf(&want).Elem().FieldByIndex(f.Index)
		if field.IsZero() != slices.Contains(elsewhere, f.Name) {
			t.Errorf("%s is set: %t", f.Name, !field.IsZero())
		}
		field.SetZero()
		got, err := readOf(want, from, nil)
		if f.Name == "SlackAPI" {
			field.SetString(config.DefaultSlackAPI)
		}
		if diff := cmp.Diff(want, got); diff != "" || (err != nil) != slices.Contains(required, f.Name) {
			t.Errorf("without %s: %v (-want +got)\n%s", f.Name, err, diff)
		}
	}
}

// bounds are values of a variable that are taken, and others that are a step away from these.
type bounds map[string]struct{ good, bad []string }

// checkBounds wants each good value of a variable be read in a whole configuration, and each bad one be a problem with it alone.
func checkBounds[C environment](t *testing.T, whole C, from func(func(string) string) (C, error), all bounds) {
	t.Helper()
	for name, tt := range all {
		for i, value := range append(slices.Clone(tt.good), tt.bad...) {
			_, err := readOf(whole, from, map[string]string{name: value})
			problems, _ := err.(config.Problems) //nolint:errorlint // it is not wrapped
			if good := i < len(tt.good); good != (err == nil) || !good && (len(problems) != 1 || problems[0].Variable != name) {
				t.Errorf("%s=%.40q: %v", name, value, err)
			}
		}
	}
}
