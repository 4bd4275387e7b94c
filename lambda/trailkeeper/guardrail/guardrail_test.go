package guardrail

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/clitest"
	"trailkeeper/rules/guardrail"
)

// variant is the folder of the golden templates' settings, with their baselines.
const variant = "../../../cdk/stack/testdata/"

func TestHelp(t *testing.T) { clitest.Help(t, run, "help.golden", "guardrail", "--help") }

// TestWords: what is said of each policy fits a terminal, and the policy alone is on standard output.
func TestWords(t *testing.T) {
	for name, args := range map[string][]string{
		"scp":  {"--break-glass", "arn:aws:iam::111122223333:role/BreakGlass", "--account", home, "--target", "ou-a1b2-c3d4e5f6"},
		"rcp":  {"--rcp", "--org-id", org},
		"bare": nil,
	} {
		code, out, errs := run("", append([]string{"guardrail", "--settings", "../../../cdk.json"}, args...)...)
		if code != cli.ExitOK || strings.Count(out, "\n") != 1 || !json.Valid([]byte(out)) {
			t.Errorf("%s: exit %d, %d lines of output", name, code, strings.Count(out, "\n"))
		}
		if len(strings.TrimSpace(out)) > guardrail.MaxSize {
			t.Errorf("%s has %d characters", name, len(out))
		}
		clitest.Golden(t, name+".golden", errs)
		clitest.Narrow(t, errs, cli.Columns)
	}
	code, out, errs := run("", "guardrail", "--techniques")
	if code != cli.ExitOK || errs != "" {
		t.Errorf("--techniques: exit %d, stderr %q", code, errs)
	}
	clitest.Golden(t, "techniques.golden", out)
	clitest.Narrow(t, out, cli.Columns)
}

// TestDeployedPolicies: the command prints what the deployment attaches, for the same settings and baselines.
func TestDeployedPolicies(t *testing.T) {
	raw, _ := golden.Variant("guardrail")
	var template struct {
		Resources map[string]struct {
			Type       string
			Properties struct {
				Name, Type string
				Content    any
				TargetIds  []string
			}
		}
	}
	if err := json.Unmarshal(raw, &template); err != nil {
		t.Fatal(err)
	}
	deployed := map[string]any{}
	for _, r := range template.Resources {
		if r.Type == "AWS::Organizations::Policy" {
			deployed[r.Properties.Type+" "+r.Properties.Name] = r.Properties.Content
		}
	}
	code, out, errs := run("", "guardrail", "--settings", within(t, "guardrail"), "--json")
	var shown struct {
		Policies []struct {
			Name, Type string
			Characters int
			Content    any
		}
	}
	if err := json.Unmarshal([]byte(out), &shown); err != nil || code != cli.ExitOK {
		t.Fatalf("exit %d, %v, stderr %q", code, err, errs)
	}
	printed := map[string]any{}
	for _, p := range shown.Policies {
		if printed[p.Type+" "+p.Name] = p.Content; p.Characters == 0 || p.Characters > guardrail.MaxSize {
			t.Errorf("%s has %d characters", p.Name, p.Characters)
		}
	}
	if diff := cmp.Diff(deployed, printed); diff != "" || len(deployed) != 2 {
		t.Errorf("deployed and printed (-deployed +printed):\n%s", diff)
	}
}

// TestSettings: of the settings of each golden template the command makes what the app makes of them.
func TestSettings(t *testing.T) {
	var app map[string]guardrail.Deployment
	if err := json.Unmarshal(clitest.Read(t, variant+"guardrail-deployments.golden"), &app); err != nil {
		t.Fatal(err)
	}
	if len(app) < 10 {
		t.Errorf("only %d deployments", len(app))
	}
	for name, want := range app {
		f := options{settings: "../../../cdk.json"}
		if name != golden.Default {
			f.settings = within(t, name)
		}
		got, err := f.deployment()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-app +command):\n%s", name, diff)
		}
		if errs := got.Problems(false); errs != nil {
			t.Errorf("%s: %v", name, errs)
		}
	}
}

// within is a settings' file of a golden template in a folder where its baselines are as it names them.
func within(t *testing.T, name string) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(filepath.Join(folder, "testdata"), os.DirFS(variant)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, name+".json")
	if err := os.WriteFile(file, clitest.Read(t, variant+name+".json"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestRegionalSettings: the object of the Region wins, as it does in the app.
func TestRegionalSettings(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cdk.json")
	const app = `{"context":{"@aws-cdk/core:bootstrapQualifier":"other","trailkeeper":{"stackName":"one","sns":{"topicName":"alerts"}},
		"trailkeeper:eu-west-1":{"stackName":"two"}}}`
	if err := os.WriteFile(file, []byte(app), 0o600); err != nil {
		t.Fatal(err)
	}
	for region, want := range map[string]string{"": "table/one*", "eu-west-1": "table/two*", "us-east-1": "table/one*"} {
		code, out, errs := run("", "guardrail", "--settings", file, "--region", region)
		if code != cli.ExitOK || !strings.Contains(out, want) || !strings.Contains(out, "role/cdk-other-*") ||
			!strings.Contains(out, ":sns:*:*:alerts") {
			t.Errorf("Region %q: exit %d, no %s in %s%s", region, code, want, out, errs)
		}
	}
}

func TestBadInput(t *testing.T) {
	wrong := filepath.Join(t.TempDir(), "settings.json")
	if err := os.WriteFile(wrong, []byte(`{"stackName": "-"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--settings", "none.json"}, cli.ExitUsage, "read the settings"},
		{[]string{"--settings", "guardrail_test.go"}, cli.ExitUsage, "guardrail_test.go: invalid character"},
		{[]string{"--settings", wrong}, cli.ExitUsage, "stackName"},
		{[]string{"--rcp"}, cli.ExitFailed, "the organization's ID"},
		{[]string{"--part", "2"}, cli.ExitUsage, "--part is \"2\"; want a number from 1 to 1"},
		{
			[]string{"--break-glass", "BreakGlass", "--key", "k", "--target", "x y", "--account", "1", "--org-id", "o"},
			cli.ExitUsage, "--break-glass is \"BreakGlass\"",
		},
		{[]string{"--json", "--techniques"}, cli.ExitUsage, "cannot be given together"},
	} {
		args := append([]string{"guardrail", "--settings", "../../../cdk.json"}, c.args...)
		code, out, errs := run("", args...)
		if code != c.code || out != "" || !strings.Contains(errs, c.want) {
			t.Errorf("%v: exit %d, stdout %q, stderr %q; want %d and %q", c.args, code, out, errs, c.code, c.want)
		}
	}
}
