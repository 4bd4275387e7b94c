package logfile_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/archive/layout"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/logfile"
)

const name = "s3://logs/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/02/x.json.gz"

func record(id string, more string) string {
	return fmt.Sprintf(`{"eventVersion":"1.11","eventID":%q,"eventName":"StopLogging","awsRegion":"eu-west-1",`+
		`"eventSource":"cloudtrail.amazonaws.com","recipientAccountId":"111122223333"%s}`, id, more)
}

func large(size int) string { return record("large", `,"x":"`+strings.Repeat("x", size)+`"`) }

func file(records ...string) string { return `{"Records":[` + strings.Join(records, ",") + `]}` }

func packed(text string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return b.Bytes()
}

// world reads files and notes the records that are decided.
type world struct {
	logfile.Reader
	decided []string
	all     []events.Event
	err     error // of every decision
	now     time.Time
}

func newWorld() *world {
	w := &world{now: time.Date(2026, 3, 2, 9, 15, 27, 0, time.UTC)}
	w.Reader = logfile.Reader{
		Decide: func(_ context.Context, records iter.Seq[events.Event]) error {
			for ev := range records {
				w.decided = append(w.decided, ev.Record.EventID)
				if len(w.all) < 100 {
					w.all = append(w.all, ev)
				}
			}
			return w.err
		},
		Concerns: func(h events.Head) bool { return string(h.EventName) != "DescribeTrails" },
		Clock:    clock.Real(),
	}
	w.Clock.Now = func() time.Time { return w.now }
	return w
}

func (w *world) read(t *testing.T, body io.Reader) error {
	t.Helper()
	return w.Read(t.Context(), logfile.File{
		Name: name,
		Key:  layout.Of(name),
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(body), nil },
	})
}

func TestRead(t *testing.T) {
	whole := packed(file(record("e-1", ""), record("e-2", ""), record("e-3", "")))
	var long strings.Builder // deflate gives what it has only after some of it
	for i := range 3000 {
		fmt.Fprintf(&long, "%s,", record(fmt.Sprintf("e-%04d-%x", i, i*7919), ""))
	}
	cut := packed(file(long.String() + record("last", "")))
	cut = cut[:len(cut)/2]
	skipped := strings.Replace(record("e-2", ""), "StopLogging", "DescribeTrails", 1)
	for what, tt := range map[string]struct {
		body []byte
		want []string // the first, where there are very many
		err  []string
	}{
		"whole":       {whole, []string{"e-1", "e-2", "e-3"}, nil},
		"not packed":  {[]byte(file(record("e-1", ""))), []string{"e-1"}, nil},
		"none":        {packed(file()), nil, nil},
		"unconcerned": {packed(file(record("e-1", ""), skipped, record("e-3", ""))), []string{"e-1", "e-3"}, nil},
		"refused": {
			packed(file(strings.Replace(skipped, "{", `{"errorCode":"AccessDenied",`, 1))), []string{"e-2"}, nil,
		},
		"truncated": {cut, []string{"e-0000-0"}, []string{name, "record ", "byte ", "unexpected EOF"}},
		"cut JSON": {
			packed(file(record("e-1", ""), record("e-2", ""))[:300]), []string{"e-1"}, []string{name, "record 2", "byte "},
		},
		"no log":  {[]byte("id,name\n1,a\n"), nil, []string{name}},
		"picture": {[]byte("\x89PNG\r\n\x1a\n0000"), nil, []string{name, "a picture"}},
		"empty":   {nil, nil, []string{name}},
		"envelope": {
			[]byte(`{"source":"aws.x","detail-type":"y","detail":` + record("e-1", "") + `}`), nil, []string{"envelope"},
		},
		"2 MB": {packed(file(large(2<<20), record("e-2", ""))), []string{"large", "e-2"}, nil},
		"5 MB": {packed(file(large(5<<20), record("e-2", ""))), nil, []string{name, "byte "}},
		"a bad one": {
			packed(file(record("e-1", ""), `{"eventName":7}`, record("e-3", ""))), []string{"e-1", "e-3"}, []string{"record 2"},
		},
		"a bad end": {append(slices.Clone(whole), "garbage"...), []string{"e-1", "e-2", "e-3"}, []string{name}},
	} {
		w := newWorld()
		err := w.read(t, bytes.NewReader(tt.body))
		if (err != nil) != (tt.err != nil) || len(w.decided) < len(tt.want) ||
			!slices.Equal(w.decided[:len(tt.want)], tt.want) {
			t.Errorf("%s: %.8q, %v", what, w.decided, err)
		}
		for _, part := range tt.err {
			if !strings.Contains(fmt.Sprint(err), part) {
				t.Errorf("%s: no %q in %v", what, part, err)
			}
		}
		if what == "truncated" && (len(w.decided) < 500 || slices.Contains(w.decided, "last")) {
			t.Errorf("%d records before the break", len(w.decided))
		}
		for _, ev := range w.all {
			if ev.Account != "111122223333" || ev.Region != "eu-west-1" || !ev.Logged {
				t.Errorf("%s: %+v", what, ev)
			}
		}
	}
}

// TestFailures: what cannot be opened or decided is an error that names the file.
func TestFailures(t *testing.T) {
	w := newWorld()
	gone := errors.New("gone")
	err := w.Read(t.Context(), logfile.File{
		Name: name,
		Open: func(context.Context) (io.ReadCloser, error) { return nil, gone },
	})
	if !errors.Is(err, gone) || !strings.Contains(err.Error(), name) {
		t.Error(err)
	}
	w.err = errors.New("not delivered")
	if err := w.read(t, strings.NewReader(file(record("e-1", "")))); !errors.Is(err, w.err) {
		t.Error(err)
	}
	bad := strings.Repeat(`{"eventName":7},`+record("e", "")+",", 1000)
	w.err = nil
	if err := w.read(t, strings.NewReader(file(bad+record("last", "")))); err == nil || len(err.Error()) > 4000 ||
		!strings.Contains(err.Error(), "990 more") || len(w.decided) != 1002 {
		t.Errorf("%d: %v", len(w.decided), err)
	}
}

// TestStopsInTime: a run reads on until its reserve, and says that there is more.
func TestStopsInTime(t *testing.T) {
	w := newWorld()
	deadline := w.now.Add(60 * time.Second)
	w.Clock.Deadline = func(context.Context) (time.Time, bool) { return deadline, true }
	decide := w.Decide
	w.Reader.Decide = func(ctx context.Context, records iter.Seq[events.Event]) error {
		return decide(ctx, func(yield func(events.Event) bool) {
			for ev := range records {
				w.now = w.now.Add(20 * time.Second)
				if !yield(ev) {
					return
				}
			}
		})
	}
	text := file(record("e-1", ""), record("e-2", ""), record("e-3", ""), record("e-4", ""))
	if err := w.read(t, strings.NewReader(text)); !errors.Is(err, logfile.ErrNoTime) || len(w.decided) != 3 {
		t.Errorf("%q, %v", w.decided, err)
	}
	opened := false
	err := w.Read(t.Context(), logfile.File{Name: name, Open: func(context.Context) (io.ReadCloser, error) {
		opened = true
		return nil, io.EOF
	}})
	if !errors.Is(err, logfile.ErrNoTime) || opened {
		t.Errorf("opened %t, %v", opened, err)
	}
}

// endless gives so many records, and never ends a bomb of zeros.
type endless struct {
	text string
	left int
	rest string
}

func (e *endless) Read(p []byte) (int, error) {
	if e.rest == "" {
		if e.left == 0 {
			return 0, io.EOF
		}
		e.left--
		e.rest = e.text
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// TestMemoryIsFlat: a file of 80 MB takes as much memory as a small one.
func TestMemoryIsFlat(t *testing.T) {
	peak := func(body io.Reader) (most uint64, err error) {
		w := newWorld()
		n := 0
		w.Reader.Decide = func(_ context.Context, records iter.Seq[events.Event]) error {
			for range records {
				if n++; n%20_000 == 1 {
					var m runtime.MemStats
					runtime.GC()
					runtime.ReadMemStats(&m)
					most = max(most, m.HeapAlloc)
				}
			}
			return nil
		}
		err = w.read(t, body)
		return most, err
	}
	small, err := peak(strings.NewReader(file(record("e-1", ""))))
	if err != nil {
		t.Fatal(err)
	}
	one := record("e", `,"x":"`+strings.Repeat("x", 1000)+`"`) + ","
	big, err := peak(io.MultiReader(strings.NewReader(`{"Records":[`), &endless{text: one, left: 70_000},
		strings.NewReader(record("last", "")+"]}")))
	if err != nil || big > small+16<<20 {
		t.Errorf("%d MiB, and %d MiB of a small file: %v", big>>20, small>>20, err)
	}
}

// TestBomb: what unpacks to zeros without end is refused.
func TestBomb(t *testing.T) {
	r, out := io.Pipe()
	go func() {
		z := gzip.NewWriter(out)
		zeros := make([]byte, 1<<20)
		for i := 0; i < 1<<12; i++ {
			if _, err := z.Write(zeros); err != nil {
				return
			}
		}
		_ = z.Close()
		_ = out.Close()
	}()
	defer func() { _ = r.Close() }()
	w := newWorld()
	if err := w.read(t, r); err == nil || !strings.Contains(err.Error(), name) || len(w.decided) > 0 {
		t.Errorf("%v", err)
	}
}

// TestBombOfRecords: of a file that never ends, which packs well and has nothing but records, as much is read as
// CloudTrail's own may have; what stood before is decided, and the error says where the reading stopped.
func TestBombOfRecords(t *testing.T) {
	if testing.Short() {
		t.Skip("it unpacks 2 GiB")
	}
	one := record("e", `,"x":"`+strings.Repeat("x", 4000)+`"`) + ","
	part := one + strings.Repeat(strings.Replace(one, "StopLogging", "DescribeTrails", 1), 255)
	body := io.MultiReader(bytes.NewReader(packed(`{"Records":[`)), &endless{text: string(packed(part)), left: 1 << 20})
	w := newWorld()
	decided, most := 0, uint64(0)
	w.Reader.Decide = func(_ context.Context, records iter.Seq[events.Event]) error {
		for range records {
			if decided++; decided%100 == 1 {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapInuse)
			}
		}
		return nil
	}
	err := w.read(t, body)
	if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "byte 21474") {
		t.Errorf("%v", err)
	}
	if want := 2<<30/len(part) + 1; decided != want || most > 128<<20 {
		t.Errorf("%d records decided, want %d; %d MiB", decided, want, most>>20)
	}
}

// slow gives a text without an end, and takes a second for each part of it.
type slow struct {
	w     *world
	parts int
}

func (s *slow) Read(p []byte) (int, error) {
	if s.parts++; s.parts > 1000 {
		return 0, io.ErrUnexpectedEOF
	}
	s.w.now = s.w.now.Add(time.Second)
	return copy(p, strings.Repeat("x", len(p))), nil
}

// TestShare: a file that may take a part of the run's time is stopped there, also where no record of it comes; without a
// limit it has all of the run's.
func TestShare(t *testing.T) {
	for limit, want := range map[time.Duration]error{5 * time.Second: logfile.ErrShare, 0: logfile.ErrNoTime, time.Hour: logfile.ErrNoTime} {
		w := newWorld()
		deadline := w.now.Add(60 * time.Second)
		w.Clock.Deadline = func(context.Context) (time.Time, bool) { return deadline, true }
		hostile := &slow{w: w}
		err := w.Read(t.Context(), logfile.File{
			Name:  name,
			Limit: limit,
			Open: func(context.Context) (io.ReadCloser, error) {
				return io.NopCloser(io.MultiReader(strings.NewReader(`{"Records":[`+record("e-1", "")+`,{"x":"`), hostile)), nil
			},
		})
		most := 53
		if limit == 5*time.Second {
			most = 6
		}
		if !errors.Is(err, want) || !strings.Contains(err.Error(), "line 1") || hostile.parts > most || len(w.decided) != 1 {
			t.Errorf("%s: %d parts, %q decided: %v", limit, hostile.parts, w.decided, err)
		}
	}
}
