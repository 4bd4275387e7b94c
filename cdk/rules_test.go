package main

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"trailkeeper/cdk/settings"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/expression"
)

var rulesDay = time.Date(2026, time.November, 30, 23, 59, 0, 0, time.UTC)

// files are those of a checkout, by path.
func files(all map[string]string) fstest.MapFS {
	root := fstest.MapFS{}
	for name, text := range all {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return root
}

func watching() settings.Settings {
	s := settings.Defaults()
	s.Watch.Enabled = true
	return s
}

// TestOwnRulesAlone: without the built-in rules, those that the settings enable and the operator's own are on.
func TestOwnRulesAlone(t *testing.T) {
	s, on := watching(), true
	s.Watch.BuiltInRules = false
	s.Watch.Rules = map[string]detect.Switch{"root-activity": {Enabled: &on}, "refused-calls": {Severity: "low"}}
	read, err := readRules(files(map[string]string{"rules/custom/user-renamed.yaml": tested}), s, rulesDay)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range read.set.Rules {
		if r.On() {
			got = append(got, r.ID)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, []string{"root-activity", "user-renamed"}) || len(s.Watch.Rules) != 2 {
		t.Errorf("on are %v", got)
	}
}

const tested = `
id: user-renamed
title: "{{ record.requestParameters.userName }} was renamed"
severity: low
match: record.eventName == "UpdateUser"
tests:
- {name: renamed, record: {eventName: UpdateUser, requestParameters: {userName: a}}, expect: {match: true}}
- {name: another, record: {eventName: UpdateUsers}, expect: {match: false}}
`

// TestReadRules: what the operator has is beside the built-in rules, as the settings switch them; the watch takes the
// encoded rules, which are the same on every day.
func TestReadRules(t *testing.T) {
	root := files(map[string]string{
		"rules/custom/user-renamed.yaml":  tested,
		"rules/ignore/robot.yaml":         "match: record.userAgent == \"robot\"\nreason: r\nowner: o\nexpires: 2026-12-01\n",
		"rules/custom/lists/regions.yaml": "[eu-west-1]",
	})
	s, off := watching(), false
	s.Watch.Rules = map[string]detect.Switch{"root-activity": {Enabled: &off}, "user-renamed": {Severity: "high"}}
	s.Watch.Lists = map[string][]string{"office-networks": {"203.0.113.0/24"}} // not those of the built-in rule's tests
	s.StackName = "prod-tk"
	today, err := readRules(root, s, rulesDay)
	if err != nil {
		t.Fatal(err)
	}
	later, err := readRules(root, s, rulesDay.AddDate(0, 0, 1))
	if err != nil || string(later.encoded) != string(today.encoded) {
		t.Errorf("the rules of the next day are others, %v", err)
	}
	set, err := detect.Decode(today.encoded)
	if err != nil {
		t.Fatal(err)
	}
	severity := map[string]string{}
	for _, r := range set.Rules {
		if r.Off == "" {
			severity[r.ID] = r.Severity()
		}
	}
	if severity["user-renamed"] != "high" || severity["root-activity"] != "" || severity["console-login-outside"] == "" {
		t.Errorf("the rules that are on are %v", severity)
	}
	record, err := expression.ParseFields([]byte(`{"eventName":"UpdateUser","userAgent":"robot"}`))
	if err != nil {
		t.Fatal(err)
	}
	for day, ignored := range map[string]string{"2026-12-01": "robot", "2026-12-02": ""} {
		if got := set.On(day).Decide(record).IgnoredBy; got != ignored {
			t.Errorf("on %s the record is ignored by %q; want %q", day, got, ignored)
		}
	}
}

// TestReadRulesRefuses: all that is wrong is named at once, with file, line and column, and a failing test as well.
func TestReadRulesRefuses(t *testing.T) {
	root := files(map[string]string{
		"rules/custom/broken.yaml":  "id: broken\ntitle: t\nseverity: low\nmatch: record.eventName = 1\n",
		"rules/custom/failing.yaml": strings.Replace(tested, "eventName: UpdateUsers", "eventName: UpdateUser", 1),
		"rules/custom/number.yaml":  "id: number\ntitle: t\nseverity: low\nmatch: size(record.eventName)\n",
		"rules/accounts.yaml":       "\"12\": {}\n",
		"rules/custom/routed.yaml":  strings.Replace(tested, "id: user-renamed", "id: routed\nroute: paymets", 1),
	})
	s := watching()
	s.Watch.Rules = map[string]detect.Switch{"root-activty": {Severity: "high"}}
	_, err := readRules(root, s, rulesDay)
	for _, want := range []string{
		"rules/custom/broken.yaml:4:", "rules/custom/failing.yaml:8:", "rules/custom/number.yaml:4:",
		"rules/accounts.yaml:1:", `root-activty`,
		`routed.yaml: the rule routed has the route "paymets", and the setting routes has none of that name`,
		`did you mean "root-activity"?`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %s:\n%v", want, err)
		}
	}
}

// TestReadRulesWarns: what stops nothing is said all the same.
func TestReadRulesWarns(t *testing.T) {
	root := files(map[string]string{
		"rules/custom/untested.yaml": "id: untested\ntitle: t\nseverity: low\nmatch: record.eventName == \"CreateUser\"\n",
		"rules/ignore/old.yaml":      "match: record.userAgent == \"robot\"\nreason: r\nowner: o\nexpires: 2026-11-29\n",
	})
	read, err := readRules(root, watching(), rulesDay)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(warnings(read.set), "\n")
	for _, want := range []string{
		"rules/custom/untested.yaml:1:1: the rule has no tests", "rules/ignore/old.yaml", "2026-11-29",
		`there is no list "office-networks"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the warnings do not say %s:\n%s", want, got)
		}
	}
}

// TestGaps: what is recorded in the global Region does not arrive elsewhere, which is said once for all of its rules.
func TestGaps(t *testing.T) {
	read, err := readRules(fstest.MapFS{}, watching(), rulesDay)
	if err != nil {
		t.Fatal(err)
	}
	s := watching()
	for region, want := range map[string]string{"eu-west-1": "us-east-1", "us-east-1": "", "": ""} {
		s.Env.Region, s.Env.Account = region, "111122223333"
		all := gaps(read.set, sourcesOf(s, ""))
		var about []string
		for _, g := range all {
			if strings.Contains(g, "us-east-1") {
				about = append(about, g)
			}
		}
		got := strings.Join(about, "\n")
		if (got == "") != (want == "") || want != "" && !strings.Contains(got, "console-login-without-mfa") {
			t.Errorf("in %q: %s", region, strings.Join(all, "\n"))
		}
	}
}

// TestReadRulesWithout: a checkout without any file of the operator's has the built-in rules.
func TestReadRulesWithout(t *testing.T) {
	read, err := readRules(fstest.MapFS{}, watching(), rulesDay)
	if err != nil || len(read.set.Rules) < 20 {
		t.Errorf("%v", err)
	}
}
