// Command trailkeeper is the operator's command. It runs on a laptop or in a pipeline, without an AWS account where its subcommand does
// not say otherwise.
//
// It holds no logic of the deployed app: it reads files and flags, asks the packages that the functions use, and prints.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"trailkeeper/lambda/internal/notify"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // a promise did not hold, or the command could not do its work
	exitUsage  = 2 // bad input or bad usage
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run carries out one command line and returns its exit code. An error is one sentence on stderr.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRootCommand()
	started := markStart(root)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.Execute()
	if err == nil {
		return exitOK
	}
	if text := notify.Bound(err.Error(), 2000); text != "" {
		fmt.Fprintln(stderr, "trailkeeper: "+text)
	}
	var coded interface{ ExitCode() int }
	switch {
	case errors.As(err, &coded):
		return coded.ExitCode()
	case *started:
		return exitFailed
	}
	fmt.Fprintln(stderr, "Run \"trailkeeper --help\" for the commands and their flags.")
	return exitUsage
}

// markStart makes every command note that it began. An error before that is one of usage: an unknown command, a bad flag, a wrong
// number of arguments.
func markStart(cmd *cobra.Command) *bool {
	started := new(bool)
	var visit func(*cobra.Command)
	visit = func(c *cobra.Command) {
		if run := c.RunE; run != nil {
			c.RunE = func(cmd *cobra.Command, args []string) error {
				*started = true
				return run(cmd, args)
			}
		}
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(cmd)
	return started
}

// exitError is an error that ends the command with a code of its own. A command that has said on stdout all there is to say returns
// one whose text is empty.
type exitError struct {
	code int
	text string
}

// Error is the sentence for stderr.
func (e *exitError) Error() string { return e.text }

// ExitCode returns the code.
func (e *exitError) ExitCode() int { return e.code }

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "trailkeeper",
		Short: "Trailkeeper keeps AWS CloudTrail logging",
		Long: "Trailkeeper keeps AWS CloudTrail logging. This is the operator's command: it tries the deployed app\n" +
			"out on this machine, without an AWS account, and prints what a deployment needs.\n\n" +
			"It exits with 0 if all went well, 1 if a promise did not hold or the work could not be done, and 2\n" +
			"on bad input or usage.",
		Version:           version(),
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetUsageTemplate(usageTemplate)
	root.AddCommand(commands()...)
	for _, c := range root.Commands() {
		c.DisableFlagsInUseLine = true
	}
	return root
}

// commands lists the subcommands, in the order of the alphabet.
func commands() []*cobra.Command {
	return []*cobra.Command{
		newAccountsCommand(),
		newBaselineCommand(),
		newConfigCommand(),
		newDashboardCommand(),
		newRedriveCommand(),
		newReplayCommand(),
		newSimulateCommand(),
		newSlackCommand(),
		newTestAlertCommand(),
		newVersionCommand(),
	}
}

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), version())
			return err
		},
	}
}

// version describes the build: the module's version, the revision where the build knows one, and the Go version.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "trailkeeper (unknown version), " + runtime.Version()
	}
	text := "trailkeeper " + info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			text += ", revision " + s.Value
		}
	}
	return text + ", " + runtime.Version()
}

// group makes a command that only holds others.
func group(use, short string, subcommands ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{
		Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	g.AddCommand(subcommands...)
	return g
}

// usageTemplate is cobra's, shorter.
const usageTemplate = `Usage:
  {{if .HasAvailableSubCommands}}{{.CommandPath}} COMMAND{{else}}{{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}

Commands:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}}  {{.Short}}{{end}}{{end}}{{end}}{{if .HasExample}}

Examples:
{{.Example}}{{end}}{{if .HasAvailableLocalFlags}}

Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}
`
