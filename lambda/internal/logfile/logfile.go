// Package logfile reads one log file of CloudTrail, record by record, and hands on those that rules may concern.
//
// It decides nothing about a record, and knows neither where a file is stored nor who says that it is there. Attackers
// may write what it reads: of a file of any length, a few MiB are in memory.
package logfile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"trailkeeper/events"
	"trailkeeper/events/read"
	"trailkeeper/lambda/internal/archive/layout"
	"trailkeeper/lambda/internal/clock"
)

const (
	// maxText is what is read of one file, after unpacking. CloudTrail's own have some 50 MB at most.
	maxText = 2 << 30
	// reserve is what a run keeps of its time to say what it did not get to.
	reserve = 8 * time.Second
	// maxNamed bounds what is said of one file that cannot be read.
	maxNamed = 10
)

// ErrNoTime says that the run ends before the file does. What was decided is decided again, and reported once.
var ErrNoTime = errors.New("the function's time ran out; it is read again")

// ErrShare says that a file took the part of the run's time that it may have while others wait.
var ErrShare = errors.New("it takes more than its share of the function's time")

// Reader reads files. Its fields are set once; it is safe for concurrent use if they are.
type Reader struct {
	// Decide applies the rules to records, in one run. Its error is what a retry may cure.
	Decide func(context.Context, iter.Seq[events.Event]) error
	// Concerns reports whether a record may matter to anybody, by what can be told without decoding it.
	Concerns func(events.Head) bool
	Clock    clock.Clock
}

// File is a file as it is stored.
type File struct {
	Name string // as people know it
	// Key says of which account and Region the records are; zero: each record says it of itself.
	Key layout.Key
	Max int64 // bytes of text, after unpacking, that are read; 0: as much as CloudTrail's own may have
	// Limit is how much of the run's time it may take; 0: all that is left.
	Limit time.Duration
	// Insights says that records of CloudTrail Insights are in it beside others.
	Insights bool
	Open     func(context.Context) (io.ReadCloser, error)
}

// Left is how much of a run's time is left for files.
func (r Reader) Left(ctx context.Context) time.Duration {
	return r.Clock.Left(ctx, reserve, clock.LongestRun)
}

// Read decides every record of the file that can be read, and stops before the run's time is over. The error names the
// file and where in it something is that cannot be read, or could not be decided.
func (r Reader) Read(ctx context.Context, f File) error {
	unread, failed := r.Records(ctx, f)
	if unread == nil && failed == nil {
		return nil
	}
	return fmt.Errorf("%q: %w", f.Name, errors.Join(unread, failed))
}

// Records is Read with two errors, neither of which names the file: what in it cannot be read, and never will be, and
// what a retry may cure.
func (r Reader) Records(ctx context.Context, f File) (unread, failed error) {
	left := r.Left(ctx)
	if left == 0 {
		return nil, ErrNoTime
	}
	over := ErrNoTime
	if f.Limit > 0 && f.Limit < left {
		left, over = f.Limit, ErrShare
	}
	bounded, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	body, err := f.Open(bounded)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("%w: %w", over, err)
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }()
	w := &walk{Reader: r, file: f, until: r.Clock.Now().Add(left), over: over}
	failed = r.Decide(ctx, w.records(body))
	if w.more > 0 {
		w.errs = append(w.errs, fmt.Errorf("%d more in it cannot be read", w.more))
	}
	return errors.Join(w.errs...), errors.Join(w.late, failed)
}

// walk is the way through one file.
type walk struct {
	Reader
	file  File
	until time.Time
	over  error // that it ended there
	errs  []error
	more  int
	late  error // the time was over before the file was
}

func (w *walk) records(body io.Reader) iter.Seq[events.Event] {
	from := events.Log{Account: w.file.Key.Account, Region: w.file.Key.Region}
	log := read.Log{
		Max:      cmp.Or(w.file.Max, maxText),
		Insights: w.file.Key.Kind == layout.Insights || w.file.Insights,
		Stop:     w.stop,
	}
	return func(yield func(events.Event) bool) {
		for record, err := range log.All(body) {
			if w.stop() != nil || errors.Is(err, context.DeadlineExceeded) {
				w.late = at(record.Place, w.over)
				return
			}
			if err != nil {
				w.unread(record.Place, err)
				continue
			}
			if head, known := record.Head(); known && !head.Failed && !w.Concerns(head) {
				continue
			}
			ev, err := events.ParseLogged(record.JSON(), from)
			if err != nil {
				w.fail(record.Place, err)
			} else if !yield(ev) {
				return
			}
		}
	}
}

// stop is asked on the way, since a text may go on for long without a record.
func (w *walk) stop() error {
	if w.Clock.Now().Before(w.until) {
		return nil
	}
	return w.over
}

// unread notes what is no record, unless that is as it should be.
func (w *walk) unread(place read.Place, err error) {
	_, skipped := errors.AsType[read.SkippedError](err)
	_, empty := errors.AsType[read.EmptyError](err)
	if !skipped && !empty {
		w.fail(place, err)
	}
}

func (w *walk) fail(place read.Place, err error) {
	if len(w.errs) == maxNamed {
		w.more++
		return
	}
	w.errs = append(w.errs, at(place, err))
}

// at says where in the file something is.
func at(place read.Place, err error) error {
	position := fmt.Sprintf("byte %d", place.At)
	if where := place.Where(); where != "" {
		position = where + ", " + position
	}
	return fmt.Errorf("%s: %w", position, err)
}
