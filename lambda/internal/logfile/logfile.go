// Package logfile reads one log file of CloudTrail, record by record, and hands on those that rules may concern.
//
// It decides nothing about a record, and knows neither where a file is stored nor who says that it is there. Attackers
// may write what it reads: of a file of any length, a few MiB are in memory.
package logfile

import (
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
	Key  layout.Key
	Open func(context.Context) (io.ReadCloser, error)
}

// Read decides every record of the file that can be read, and stops before the run's time is over. The error names the
// file and where in it something is that cannot be read, or could not be decided.
func (r Reader) Read(ctx context.Context, f File) error {
	left := r.Clock.Left(ctx, reserve, clock.LongestRun)
	if left == 0 {
		return fmt.Errorf("%q: %w", f.Name, ErrNoTime)
	}
	bounded, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	body, err := f.Open(bounded)
	if err != nil {
		return fmt.Errorf("%q: %w", f.Name, err)
	}
	defer func() { _ = body.Close() }()
	w := &walk{Reader: r, file: f, until: r.Clock.Now().Add(left)}
	err = r.Decide(ctx, w.records(body))
	if w.more > 0 {
		w.errs = append(w.errs, fmt.Errorf("%d more in it cannot be read", w.more))
	}
	if err = errors.Join(append(w.errs, err)...); err != nil {
		return fmt.Errorf("%q: %w", f.Name, err)
	}
	return nil
}

// walk is the way through one file.
type walk struct {
	Reader
	file  File
	until time.Time
	errs  []error
	more  int
}

func (w *walk) records(body io.Reader) iter.Seq[events.Event] {
	from := events.Log{Account: w.file.Key.Account, Region: w.file.Key.Region}
	log := read.Log{Max: maxText, Insights: w.file.Key.Kind == layout.Insights}
	return func(yield func(events.Event) bool) {
		for record, err := range log.All(body) {
			if !w.Clock.Now().Before(w.until) {
				w.fail(record.Place, ErrNoTime)
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

// unread notes what is no record, unless that is as it should be.
func (w *walk) unread(at read.Place, err error) {
	_, skipped := errors.AsType[read.SkippedError](err)
	_, empty := errors.AsType[read.EmptyError](err)
	if !skipped && !empty {
		w.fail(at, err)
	}
}

func (w *walk) fail(at read.Place, err error) {
	if len(w.errs) == maxNamed {
		w.more++
		return
	}
	position := fmt.Sprintf("byte %d", at.At)
	if where := at.Where(); where != "" {
		position = where + ", " + position
	}
	w.errs = append(w.errs, fmt.Errorf("%s: %w", position, err))
}
