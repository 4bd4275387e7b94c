package simulate

import (
	"fmt"

	"github.com/spf13/cobra"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/simulate"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/trailkeeper/cli"
)

// playEvents plays every event of the files, each in a cloud of its own. What cannot be read is named on stderr and
// does not stop the rest.
func (f *options) playEvents(cmd *cobra.Command, template []byte) error {
	var results []result.Result
	unreadable := false
	for _, file := range f.events {
		in, err := cli.Open(cmd, file)
		if err != nil {
			unreadable = true
			fmt.Fprintf(cmd.ErrOrStderr(), "trailkeeper: read the event: %s\n", sanitize.Clean(err.Error()))
			continue
		}
		held := false
		for entry := range events.Read(in) {
			held = true
			name := fmt.Sprintf("%s, %s", file, entry.Where())
			if entry.Err != nil {
				unreadable = true
				fmt.Fprintf(cmd.ErrOrStderr(), "trailkeeper: %s: %v\n", name, entry.Err)
				continue
			}
			r, err := simulate.PlayEvent(template, name, entry.Event)
			if err == nil {
				err = f.print(cmd.OutOrStdout(), r)
			}
			if err != nil {
				return err
			}
			results = append(results, r)
		}
		if !held {
			unreadable = true
			fmt.Fprintf(cmd.ErrOrStderr(), "trailkeeper: no event in %s\n", sanitize.Clean(file))
		}
		if err := in.Close(); err != nil {
			return fmt.Errorf("close %s: %w", file, err)
		}
	}
	if err := f.finish(cmd.OutOrStdout(), "event", results); err != nil || !unreadable {
		return err
	}
	return cli.Usage("") // all is said
}
