// Package backtest runs rules over an archive of CloudTrail's log files, and says what they would have found: files to
// records to decisions to a Report. The same code runs on a laptop and, for a part of an archive, elsewhere: parts are
// merged.
//
// It notifies nobody, prints nothing, and knows no command. Attackers write what it reads: what it keeps of a record is
// bounded, and whoever shows it escapes it.
package backtest

import (
	"context"
	"io"
	"iter"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"trailkeeper/events/read"
	"trailkeeper/lambda/internal/archive"
	"trailkeeper/rules/detect"
)

// Options are what a run needs.
type Options struct {
	Set    *detect.Set
	Files  iter.Seq[archive.File]
	Filter archive.Filter
	Shard  archive.Shard
	// Workers is how many files are read at once; 0: one for each core. The report does not depend on it.
	Workers int
	// Progress is told how far the run is, if it is not nil.
	Progress *Progress

	// FileTime is how long one file may be read, and Now what it is measured with; 0: as long as it takes. A file that
	// takes longer is in the report, as not read to its end.
	FileTime time.Duration
	Now      func() time.Time

	large    read.Places
	thorough bool // decode every record, as a test does to compare
}

// maxLarge is how many files may have large values in memory at once, whatever the number of workers: hardly any file of
// CloudTrail's has one, and one of an attacker's takes up to 100 MiB while it is decided.
const maxLarge = 4

// Progress is how far a run is. It may be read while the run goes on.
type Progress struct {
	Listed, ListedBytes atomic.Int64 // files that were found, and their bytes as they are stored
	AllListed           atomic.Bool
	Files, Bytes        atomic.Int64 // that were read, as they are stored
	Records, Text       atomic.Int64 // and what was in them, in bytes after unpacking
}

// Run reads the files that the filter and the shard ask for and reports what the rules find in them. What cannot be
// read is in the report. The error is that of ctx: then there is no report, and a read that does not come back is not
// waited for.
func Run(ctx context.Context, o Options) (*Report, error) {
	if o.Progress == nil {
		o.Progress = &Progress{}
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	o.large = make(read.Places, maxLarge)
	report := newReport(o.Set, o.Filter, o.Shard)
	files := make(chan archive.File, 1000)
	var collection collection
	defer collection.restore()
	go list(ctx, o, files, &collection)
	var mutex sync.Mutex
	var group sync.WaitGroup
	for range o.Workers {
		group.Go(func() {
			w := worker{Options: o, ctx: ctx, flush: func(part *Report) {
				mutex.Lock()
				defer mutex.Unlock()
				report.add(part)
				o.Progress.Records.Add(part.Records)
			}}
			for f := range files {
				w.file(f)
			}
		})
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		group.Wait()
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	report.finish()
	return report, nil
}

func list(ctx context.Context, o Options, files chan<- archive.File, collection *collection) {
	defer close(files)
	listed := 0
	for f := range archive.Selected(o.Files, o.Filter, o.Shard) {
		o.Progress.Listed.Add(1)
		o.Progress.ListedBytes.Add(f.Size)
		if listed++; listed == manyFiles {
			collection.relax()
		}
		select {
		case files <- f:
		case <-ctx.Done():
			return
		}
	}
	o.Progress.AllListed.Store(true)
}

// interruptible gives what a file has stored until ctx ends.
type interruptible struct {
	ctx context.Context //nolint:containedctx // a reader has no other way to it
	in  io.Reader
	p   *Progress
}

func (i interruptible) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := i.in.Read(p)
	i.p.Bytes.Add(int64(n))
	return n, err
}
