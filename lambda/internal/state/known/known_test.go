package known_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/state/statetest"
)

const arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"

var begin = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// world is what is known, with a clock that the test moves.
type world struct {
	*known.Book
	*known.Approvals
	memory *statetest.Memory
	now    time.Time
}

func newWorld() *world {
	w := &world{now: begin}
	clk := clock.Clock{Now: func() time.Time { return w.now }}
	w.memory = &statetest.Memory{Now: clk.Now}
	w.Book, w.Approvals = known.NewBook(w.memory, clk), known.NewApprovals(w.memory, clk)
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) trail(t *testing.T) known.Trail {
	t.Helper()
	found, err := w.Trail(t.Context(), arn)
	must(t, err)
	return found
}

// forge writes a document of the trail, whatever there is.
func (w *world) forge(t *testing.T, id, body string) {
	t.Helper()
	d, err := w.memory.Get(t.Context(), state.Key{Kind: "trail", ID: id})
	must(t, err)
	d.Body = []byte(body)
	_, err = w.memory.PutIf(t.Context(), d)
	must(t, err)
}

// expires is how many days after now the trail's document is kept.
func (w *world) expires(t *testing.T) float64 {
	t.Helper()
	d, err := w.memory.Get(t.Context(), state.Key{Kind: "trail", ID: arn})
	must(t, err)
	return d.Expires.Sub(w.now).Hours() / 24
}

func stateTo(bucket string) baseline.State {
	return baseline.State{
		ARN:       arn,
		Logging:   true,
		Settings:  baseline.Settings{S3Bucket: bucket, MultiRegion: true, GlobalEvents: true},
		Selectors: []baseline.Selector{{ReadWrite: "All", Management: true}},
	}
}

func TestWhatIsKnownOfATrail(t *testing.T) {
	w := newWorld()
	if diff := cmp.Diff(known.Trail{ARN: arn}, w.trail(t)); diff != "" {
		t.Errorf("a trail that is not known (-want +got):\n%s", diff)
	}
	w.now = begin.Add(999 * time.Millisecond)
	must(t, w.MarkHealthy(t.Context(), arn))
	w.now = begin.Add(time.Minute)
	must(t, w.RecordTampering(t.Context(), arn))
	p := known.Pending{EventID: "e1", EventName: "StopLogging", Since: w.now}
	must(t, w.AddPending(t.Context(), arn, p))
	want := known.Trail{
		ARN:        arn,
		Seen:       begin,
		TamperedAt: w.now,
		Pending:    p,
	}
	if diff := cmp.Diff(want, w.trail(t)); diff != "" {
		t.Errorf("noted (-want +got):\n%s", diff)
	}
	w.forge(t, "no ARN", `{"seen": "2026-03-02T09:00:00Z"}`)
	second := strings.Replace(arn, "main", "also", 1)
	must(t, w.MarkHealthy(t.Context(), second))
	all, err := w.Trails(t.Context())
	must(t, err)
	if diff := cmp.Diff([]known.Trail{{ARN: second, Seen: w.now}, want}, all); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
	for i, other := range []known.Pending{{EventID: "e2"}, {}, p, p, {}} {
		if ours, err := w.ResolvePending(t.Context(), arn, other); err != nil || ours != (i == 2) {
			t.Errorf("resolving %d: %v, %v", i, ours, err)
		}
	}
	if got := w.trail(t).Pending; got != (known.Pending{}) {
		t.Errorf("resolved, and still %+v", got)
	}
}

// TestRecord: versions follow each other, are kept, and of two runs that record at once one does.
func TestRecord(t *testing.T) {
	w := newWorld()
	first, ours, err := w.Record(t.Context(), stateTo("one"), nil)
	if err != nil || !ours || first.Version != 1 || !first.At.Equal(w.now) {
		t.Fatalf("%+v %v %v", first, ours, err)
	}
	if _, ours, err := w.Record(t.Context(), stateTo("two"), nil); err != nil || ours {
		t.Errorf("a second first: %v, %v", ours, err)
	}
	w.now = w.now.Add(time.Hour)
	second, ours, err := w.Record(t.Context(), stateTo("two"), w.trail(t).Recorded)
	if err != nil || !ours || second.Version != 2 {
		t.Errorf("%+v %v %v", second, ours, err)
	}
	if _, ours, err := w.Record(t.Context(), stateTo("three"), &first); err != nil || ours {
		t.Errorf("from an old version: %v, %v", ours, err)
	}
	if diff := cmp.Diff(&known.Recorded{Version: 2, At: w.now, State: stateTo("two")}, w.trail(t).Recorded); diff != "" {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}
	kept, err := w.memory.List(t.Context(), "baseline#"+arn)
	if err != nil || len(kept) != 2 || kept[0].Key.ID != "v00000001" || kept[1].Key.ID != "v00000002" {
		t.Fatalf("versions %+v, %v", kept, err)
	}
	for i, bucket := range []string{"one", "two"} {
		b, err := baseline.Parse(baseline.FileName(arn), kept[i].Body)
		if err != nil || b.Trail.Settings.S3Bucket != bucket ||
			!kept[i].Expires.Equal(begin.Add(time.Duration(i)*time.Hour+365*24*time.Hour)) {
			t.Errorf("version %d: %s until %v, %v", i, kept[i].Body, kept[i].Expires, err)
		}
	}
}

// TestAVersionThatIsThereStays: a version is written once, whatever is recorded under its number later.
func TestAVersionThatIsThereStays(t *testing.T) {
	w := newWorld()
	_, _, err := w.Record(t.Context(), stateTo("one"), nil)
	must(t, err)
	w.forge(t, arn, `{}`)
	if _, ours, err := w.Record(t.Context(), stateTo("forged"), nil); err != nil || !ours {
		t.Errorf("%v, %v", ours, err)
	}
	kept, err := w.memory.Get(t.Context(), state.Key{Kind: "baseline#" + arn, ID: "v00000001"})
	if err != nil || !strings.Contains(string(kept.Body), `"one"`) {
		t.Errorf("%s, %v", kept.Body, err)
	}
}

// TestForgedDocuments: what is noted was written by whoever could. What is no baseline of the trail counts as a broken
// one, and no forged note hides a good one.
func TestForgedDocuments(t *testing.T) {
	good, err := baseline.Format(baseline.Baseline{Version: 1, CapturedAt: begin, Trail: stateTo("one")})
	must(t, err)
	body := func(version, baseline string) string {
		return `{"recorded": {"version": ` + version + `, "at": "2026-03-02T09:00:00Z", "baseline": ` + baseline + `}}`
	}
	for name, test := range map[string]struct {
		body     string
		broken   int64
		recorded int64
	}{
		"another trail's baseline": {body("7", strings.ReplaceAll(string(good), "trail/main", "trail/other")), 7, 0},
		"an unknown field":         {body("7", strings.Replace(string(good), `"version"`, `"more": 1, "version"`, 1)), 7, 0},
		"no object":                {body("7", "1"), 7, 0},
		"no baseline":              {body("7", "null"), 7, 0},
		"against CloudTrail's rules": {body("7", strings.Replace(string(good), `"includeGlobalServiceEvents": true`,
			`"includeGlobalServiceEvents": false`, 1)), 7, 0},
		"only a version":   {`{"recorded": {"version": 3}}`, 3, 0},
		"only a baseline":  {`{"recorded": {"baseline": {}}}`, 1, 0},
		"only a time":      {`{"recorded": {"at": "2026-03-02T09:00:00Z"}}`, 1, 0},
		"below":            {body("-4", "{}"), 1, 0},
		"no JSON":          {`{`, 1, 0},
		"another time":     {`{"seen": "soon"}`, 1, 0},
		"the near miss":    {body("7", string(good)), 0, 7},
		"good, version -4": {body("-4", string(good)), 0, 1},
		"nothing":          {`{}`, 0, 0},
	} {
		w := newWorld()
		w.forge(t, arn, test.body)
		got := w.trail(t)
		var recorded int64
		if got.Recorded != nil {
			recorded = got.Recorded.Version
		}
		if got.Broken != test.broken || recorded != test.recorded || !got.Seen.IsZero() {
			t.Errorf("%s: broken %d, recorded %d; want %d, %d", name, got.Broken, recorded, test.broken, test.recorded)
		}
		must(t, w.MarkHealthy(t.Context(), arn))
		if again := w.trail(t); again.Broken != got.Broken {
			t.Errorf("%s: broken %d once something else is noted", name, again.Broken)
		}
		read := &known.Recorded{Version: max(test.broken, test.recorded)}
		if read.Version == 0 {
			read = nil
		}
		if _, ours, err := w.Record(t.Context(), stateTo("new"), read); err != nil || !ours || w.trail(t).Recorded == nil {
			t.Errorf("%s: recorded anew: %v, %v", name, ours, err)
		}
	}
}

func TestApprove(t *testing.T) {
	w := newWorld()
	note := func(event, bucket string) known.Approved {
		return known.Approved{
			EventID:   event,
			EventName: "UpdateTrail",
			Principal: "p",
			At:        w.now,
			Expires:   w.now.Add(time.Hour),
			Fields:    []string{"s3BucketName"},
			State:     stateTo(bucket),
		}
	}
	first, other, later := note("e1", "new"), note("e2", "new"), note("e1", "newer")
	for _, a := range []known.Approved{first, other, later} {
		must(t, w.Approve(t.Context(), a))
	}
	if diff := cmp.Diff([]known.Approved{other, later}, w.trail(t).Approved); diff != "" {
		t.Errorf("one note for each event (-want +got):\n%s", diff)
	}
	must(t, w.Unapprove(t.Context(), first)) // an older one
	must(t, w.Unapprove(t.Context(), other))
	if diff := cmp.Diff([]known.Approved{later}, w.trail(t).Approved); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

// TestForgedNotes: a note counts only on its own trail, once for an event, and goes when another is noted where it
// cannot be read.
func TestForgedNotes(t *testing.T) {
	w := newWorld()
	note := func(event, trail string) string {
		return `{"eventId": "` + event + `", "state": {"arn": "` + trail + `"}}`
	}
	other := strings.Replace(arn, "main", "other", 1)
	w.forge(
		t,
		arn,
		`{"approved": [7, "x", `+note("e1", other)+`, {"at": "soon"}, `+note("e2", arn)+`, `+note("e2", arn)+`]}`,
	)
	if got := w.trail(t).Approved; len(got) != 1 || got[0].EventID != "e2" {
		t.Errorf("%+v", got)
	}
	must(t, w.Unapprove(t.Context(), known.Approved{EventID: "e2", State: baseline.State{ARN: arn}}))
	if got := w.trail(t).Approved; len(got) != 0 {
		t.Errorf("a note that this version would write otherwise stays: %+v", got)
	}
}

// TestManyNotes: notes leave room for what else is known.
func TestManyNotes(t *testing.T) {
	w := newWorld()
	noted := 0
	var err error
	for i := range 2000 {
		a := known.Approved{EventID: fmt.Sprint(i), Reason: strings.Repeat("x", 1000), State: stateTo("new")}
		if err = w.Approve(t.Context(), a); err != nil {
			break
		}
		noted++
	}
	if want := "note the approved change: the notes of changes to the trail take up all of their room"; err == nil ||
		err.Error() != want {
		t.Errorf("%v; want %s", err, want)
	}
	d, err := w.memory.Get(t.Context(), state.Key{Kind: "trail", ID: arn})
	if must(t, err); noted < 100 || len(d.Body) > 260<<10 {
		t.Errorf("%d notes, %d bytes", noted, len(d.Body))
	}
	must(t, w.MarkHealthy(t.Context(), arn))
}

func TestHold(t *testing.T) {
	w := newWorld()
	since, err := w.Hold(t.Context(), w.trail(t))
	must(t, err)
	w.now = w.now.Add(time.Minute)
	again, err := w.Hold(t.Context(), w.trail(t))
	if must(t, err); !since.Equal(begin) || !again.Equal(begin) {
		t.Errorf("held since %v, then %v; want %v", since, again, begin)
	}
	for age, again := range map[time.Duration]bool{known.HoldAgain - time.Second: false, known.HoldAgain: true} {
		held := known.Trail{ARN: arn, Held: w.now.Add(-age)}
		if since, err := w.Hold(t.Context(), held); err != nil || since.Equal(w.now) != again {
			t.Errorf("%v after the last: held since %v, %v", age, since, err)
		}
	}
	for ahead, again := range map[time.Duration]bool{time.Hour - time.Second: false, time.Hour: true} {
		held := known.Trail{ARN: arn, Held: w.now.Add(ahead)}
		if since, err := w.Hold(t.Context(), held); err != nil || since.Equal(w.now) != again {
			t.Errorf("held %v from now: %v, %v", ahead, since, err)
		}
	}
	must(t, w.Release(t.Context(), arn))
	if got := w.trail(t).Held; !got.IsZero() {
		t.Errorf("released, and held since %v", got)
	}
}

// TestKept: how many days the trail's document is kept after each change, of a new one and of one that was seen 80 days
// ago.
func TestKept(t *testing.T) {
	for name, test := range map[string]struct {
		change    func(w *world) error
		new, seen float64
	}{
		"seen":     {func(w *world) error { return w.MarkHealthy(t.Context(), arn) }, 90, 90},
		"gone":     {func(w *world) error { return w.Forget(t.Context(), arn) }, 2, 2},
		"tampered": {func(w *world) error { return w.RecordTampering(t.Context(), arn) }, 2, 10},
		"attempt":  {func(w *world) error { return w.Attempt(t.Context(), arn) }, 2, 10},
		"pending":  {func(w *world) error { return w.AddPending(t.Context(), arn, known.Pending{EventID: "e"}) }, 90, 90},
		"approved": {func(w *world) error { return w.Approve(t.Context(), known.Approved{State: stateTo("one")}) }, 90, 90},
		"held": {func(w *world) error {
			_, err := w.Hold(t.Context(), known.Trail{ARN: arn})
			return err
		}, 2, 10},
		"recorded": {func(w *world) error {
			_, _, err := w.Record(t.Context(), stateTo("one"), nil)
			return err
		}, 90, 90},
	} {
		w := newWorld()
		if must(t, test.change(w)); w.expires(t) != test.new {
			t.Errorf("%s: a new one for %v days; want %v", name, w.expires(t), test.new)
		}
		w = newWorld()
		must(t, w.MarkHealthy(t.Context(), arn))
		w.now = begin.AddDate(0, 0, 80)
		if must(t, test.change(w)); w.expires(t) != test.seen {
			t.Errorf("%s: for %v days; want %v", name, w.expires(t), test.seen)
		}
	}
}

// TestKnown: a trail that was only tampered with, or is gone, is not known.
func TestKnown(t *testing.T) {
	w := newWorld()
	must(t, w.RecordTampering(t.Context(), arn))
	if w.trail(t).Known() {
		t.Error("tampering alone makes a trail known")
	}
	must(t, w.MarkHealthy(t.Context(), arn))
	must(t, w.RecordTampering(t.Context(), arn))
	if !w.trail(t).Known() {
		t.Error("a trail that was seen is not known")
	}
	if must(t, w.Forget(t.Context(), arn)); w.trail(t).Known() {
		t.Error("forgotten, and known")
	}
}

// TestEachReasonMakesATrailKnown: any one of what may be known of a trail, but that it was tampered with.
func TestEachReasonMakesATrailKnown(t *testing.T) {
	for name, test := range map[string]struct {
		trail known.Trail
		want  bool
	}{
		"nothing":  {known.Trail{ARN: arn}, false},
		"tampered": {known.Trail{ARN: arn, TamperedAt: begin, Held: begin}, false},
		"attempts": {known.Trail{ARN: arn, Attempts: known.Attempts{Since: begin, Count: 3}}, false},
		"seen":     {known.Trail{ARN: arn, Seen: begin}, true},
		"recorded": {known.Trail{ARN: arn, Recorded: &known.Recorded{}}, true},
		"broken":   {known.Trail{ARN: arn, Broken: 1}, true},
		"pending":  {known.Trail{ARN: arn, Pending: known.Pending{EventName: "StopLogging"}}, true},
		"approved": {known.Trail{ARN: arn, Approved: make([]known.Approved, 1)}, true},
	} {
		if got := test.trail.Known(); got != test.want {
			t.Errorf("%s: known %v, want %v", name, got, test.want)
		}
	}
}

// TestTampered: an event of a time to come says nothing.
func TestTampered(t *testing.T) {
	now := begin
	for _, tt := range []struct {
		at   time.Time
		want bool
	}{
		{time.Time{}, false},
		{now, true},
		{now.Add(-time.Hour), true},
		{now.Add(-time.Hour - time.Second), false},
		{now.Add(30 * time.Second), true},
		{now.Add(time.Hour), false},
		{now.AddDate(10, 0, 0), false},
	} {
		if got := (known.Trail{TamperedAt: tt.at}).Tampered(now, time.Hour); got != tt.want {
			t.Errorf("at %v: %v; want %v", tt.at, got, tt.want)
		}
	}
}

// TestAttempts count within an hour from the first, and start anew after it. What was forged to be in a time to come
// counts as none.
func TestAttempts(t *testing.T) {
	w := newWorld()
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if err := w.Attempt(t.Context(), arn); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	w.now = begin.Add(time.Hour - time.Second)
	must(t, w.Attempt(t.Context(), arn))
	if diff := cmp.Diff(known.Attempts{Since: begin, Count: 11}, w.trail(t).Attempts.Within(w.now)); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
	w.now = begin.Add(time.Hour)
	if got := w.trail(t).Attempts.Within(w.now); got != (known.Attempts{}) {
		t.Errorf("an hour later %+v count", got)
	}
	for _, forged := range []string{
		"",
		`{"attempts": {"since": "2036-03-02T09:00:00Z", "count": 5}}`,
		`{"attempts": {"since": "2026-03-02T10:00:00Z", "count": -5}}`,
	} {
		if forged != "" {
			w.forge(t, arn, forged)
		}
		must(t, w.Attempt(t.Context(), arn))
		if diff := cmp.Diff(known.Attempts{Since: w.now, Count: 1}, w.trail(t).Attempts); diff != "" {
			t.Errorf("after %s (-want +got):\n%s", forged, diff)
		}
	}
}

func TestDiscovered(t *testing.T) {
	w := newWorld()
	if at, err := w.Discovered(t.Context()); err != nil || !at.IsZero() {
		t.Errorf("%v, %v", at, err)
	}
	must(t, w.Discover(t.Context()))
	w.now = begin.Add(time.Hour)
	must(t, w.Discover(t.Context()))
	if at, err := w.Discovered(t.Context()); err != nil || !at.Equal(w.now) {
		t.Errorf("%v, %v", at, err)
	}
}

// TestEveryFailureIsAnError: whichever call fails, the error says what was not read or noted.
func TestEveryFailureIsAnError(t *testing.T) {
	broken := &state.Error{What: "x", Why: "broken"}
	one := known.Approved{State: stateTo("one")}
	ctx := t.Context()
	for what, call := range map[string]func(*world) error{
		"read what is known of the trail":        func(w *world) error { return second(w.Trail(ctx, arn)) },
		"read what is known of the trails":       func(w *world) error { return second(w.Trails(ctx)) },
		"read when trails were last looked for":  func(w *world) error { return second(w.Discovered(ctx)) },
		"note that trails were looked for":       func(w *world) error { return w.Discover(ctx) },
		"note that the trail was seen":           func(w *world) error { return w.MarkHealthy(ctx, arn) },
		"note that the trail is gone":            func(w *world) error { return w.Forget(ctx, arn) },
		"note that the trail was tampered with":  func(w *world) error { return w.RecordTampering(ctx, arn) },
		"note that nothing is held back":         func(w *world) error { return w.Release(ctx, arn) },
		"note the outcome that is not confirmed": func(w *world) error { return w.AddPending(ctx, arn, known.Pending{}) },
		"count the attempt":                      func(w *world) error { return w.Attempt(ctx, arn) },
		"note the approved change":               func(w *world) error { return w.Approve(ctx, one) },
		"drop the note of the approved change":   func(w *world) error { return w.Unapprove(ctx, one) },
		"note that a repair is held back":        func(w *world) error { return second(w.Hold(ctx, known.Trail{ARN: arn})) },
		"note that the outcome is settled": func(w *world) error {
			return second(w.ResolvePending(ctx, arn, known.Pending{}))
		},
		"record the trail's baseline": func(w *world) error {
			_, _, err := w.Record(ctx, one.State, nil)
			return err
		},
		"keep the version of the trail's baseline": func(w *world) error {
			w.memory.Fail = func(_ context.Context, _ string, k state.Key) error {
				if k.Kind != "trail" {
					return broken
				}
				return nil
			}
			_, _, err := w.Record(ctx, one.State, nil)
			return err
		},
	} {
		w := newWorld()
		w.memory.Fail = func(context.Context, string, state.Key) error { return broken }
		failed, ok := errors.AsType[*state.Error](call(w))
		if !ok || failed.Error() != what+": broken" {
			t.Errorf("%s: %v", what, failed)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// FuzzDocument: whatever somebody writes into a document, what is read of it is about its own trail.
func FuzzDocument(f *testing.F) {
	f.Add(`{"seen":"2026-01-01T00:00:00Z","recorded":{"version":1,"baseline":{"version":1,` +
		`"capturedAt":"2026-01-01T00:00:00Z","trail":{"arn":"` + arn + `","logging":true,` +
		`"settings":{"s3BucketName":"logs"}}}},"approved":[{"fields":["tags"],"state":{"arn":"` + arn + `"}}]}`)
	f.Add(`{"attempts":{"count":-1}}`)
	f.Fuzz(func(t *testing.T, body string) {
		w := newWorld()
		w.forge(t, arn, body)
		got := w.trail(t)
		if got.ARN != arn ||
			got.Recorded != nil && (got.Recorded.State.ARN != arn || got.Recorded.Version < 1 || got.Broken != 0) {
			t.Errorf("%+v", got)
		}
		for _, a := range got.Approved {
			if a.State.ARN != arn {
				t.Errorf("approved: %+v", a)
			}
		}
		if err := w.Attempt(t.Context(), arn); err != nil || w.trail(t).Attempts.Within(w.now).Count < 1 {
			t.Errorf("counted: %+v, %v", w.trail(t), err)
		}
	})
}
