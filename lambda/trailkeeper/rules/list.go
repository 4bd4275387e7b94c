package rules

import (
	"bufio"
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/detections"
	"trailkeeper/rules/expression"
)

func list() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Show the rules, and what is ignored",
		Long: "Shows each rule with its severity, whether it is on, and what it reports, then the ignore rules with\n" +
			"their owners, as the files and accounts.yaml have them. The settings of a deployment may switch more.",
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			set, wrong, err := o.load(cmd.ErrOrStderr(), false)
			if err != nil {
				return err
			}
			out := bufio.NewWriter(cmd.OutOrStdout())
			show(out, set)
			warn(cmd.ErrOrStderr(), set.Warnings)
			return cmp.Or(cli.Flush(out), wrong)
		},
	}
	o.flags(cmd)
	return cmd
}

func show(out *bufio.Writer, set *detect.Set) {
	for _, r := range set.Rules {
		fmt.Fprintf(out, "%-48s  %-9s  %s\n", r.ID, r.Severity(), cli.Choose(r.Off == "", "on", "off"))
		indented(out, r.Description)
		for _, a := range r.Accounts {
			indented(out, inAccount(a))
		}
		if r.Threshold != nil {
			indented(out, threshold(r.Threshold))
		}
	}
	for _, i := range set.Ignores {
		until := ""
		if i.Expires != "" {
			until = ", until " + i.Expires
		}
		fmt.Fprintf(out, "%-48s  ignored\n", i.ID)
		indented(out, i.Reason+" ("+i.Owner+until+")")
	}
}

// threshold says how often a rule must match.
func threshold(t *detect.Threshold) string {
	limit := t.Limit()
	return fmt.Sprintf("Its threshold: %d %s within %s.", limit.Count,
		cli.Choose(limit.Distinct, "different values", "records"), finding.Duration(limit.Within))
}

// inAccount says how a rule differs in an account.
func inAccount(a detect.AccountSwitch) string {
	account := "In account " + a.Account
	if a.Name != "" {
		account += " (" + a.Name + ")"
	}
	if a.Account == expression.OtherAccounts {
		account = "In accounts that accounts.yaml does not name"
	}
	var says []string
	if a.Enabled != nil {
		says = append(says, cli.Choose(*a.Enabled, "on", "off"))
	}
	if a.Severity != "" {
		says = append(says, "severity "+a.Severity)
	}
	if a.Route != "" {
		says = append(says, "route "+a.Route)
	}
	return account + ": " + cmp.Or(strings.Join(says, ", "), "as elsewhere")
}

func indented(out *bufio.Writer, text string) {
	if text == "" {
		return
	}
	for _, line := range cli.Wrap(sanitize.Clean(text), cli.Columns-4) {
		fmt.Fprintln(out, "    "+line)
	}
}

func test() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "test",
		Short: "Run the tests in the rule files",
		Long: "Checks every rule file and runs its tests, those of rules that are off included. The built-in rules\n" +
			"are tested with their own lists. It exits with 1 if a test fails, and with 2 if a file is wrong.",
		Example: "  trailkeeper rules test --rules my-rules",
		Args:    cli.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.test(cmd) },
	}
	o.flags(cmd)
	return cmd
}

func (o *options) test(cmd *cobra.Command) error {
	set, wrong, err := o.load(cmd.ErrOrStderr(), true)
	if err != nil {
		return err
	}
	results := detections.Test(set)
	out, failed := bufio.NewWriter(cmd.OutOrStdout()), 0
	for _, r := range results {
		if r.Failure.Reason != "" {
			failed++
			fmt.Fprintln(out, sanitize.Bound(r.Failure.Error(), 1000))
		}
	}
	fmt.Fprintf(out, "%s of %s, %d failed\n", cli.Count(len(results), "test", "tests"),
		cli.Count(len(set.Rules), "rule", "rules"), failed)
	warn(cmd.ErrOrStderr(), set.Warnings)
	if err := cmp.Or(cli.Flush(out), wrong); err != nil || failed == 0 {
		return err
	}
	return cli.Failed(cli.Count(failed, "test of the rules fails", "tests of the rules fail"))
}
