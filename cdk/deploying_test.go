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

// TestAdditionsForNames: the name of a function or topic asks for an addition where the stack makes it, and only there.
func TestAdditionsForNames(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*settings.Settings)
		want   string
	}{
		{"watch", func(s *settings.Settings) { s.Watch.Name = "lookout" }, "watch.name: lookout* beside trailkeeper*"},
		{"no watch", func(s *settings.Settings) { s.Watch.Name, s.Watch.Enabled = "lookout", false }, ""},
		{"topic", func(s *settings.Settings) { s.SNS.TopicName = "alerts" }, "sns.topicName: alerts* beside trailkeeper*"},
		{"no topic", func(s *settings.Settings) { s.SNS.TopicName, s.SNS.Enabled = "alerts", false }, ""},
		{"names that fit", func(s *settings.Settings) { s.Watch.Name, s.SNS.TopicName = "trailkeeper-watch", "trailkeeper-alerts" }, ""},
	} {
		s := goldenSettings(t, golden.Default)
		s.Watch.Enabled, s.SNS.Enabled = true, true
		c.change(&s)
		var said []string
		for _, r := range stack.FurtherRights(s) {
			if r.Setting == "watch.name" || r.Setting == "sns.topicName" {
				said = append(said, r.Setting+": "+r.Add)
			}
		}
		if got := strings.Join(said, "\n"); got != c.want {
			t.Errorf("%s: the synth says %q; want %q", c.name, got, c.want)
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
