package watch

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/archive/layout"
	"trailkeeper/lambda/internal/circuit"
	"trailkeeper/lambda/internal/logfile"
	"trailkeeper/lambda/internal/objects"
	"trailkeeper/lambda/internal/s3read"
	"trailkeeper/lambda/internal/state/decided"
)

// files is the configuration for reading log files.
type files struct {
	buckets []config.LogBucket
	groups  []config.LogGroup
	open    func(context.Context, s3read.Object) (*s3read.Body, error)
	reader  logfile.Reader
	decided *decided.Objects // nil: no table
	breaker *circuit.Breaker
	// removals says that files which are removed are reported.
	removals bool
}

// takes reports whether a dead letter is about objects of a configured bucket: it is tried again, while what the cause was
// may be cured.
func (f files) takes(payload []byte) bool {
	d, err := objects.Read(payload)
	if err != nil || d.Queued || len(f.buckets) == 0 {
		return false
	}
	return !slices.ContainsFunc(d.Messages, func(m objects.Message) bool {
		return m.Err != nil || slices.ContainsFunc(m.Objects, func(o objects.Object) bool {
			_, known := f.bucket(o)
			return !known
		})
	})
}

// batchAnswer names the messages of a queue that are to be sent again (Lambda Developer Guide, "Reporting batch item
// failures").
type batchAnswer struct {
	Failures []batchFailure `json:"batchItemFailures"`
}

type batchFailure struct {
	ID string `json:"itemIdentifier"`
}

// objects handles a payload that is no event: what is said of objects. Of a queue's batch, the answer names the
// messages of which an object failed; of anything else, the error makes Lambda run all of it again. What was decided
// before is then reported once.
func (w *Watch) objects(ctx context.Context, payload []byte, request string, noEvent error) ([]byte, error) {
	if asked, is, err := objects.ReadAsked(payload); is {
		return w.catchUp(ctx, payload, request, asked, err)
	}
	if len(w.files.buckets) == 0 {
		return nil, w.signals.Unreadable(ctx, payload, request, noEvent)
	}
	d, err := objects.Read(payload)
	if errors.Is(err, objects.ErrOther) {
		err = fmt.Errorf("%w; %w", noEvent, err)
	}
	if err != nil {
		return nil, w.signals.Unreadable(ctx, payload, request, err)
	}
	answer := batchAnswer{Failures: []batchFailure{}}
	var errs []error
	b := &batch{Watch: w, done: map[objects.Object]error{}}
	b.read(ctx, d.Messages)
	for _, m := range d.Messages {
		if err := b.message(ctx, m, cmp.Or(m.ID, request)); err != nil {
			answer.Failures = append(answer.Failures, batchFailure{m.ID})
			errs = append(errs, err)
		}
	}
	if !d.Queued {
		return nil, errors.Join(errs...)
	}
	return json.Marshal(answer)
}

// batch is one payload.
type batch struct {
	*Watch
	done map[objects.Object]error // what became of the log files: two sources may speak of the same
}

// maxErrors bounds what is said of one message.
const maxErrors = 10

// message handles all that one message speaks of. The error is what a retry may cure.
func (b *batch) message(ctx context.Context, m objects.Message, id string) error {
	if ev, err := events.Parse(m.Body); m.Err != nil && err == nil && ev.Kind == events.KindRecord {
		return b.Records(ctx, slices.Values([]events.Event{ev}))
	}
	var failed, foreign []error
	if m.Err != nil {
		foreign = append(foreign, m.Err)
	}
	for _, o := range m.Objects {
		bucket, known := b.files.bucket(o)
		if !known {
			foreign = append(foreign, fmt.Errorf("the bucket %.80q is not among the configured ones", o.Bucket))
			continue
		}
		if err := b.object(ctx, o, bucket); err != nil {
			failed = append(failed, err)
		}
	}
	if len(foreign) > 0 {
		cause := errors.Join(foreign[:min(len(foreign), maxErrors)]...)
		cause = errors.New(strings.ReplaceAll(cause.Error(), "\n", "; "))
		failed = append(failed, b.signals.Unreadable(ctx, m.Body, id, cause))
	}
	all := errors.Join(failed...) // nil: none of them is an error
	if len(failed) > maxErrors {
		return fmt.Errorf("%w\n%d more", errors.Join(failed[:maxErrors]...), len(failed)-maxErrors)
	}
	return all
}

// bucket is the configured one of an object: of several with that name, the one whose prefix the key has.
func (f files) bucket(o objects.Object) (found config.LogBucket, known bool) {
	for _, b := range f.buckets {
		if b.Name == o.Bucket && (!known || strings.HasPrefix(o.Key, b.Prefix)) {
			found, known = b, true
		}
	}
	return found, known
}

// object handles one object: a log file is read, and whatever else lies beside it is left.
func (b *batch) object(ctx context.Context, o objects.Object, in config.LogBucket) error {
	key := layout.Of(o.Key)
	kept := key.Kind == layout.Logs || key.Kind == layout.Insights || key.Kind == layout.Digests
	switch {
	case !strings.HasPrefix(o.Key, in.Prefix):
		b.skip(ctx, o, "not below the prefix "+in.Prefix)
		return nil
	case o.Removed != nil && b.files.removals && kept:
		return b.signals.Removed(ctx, o, key)
	case o.Removed != nil:
		b.skip(ctx, o, "removed")
		return nil
	case key.Kind == layout.Digests:
		b.skip(ctx, o, "a digest file")
		return nil
	case !key.IsLog():
		b.skip(ctx, o, "no log file of CloudTrail, by its key")
		return nil
	}
	return b.done[o]
}

// file reads one log file, in the time that it may take; 0: all that is left of the run.
func (b *batch) file(ctx context.Context, o objects.Object, limit time.Duration) error {
	in, _ := b.files.bucket(o)
	version := decided.Object{Bucket: o.Bucket, Key: o.Key}
	end := func() {}
	err := b.files.reader.Read(ctx, logfile.File{
		Name:  "s3://" + o.Bucket + "/" + o.Key,
		Key:   layout.Of(o.Key),
		Limit: limit,
		Open: func(ctx context.Context) (io.ReadCloser, error) {
			body, err := b.files.open(ctx, s3read.Object{Bucket: o.Bucket, Key: o.Key, Owner: in.Owner, Version: o.Version})
			if err != nil {
				return nil, err
			}
			version.ETag, end = body.ETag, frugally(body.Length)
			return body, nil
		},
	})
	end()
	if err != nil {
		b.log.ErrorContext(ctx, "log file not read", "bucket", o.Bucket, "key", o.Key, "version", o.Version, "error", err.Error())
		return err
	}
	b.note(ctx, version)
	return nil
}

// note notes that a file was decided to its end. Where the table does not answer, catching up decides it again.
func (w *Watch) note(ctx context.Context, version decided.Object) {
	if w.files.decided == nil {
		return
	}
	err := w.files.breaker.Ask(ctx, func(ctx context.Context) error { return w.files.decided.Note(ctx, version) })
	if err != nil {
		w.log.WarnContext(ctx, "state table", "bucket", version.Bucket, "key", version.Key, "error", err.Error())
	}
}

func (w *Watch) skip(ctx context.Context, o objects.Object, why string) {
	w.log.InfoContext(ctx, "object skipped", "bucket", o.Bucket, "key", o.Key, "reason", why)
}
