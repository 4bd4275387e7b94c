// Package accounts is the command that writes an organization's accounts as groups for the routes.
// It knows no route and no deployment: it reads AWS Organizations and writes one file.
package accounts

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/spf13/cobra"

	"trailkeeper/lambda/config/route"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/trailkeeper/cli"
)

// accountsFile is where cdk looks for the groups, unless its settings say otherwise.
const accountsFile = "cdk/accounts.json"

// organizationTries is how often a call is made: AWS Organizations throttles whoever lists a large organization.
const organizationTries = 10

type options struct {
	cli.Operator
	file string
}

// New makes the command.
func New() *cobra.Command {
	var f options
	cmd := &cobra.Command{
		Use:   "accounts [flags]",
		Short: "Write the organization's accounts as groups for the routes",
		Long: "Reads the organization with your AWS credentials and writes its accounts as groups, by which routes\n" +
			"can name them: one group for each organizational unit, called by its path, such as prod/eu, and the\n" +
			"group / for all. A group holds the accounts of the units below it, too. Accounts that are suspended,\n" +
			"closed or not activated yet are left out.\n\n" +
			"The file is made to be reviewed and committed; cdk reads it. Write it anew when accounts come or go:\n" +
			"what happens in an account that no route names goes to the default channels.\n\n" +
			"It needs organizations:ListRoots, ListOrganizationalUnitsForParent and ListAccountsForParent, in the\n" +
			"management account or a delegated administrator's. It changes nothing in AWS, and writes no file\n" +
			"unless everything could be read.",
		Example: "  trailkeeper accounts --profile management\n" +
			"  trailkeeper accounts --write - | diff cdk/accounts.json -",
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.Flags(cmd)
	cmd.Flags().StringVar(&f.file, "write", accountsFile, "file to write; - writes to standard output")
	return cmd
}

func (f *options) run(cmd *cobra.Command) error {
	named := cli.Unless(f.file != "", "--write is empty; want a file, or -")
	if err := cli.Check(cli.BadRegion(f.Region), named); err != nil {
		return err
	}
	old, there, err := f.existing()
	if err != nil {
		return err
	}
	cfg, err := f.Config(cmd.Context(), organizationTries)
	if err != nil {
		return err
	}
	found, err := readOrganization(cmd.Context(), organizations.NewFromConfig(cfg))
	if err != nil {
		return cli.Failed(err.Error())
	}
	content, err := route.Format(route.List{Groups: found.groups})
	if err != nil {
		return err
	}
	if f.file == "-" {
		_, err := cmd.OutOrStdout().Write(content)
		return err
	}
	if err := cli.WriteFile(f.file, content); err != nil {
		return err
	}
	return f.report(cmd.OutOrStdout(), found, old, there)
}

// existing reads the groups that the file holds now. It refuses to overwrite what is something else.
func (f *options) existing() (groups map[string][]string, there bool, err error) {
	if f.file == "-" {
		return nil, false, nil
	}
	if err := cli.CheckFile(f.file); err != nil {
		return nil, false, cli.Usage(err.Error())
	}
	if info, err := os.Stat(f.file); err == nil && !info.Mode().IsRegular() {
		return nil, false, nil // a device or a pipe holds nothing, or has no end
	}
	content, err := os.ReadFile(f.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read the accounts: %w", err)
	}
	l, err := route.Parse(content)
	if err != nil || len(l.Routes) > 0 {
		return nil, true, cli.Failed(f.file + " is there and holds something else than groups of accounts; " +
			"remove it, or name another file with --write")
	}
	return l.Groups, true, nil
}

// report says what was written and how it differs from what was there.
func (f *options) report(w io.Writer, found organization, old map[string][]string, there bool) error {
	out := bufio.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(found.groups)) {
		ids, difference := found.groups[name], ""
		if there {
			difference = compare(old[name], ids)
		}
		cli.Row(out, "group", shownName(name)+": "+accountsCount(len(ids))+difference)
	}
	for _, name := range slices.Sorted(maps.Keys(old)) {
		if _, still := found.groups[name]; !still {
			cli.Row(out, "GONE", shownName(name)+": no such unit any more; cdk refuses a route that names it")
		}
	}
	if found.inactive > 0 {
		cli.Row(out, "left out", accountsCount(found.inactive)+" not active")
	}
	what := "written"
	if there && same(old, found.groups) {
		what = "unchanged"
	}
	cli.Row(out, what, f.file)
	fmt.Fprintln(out)
	cli.Paragraph(out, fmt.Sprintf("%s in %d groups. Review and commit the file: routes name its groups under accounts.",
		accountsCount(len(found.groups[everyone])), len(found.groups)))
	return cli.Flush(out)
}

func shownName(name string) string { return sanitize.Bound(name, 200) }

func accountsCount(n int) string { return cli.Count(n, "account", "accounts") }

// compare says how many accounts came and went, such as " (1 new, 2 gone)".
func compare(old, now []string) string {
	count := func(in, of []string) (n int) {
		for _, id := range in {
			if !slices.Contains(of, id) {
				n++
			}
		}
		return n
	}
	var parts []string
	if n := count(now, old); n > 0 {
		parts = append(parts, fmt.Sprintf("%d new", n))
	}
	if n := count(old, now); n > 0 {
		parts = append(parts, fmt.Sprintf("%d gone", n))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

func same(a, b map[string][]string) bool {
	return maps.EqualFunc(a, b, slices.Equal[[]string])
}
