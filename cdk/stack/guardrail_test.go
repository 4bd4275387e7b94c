package stack_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/guardrail"
	"trailkeeper/cdk/settings"
	"trailkeeper/cdk/stack"
	rules "trailkeeper/rules/guardrail"
)

// TestGuardrail: the policies are attached where the settings say, name what they name, and outlive the stack.
func TestGuardrail(t *testing.T) {
	tpl := goldenTemplate(t, "guardrail")
	for _, c := range []struct{ prefix, kind, name string }{
		{"GuardrailServices", "SERVICE_CONTROL_POLICY", "trailkeeper-guardrail"},
		{"GuardrailResources", "RESOURCE_CONTROL_POLICY", "trailkeeper-guardrail-resources"},
	} {
		id, p := tpl.only(t, "AWS::Organizations::Policy", c.prefix)
		if p["Type"] != c.kind || p["Name"] != c.name {
			t.Errorf("%s is %v, %v; want %s, %s", id, p["Name"], p["Type"], c.name, c.kind)
		}
		if diff := cmp.Diff([]any{"r-a1b2", "ou-a1b2-c3d4e5f6", "444455556666"}, p["TargetIds"]); diff != "" {
			t.Errorf("%s is attached elsewhere (-want +got):\n%s", id, diff)
		}
		whole := object(object(tpl["Resources"])[id])
		if whole["DeletionPolicy"] != "RetainExceptOnCreate" || whole["UpdateReplacePolicy"] != "Retain" {
			t.Errorf("%s goes with the stack", id)
		}
		if strings.Contains(text(p["Content"]), "Ref") {
			t.Errorf("%s has a part that CloudFormation fills in, so that its size is not known", id)
		}
		own := []string{"66666666-6666-6666-6666-666666666666"} // guardrail.keys
		if c.kind == "SERVICE_CONTROL_POLICY" {
			own = append(own, "arn:aws:iam::111122223333:role/BreakGlass", "policy/TrailkeeperBoundary")
		} else {
			own = append(own, `"aws:PrincipalOrgID":"o-a1b2c3d4e5"`)
		}
		for _, want := range own {
			if !strings.Contains(text(p["Content"]), want) {
				t.Errorf("%s does not name %s", id, want)
			}
		}
	}
	for _, b := range baselines(t, variant(t, "guardrail")) {
		if _, p := tpl.only(t, "AWS::Organizations::Policy", "GuardrailServices"); !strings.Contains(text(p["Content"]),
			":::"+b.Trail.Settings.S3Bucket+`"`) {
			t.Errorf("nothing protects the bucket %s", b.Trail.Settings.S3Bucket)
		}
	}
	if tpl := goldenTemplate(t, "default"); tpl.has("AWS::Organizations::Policy", "") {
		t.Error("there is a guardrail without the setting")
	}
}

// TestGuardrailDeployments: what the policies of each golden template would be about, which the operator's command
// reads from the same settings (lambda/trailkeeper/guardrail).
func TestGuardrailDeployments(t *testing.T) {
	app, all := newAppWithout(t, validates), map[string]rules.Deployment{}
	for name := range variants(t) {
		s := variant(t, name)
		all[name] = guardrail.Deployment(awscdk.NewStack(app, jsii.String(name), nil), s, baselines(t, s))
	}
	raw, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	const file = "testdata/guardrail-deployments.golden"
	if *update {
		write(t, "../stack/"+file, append(raw, '\n'))
		return
	}
	want, err := os.ReadFile(file)
	if diff := cmp.Diff(string(want), string(raw)+"\n"); diff != "" || err != nil {
		t.Errorf("%s differs, %v; run go test ./cdk/stack -update\n%s", file, err, diff)
	}
}

// TestGuardrailRefused: what AWS Organizations would refuse, and what would lock out the deployment, fails the synth.
func TestGuardrailRefused(t *testing.T) {
	var roles []string
	for _, n := range "abcdefghijklmnopqrstuvwxyz" {
		roles = append(roles, "arn:aws:iam::111122223333:role/"+strings.Repeat(string(n), 60))
	}
	for _, c := range []struct {
		change func(*settings.Settings)
		want   string
	}{
		{func(s *settings.Settings) { s.Guardrail.BreakGlass = roles }, "want at most 5120"},
		{func(s *settings.Settings) { s.Guardrail.AttachTo = []string{"ou-a1b2"} }, "guardrail.attachTo[0]"},
		{func(s *settings.Settings) { s.Guardrail.AttachTo = nil }, "guardrail.attachTo is empty"},
		{func(s *settings.Settings) { s.OrganizationID = "" }, "organizationId is empty"},
		{func(s *settings.Settings) { s.Guardrail.BreakGlass = []string{"BreakGlass"} }, "guardrail.breakGlass[0]"},
	} {
		s := variant(t, "guardrail")
		c.change(&s)
		if _, _, err := stack.NewStack(newAppWithout(t, validates), props(t, s)); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%v; want an error with %q", err, c.want)
		}
	}
}

// TestGuardrailDeployable: the roles that deploy are found exempt, by whatever bootstrap and account, and others not.
func TestGuardrailDeployable(t *testing.T) {
	s := variant(t, "guardrail")
	s.Env = settings.Env{} // CloudFormation fills in the account and the Region
	for _, qualifier := range []string{"trailkpr", "hnb659fds"} {
		app := newAppWithout(t, validates)
		if qualifier == "hnb659fds" {
			app = newAppWithout(t, validates, "@aws-cdk/core:bootstrapQualifier")
		}
		made, _, err := stack.NewStack(app, props(t, s))
		if err != nil {
			t.Fatal(err)
		}
		d := guardrail.Deployment(made, s, nil)
		if d.Qualifier != qualifier {
			t.Errorf("the qualifier is %s; want %s", d.Qualifier, qualifier)
		}
		other := rules.Deployment{Stack: "trailkeeper", Qualifier: "other"}
		err = guardrail.CheckDeployable(other.SCPs(), []string{"arn:aws:iam::" + *made.Account() + ":role/cdk-" + qualifier})
		want := "the guardrail would lock out arn:aws:iam::*:role/cdk-" + qualifier + ", which deploys this stack"
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}
