package guardrail_test

import (
	"encoding/json"
	"flag"
	"os"
	"testing"

	"trailkeeper/rules/guardrail"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const account = "111122223333"

// small is a deployment with one baseline.
func small() guardrail.Deployment {
	return guardrail.Deployment{
		Stack:        "trailkeeper",
		Account:      account,
		Qualifier:    "trailkpr",
		BreakGlass:   []string{"arn:aws:iam::111122223333:role/BreakGlass"},
		Organization: "o-a1b2c3d4e5",
		Boundary:     "TrailkeeperBoundary",
		Secret:       "trailkeeper",
		Trails: []guardrail.Trail{{
			Bucket:   "example-trail-logs",
			Key:      "arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab",
			LogGroup: "arn:aws:logs:eu-west-1:111122223333:log-group:management-events:*",
		}},
	}
}

// reference is what the Service Authorization Reference says; .ci/tables --write writes it.
type reference map[string]struct {
	Resources map[string]string   // by the kind of resource, its ARN with wildcards
	Actions   map[string][]string // the access level, and the kinds of resources
}

func readReference(t *testing.T) reference {
	t.Helper()
	raw, err := os.ReadFile("testdata/actions.json")
	if err != nil {
		t.Fatal(err)
	}
	var r reference
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// golden compares a text with a file below testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run go test ./rules/guardrail -update and read the diff):\n%s", path, got)
	}
}
