package baseline

import (
	"bufio"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"trailkeeper/events"
)

func newShow() *cobra.Command {
	var f options
	cmd := &cobra.Command{
		Use:   "show [flags]",
		Short: "Show baseline files in words",
		Long: "Shows what baseline files say, in words. It asks nothing of AWS. It exits with 2 if a file is no\n" +
			"baseline.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return err
			}
			files, wrong, err := f.chosen()
			if err != nil {
				return err
			}
			out := bufio.NewWriter(cmd.OutOrStdout())
			for i, file := range files {
				if i > 0 {
					fmt.Fprintln(out)
				}
				if t, err := events.ParseTrailARN(file.Baseline.Trail.ARN); err == nil {
					heading(out, t)
				}
				showBaseline(out, filepath.Join(f.dir, file.Name), file.Baseline, time.Now())
			}
			if err := out.Flush(); err != nil {
				return fmt.Errorf("write the output: %w", err)
			}
			return unusable(wrong)
		},
	}
	f.common(cmd, "only trails of this home Region; repeatable", "only this trail, by name or ARN; repeatable")
	return cmd
}
