package stack_test

import (
	"encoding/json"
	"slices"
	"testing"
)

// lagging are properties that are newer than the tools' schemas, and in some Regions newer than CloudFormation, where
// one of them fails the whole deployment: by resource type.
var lagging = map[string][]string{
	"AWS::CloudWatch::Alarm":     {"WarmUpConfiguration", "EvaluationWindow"},
	"AWS::CloudWatch::Dashboard": {"Tags"},
}

// TestNoPropertyThatLags: with every setting on, and tags among them, no resource has one.
func TestNoPropertyThatLags(t *testing.T) {
	s := variant(t, "everything")
	if !s.Dashboard || !s.Alarms || len(s.Tags) == 0 {
		t.Fatal("the variant everything has no dashboard, no alarms or no tags")
	}
	var made struct {
		Resources map[string]struct {
			Type       string
			Properties map[string]json.RawMessage
		}
	}
	if err := json.Unmarshal(fresh(t, "everything"), &made); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for id, r := range made.Resources {
		seen[r.Type]++
		for name := range r.Properties {
			if slices.Contains(lagging[r.Type], name) {
				t.Errorf("%s (%s) has %s", id, r.Type, name)
			}
		}
	}
	for kind := range lagging {
		if seen[kind] == 0 {
			t.Errorf("no %s to look at", kind)
		}
	}
}
