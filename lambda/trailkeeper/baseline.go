package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"trailkeeper/events"
)

// baselineFolder is where cdk looks for the files, unless its settings say otherwise.
const baselineFolder = "cdk/baselines"

// baselineFlags are the flags of the baseline commands; each takes those that it needs.
type baselineFlags struct {
	profile, dir     string
	regions, trails  []string
	force, yes, json bool
}

func newBaselineCommand() *cobra.Command {
	g := group("baseline", "Capture, compare and accept the known-good state of trails",
		newBaselineAcceptCommand(), newBaselineCaptureCommand(), newBaselineDiffCommand(), newBaselineShowCommand())
	g.Long = "A baseline is the known-good state of one trail: settings, event selectors, Insights, tags, and whether\n" +
		"it logs. The files are made to be reviewed and committed; the next deployment ships them with the\n" +
		"function, which puts back what weakens a trail. None of the commands changes anything in AWS."
	for _, c := range g.Commands() {
		c.DisableFlagsInUseLine = true
	}
	return g
}

// common adds the flags that every baseline command has.
func (f *baselineFlags) common(cmd *cobra.Command, region, trail string) {
	cmd.Args = cobra.NoArgs
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.dir, "dir", baselineFolder, "folder of the baseline files")
	flags.StringSliceVar(&f.trails, "trail", nil, trail)
	flags.StringSliceVar(&f.regions, "region", nil, region)
}

// credentials adds the flag for those who call AWS.
func (f *baselineFlags) credentials(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.profile, "profile", "", "profile of the shared AWS configuration (default: as the AWS CLI finds it)")
}

// check refuses trails that are neither a name nor an ARN, and empty values. The error names every wrong one.
func (f *baselineFlags) check() error {
	var problems []string
	if f.dir == "" {
		problems = append(problems, "--dir is empty; want a folder")
	}
	for _, region := range f.regions {
		if _, ok := events.PartitionOf(region); !ok {
			problems = append(problems, fmt.Sprintf("--region is %.60q; want a Region such as eu-west-1", region))
		}
	}
	for _, trail := range f.trails {
		if _, err := events.ResolveTrail(trail, "eu-west-1", "111122223333", ""); err != nil {
			problems = append(problems, fmt.Sprintf("--trail is %.200q; want the name or the ARN of a trail", trail))
		}
	}
	if len(problems) > 0 {
		return &exitError{exitUsage, strings.Join(problems, "; ")}
	}
	return nil
}

// names reports whether a --trail names this trail.
func names(given string, t events.Trail) bool { return given == t.Name || given == t.ARN() }

// confirm asks on a terminal for the trail's name. Without a terminal there is nobody to ask: the error says what to do.
func confirm(in io.Reader, terminal bool, out io.Writer, name string) error {
	if !terminal {
		return &exitError{exitUsage, "nothing was written: baseline accept needs --yes, or a terminal to confirm on"}
	}
	fmt.Fprintf(out, "  Type the trail's name to make this its baseline: ")
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
		return &exitError{exitFailed, "nothing was written: what was typed is not " + name}
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
