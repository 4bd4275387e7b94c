package cli_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/spf13/cobra"

	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/clitest"
)

// TestExitCodes: what a command returns decides, and what it did not come to is usage. Only what is to be said is on
// stderr.
func TestExitCodes(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		args []string
		code int
		says string
	}{
		"well":           {nil, nil, cli.ExitOK, ""},
		"failed":         {cli.Failed("it failed"), nil, cli.ExitFailed, "trailkeeper: it failed\n"},
		"failed, said":   {cli.Failed(""), nil, cli.ExitFailed, ""},
		"wrapped usage":  {fmt.Errorf("so: %w", cli.Usage("bad")), nil, cli.ExitUsage, "trailkeeper: so: bad\n"},
		"any error":      {errors.New("dial\x1b[31m"), nil, cli.ExitFailed, "trailkeeper: dial[31m\n"},
		"did not begin":  {nil, []string{"--what"}, cli.ExitUsage, "Run \"trailkeeper do --help\" for what there is"},
		"flags, checked": {cli.Check("", "a", "", "b"), nil, cli.ExitUsage, "trailkeeper: a; b\n"},
		"flags, right":   {cli.Check("", ""), nil, cli.ExitOK, ""},
	} {
		cmd := &cobra.Command{Use: "do", RunE: func(*cobra.Command, []string) error { return tt.err }}
		code, out, errs := clitest.Run([]*cobra.Command{cmd}, "", append([]string{"do"}, tt.args...)...)
		if code != tt.code || out != "" || !strings.Contains(errs, tt.says) || (errs == "") != (tt.says == "") {
			t.Errorf("%s: exit %d, %q, %q; want %d and %q", name, code, out, errs, tt.code, tt.says)
		}
	}
}

// TestExplain shows the sentences.
func TestExplain(t *testing.T) {
	var all strings.Builder
	for _, code := range []string{
		"AccessDeniedException", "ExpiredTokenException", "UnrecognizedClientException", "Gone", "Else",
	} {
		err := &smithy.GenericAPIError{Code: code, Message: "No way.\n"}
		words := map[string]string{"Gone": "it is gone"}
		fmt.Fprintf(&all, "%s\n%v\n\n", code, cli.Explain("ask", "service:Ask", err, words))
	}
	fmt.Fprintln(&all, cli.Explain("ask", "service:Ask", errors.New("dial tcp: no route"), nil))
	clitest.Golden(t, "explain.golden", all.String())
}

func TestIsName(t *testing.T) {
	for _, tt := range []struct {
		name string
		want bool
	}{
		{"aZ09-_", true},
		{"", false},
		{"a.b", false},
		{"ä", false},
		{strings.Repeat("x", 10), true},
		{strings.Repeat("x", 11), false},
	} {
		if got := cli.IsName(tt.name, 10, "-_"); got != tt.want {
			t.Errorf("%q: %t", tt.name, got)
		}
	}
	for name, want := range map[string]bool{
		"trailkeeper": true,
		"a1-b":        true,
		"1st":         false,
		"-a":          false,
		"my_stack":    false,
	} {
		if got := cli.BadStack(name) == ""; got != want {
			t.Errorf("stack %q: %t", name, got)
		}
	}
}
