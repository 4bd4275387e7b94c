package golden_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/golden"
)

// file is a template on disk, as CDK hands it to its validator.
type file struct{ path string }

func (*file) AccountId() *string                  { return nil } //nolint:revive // CDK's name
func (*file) Region() *string                     { return nil }
func (*file) AppConstruct() constructs.IConstruct { return nil }
func (*file) TemplatePaths() *[]*string           { return nil }

func (f *file) StackTemplates() *[]*awscdk.PolicyValidationStack {
	return &[]*awscdk.PolicyValidationStack{{
		StackConstructPath: jsii.String("Stack"), TemplatePath: jsii.String(f.path),
		AccountId: jsii.String("111122223333"), Region: jsii.String("eu-west-1"),
	}}
}

// problems are the errors that the validator finds in a template: what CloudFormation would refuse by its schemas.
func problems(t *testing.T, validator awscdk.CloudFormationValidatePlugin, path string) []string {
	t.Helper()
	report := validator.Validate(&file{path})
	var found []string
	for _, v := range *report.Violations {
		if v.Severity == nil || *v.Severity != "warning" {
			found = append(found, *v.RuleName+": "+*v.Description)
		}
	}
	if len(found) == 0 && !*report.Success {
		found = append(found, "the validator refuses it")
	}
	return found
}

// TestValidated: CDK's validator takes every golden template, those of wardens in another Region as well, and refuses one
// of them with a property that CloudFormation does not know.
func TestValidated(t *testing.T) {
	validator := awscdk.NewCloudFormationValidatePlugin(nil)
	seen := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".json" {
			return err
		}
		seen++
		absolute, err := filepath.Abs(path)
		if found := problems(t, validator, absolute); len(found) > 0 {
			t.Errorf("%s: %s", path, strings.Join(found, "; "))
		}
		return err
	})
	if err != nil || seen <= len(golden.Names()) {
		t.Errorf("%d files are validated, of %d templates and those of wardens: %v", seen, len(golden.Names()), err)
	}
	wrong := strings.Replace(string(golden.Template()), `"MessageRetentionPeriod":`, `"Retention":`, 1)
	path := filepath.Join(t.TempDir(), "wrong.json")
	if err := os.WriteFile(path, []byte(wrong), 0o600); err != nil {
		t.Fatal(err)
	}
	if found := problems(t, validator, path); len(found) != 1 || !strings.Contains(found[0], "Retention") {
		t.Errorf("of a wrong property is said %q", found)
	}
}
