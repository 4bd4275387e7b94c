package simulate

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"trailkeeper/events"
	"trailkeeper/events/read"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/simulate"
	"trailkeeper/lambda/trailkeeper/cli"
)

// playEvents plays every event of the files, each in a cloud of its own. What cannot be read is named on stderr and
// does not stop the rest.
func (f *options) playEvents(ctx context.Context, cmd *cobra.Command, template []byte) error {
	to := f.shower(cmd, "event", 0)
	played, unreadable := 0, false
	for record, err := range read.Files(f.events, cmd.InOrStdin()) {
		if ctx.Err() != nil {
			return to.close(true)
		}
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
		r, err := simulate.PlayEvent(template, name, event)
		if err == nil {
			err = to.show(r)
		}
		if err != nil {
			return err
		}
		played++
	}
	if played == 0 {
		return cli.Usage("nothing was played: there is no event that could be" +
			cli.Choose(f.html != "", ", and no page was written", ""))
	}
	if err := to.close(false); err != nil || !unreadable {
		return err
	}
	return cli.Usage("") // all is said
}
