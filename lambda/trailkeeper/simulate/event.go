package simulate

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"trailkeeper/events"
	"trailkeeper/events/read"
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
	for record, err := range read.Files(f.events, cmd.InOrStdin()) {
		name := strings.TrimSuffix(sanitize.Bound(record.File, 200)+", "+record.Where(), ", ")
		var event events.Event
		if err == nil {
			event, err = record.Event()
		}
		if err != nil {
			_, skipped := errors.AsType[read.SkippedError](err)
			unreadable = unreadable || !skipped
			fmt.Fprintf(cmd.ErrOrStderr(), "trailkeeper: %s: %s\n", name, sanitize.Bound(err.Error(), 500))
			continue
		}
		played, err := simulate.PlayEvent(template, name, event)
		if err == nil {
			err = f.print(cmd.OutOrStdout(), played)
		}
		if err != nil {
			return err
		}
		results = append(results, played)
	}
	if err := f.finish(cmd.OutOrStdout(), "event", results); err != nil || !unreadable {
		return err
	}
	return cli.Usage("") // all is said
}
