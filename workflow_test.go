package trailkeeper_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestWorkflowsArePinned: a workflow may only read, uses actions by their commits, and runs nothing but .ci/run, so
// that CI is what `make check` is.
func TestWorkflowsArePinned(t *testing.T) {
	paths, err := filepath.Glob(".github/workflows/*.y*ml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no workflow: %v", err)
	}
	for _, path := range paths {
		for _, problem := range workflowProblems(read(t, path)) {
			t.Errorf("%s: %s", path, problem)
		}
	}
}

func TestWorkflowProblems(t *testing.T) {
	const good = `permissions:
  contents: read

jobs:
  check:
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2
      - run: bash .ci/run
`
	tests := []struct{ old, new, want string }{
		{"", "", ""},
		{"@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2", "@v6", "is not pinned"},
		{" # v6.0.2", "", "is not pinned"},
		{"5447ce83dd", "5447ce83d", "is not pinned"},
		{"contents: read", "contents: write", "permissions"},
		{"  check:\n", "  check:\n    permissions: write-all\n", "permissions"},
		{"bash .ci/run", "bash .ci/run && go test ./...", "runs"},
	}
	for _, test := range tests {
		got := strings.Join(workflowProblems(strings.Replace(good, test.old, test.new, 1)), "; ")
		if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("with %q: %q, want %q", test.new, got, test.want)
		}
	}
}

var (
	permissions = regexp.MustCompile(`(?m)^ *permissions:.*\n(?: +\S.*\n)?`)
	uses        = regexp.MustCompile(`(?m)^ *(?:- )?uses: *(.*)$`)
	pinned      = regexp.MustCompile(`^[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	runs        = regexp.MustCompile(`(?m)^ *(?:- )?run: *(.*)$`)
)

func workflowProblems(workflow string) []string {
	var problems []string
	if got := permissions.FindAllString(workflow, -1); len(got) != 1 || got[0] != "permissions:\n  contents: read\n" {
		problems = append(problems, "permissions are not contents: read alone")
	}
	for _, m := range uses.FindAllStringSubmatch(workflow, -1) {
		if !pinned.MatchString(m[1]) {
			problems = append(problems, m[1]+" is not pinned to a commit with its version beside it")
		}
	}
	if got := runs.FindAllStringSubmatch(workflow, -1); len(got) != 1 || got[0][1] != "bash .ci/run" {
		problems = append(problems, "it runs something else than .ci/run")
	}
	return problems
}
