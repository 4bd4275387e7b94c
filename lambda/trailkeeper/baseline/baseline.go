// Package baseline is the command that captures, compares and accepts the known-good state of trails.
// It changes nothing in AWS and knows no deployment: it reads trails and writes files.
package baseline

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/trailkeeper/cli"
)

// folder is where cdk looks for the files, unless its settings say otherwise.
const folder = "cdk/baselines"

// options are the flags of the baseline commands; each takes those that it needs.
type options struct {
	operator         cli.Operator // without a Region: there may be several
	dir              string
	regions, trails  []string
	force, yes, json bool
	evidence         bool   // the bucket and the key as well
	owner            string // of the bucket; empty: the trail's account
}

// New makes the command.
func New() *cobra.Command {
	g := cli.Group("baseline", "Capture, compare and accept the known-good state of trails",
		newAccept(), newCapture(), newDiff(), newShow())
	g.Long = "A baseline is the known-good state of one trail: settings, event selectors, Insights, tags, and whether\n" +
		"it logs. The files are made to be reviewed and committed; the next deployment ships them with the\n" +
		"function, which puts back what weakens a trail. None of the commands changes anything in AWS."
	return g
}

// common adds the flags that every baseline command has.
func (f *options) common(cmd *cobra.Command, region, trail string) {
	cmd.Args = cli.NoArgs
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.dir, "dir", folder, "folder of the baseline files")
	flags.StringSliceVar(&f.trails, "trail", nil, trail)
	flags.StringSliceVar(&f.regions, "region", nil, region)
	cli.Complete(cmd, "trail", func() []string { return known(f.dir) })
}

// known are the names of the trails that have a baseline file in the folder.
func known(dir string) []string {
	var names []string
	all, _ := baseline.ReadAll(os.DirFS(dir))
	for _, file := range all {
		if t, err := events.ParseTrailARN(file.Baseline.Trail.ARN); err == nil {
			names = append(names, t.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// check refuses trails that are neither a name nor an ARN, and empty values. The error names every wrong one.
func (f *options) check() error {
	problems := []string{cli.Unless(f.dir != "", "--dir is empty; want a folder")}
	for _, region := range f.regions {
		_, known := events.PartitionOf(region)
		problems = append(problems, cli.Bad(known, "region", region, "a Region such as eu-west-1"))
	}
	for _, trail := range f.trails {
		_, err := events.ResolveTrail(trail, "eu-west-1", "111122223333", "")
		problems = append(problems, cli.Bad(err == nil, "trail", trail, "the name or the ARN of a trail"))
	}
	return cli.Check(append(problems, f.ownerProblem())...)
}

// names reports whether a --trail names this trail.
func names(given string, t events.Trail) bool { return given == t.Name || given == t.ARN() }

// confirm asks on a terminal for the trail's name. Without one there is nobody to ask: the error says what to do.
func confirm(in io.Reader, terminal bool, out *bufio.Writer, name string) error {
	if !terminal {
		return cli.Usage("nothing was written: baseline accept needs --yes, or a terminal to confirm on")
	}
	fmt.Fprint(out, "  Type the trail's name to make this its baseline: ")
	if err := cli.Flush(out); err != nil { // the question before the answer
		return err
	}
	var typed strings.Builder
	for one := make([]byte, 1); typed.Len() < 200; {
		n, err := in.Read(one)
		if n == 1 && one[0] != '\n' {
			typed.WriteByte(one[0])
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read the confirmation: %w", err)
		}
		if err != nil || n == 1 && one[0] == '\n' {
			break
		}
	}
	if strings.TrimSpace(typed.String()) != name {
		return cli.Failed("nothing was written: what was typed is not " + name)
	}
	return nil
}

// isTerminal reports whether somebody can type there.
func isTerminal(in io.Reader) bool {
	file, ok := in.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
