package stack_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/golden"
	"trailkeeper/cdk/limits"
)

// TestGolden compares every golden template with a fresh synth, so that each change of a template is seen in review.
func TestGolden(t *testing.T) {
	all := variants(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) {
			got := fresh(t, name)
			warden := wardenStacks[name]
			if *update {
				write(t, name+".json", got)
				if warden != nil {
					write(t, "warden/"+name+".json", warden)
				}
				return
			}
			if want, _ := golden.Warden(name); string(want) != string(warden) {
				t.Errorf("cdk/golden/warden/%s.json differs from a fresh synth; run go test ./cdk/stack -update\n%s",
					name, cmp.Diff(string(want), string(warden)))
			}
			want, ok := golden.Variant(name)
			if !ok {
				t.Fatalf("cdk/golden has no %s.json; run go test ./cdk/stack -update", name)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf(
					"cdk/golden/%s.json differs from a fresh synth (-golden +synth); run go test ./cdk/stack -update\n%s",
					name,
					diff,
				)
			}
		})
	}
	if got, want := golden.Names(), slices.Sorted(maps.Keys(all)); !*update && !slices.Equal(got, want) {
		t.Errorf("cdk/golden holds %v; want %v", got, want)
	}
}

// TestApp: the flags of cdk.json on which the templates and promises rest.
func TestApp(t *testing.T) {
	var file map[string]any
	readJSON(t, "../../cdk.json", &file)
	if file["app"] != "go run ./cdk" || file["versionReporting"] != false {
		t.Errorf(
			"cdk.json has app %v and versionReporting %v; want go run ./cdk and false",
			file["app"],
			file["versionReporting"],
		)
	}
	if got := file["toolkitStackName"]; got != "CDKToolkit-trailkeeper" {
		t.Errorf("cdk.json has toolkitStackName %v: bootstrap would replace the execution policy of other CDK apps", got)
	}
	if got := cdkContext(t)["@aws-cdk/core:bootstrapQualifier"]; got != "trailkpr" {
		t.Errorf("cdk.json has the bootstrap qualifier %v; want trailkpr, which cdk/execution-policy.json names", got)
	}
	if cdkContext(t)[validates] != true {
		t.Errorf("cdk.json lacks %s: what CloudFormation would refuse passes synth", validates)
	}
}

func write(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join("..", "golden", name), content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestGoldenSizes: every golden template is within every limit, and the guard's own is counted for what it is.
func TestGoldenSizes(t *testing.T) {
	for _, name := range golden.Names() {
		if err := limits.Check(goldenTemplate(t, name), variant(t, name).StackName); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
