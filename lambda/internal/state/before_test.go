package state_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/claims"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/state/repeats"
)

const arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"

func at(d time.Duration) map[string]any { return n(strconv.FormatInt(begin.Add(d).Unix(), 10)) }

// before is an item as the versions before documents wrote it, with the mark of its last conditional write.
func before(kind, id string, attributes localcloud.Item) localcloud.Item {
	i := localcloud.Item{
		"pk":      s(kind),
		"sk":      s(id),
		"expires": at(time.Hour),
		"token":   s("TOKEN"),
	}
	for name, v := range attributes {
		i[name] = v
	}
	return i
}

func trailBefore(t *testing.T) (localcloud.Item, known.Trail) {
	t.Helper()
	recorded := baseline.State{
		ARN:       arn,
		Logging:   true,
		Settings:  baseline.Settings{S3Bucket: "logs", MultiRegion: true, GlobalEvents: true},
		Selectors: []baseline.Selector{{ReadWrite: "All", Management: true}},
	}
	content, err := baseline.Format(baseline.Baseline{Version: baseline.Version, CapturedAt: begin, Trail: recorded})
	must(t, err)
	note := known.Approved{
		EventID:   "e2",
		EventName: "UpdateTrail",
		Principal: "p",
		At:        begin,
		Expires:   begin.Add(time.Hour),
		State:     recorded,
	}
	noted, err := json.Marshal(note)
	must(t, err)
	hash := sha256.Sum256([]byte("e2"))
	name := "approved#" + hex.EncodeToString(hash[:8])
	item := before("trail", arn, localcloud.Item{
		"seen":         at(0),
		"disturbed":    at(time.Second),
		"held":         at(2 * time.Second),
		"pendingId":    s("e1"),
		"pendingName":  s("StopLogging"),
		"pendingSince": at(3 * time.Second),
		"baseline":     s(string(content)),
		"version":      n("7"),
		"recordedAt":   at(4 * time.Second),
		"window":       at(5 * time.Second),
		"attempts":     n("3"),
		name:           s(string(noted)),
		// what somebody forged
		"approved#0000000000000000": s(string(noted)),
		"APPROVED#1":                s("7"),
		"approved#1":                s("7"),
	})
	return item, known.Trail{
		ARN:        arn,
		Seen:       begin,
		TamperedAt: begin.Add(time.Second),
		Held:       begin.Add(2 * time.Second),
		Pending:    known.Pending{EventID: "e1", EventName: "StopLogging", Since: begin.Add(3 * time.Second)},
		Recorded:   &known.Recorded{Version: 7, At: begin.Add(4 * time.Second), State: recorded},
		Attempts:   known.Attempts{Since: begin.Add(5 * time.Second), Count: 3},
		Approved:   []known.Approved{note},
	}
}

// TestTrailBefore: what was known of a trail is known, stays so when something is noted, and goes on from there.
func TestTrailBefore(t *testing.T) {
	w := newWorld(t)
	old, want := trailBefore(t)
	must(t, w.cloud.SetItem(old))
	book := known.NewBook(w, w.clock())
	got, err := book.Trail(t.Context(), arn)
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	all, err := book.Trails(t.Context())
	must(t, err)
	if diff := cmp.Diff([]known.Trail{want}, all); diff != "" {
		t.Errorf("listed (-want +got):\n%s", diff)
	}
	must(t, book.Attempt(t.Context(), arn))
	want.Attempts.Count++
	if got, err = book.Trail(t.Context(), arn); err != nil || cmp.Diff(want, got) != "" {
		t.Errorf("once it is changed, %v (-want +got):\n%s", err, cmp.Diff(want, got))
	}
	if items := w.cloud.Items(); len(items) != 1 || items[0]["seen"] != nil || items[0]["document"] == nil {
		t.Errorf("the item is no document: %v", items)
	}
	if next, ours, err := book.Record(t.Context(), want.Recorded.State, want.Recorded); err != nil || !ours ||
		next.Version != 8 {
		t.Errorf("recorded %+v, %v, %v", next, ours, err)
	}
}

// TestForgedTrailBefore: what stands where a recorded baseline should makes it broken, of version 1 where it says none.
func TestForgedTrailBefore(t *testing.T) {
	for name, test := range map[string]struct {
		item localcloud.Item
		want int64
	}{
		"nothing":         {localcloud.Item{}, 0},
		"only a version":  {localcloud.Item{"version": n("3")}, 3},
		"only a baseline": {localcloud.Item{"baseline": s("{}")}, 1},
		"no JSON":         {localcloud.Item{"baseline": s("{"), "version": n("3")}, 3},
		"no text":         {localcloud.Item{"baseline": n("1")}, 1},
		"empty":           {localcloud.Item{"baseline": s("")}, 1},
		"below":           {localcloud.Item{"baseline": s("{}"), "version": n("-4")}, 1},
		"a far year":      {localcloud.Item{"seen": n("999999999999999"), "version": n("2")}, 2},
	} {
		w := newWorld(t)
		must(t, w.cloud.SetItem(before("trail", arn, test.item)))
		got, err := known.NewBook(w, w.clock()).Trail(t.Context(), arn)
		if must(t, err); got.Broken != test.want || got.Recorded != nil || !got.Seen.IsZero() {
			t.Errorf("%s: %+v; want broken %d", name, got, test.want)
		}
	}
}

// TestClaimsBefore: what was delivered, in flight or parked is so.
func TestClaimsBefore(t *testing.T) {
	w := newWorld(t)
	for _, i := range []localcloud.Item{
		before("told", "sent", localcloud.Item{"sign": s("a"), "state": s("sent"), "until": at(0)}),
		before("told", "claimed", localcloud.Item{"sign": s("a"), "state": s("claimed"), "until": at(time.Minute)}),
		before("told", "lapsed", localcloud.Item{"sign": s("a"), "state": s("claimed"), "until": at(-time.Minute)}),
		before("told", "cleared", localcloud.Item{}),
		before("event", "sent", localcloud.Item{"state": s("sent"), "until": at(0)}),
		before("event", "claimed", localcloud.Item{"state": s("claimed"), "until": at(time.Minute)}),
		before("event", "lapsed", localcloud.Item{"state": s("claimed"), "until": at(-time.Minute)}),
		before("event", "cleared", localcloud.Item{}),
		before("event", "parked", localcloud.Item{"state": s("parked"), "digest": s("d1")}),
		before("thread", "inc-1 slack", localcloud.Item{"message": s("17.5"), "until": at(0)}),
		before("thread", "inc-2 slack", localcloud.Item{"until": at(time.Second)}),
		before("thread", "inc-3 slack", localcloud.Item{"until": at(-time.Second)}),
	} {
		must(t, w.cloud.SetItem(i))
	}
	findings, events, threads := claims.NewFindings(
		w,
		w.clock(),
	), claims.NewEvents(
		w,
		w.clock(),
	), claims.NewThreads(
		w,
		w.clock(),
	)
	for subject, want := range map[string]claims.State{
		"sent":    claims.Delivered,
		"claimed": claims.InFlight,
		"lapsed":  claims.Claimed,
		"cleared": claims.Claimed,
	} {
		finding, err := findings.Claim(t.Context(), subject, "a", time.Minute)
		must(t, err)
		event, err := events.Claim(t.Context(), subject, time.Minute, "")
		if must(t, err); finding != want || event != want {
			t.Errorf("%s: finding %d, event %d; want %d", subject, finding, event, want)
		}
	}
	for _, test := range []struct {
		digest string
		want   claims.State
	}{{"d2", claims.Unknown}, {"", claims.Delivered}, {"d1", claims.Claimed}} {
		if got, err := events.Claim(t.Context(), "parked", time.Minute, test.digest); err != nil || got != test.want {
			t.Errorf("parked, with %q: %d, %v; want %d", test.digest, got, err, test.want)
		}
	}
	delivered, err := findings.All(t.Context())
	must(t, err)
	want := map[string]string{
		"sent":    "a",
		"claimed": "a",
		"lapsed":  "a",
		"cleared": "a",
	}
	if diff := cmp.Diff(want, delivered); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	for incident, test := range map[string]struct {
		id   string
		ours bool
	}{"inc-1": {"17.5", false}, "inc-2": {"", false}, "inc-3": {"", true}} {
		if id, ours, err := threads.Thread(t.Context(), incident, "slack"); err != nil || id != test.id || ours != test.ours {
			t.Errorf("%s: %q, %v, %v", incident, id, ours, err)
		}
	}
}

// TestRepeatsBefore: what was counted is, and goes on.
func TestRepeatsBefore(t *testing.T) {
	w := newWorld(t)
	must(t, w.cloud.SetItem(before("repeat", "key", localcloud.Item{
		"since": at(
			-time.Minute,
		),
		"event": s("e0"),
		"count": n("5"),
		"told":  n("2"),
		"again": at(-30 * time.Second),
		"text":  s("last"),
	})))
	must(t, w.cloud.SetItem(before("repeat", "limit", localcloud.Item{"since": at(-time.Minute), "spent": n("3")})))
	counters := repeats.New(w, w.clock())
	all, err := counters.Repeats(t.Context())
	must(t, err)
	want := []repeats.Repeat{{
		Key:       "key",
		Since:     begin.Add(-30 * time.Second),
		Delivered: begin.Add(-time.Minute),
		Count:     3,
		All:       5,
		Text:      "last",
	}}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	again, err := counters.Repeated(t.Context(), "key", "e0", "next", 10*time.Minute)
	if must(t, err); again {
		t.Error("the event that began the window repeats itself")
	}
	if again, err = counters.Repeated(t.Context(), "key", "e1", "next", 10*time.Minute); err != nil || !again {
		t.Errorf("%v, %v", again, err)
	}
	if beyond, err := counters.Beyond(t.Context(), "limit", "next", 10*time.Minute, 3); err != nil || !beyond {
		t.Errorf("beyond the limit: %v, %v", beyond, err)
	}
}

// TestOthersBefore: an incident is its text, and the last discovery a time.
func TestOthersBefore(t *testing.T) {
	w := newWorld(t)
	must(t, w.cloud.SetItem(before("incident", arn, localcloud.Item{"text": s(`{"id": "inc-1"}`), "version": n("4")})))
	must(t, w.cloud.SetItem(before("sweep", "discovery", localcloud.Item{"seen": at(-time.Hour)})))
	d, err := w.Get(t.Context(), state.Key{Kind: "incident", ID: arn})
	if err != nil || string(d.Body) != `{"id": "inc-1"}` {
		t.Errorf("%s, %v", d.Body, err)
	}
	if at, err := known.NewBook(w, w.clock()).Discovered(t.Context()); err != nil ||
		!at.Equal(begin.Add(-time.Hour)) {
		t.Errorf("%v, %v", at, err)
	}
	other, err := w.Get(t.Context(), d.Key)
	must(t, err)
	d.Body = []byte(`{"id": "inc-1", "count": 2}`)
	w.put(t, d)
	if _, err := w.PutIf(t.Context(), other); !errors.Is(err, state.ErrChanged) {
		t.Errorf("of two runs that read the old item both write: %v", err)
	}
}
