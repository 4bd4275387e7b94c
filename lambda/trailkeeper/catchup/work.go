package catchup

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"trailkeeper/lambda/internal/archive"
	"trailkeeper/lambda/internal/archive/layout"
	"trailkeeper/lambda/internal/objects"
	"trailkeeper/lambda/internal/state/decided"
)

const (
	// batchSize is how many files one run of the function decides: at some 50 ms a file, few seconds of it.
	batchSize = 10
	// lookups are the questions to the table at once: of a million files, some minutes.
	lookups = 32
	// maxNamed bounds the files that are named: of millions, nobody reads all.
	maxNamed = 1000
	// early is how long before a file's delivery an outage may have begun, and keep it unheard of; Filter adds a day after.
	early = 24 * time.Hour
)

// work has the files of buckets decided. What is counted may be read while it runs.
type work struct {
	span     span
	dry      bool
	parallel int
	has      func(context.Context, decided.Object) (bool, error)
	decide   func(context.Context, []objects.Object) ([]objects.Answer, error)

	mu      sync.Mutex
	buckets []*count
	failed  []failure
	pending []string // those of a dry run
	more    int      // that are not named
}

// count is what became of the files of one bucket.
type count struct {
	Name    string `json:"name"`   // s3://BUCKET/PREFIX
	Listed  int    `json:"listed"` // log files of these days
	Bytes   int64  `json:"bytes"`  // of those that were not decided before, as they are stored
	Before  int    `json:"decided_before"`
	Decided int    `json:"decided"`
	Pending int    `json:"to_decide"` // of a dry run
	Failed  int    `json:"failed"`
}

// failure is a file that was not decided to its end.
type failure struct {
	File   string `json:"file"`
	Reason string `json:"reason"`
}

// file is a log file, and whose.
type file struct {
	archive.File
	object decided.Object
	of     *count
}

// run works off the buckets, one after the other. The error is why it could not go on.
func (w *work) run(ctx context.Context, buckets []*archive.Bucket) error {
	for _, b := range buckets {
		c := &count{Name: "s3://" + b.Name + "/" + b.Prefix}
		w.count(func() { w.buckets = append(w.buckets, c) })
		if err := w.bucket(ctx, b, c); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) count(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

// bucket lists, looks up and decides side by side; each waits for the next, so that memory does not grow with the
// bucket.
func (w *work) bucket(ctx context.Context, b *archive.Bucket, c *count) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	listed, undecided := make(chan file, lookups), make(chan file, batchSize)
	var looking, deciding sync.WaitGroup
	for range lookups {
		looking.Go(func() { w.look(ctx, cancel, listed, undecided) })
	}
	for range w.parallel {
		deciding.Go(func() { w.work(ctx, cancel, undecided) })
	}
	w.list(ctx, b, c, listed)
	close(listed)
	looking.Wait()
	close(undecided)
	deciding.Wait()
	return context.Cause(ctx)
}

// list hands on the log files of these days.
func (w *work) list(ctx context.Context, b *archive.Bucket, c *count, to chan<- file) {
	filter := archive.Filter{
		Since: w.span.since.Add(-early),
		Until: w.span.until,
		Kinds: []string{layout.Logs, layout.Insights},
	}
	for f := range b.Files(ctx, filter) {
		if ctx.Err() != nil {
			return
		}
		one := file{f, decided.Object{Bucket: b.Name, Key: strings.TrimPrefix(f.Name, "s3://"+b.Name+"/"), ETag: f.ETag}, c}
		switch {
		case f.Err != nil && f.Key.IsLog() && filter.Has(f.Key):
			w.count(func() { c.Listed++ })
			w.fail(one, f.Err.Error())
		case f.Err != nil && f.Key == (layout.Key{}):
			w.fail(one, f.Err.Error())
		case f.Err != nil || !f.Key.IsLog() || !filter.Has(f.Key):
		default:
			w.count(func() { c.Listed++ })
			send(ctx, to, one)
		}
	}
}

func send(ctx context.Context, to chan<- file, f file) {
	select {
	case to <- f:
	case <-ctx.Done():
	}
}

// look hands on what was not decided before.
func (w *work) look(ctx context.Context, cancel context.CancelCauseFunc, from <-chan file, to chan<- file) {
	for f := range from {
		if ctx.Err() != nil {
			continue
		}
		before, err := w.has(ctx, f.object)
		switch {
		case err != nil:
			cancel(err)
		case before:
			w.count(func() { f.of.Before++ })
		case w.dry:
			w.count(func() {
				f.of.Pending++
				f.of.Bytes += f.Size
				if len(w.pending) < maxNamed {
					w.pending = append(w.pending, f.Name)
				} else {
					w.more++
				}
			})
		default:
			w.count(func() { f.of.Bytes += f.Size })
			send(ctx, to, f)
		}
	}
}

// work has files decided, some at a time.
func (w *work) work(ctx context.Context, cancel context.CancelCauseFunc, from <-chan file) {
	for first := range from {
		batch := []file{first}
		for len(batch) < batchSize {
			f, more := <-from
			if !more {
				break
			}
			batch = append(batch, f)
		}
		if err := w.batch(ctx, batch); err != nil {
			cancel(err)
			return
		}
	}
}

// batch has some files decided; those that fail once more, each by itself: for one, the time of a run may suffice, and
// what failed may have passed. The error is why it makes no sense to go on.
func (w *work) batch(ctx context.Context, files []file) error {
	answers, err := w.ask(ctx, files)
	if err != nil {
		return err
	}
	for i, a := range answers {
		one := files[i : i+1]
		if a.Error != "" {
			again, err := w.ask(ctx, one)
			if err != nil {
				return err
			}
			a = again[0]
		}
		if a.Error != "" {
			w.fail(one[0], a.Error)
			continue
		}
		w.count(func() { one[0].of.Decided++ })
	}
	return nil
}

// ask is decide, of which a run without an answer is one that says of every file that it failed.
func (w *work) ask(ctx context.Context, files []file) ([]objects.Answer, error) {
	asked := make([]objects.Object, len(files))
	for i, f := range files {
		asked[i] = objects.Object{Bucket: f.object.Bucket, Key: f.object.Key}
	}
	answers, err := w.decide(ctx, asked)
	if errors.Is(err, errFunction) {
		answers = make([]objects.Answer, len(files))
		for i := range answers {
			answers[i].Error = err.Error()
		}
		return answers, nil
	}
	return answers, err
}

// fail names a file that was not decided.
func (w *work) fail(f file, reason string) {
	// The function names the file as well, in quotation marks.
	_, after, named := strings.Cut(reason, f.Name+`": `)
	if named {
		reason = after
	}
	w.count(func() {
		f.of.Failed++
		if len(w.failed) < maxNamed {
			w.failed = append(w.failed, failure{f.Name, cmp.Or(reason, "it does not say why")})
		} else {
			w.more++
		}
	})
}
