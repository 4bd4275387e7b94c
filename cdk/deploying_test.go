package main_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"trailkeeper/cdk/golden"
	"trailkeeper/cdk/settings"
	"trailkeeper/cdk/stack"
)

// TestAdditionsAreSaid: the synth says each addition, with the setting that asks for it, and asks for none that is not
// needed.
func TestAdditionsAreSaid(t *testing.T) {
	for _, name := range golden.Names() {
		said := ""
		for _, r := range stack.FurtherRights(goldenSettings(t, name)) {
			said += r.Setting + ": " + r.Add + "\n"
		}
		needed := slices.DeleteFunc(slices.Clone(additions(t, name)), func(s statement) bool { // of another policy: permissionsBoundary
			return strings.HasPrefix(s.Action[0], "iam:")
		})
		for _, s := range needed {
			words := []string{s.Action[0], named(s.Resource[0])}
			if name == "guardrail" {
				words = []string{"guardrail.attachTo: the statements of cdk/guardrail-policy.json"}
			}
			for _, word := range words {
				if !strings.Contains(said, word) {
					t.Errorf("%s: the synth does not say %s; it says %s", name, word, said)
				}
			}
		}
		if (said == "") != (len(needed) == 0) {
			t.Errorf("%s: the synth says %q, and %d additions are needed", name, said, len(needed))
		}
	}
}

// named is the name at the end of an ARN, without what stands for its parts.
func named(arn string) string {
	arn = strings.TrimSuffix(strings.TrimSuffix(arn, ":*"), "-??????")
	return arn[strings.LastIndex(arn, ":")+1:]
}

// goldenSettings are those of a golden template.
func goldenSettings(t *testing.T, name string) settings.Settings {
	t.Helper()
	file, key := "stack/testdata/"+name+".json", ""
	if name == golden.Default {
		file, key = "../cdk.json", settings.ContextKey
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(raw, &object); err != nil {
		t.Fatal(err)
	}
	if key != "" {
		object = object["context"].(map[string]any)[key].(map[string]any)
	}
	s, err := settings.Parse(object)
	if err != nil {
		t.Fatalf("settings of %s: %v", name, err)
	}
	return s
}
