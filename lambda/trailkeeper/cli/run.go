// Package cli is what the operator's commands share: exit codes, flags, AWS configuration and the form of their output.
// It knows no command, no deployment and no service of AWS.
package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"trailkeeper/lambda/internal/sanitize"
)

// The exit codes.
const (
	ExitOK     = 0
	ExitFailed = 1 // a check failed, or the command could not do its work
	ExitUsage  = 2 // bad input or bad usage
	// ExitInterrupted is what shells take for an end by SIGINT.
	ExitInterrupted = 130
)

// exitError ends the command with a code of its own.
type exitError struct {
	code int
	text string
}

// Error is the sentence for stderr.
func (e *exitError) Error() string { return e.text }

// Failed ends the command with ExitFailed. A command that has printed all there is to say passes no text.
func Failed(text string) error { return &exitError{ExitFailed, text} }

// Usage ends the command with ExitUsage. A command that has printed all there is to say passes no text.
func Usage(text string) error { return &exitError{ExitUsage, text} }

// Interrupted ends the command with ExitInterrupted. It has printed how far it came.
func Interrupted() error { return &exitError{code: ExitInterrupted} }

// Run carries out one command line and returns its exit code. An error is one sentence on stderr.
func Run(root *cobra.Command, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	addCompletion(root)
	started := markStart(root)
	cmd, err := root.ExecuteC()
	if err == nil {
		return ExitOK
	}
	if !*started {
		err = conflict(err)
	}
	if text := sanitize.Bound(err.Error(), 2000); text != "" {
		fmt.Fprintln(stderr, "trailkeeper: "+text)
	}
	if coded, ok := errors.AsType[*exitError](err); ok {
		return coded.code
	}
	if *started {
		return ExitFailed
	}
	fmt.Fprintf(stderr, "Run \"%s --help\" for what there is.\n", cmd.CommandPath())
	return ExitUsage
}

// markStart makes every command note that it began. An error before that is one of usage: an unknown command, a bad
// flag, a wrong number of arguments.
func markStart(root *cobra.Command) *bool {
	started := new(bool)
	var visit func(*cobra.Command)
	visit = func(c *cobra.Command) {
		c.DisableFlagsInUseLine = true
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
	visit(root)
	return started
}

// Root makes the command that holds all others.
func Root(version string, commands ...*cobra.Command) *cobra.Command {
	root := &cobra.Command{
		Use:   "trailkeeper",
		Short: "Trailkeeper keeps AWS CloudTrail logging",
		Long: "Trailkeeper keeps AWS CloudTrail logging. This is the operator's command: it tries the deployed app\n" +
			"out on this machine, without an AWS account, and prints what a deployment needs.\n\n" +
			"It exits with 0 on success, 1 if a check failed or the work could not be done, and 2 on bad input\n" +
			"or usage.",
		Version:       version,
		Args:          NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(badFlag)
	root.SetVersionTemplate("{{.Version}}\n")
	cobra.AddTemplateFunc("reflow", reflow)
	root.SetHelpTemplate(helpTemplate)
	root.SetUsageTemplate(usageTemplate)
	root.AddCommand(commands...)
	return root
}

// addCompletion adds cobra's command that writes completion scripts, to where the root prints, and speaks for it.
func addCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.Short = "Generate the completion script for a shell"
			c.Long = "Generates the script that completes commands, flags and their values in your shell."
			c.Args, c.RunE = NoArgs, func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
			c.Example = "  source <(trailkeeper completion bash)\n" +
				"  trailkeeper completion zsh > \"${fpath[1]}/_trailkeeper\""
		}
	}
}

// Group makes a command that only holds others.
func Group(use, short string, subcommands ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	g.AddCommand(subcommands...)
	return g
}

// reflow breaks each paragraph of a help text anew, at Columns. What is indented stays as it is.
func reflow(text string) string {
	var out, paragraph []string
	flush := func() {
		if len(paragraph) > 0 {
			out = append(out, wrap(strings.Join(paragraph, " "), Columns)...)
			paragraph = nil
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		if line == "" || line[0] == ' ' || line[0] == '\t' {
			flush()
			out = append(out, line)
		} else {
			paragraph = append(paragraph, line)
		}
	}
	flush()
	return strings.Join(out, "\n")
}

// helpTemplate is cobra's, at the width of the other output.
const helpTemplate = `{{with (or .Long .Short)}}{{. | reflow | trimTrailingWhitespaces}}

{{end}}{{if or .Runnable .HasSubCommands}}{{.UsageString}}{{end}}`

// usageTemplate is cobra's, shorter.
const usageTemplate = `Usage:
  {{if or (not .HasAvailableSubCommands) (ne .Use .Name)}}{{.UseLine}}{{if .HasAvailableSubCommands}}
  {{end}}{{end}}{{if .HasAvailableSubCommands}}{{.CommandPath}} COMMAND{{end}}{{if .HasAvailableSubCommands}}

Commands:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}}  {{.Short}}{{end}}{{end}}{{end}}{{if .HasExample}}

Examples:
{{.Example}}{{end}}{{if .HasAvailableLocalFlags}}

Flags:
{{.LocalFlags.FlagUsagesWrapped 80 | trimTrailingWhitespaces}}{{end}}
`
