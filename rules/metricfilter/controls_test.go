package metricfilter_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"trailkeeper/rules/filterpattern"
	"trailkeeper/rules/metricfilter"
)

func controls(t *testing.T, all []one) {
	controls, differing := metricfilter.Controls(), map[int]int{}
	patterns := make([]*filterpattern.Pattern, len(controls))
	for i, c := range controls {
		patterns[i] = parsed(t, c.Pattern)
	}
	for _, one := range all {
		if unlike(one.record) != "" || one.record["eventType"] == nil || isNull(one.record, "userIdentity", "invokedBy") {
			continue // AWS writes an eventType always, and no invokedBy that is null
		}
		for i, c := range controls {
			filter := patterns[i].Matches(one.read)
			if slices.Contains(one.failing, c.Rule) || filter == slices.Contains(one.matching, c.Rule) {
				continue
			}
			differing[c.Number]++
			if !said(c.Number, one.record, filter) {
				t.Errorf("%s, %s: the pattern says %v, which its list of differences does not have\n%s",
					c.Title(), c.Rule, filter, one.event)
			}
		}
	}
	for _, c := range controls {
		if (c.Differs == "") != (differing[c.Number] == 0) {
			t.Errorf("%s: %d records differ, and the control says %q", c.Title(), differing[c.Number], c.Differs)
		}
	}
}

func isNull(record map[string]any, of, name string) bool {
	object, _ := record[of].(map[string]any)
	value, there := object[name]
	return there && value == nil
}

// said reports whether Control.Differs has a difference: the record is one that only the pattern counts, or one that
// only the rule matches.
func said(number int, record map[string]any, filter bool) bool {
	refused := record["errorCode"] != nil
	anyService := slices.Contains([]int{5, 10, 11, 12, 14}, number)
	switch {
	case number == 1:
		caller, _ := json.Marshal(record["userIdentity"])
		return filter && strings.Contains(strings.ToLower(string(caller)), "anonymous")
	case number == 2:
		return !filter && (at(record, []string{"userIdentity", "type"}) == "Root" ||
			at(record, []string{"additionalEventData", "MFAUsed"}) == nil)
	case number == 6:
		return !filter && record["errorMessage"] != "Failed authentication"
	case filter:
		return refused || anyService
	}
	return number == 9 && slices.Contains([]any{"DeleteConfigRule", "DeleteConfigurationRecorder"}, record["eventName"]) ||
		number == 15 && slices.Contains([]any{"DeregisterDelegatedAdministrator", "DisableAWSServiceAccess"}, record["eventName"])
}
