package faults

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// seededBug is a mistake in the source, which a row of the matrix must find.
type seededBug struct {
	name, file string // the file's path in the module
	old, bug   string
	row        string
	finding    string // what the matrix says of it
}

func seededBugs() []seededBug {
	return []seededBug{
		{
			name: "notify before restore",
			file: "lambda/internal/respond/restart.go",
			old:  "\tres := r.Restarter.Restart(ctx, a.Trail, stoppedAt, until)\n",
			bug: "\t_ = r.Results.report(ctx, req.Event, a, r.Scope.Finding(req.Event, a))\n\tres := " +
				"r.Restarter.Restart(ctx, a.Trail, stoppedAt, until)\n",
			row:     "webhook",
			finding: "told before it restored",
		},
		{
			name:    "claim without lease",
			file:    "lambda/internal/report/claims.go",
			old:     "lease := c.Clock.Left(ctx, 0, clock.LongestRun) + LeaseMargin",
			bug:     "lease := 0*clock.LongestRun - LeaseMargin",
			row:     "webhook, event twice",
			finding: `showed the message "restored" 2 times`,
		},
		{
			name:    "claim ignored",
			file:    "lambda/internal/report/claims.go",
			old:     "{ return s == claims.Claimed || s == claims.Unknown }",
			bug:     "{ return true }",
			row:     "API destination",
			finding: `showed the message "restored" 2 times`,
		},
		{
			name:    "error swallowed",
			file:    "lambda/internal/report/fanout.go",
			old:     "\td.Err = within(ctx, share, \"the \"+d.Channel+\" notifier\"",
			bug:     "\t_ = within(ctx, share, \"the \"+d.Channel+\" notifier\"",
			row:     "Publish",
			finding: `sns: the message "restored" is neither shown nor in a queue`,
		},
	}
}

// TestFaultMatrixFindsSeededBugs builds the guard with a mistake in it and wants the matrix to find it.
func TestFaultMatrixFindsSeededBugs(t *testing.T) {
	t.Parallel()
	for _, bug := range seededBugs() {
		t.Run(bug.name, func(t *testing.T) {
			t.Parallel()
			args := []string{
				"test",
				"-count=1",
				"-vet=off",
				"-overlay",
				overlay(t, bug),
				"-run",
				"^TestFaultMatrix$/^" + strings.ReplaceAll(bug.row, " ", "_") + "$",
				".",
			}
			out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput()
			switch {
			case err == nil:
				t.Errorf("the row %q of the matrix passes with the bug in %s", bug.row, bug.file)
			case !strings.Contains(string(out), bug.finding):
				t.Errorf("the matrix does not say %q, but:\n%.4000s", bug.finding, out)
			}
		})
	}
}

// overlay puts the bug into a copy of its file, which go test takes in place of the file.
func overlay(t *testing.T, bug seededBug) string {
	t.Helper()
	file, err := filepath.Abs(filepath.Join("..", "..", "..", "..", filepath.FromSlash(bug.file)))
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), bug.old); n != 1 {
		t.Fatalf("%s has the text that the bug %q replaces %d times; want once:\n%s", bug.file, bug.name, n, bug.old)
	}
	dir := t.TempDir()
	mistaken, list := filepath.Join(dir, "mistaken.go"), filepath.Join(dir, "overlay.json")
	content, err := json.Marshal(map[string]map[string]string{"Replace": {file: mistaken}})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		mistaken: strings.Replace(string(source), bug.old, bug.bug, 1),
		list:     string(content),
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return list
}
