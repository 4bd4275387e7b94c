package cli_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/spf13/cobra"

	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/clitest"
)

// tree is a command tree with every kind of flag.
func tree() []*cobra.Command {
	leaf := &cobra.Command{Use: "leaf", Args: cli.NoArgs, RunE: func(*cobra.Command, []string) error { return nil }}
	f := leaf.Flags()
	f.Bool("json", false, "")
	f.Int("hours", 1, "")
	f.Duration("delay", 0, "")
	f.String("listen", "", "")
	f.String("scenario", "", "")
	leaf.MarkFlagsMutuallyExclusive("listen", "scenario")
	cli.Complete(leaf, "scenario", func() []string { return []string{"logging-stopped", "slack-down"} })
	return []*cobra.Command{cli.Group("group", "A group", leaf)}
}

// TestUsage: each mistake on the command line is one sentence that says what there is, and exit 2.
func TestUsage(t *testing.T) {
	for line, want := range map[string]string{
		"gruop":                              `"trailkeeper" has no command "gruop"; did you mean "group"?`,
		"nothing":                            `"trailkeeper" has no command "nothing"` + "\n",
		"group laef":                         `"trailkeeper group" has no command "laef"; did you mean "leaf"?`,
		"group leaf x":                       `"trailkeeper group leaf" takes no arguments, and "x" is one`,
		"group leaf --jsno":                  `"trailkeeper group leaf" has no flag --jsno; did you mean "--json"?`,
		"group leaf --nothing":               `"trailkeeper group leaf" has no flag --nothing` + "\n",
		"group leaf -x":                      `"trailkeeper group leaf" has no flag -x`,
		"group leaf --hours":                 `--hours needs a value`,
		"group leaf --hours=x":               `--hours is "x"; want a whole number`,
		"group leaf --delay=x":               `--delay is "x"; want a duration such as 30s, 5m or 2h`,
		"group leaf --json=x":                `--json is "x"; want true or false`,
		"completion tcsh":                    `"trailkeeper completion" has no command "tcsh"`,
		"group leaf --listen=a --scenario=b": `--listen and --scenario cannot be given together; give one of them`,
	} {
		code, out, errs := clitest.Run(tree(), "", strings.Fields(line)...)
		if code != cli.ExitUsage || out != "" || !strings.HasPrefix(errs, "trailkeeper: "+want) ||
			!strings.Contains(errs, "\nRun \"trailkeeper") || strings.Count(errs, "\n") != 2 {
			t.Errorf("%s: exit %d, %q, stderr\n%swant %s", line, code, out, errs, want)
		}
	}
}

// TestCompletion: the shells' scripts are there, and a flag's values are offered.
func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if code, out, errs := clitest.Run(tree(), "", "completion", shell); code != cli.ExitOK || len(out) < 100 {
			t.Errorf("%s: exit %d, %d bytes, %q", shell, code, len(out), errs)
		}
	}
	_, out, _ := clitest.Run(tree(), "", cobra.ShellCompNoDescRequestCmd, "group", "leaf", "--scenario", "s")
	if out != "slack-down\n:4\n" && out != "logging-stopped\nslack-down\n:4\n" {
		t.Errorf("offered: %q", out)
	}
}

// TestClosedPort: where nothing listens, a command says so at once, however often it would have tried.
func TestClosedPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	t.Setenv("AWS_ENDPOINT_URL", "http://"+address)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "example")
	t.Setenv("AWS_REGION", "eu-west-1")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second) // ten tries take minutes
	defer cancel()
	for _, tries := range []int{1, 3, 10} {
		cfg, err := new(cli.Operator).Config(ctx, tries)
		if err != nil {
			t.Fatal(err)
		}
		_, err = organizations.NewFromConfig(cfg).ListRoots(ctx, &organizations.ListRootsInput{})
		got := cli.Explain("list the roots", "organizations:ListRoots", err, nil).Error()
		want := "list the roots: no connection could be made (dial tcp " + address + ": connect: connection refused); " +
			"check the network, the Region and AWS_ENDPOINT_URL"
		if got != want || strings.Contains(err.Error(), "exceeded maximum number of attempts") {
			t.Errorf("%d tries: %s\n%v", tries, got, err)
		}
	}
}
