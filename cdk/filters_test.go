package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"trailkeeper/cdk/settings"
	"trailkeeper/rules/metricfilter"
)

func filtering(rules ...string) settings.Settings {
	s := settings.Defaults()
	s.MetricFilters.Rules, s.MetricFilters.LogGroup = rules, "trail"
	return s
}

// TestFilters: metric filters are made without a watch, of built-in rules and the operator's own, with their lists; what
// has none is named.
func TestFilters(t *testing.T) {
	root := files(map[string]string{"rules/custom/user-renamed.yaml": tested})
	s := filtering("conditions", "user-renamed", "data-shared")
	read, err := readRules(root, s, rulesDay)
	if err != nil {
		t.Fatal(err)
	}
	if read.patterns != nil || read.encoded != nil {
		t.Error("without a watch, there are patterns or rules of one")
	}
	at := slices.IndexFunc(read.filters, func(f metricfilter.Filter) bool { return f.Rule == "user-renamed" })
	if at < 0 || read.filters[at].Pattern != `{ $.eventName = "UpdateUser" }` || len(read.filters) != 7 {
		t.Errorf("the filters are %+v", read.filters)
	}
	want := []string{
		`console-login-outside has no metric filter: there is no list "office-networks"; add lists/office-networks.yaml`,
		"data-shared has no metric filter: size(record.requestParameters.createVolumePermission.add.items) > 0 is no test of a single " +
			"field",
	}
	if got := reasons(read.refused); !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	s.Watch.Lists = map[string][]string{"office-networks": {"203.0.113.0/24"}}
	if read, err = readRules(root, s, rulesDay); err != nil || len(read.filters) != 8 {
		t.Errorf("with the list: %d filters, %v", len(read.filters), err)
	}
}

// TestFiltersRefuse: a name that is no rule, and names of which none has a filter, stop the synth.
func TestFiltersRefuse(t *testing.T) {
	_, err := readRules(fstest.MapFS{}, filtering("root-activty", "cis", "nothing-of-the-kind"), rulesDay)
	want := `trailkeeper.metricFilters.rules: there is no rule "root-activty"; did you mean "root-activity"?` + "\n" +
		`trailkeeper.metricFilters.rules: there is no rule "nothing-of-the-kind"`
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant\n%s", err, want)
	}
	_, err = readRules(fstest.MapFS{}, filtering("data-shared"), rulesDay)
	if err == nil || !strings.Contains(err.Error(), "rules: no rule has a metric filter: data-shared has no metric filter: size(") {
		t.Errorf("%v", err)
	}
}

// TestManyReasons: beyond some rules, only their names are said.
func TestManyReasons(t *testing.T) {
	var refused []metricfilter.Refusal
	for i := range 13 {
		refused = append(refused, metricfilter.Refusal{Rule: fmt.Sprintf("rule-%d", i), Reason: "of something"})
	}
	got := reasons(refused)
	if len(got) != 11 || got[10] != "rule-10, rule-11, rule-12 have no metric filter either" {
		t.Errorf("%q", got)
	}
}
