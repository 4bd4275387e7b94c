package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config"
)

func TestWatchFieldsAreRead(t *testing.T) {
	whole := config.ExampleWatch()
	whole.LogLevel, whole.GuardedRegions = "WARN", []string{"eu-west-1", "us-east-1"}
	checkFieldsAreRead(t, whole, config.WatchFromEnv,
		[]string{"Stack", "Accounts", "Partition", "FailureQueue"}, []string{"AccountNames"})
}

// TestWatchVariablesAtTheirBounds: what is taken of those that the watch alone has, and what is a step away from it.
func TestWatchVariablesAtTheirBounds(t *testing.T) {
	checkBounds(t, config.ExampleWatch(), config.WatchFromEnv, bounds{
		config.EnvRedriveMinutes: {[]string{"", "0", "1", "60"}, []string{"-1", "61", "x", "5m"}},
		config.EnvGuardedAccounts: {
			[]string{"", "111122223333", "111122223333,444455556666"},
			[]string{"1111", ",", "x"},
		},
		config.EnvGuardedRegions: {[]string{"", "eu-west-1", "eu-west-1,us-gov-east-1"}, []string{"EU", "eu west", ","}},
		config.EnvRuleErrors:     {[]string{"", "true"}, []string{"false", "1"}},
		config.EnvRefusedNamespace: {
			[]string{"", "A", "Trailkeeper/RefusedCalls", strings.Repeat("a", 255)},
			[]string{":a", "AWS/Lambda", "a b", strings.Repeat("a", 256), "é"},
		},
		config.EnvLogBuckets: {
			[]string{"", "111122223333/org-logs", "111122223333/a.b/p/AWSLogs/,444455556666/logs/AWSLogs/"},
			[]string{"org-logs", "111122223333/", ",", "1111/logs/"},
		},
		config.EnvRemovedLogs: {[]string{"", "true"}, []string{"false"}},
		config.EnvLogGroups: {
			[]string{"", "111122223333:logs", "111122223333:/aws/trail,444455556666:a.b#c"},
			[]string{"logs", "111122223333:", ",", "1111:logs", "111122223333:a b"},
		},
	})
}

// TestWatchAndGuardDoNotMix: neither takes a variable of the other for one of its own, and both share what notifies.
func TestWatchAndGuardDoNotMix(t *testing.T) {
	environ := func(env map[string]string) (all []string) {
		for name, value := range env {
			all = append(all, name+"="+value)
		}
		return all
	}
	guard, watch := environ(config.Example().Env()), environ(config.ExampleWatch().Env())
	if err := config.WatchUnknown(watch); err != nil {
		t.Error(err)
	}
	wrong := []string{"TRAILKEEPER_RULE_ERROR=true", "TRAILKEEPER_xoxb-1-a=1"}
	for what, err := range map[string]error{
		"TRAILKEEPER_MODE is no variable of the watch":              config.WatchUnknown(guard),
		"TRAILKEEPER_REFUSED_NAMESPACE is no variable of the guard": config.Unknown(watch),
		"remove it; did you mean TRAILKEEPER_RULE_ERRORS?":          config.WatchUnknown(wrong),
		"(hidden: it looks like a credential) is no variable of":    config.WatchUnknown(wrong),
	} {
		if !strings.Contains(fmt.Sprint(err), what) {
			t.Errorf("%v; want %s", err, what)
		}
	}
	if _, err := config.WatchFromEnv(func(string) string { return "" }); strings.Count(fmt.Sprint(err), "\n") != 4 {
		t.Errorf("an empty environment: %v; want five problems", err)
	}
}

// TestWatchWith: lists of the asset take the place of the stack's own account.
func TestWatchWith(t *testing.T) {
	lists := config.Lists{
		Accounts:        []string{"444455556666", "111122223333"},
		GuardedAccounts: []string{"444455556666"},
		SweepRegions:    []string{"us-east-1"},
		AccountNames:    map[string]string{"444455556666": "production"},
	}
	content, err := config.FormatLists(lists)
	if err != nil {
		t.Fatal(err)
	}
	if lists, err = config.ParseLists(content); err != nil {
		t.Fatal(err)
	}
	want := config.ExampleWatch()
	if diff := cmp.Diff(want, want.With(config.Lists{})); diff != "" {
		t.Errorf("of no lists (-want +got)\n%s", diff)
	}
	want.Accounts, want.GuardedAccounts = lists.Accounts, lists.GuardedAccounts
	want.AccountNames = lists.AccountNames
	if diff := cmp.Diff(want, config.ExampleWatch().With(lists)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if _, err := config.ParseLists([]byte(`{"guardedAccounts": ["1"]}`)); err == nil ||
		!strings.Contains(err.Error(), `guardedAccounts[0] is "1"; want an account ID`) {
		t.Error(err)
	}
}
