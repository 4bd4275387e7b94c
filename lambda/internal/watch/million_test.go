package watch

import (
	"context"
	"encoding/json"
	"iter"
	"log/slog"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/resident"
)

const (
	// batchSize is Lambda's own (Lambda Developer Guide, "Using Lambda with Amazon SQS"), and maxReceives what cdk gives the
	// queue: what failed as often goes to the dead-letter queue.
	batchSize   = 10
	maxReceives = 5
)

// message is one in the queue: an object that was created.
type message struct{ object, received int }

// drained is an archive on its way through the watch.
type drained struct {
	*archive
	handler *Watch

	seen     []uint8  // how often each record was decided
	last     int      // the record that was decided last
	received []uint8  // how often each object's message was
	dead     []int    // the objects whose messages came to the dead-letter queue
	resident [2]int64 // the most memory of the process while the first half was done, and the second, in bytes
}

// process puts a message of each object into the queue and has the watch take them, until the queue is empty.
func process(tb testing.TB, a *archive) *drained {
	tb.Helper()
	far := &farEnd{Server: a.Server}
	o := far.options(nil).FromAsset(fstest.MapFS{config.RulesFile: {Data: encoded()}})
	o.Log = slog.New(slog.DiscardHandler)
	h, err := New(o)
	if err != nil {
		tb.Fatal(err)
	}
	r := &drained{
		archive:  a,
		handler:  h,
		seen:     make([]uint8, a.objects*a.records),
		received: make([]uint8, a.objects),
	}
	r.watchReader()
	debug.FreeOSMemory() // what it took to make the archive
	var waiting []message
	for next := 0; next < a.objects || len(waiting) > 0; {
		var batch []message
		for len(batch) < batchSize && next < a.objects {
			batch = append(batch, message{object: next})
			next++
		}
		for len(batch) < batchSize && len(waiting) > 0 { // what failed is shown again when its time is over
			batch, waiting = append(batch, waiting[0]), waiting[1:]
		}
		waiting = append(waiting, r.batch(tb, batch)...)
		half := &r.resident[next*2/(a.objects+1)]
		if m, err := resident.Of(0); err == nil {
			*half = max(*half, m.Now)
		}
	}
	return r
}

// watchReader counts which records the rules are asked about, by their times: no two have the same.
func (r *drained) watchReader() {
	count := func(at string) {
		when, err := time.Parse(time.RFC3339, at)
		if n := r.recordAt(when.Unix()); err == nil && n >= 0 && n < len(r.seen) && n != r.last {
			r.seen[n]++
			r.last = n
		}
	}
	reader := &r.handler.files.reader
	concerns, decide := reader.Concerns, reader.Decide
	reader.Concerns = func(h events.Head) bool {
		count(string(h.EventTime))
		return concerns(h)
	}
	reader.Decide = func(ctx context.Context, records iter.Seq[events.Event]) error {
		r.last = -1
		return decide(ctx, func(yield func(events.Event) bool) {
			for ev := range records {
				count(ev.Record.EventTime)
				if !yield(ev) {
					return
				}
			}
		})
	}
}

// batch is one invocation. What it returns is to be shown again.
func (r *drained) batch(tb testing.TB, batch []message) (again []message) {
	tb.Helper()
	var bodies []string
	for i := range batch {
		batch[i].received++
		r.received[batch[i].object]++
		bodies = append(bodies, notice("ObjectCreated:Put", r.key(batch[i].object)))
	}
	answer, err := r.handler.Invoke(tb.Context(), []byte(queue(bodies...)))
	var got batchAnswer
	if err == nil {
		err = json.Unmarshal(answer, &got)
	}
	if err != nil {
		tb.Fatal(err)
	}
	for _, f := range got.Failures {
		n, err := strconv.Atoi(strings.TrimPrefix(f.ID, "m-"))
		if err != nil || n >= len(batch) {
			tb.Fatalf("%q failed, which is none of the batch", f.ID)
		}
		if m := batch[n]; m.received < maxReceives {
			again = append(again, m)
		} else {
			r.dead = append(r.dead, m.object)
		}
	}
	return again
}

// check fails unless every good record was decided once, and every bad object is in the dead-letter queue.
func (r *drained) check(tb testing.TB) {
	tb.Helper()
	var bad []int
	wrong := 0
	for object := range r.objects {
		times, poison := uint8(1), r.poison(object)
		if poison != "" {
			bad, times = append(bad, object), maxReceives
		}
		if r.received[object] != times || r.fetched[object] != times {
			tb.Errorf("object %d (%s) was received %d times and read %d, want %d", object, poison, r.received[object],
				r.fetched[object], times)
		}
		for n := range r.records {
			want := times
			if n >= r.readable(object) {
				want = 0
			}
			if got := r.seen[object*r.records+n]; got != want && wrong < 20 {
				wrong++
				tb.Errorf("record %d of object %d (%s) was decided %d times, want %d", n, object, poison, got, want)
			}
		}
	}
	slices.Sort(r.dead)
	if !slices.Equal(r.dead, bad) {
		tb.Errorf("%v came to the dead-letter queue, want %v", r.dead, bad)
	}
	if r.calls["chat.postMessage"] == 0 || r.calls["Publish"] == 0 {
		tb.Errorf("nothing was reported: calls %v", r.calls)
	}
}

// TestArchive: of an archive with objects that cannot be read, every good record is decided once, and every bad object
// comes to the dead-letter queue.
func TestArchive(t *testing.T) {
	r := process(t, newArchive(t, 400, 50, 50))
	r.check(t)
	if len(r.dead) != len(poisons) {
		t.Errorf("%d objects were poisoned, want one of each kind", len(r.dead))
	}
}

// BenchmarkMillion is TestArchive with a million records in 20,000 objects, one of which in a thousand cannot be read.
// The rate and the memory are those of the watch, of what answers for AWS and Slack, and of the test. The second half may
// take no more memory than the first, but for what the test itself keeps of each object and item.
func BenchmarkMillion(b *testing.B) {
	const objects, records, oneIn = 20_000, 50, 1000
	for b.Loop() {
		start := time.Now()
		a := newArchive(b, objects, records, oneIn)
		made := time.Now()
		r := process(b, a)
		done := time.Now()
		r.check(b)
		b.ReportMetric(objects*records, "records")
		b.ReportMetric(objects, "objects")
		b.ReportMetric(float64(len(r.dead)), "dead-letters")
		b.ReportMetric(float64(a.size)/1e6, "MB")
		b.ReportMetric(made.Sub(start).Seconds(), "s-to-make")
		b.ReportMetric(done.Sub(made).Seconds(), "s-to-decide")
		b.ReportMetric(objects*records/done.Sub(made).Seconds(), "records/s")
		b.ReportMetric(resident.MiB(r.resident[0]), "MiB-in-first-half")
		b.ReportMetric(resident.MiB(r.resident[1]), "MiB-in-second-half")
		if grown := resident.MiB(r.resident[1] - r.resident[0]); grown > 48 {
			b.Errorf("the memory grew by %.0f MiB", grown)
		}
		b.ReportMetric(float64(a.calls["chat.postMessage"]), "messages")
	}
}
