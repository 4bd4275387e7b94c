package watch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/logevents"
	"trailkeeper/lambda/internal/logfile"
)

// logEvents decides the records that a subscription of CloudWatch Logs sends. The error is what a retry may cure; then
// all of it is run again, and what was reported is not reported again. What can never be read is reported, once all the
// rest is decided.
func (w *Watch) logEvents(ctx context.Context, payload []byte, request string) error {
	b, err := logevents.Read(payload)
	group := config.LogGroup{Owner: b.Owner, Name: b.Group}
	switch {
	case len(w.files.groups) == 0:
		err = errors.New("log events of CloudWatch Logs, and no log group is configured")
	case err == nil && b.Control:
		return nil
	case err == nil && !slices.Contains(w.files.groups, group):
		err = fmt.Errorf("the log group %.100q of account %.40q is not among the configured ones", b.Group, b.Owner)
	}
	if err != nil {
		return w.signals.Unreadable(ctx, payload, request, err)
	}
	unread, failed := w.files.reader.Records(ctx, logfile.File{
		Max:      logevents.MaxText,
		Insights: true,
		Open: func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(b.Packed)), nil
		},
	})
	name := fmt.Sprintf("log group %q, stream %q", b.Group, b.Stream)
	if all := errors.Join(unread, failed); all != nil {
		w.log.ErrorContext(ctx, "log events not read", "log_group", b.Group, "log_stream", b.Stream, "error", all.Error())
	}
	switch {
	case failed != nil:
		return fmt.Errorf("%s: %w", name, failed)
	case unread != nil:
		cause := errors.New(name + ": " + strings.ReplaceAll(unread.Error(), "\n", "; "))
		return w.signals.Unreadable(ctx, payload, request, cause)
	}
	return nil
}
