package config

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/runtimeapi"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/clitest"
)

var trailkeeper = clitest.Command(New)

// printedEnv is what config env --example prints.
func printedEnv(t *testing.T) map[string]string {
	t.Helper()
	code, out, errs := trailkeeper("", "config", "env", "--example")
	if code != cli.ExitOK || errs != "" {
		t.Fatalf("exit %d, stderr %q", code, errs)
	}
	if !slices.IsSorted(strings.Split(strings.TrimSuffix(out, "\n"), "\n")) {
		t.Errorf("not in order:\n%s", out)
	}
	env := make(map[string]string)
	for line := range strings.Lines(out) {
		name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if !ok || value == "" || strings.ContainsAny(value, " $\"'\\`") {
			t.Errorf("line %q; want NAME=value that every shell takes as it is", line)
		}
		env[name] = value
	}
	return env
}

func TestConfigEnvIsValid(t *testing.T) {
	env := printedEnv(t)
	got, err := config.FromEnv(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(config.Example(), got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if _, ok := env["AWS_LAMBDA_RUNTIME_API"]; ok {
		t.Error("AWS_LAMBDA_RUNTIME_API is printed; the runtime sets it")
	}
}

// The guard starts with exactly this environment, and asks for its first event without a network.
func TestGuardStartsWithConfigEnv(t *testing.T) {
	bootstrap := filepath.Join(t.TempDir(), "bootstrap")
	if err := runtimeapi.Build(t.Context(), "trailkeeper/lambda/guard", bootstrap, ""); err != nil {
		t.Fatal(err)
	}
	p, err := runtimeapi.Start(t.Context(), bootstrap, printedEnv(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if _, err := p.FirstPoll(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestHelp(t *testing.T) {
	clitest.Help(t, trailkeeper, "help.golden", "config", "--help")
	clitest.Help(t, trailkeeper, "help-env.golden", "config", "env", "--help")
}
