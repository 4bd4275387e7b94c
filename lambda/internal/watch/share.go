package watch

import (
	"context"
	"errors"
	"strings"
	"time"

	"trailkeeper/lambda/internal/archive/layout"
	"trailkeeper/lambda/internal/logfile"
	"trailkeeper/lambda/internal/objects"
)

// read reads the log files that messages speak of, each once. So that one which takes long costs no other, each has its
// share of what is left of the run's time; those that took more are read again at the end, with all that the others have
// left. What was reported is not reported again.
func (b *batch) read(ctx context.Context, messages []objects.Message) {
	for round, waiting := 0, b.logs(messages); round < rounds && len(waiting) > 0; round++ {
		var late []objects.Object
		for i, o := range waiting {
			b.done[o] = b.file(ctx, o, b.share(ctx, len(waiting)-i))
			if errors.Is(b.done[o], logfile.ErrShare) {
				late = append(late, o)
			}
		}
		waiting = late
	}
}

const rounds = 2

// share is the time of each of so many files.
func (b *batch) share(ctx context.Context, files int) time.Duration {
	if files == 1 {
		return 0
	}
	return b.files.reader.Left(ctx) / time.Duration(files)
}

// logs are the log files in configured buckets, each once.
func (b *batch) logs(messages []objects.Message) (all []objects.Object) {
	seen := map[objects.Object]bool{}
	for _, m := range messages {
		for _, o := range m.Objects {
			in, known := b.files.bucket(o)
			if !known || o.Removed != nil || !strings.HasPrefix(o.Key, in.Prefix) || !layout.Of(o.Key).IsLog() || seen[o] {
				continue
			}
			seen[o] = true
			all = append(all, o)
		}
	}
	return all
}
