package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/settings"
)

// TestExampleAddress: a template with the example's address has a rule that fails, and says which setting to change;
// any other template has no rule.
func TestExampleAddress(t *testing.T) {
	subscribed := func(enabled bool, endpoints ...string) settings.Settings {
		s := settings.Defaults()
		s.SNS.Enabled, s.SNS.Subscriptions = enabled, map[string]string{}
		for _, e := range endpoints {
			s.SNS.Subscriptions[e] = "email"
		}
		return s
	}
	for name, tt := range map[string]struct {
		settings settings.Settings
		refused  bool
	}{
		"the example's":        {subscribed(true, "security@example.com"), true},
		"beside another":       {subscribed(true, "soc@example.org", "security@example.com"), true},
		"another":              {subscribed(true, "security@example.org"), false},
		"none":                 {subscribed(true), false},
		"SNS is not notified":  {subscribed(false, "security@example.com"), false},
		"the default settings": {settings.Defaults(), false},
	} {
		t.Run(name, func(t *testing.T) {
			stack := awscdk.NewStack(awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir())}), nil, &awscdk.StackProps{
				Synthesizer: awscdk.NewLegacyStackSynthesizer(), // which adds no rule of its own
			})
			refuseExample(stack, tt.settings)
			text := jsii.String("sns.subscriptions still has the example's security@example.com, which nobody reads: " +
				"put your team's address there")
			warned := *assertions.Annotations_FromStack(stack).FindWarning(
				jsii.String("*"),
				assertions.Match_StringLikeRegexp(jsii.String(*text+", or CloudFormation refuses the deployment")),
			)
			if got := len(warned) == 1; got != tt.refused {
				t.Errorf("%d warnings", len(warned))
			}
			template := assertions.Template_FromStack(stack, nil)
			if !tt.refused {
				template.TemplateMatches(
					map[string]any{"Rules": assertions.Match_Absent(), "Parameters": assertions.Match_Absent()},
				)
				return
			}
			template.TemplateMatches(map[string]any{
				"Parameters": map[string]any{
					"ExampleAddress": map[string]any{"Type": "String", "Default": "security@example.com"},
				},
				"Rules": map[string]any{"ExampleAddressReplaced": map[string]any{"Assertions": []any{map[string]any{
					"Assert": map[string]any{"Fn::Not": []any{map[string]any{
						"Fn::Equals": []any{map[string]any{"Ref": "ExampleAddress"}, "security@example.com"},
					}}},
					"AssertDescription": text,
				}}}},
			})
		})
	}
}

// TestQuiet: Node is told not to print its banner, although jsii takes the environment before main; what the user has
// set stays.
func TestQuiet(t *testing.T) {
	const endOfLife, deprecated = "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION",
		"JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION"
	for _, name := range []string{endOfLife, deprecated} {
		t.Setenv(name, "")
	}
	os.Unsetenv(endOfLife)
	seen := filepath.Join(t.TempDir(), "environment")
	t.Setenv("JSII_RUNTIME", "env >'"+seen+"'")
	quiet()
	func() {
		defer func() { _ = recover() }() // what runs is not jsii
		awscdk.NewApp(nil)
	}()
	os.Unsetenv("JSII_RUNTIME")
	jsii.Close()
	environment, err := os.ReadFile(seen)
	if err != nil {
		t.Fatal(err)
	}
	lines := "\n" + string(environment)
	if !strings.Contains(lines, "\n"+endOfLife+"=20,22,24\n") || !strings.Contains(lines, "\n"+deprecated+"=\n") {
		t.Errorf("Node's environment is\n%s", environment)
	}
}
