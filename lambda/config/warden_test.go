package config_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config"
)

// TestWardenFieldsAreRead takes each field out of a whole configuration, one at a time: it alone is missing in what is
// read back.
func TestWardenFieldsAreRead(t *testing.T) {
	required := map[string]bool{
		"Mode": true, "Minutes": true, "RoleARN": true, "Stack": true, "Accounts": true, "Partition": true, "FailureQueue": true,
	}
	whole := config.ExampleWarden()
	whole.LogLevel, whole.LastQueue, whole.DeadLetters = "WARN", whole.FailureQueue, []string{whole.FailureQueue}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[config.Warden]()) {
		if f.Anonymous {
			continue
		}
		want := whole
		field := reflect.ValueOf(&want).Elem().FieldByIndex(f.Index)
		if field.IsZero() && f.Name != "AccountNames" {
			t.Errorf("%s is not set", f.Name)
		}
		field.SetZero()
		env := want.Env()
		got, err := config.WardenFromEnv(func(k string) string { return env[k] })
		if f.Name == "SlackAPI" {
			want.SlackAPI = config.DefaultSlackAPI
		}
		if diff := cmp.Diff(want, got); diff != "" || (err != nil) != required[f.Name] {
			t.Errorf("without %s: %v (-want +got)\n%s", f.Name, err, diff)
		}
	}
}

func TestWardenVariablesAtTheirBounds(t *testing.T) {
	for name, tt := range map[string]struct{ good, bad []string }{
		config.EnvFunction:     {[]string{"warden"}, []string{"", "guard"}},
		config.EnvWardenMode:   {[]string{"notify", "restore"}, []string{"", "restart", "recreate"}},
		config.EnvSweepMinutes: {[]string{"1", "60"}, []string{"", "0", "61", "x"}},
		config.EnvStackRegion:  {[]string{"", "eu-west-1"}, []string{"EU", "eu west"}},
	} {
		for i, value := range append(tt.good, tt.bad...) {
			env := config.ExampleWarden().Env()
			env[name] = value
			_, err := config.WardenFromEnv(func(k string) string { return env[k] })
			problems, _ := err.(config.Problems) //nolint:errorlint // it is not wrapped
			if good := i < len(tt.good); good != (err == nil) || !good && (len(problems) != 1 || problems[0].Variable != name) {
				t.Errorf("%s=%.40q: %v", name, value, err)
			}
		}
	}
}

// TestWardenIsNoGuard: the one program tells which of the two it is, and what is set for the other is named.
func TestWardenIsNoGuard(t *testing.T) {
	guard, warden := config.Example().Env(), config.ExampleWarden().Env()
	if config.IsWarden(func(k string) string { return guard[k] }) || !config.IsWarden(func(k string) string { return warden[k] }) {
		t.Error("the guard is taken for the warden, or the warden for the guard")
	}
	var of []string
	for name, value := range warden {
		of = append(of, name+"="+value)
	}
	if err := config.WardenUnknown(of); err != nil {
		t.Error(err)
	}
	if err := config.WardenUnknown(append(of, "TRAILKEEPER_MODE=restore")); !strings.Contains(fmt.Sprint(err), "no variable of the warden") {
		t.Error(err)
	}
}
