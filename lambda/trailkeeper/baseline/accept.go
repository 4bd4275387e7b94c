package baseline

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/trailkeeper/cli"
)

func newAccept() *cobra.Command {
	var f options
	cmd := &cobra.Command{
		Use:   "accept --trail TRAIL [flags]",
		Short: "Accept a trail's current state as its baseline",
		Long: "Shows how a trail differs from its baseline file, and overwrites the file with its current state.\n" +
			"It asks for the trail's name first; --yes is for those who have seen baseline diff. Until the new file\n" +
			"is deployed, the guard still goes by the old one.\n\n" +
			"It refuses what baseline capture refuses. It exits with 1 if a file was not written, and with 2 if\n" +
			"there was nobody to confirm it.",
		Example: "  trailkeeper baseline accept --trail management-events",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(f.trails) == 0 {
				return cli.Usage("baseline accept needs a trail: give its name or ARN with --trail")
			}
			if err := f.check(); err != nil {
				return err
			}
			return f.accept(cmd)
		},
	}
	f.common(cmd, "only trails of this home Region; repeatable", "name or ARN of the trail; repeatable")
	f.operator.ProfileFlag(cmd)
	cmd.Flags().BoolVar(&f.yes, "yes", false, "do not ask")
	cmd.Flags().BoolVar(&f.force, "force", false, "accept an unhealthy trail, too")
	return cmd
}

// accept overwrites the files of the trails, one after the other, and stops where one is not confirmed.
func (f *options) accept(cmd *cobra.Command) error {
	files, _, err := f.chosen() // what is wrong with other trails' files does not matter here
	if err != nil {
		return err
	}
	a, err := f.open(cmd.Context())
	if err != nil {
		return err
	}
	out := bufio.NewWriter(cmd.OutOrStdout())
	var refused []string
	for _, file := range files {
		d, err := f.drift(cmd.Context(), a, file)
		if err != nil {
			return err
		}
		written, err := f.acceptOne(cmd, out, file.Baseline, d)
		if flushErr := out.Flush(); flushErr != nil {
			return fmt.Errorf("write the output: %w", flushErr)
		}
		if err != nil {
			return err
		}
		if !written {
			refused = append(refused, d.Trail)
		}
	}
	if len(refused) > 0 {
		return cli.Failed("not accepted: " + strings.Join(refused, ", "))
	}
	return nil
}

// acceptOne reports whether the file says what the trail is.
func (f *options) acceptOne(cmd *cobra.Command, out *bufio.Writer, old baseline.Baseline, d drift) (bool, error) {
	d.show(out)
	switch {
	case d.Status == driftMissing:
		return false, nil
	case len(d.Unseen) > 0:
		cli.Row(out, "REFUSED", "A baseline must hold the whole trail. Ask for what is missing, and accept it again.")
		return false, nil
	case sameTrail(old.Trail, d.now):
		return true, nil
	}
	content, err := newBaseline(d.now, furtherOf(old))
	if err != nil {
		cli.Row(out, "REFUSED", joined(err))
		return false, nil
	}
	if !f.healthy(out, d.now) {
		return false, nil
	}
	if !f.yes {
		t, err := events.ParseTrailARN(d.Trail)
		if err != nil {
			return false, err
		}
		if err := confirm(cmd.InOrStdin(), isTerminal(cmd.InOrStdin()), out, t.Name); err != nil {
			return false, err
		}
	}
	if err := cli.WriteFile(d.File, content); err != nil {
		return false, err
	}
	cli.Row(out, "written", d.File)
	cli.Row(out, "", "Commit and deploy it: until then the guard goes by the old baseline.")
	return true, nil
}
