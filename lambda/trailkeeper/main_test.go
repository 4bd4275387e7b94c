package main

import (
	"bytes"
	"strings"
	"testing"

	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/clitest"
)

// trailkeeper runs one command line.
func trailkeeper(stdin string, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = cli.Run(root(), args, strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

func TestHelp(t *testing.T) { clitest.Help(t, trailkeeper, "help.golden", "--help") }

func TestUsageErrors(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"unknown command", []string{"stop"}, `"trailkeeper" has no command "stop"`},
		{"unknown subcommand", []string{"config", "environment"}, `"trailkeeper config" has no command "environment"`},
		{"unknown flag", []string{"replay", "--jason", "x"}, "--jason"},
		{"no file", []string{"replay"}, "at least one file"},
		{
			"bad mode",
			[]string{"replay", "--mode", "repair", "-"},
			`--mode is "repair"; want notify, restart, restore or recreate`,
		},
		{
			"every bad flag",
			[]string{"replay", "--mode", "x", "--account", "12", "--partition", "Aws", "--role-arn", "me", "-"},
			`--role-arn is "me"`,
		},
		{"config env alone", []string{"config", "env"}, "--example"},
		{"an argument too many", []string{"version", "now"}, `"now"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, out, errs := trailkeeper("", tt.args...)
			if code != cli.ExitUsage {
				t.Errorf("exit %d, want %d", code, cli.ExitUsage)
			}
			if out != "" || !strings.HasPrefix(errs, "trailkeeper: ") || !strings.Contains(errs, tt.want) {
				t.Errorf("stdout %q, stderr %q; want an error with %q", out, errs, tt.want)
			}
			if strings.Contains(errs, "Usage:") {
				t.Errorf("stderr holds the whole usage:\n%s", errs)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	_, asCommand, _ := trailkeeper("", "version")
	_, asFlag, _ := trailkeeper("", "--version")
	if asCommand != asFlag || !strings.HasPrefix(asCommand, "trailkeeper ") || strings.Count(asCommand, "\n") != 1 {
		t.Errorf("version prints %q, --version %q; want the same line", asCommand, asFlag)
	}
}
