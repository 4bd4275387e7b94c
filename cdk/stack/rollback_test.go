package stack_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/golden"
)

// TestSecondTry: when the first deployment fails, CloudFormation deletes all that it has made but what has the policy
// Retain. So nothing with a name of ours may have it, or the second try would meet it; and what has it is listed in
// cdk/README.md.
func TestSecondTry(t *testing.T) {
	left := map[string]bool{}
	for _, name := range golden.Names() {
		for id, v := range object(goldenTemplate(t, name)["Resources"]) {
			r := object(v)
			kind, _ := r["Type"].(string)
			if r["DeletionPolicy"] != "Retain" {
				continue
			}
			left[withoutHash(id)] = true
			if named := nameOf(kind, object(r["Properties"])); named != nil {
				t.Errorf(
					"%s: %s is called %s and stays when the deployment fails: the next one fails as well",
					name,
					id,
					text(named),
				)
			}
		}
	}
	want := map[string]bool{
		"StateTable":             true,
		"WatchStateTable":        true,
		"BacktestResults":        true,
		"BacktestResultsPolicy":  true,
		"CanaryBucket":           true,
		"CanaryBucketPolicy":     true,
		"CanaryKey":              true,
		"CanaryTrail":            true,
		"FirstTrailBucket":       true,
		"FirstTrailBucketPolicy": true,
		"FirstTrailLog":          true,
		"FirstTrailRole":         true,
		"FirstTrail":             true,
	}
	if diff := cmp.Diff(want, left); diff != "" {
		t.Errorf("what a failed first deployment leaves, as cdk/README.md lists it (-want +got):\n%s", diff)
	}
}

// TestNothingIsReplacedWhatStays: what outlives the stack outlives a replacement as well.
func TestNothingIsReplacedWhatStays(t *testing.T) {
	for _, name := range golden.Names() {
		for id, v := range object(goldenTemplate(t, name)["Resources"]) {
			if r := object(v); stays(r) && r["UpdateReplacePolicy"] != "Retain" {
				t.Errorf(
					"%s: %s has DeletionPolicy %v and UpdateReplacePolicy %v",
					name,
					id,
					r["DeletionPolicy"],
					r["UpdateReplacePolicy"],
				)
			}
		}
	}
}

// TestTrailsComeLast: nothing of a trail of our own, which stays when the deployment fails, is made before every rule
// is.
func TestTrailsComeLast(t *testing.T) {
	tpl := goldenTemplate(t, "everything")
	resources := object(tpl["Resources"])
	for id, v := range resources {
		if object(v)["DeletionPolicy"] != "Retain" || strings.HasSuffix(withoutHash(id), "StateTable") {
			continue
		}
		first := madeBefore(resources, id)
		for rule := range tpl.resources("AWS::Events::Rule") {
			// The rules for the stack's own alarms are as good as the others, and lie on the default bus; so do those on calls
			// against the deployment, some of which name the trail's key.
			if !strings.HasPrefix(rule, "Alarm") && !strings.HasPrefix(rule, "Protect") && !first[rule] {
				t.Errorf("%s does not wait for %s", id, rule)
			}
		}
	}
}

// madeBefore are the resources that CloudFormation makes before that one.
func madeBefore(resources map[string]any, id string) map[string]bool {
	found := map[string]bool{}
	var visit func(v any)
	add := func(id string) {
		if resources[id] != nil && !found[id] {
			found[id] = true
			visit(resources[id])
		}
	}
	visit = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			add(target(v))
			for key, inner := range v {
				if key == "DependsOn" {
					for _, id := range list(inner) {
						add(id.(string))
					}
				}
				visit(inner)
			}
		case []any:
			for _, inner := range v {
				visit(inner)
			}
		}
	}
	visit(resources[id])
	return found
}
