package stack_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/golden"
)

// TestWordsOfPolicies: every action, condition key and operator of every policy is one that somebody has looked up in
// the Service Authorization Reference and written into the list. AWS takes a condition with a key that does not exist,
// and it never holds.
func TestWordsOfPolicies(t *testing.T) {
	used := map[string]bool{}
	for _, name := range golden.Names() {
		wordsOf(map[string]any(goldenTemplate(t, name)), used)
	}
	files, err := filepath.Glob("../*-policy.json")
	if err != nil || len(files) != 3 {
		t.Fatalf("policies of the deployment: %v, %v", files, err)
	}
	for _, file := range files {
		var policy any
		readJSON(t, file, &policy)
		wordsOf(policy, used)
	}
	raw, err := os.ReadFile("testdata/policy-words.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Fields(string(raw)), slices.Sorted(maps.Keys(used))); diff != "" {
		t.Errorf("words of policies (-testdata/policy-words.txt +used): look up what is new before you add it\n%s", diff)
	}
}

// wordsOf collects the words of every policy below a value.
func wordsOf(v any, used map[string]bool) {
	if l, ok := v.([]any); ok {
		for _, below := range l {
			wordsOf(below, used)
		}
	}
	for _, below := range object(v) {
		wordsOf(below, used)
	}
	for _, statement := range list(object(v)["Statement"]) {
		for _, element := range []string{"Action", "NotAction"} {
			for _, action := range list(object(statement)[element]) {
				used["action/"+action.(string)] = true
			}
		}
		for operator, keys := range object(object(statement)["Condition"]) {
			used["operator/"+operator] = true
			for key := range object(keys) {
				used["key/"+key] = true
			}
		}
	}
}
