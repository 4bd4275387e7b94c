package state_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/secret"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/statetest"
)

type note struct {
	N int `json:"n"`
}

func notes(w *world, fresh bool) state.Of[note] {
	return state.Of[note]{
		Documents: w.Store,
		Kind:      "note",
		Clock:     w.clock(),
		New:       fresh,
	}
}

func add(e *state.Entry[note]) bool {
	e.Value.N++
	return true
}

// TestCallsOfAChange: how many calls a change makes, of a document that is new, that this process has written, that
// another has, and that stays as it is.
func TestCallsOfAChange(t *testing.T) {
	for _, test := range []struct {
		fresh             bool
		first, then, keep string
	}{
		{true, "PutItem", "PutItem PutItem", "GetItem"},
		{false, "GetItem PutItem", "GetItem PutItem", "GetItem"},
	} {
		w := newWorld(t)
		of := notes(w, test.fresh)
		for i, want := range []string{test.first, "PutItem", test.then, test.keep} {
			w.calls = nil
			next := add
			if i == 2 { // another process
				w = &world{Store: newPlain(w), cloud: w.cloud, now: w.now}
				options := w.Client.Options()
				options.HTTPClient = sender(w.do)
				w.Client = dynamodb.New(options)
				of.Documents = w.Store
			}
			if i == 3 {
				next = func(e *state.Entry[note]) bool { e.Value.N = 100; return false }
			}
			must(t, of.Change(t.Context(), "count", "a", next))
			if got := strings.Join(w.calls, " "); got != want {
				t.Errorf("new %v, change %d: %s; want %s", test.fresh, i, got, want)
			}
		}
		if got, err := of.Get(t.Context(), "read", "a"); err != nil || got.N != 3 {
			t.Errorf("%+v, %v", got, err)
		}
	}
}

// TestManyAtOnce: of many runs that count at once, each counts once.
func TestManyAtOnce(t *testing.T) {
	for _, fresh := range []bool{true, false} {
		w := newWorld(t)
		memory := &statetest.Memory{}
		for name, documents := range map[string]state.Documents{"DynamoDB": newPlain(w), "memory": memory} {
			of := state.Of[note]{
				Documents: documents,
				Kind:      "note",
				Clock:     w.clock(),
				New:       fresh,
			}
			var all sync.WaitGroup
			for range 16 {
				all.Go(func() {
					if err := of.Change(t.Context(), "count", "a", add); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if got, err := of.Get(t.Context(), "read", "a"); err != nil || got.N != 16 {
				t.Errorf("%s, new %v: %+v, %v; want 16", name, fresh, got, err)
			}
		}
	}
}

// newPlain is the world's store without what notes its calls, which is for one at a time.
func newPlain(w *world) *state.Store {
	options := w.Client.Options()
	options.HTTPClient = nil
	return &state.Store{Client: dynamodb.New(options), Table: w.Table, Clock: w.clock()}
}

// TestAlwaysSecond: where other runs are first each time, a change ends, and says so.
func TestAlwaysSecond(t *testing.T) {
	memory := &statetest.Memory{}
	of := state.Of[note]{Documents: memory, Kind: "note"}
	rounds := 0
	err := of.Change(t.Context(), "count", "a", func(e *state.Entry[note]) bool {
		rounds++
		there, _ := memory.Get(t.Context(), state.Key{Kind: "note", ID: "a"})
		if there.Body = []byte(`{"n": 7}`); rounds > 1 && e.Value.N != 7 {
			t.Errorf("round %d is asked about %+v", rounds, e.Value)
		}
		_, err := memory.PutIf(t.Context(), there)
		must(t, err)
		return true
	})
	if rounds != 50 || !errors.Is(err, state.ErrChanged) || err.Error() != "count: other runs were first each time" {
		t.Errorf("%d rounds, %v", rounds, err)
	}
}

// TestSecondUntilTheTimeEnds: a change whose time ends after another run was first says that, and not that the table is
// silent; one that was never answered says that.
func TestSecondUntilTheTimeEnds(t *testing.T) {
	for name, answers := range map[string]bool{"another was first": true, "silent": false} {
		ctx, cancel := context.WithTimeout(t.Context(), 0)
		defer cancel()
		writes := 0
		memory := &statetest.Memory{Fail: func(_ context.Context, call string, _ state.Key) error {
			if writes++; answers && writes == 1 {
				return state.ErrChanged
			}
			return context.DeadlineExceeded
		}}
		of := state.Of[note]{Documents: memory, Kind: "note", New: true}
		err := of.Change(ctx, "count", "a", func(*state.Entry[note]) bool { return true })
		if errors.Is(err, state.ErrChanged) != answers || errors.Is(err, context.DeadlineExceeded) == answers {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFailedCalls: whichever call fails, a change says what it was to do, and next is asked no more.
func TestFailedCalls(t *testing.T) {
	broken := &state.Error{What: "x", Why: "broken", Err: errors.New("cause")}
	for _, test := range []struct {
		fresh bool
		fail  string
		next  bool
		asked int
	}{{true, "PutIf", true, 1}, {true, "Get", false, 1}, {false, "Get", true, 0}, {false, "PutIf", true, 1}} {
		memory := &statetest.Memory{Fail: func(_ context.Context, call string, _ state.Key) error {
			if call == test.fail {
				return broken
			}
			return nil
		}}
		asked := 0
		of := state.Of[note]{Documents: memory, Kind: "note", New: test.fresh}
		err := of.Change(t.Context(), "count", "a", func(*state.Entry[note]) bool { asked++; return test.next })
		if err == nil || err.Error() != "count: broken" || !errors.Is(err, broken.Err) || asked != test.asked {
			t.Errorf("%+v: %v after %d", test, err, asked)
		}
	}
	memory := &statetest.Memory{Fail: func(context.Context, string, state.Key) error { return broken }}
	of := state.Of[note]{Documents: memory, Kind: "note"}
	if _, err := of.Get(t.Context(), "read it", "a"); err == nil || err.Error() != "read it: broken" {
		t.Errorf("get: %v", err)
	}
	if _, err := of.All(t.Context(), "read all"); err == nil || err.Error() != "read all: broken" {
		t.Errorf("all: %v", err)
	}
}

// TestEntries: what is no T counts as none, and what has expired as nothing.
func TestEntries(t *testing.T) {
	now := begin
	memory := &statetest.Memory{Now: func() time.Time { return now }}
	of := state.Of[note]{Documents: memory, Kind: "note"}
	for id, body := range map[string]string{
		"good":  `{"n": 3}`,
		"text":  `"x"`,
		"half":  `{"n": 3`,
		"wrong": `{"n": "3"}`,
		"more":  `{"n": 3, "m": 4}`,
	} {
		_, err := memory.PutIf(
			t.Context(),
			state.Document{Key: state.Key{Kind: "note", ID: id}, Body: []byte(body), Expires: begin.Add(time.Minute)},
		)
		must(t, err)
	}
	got, err := of.All(t.Context(), "read")
	must(t, err)
	if diff := cmp.Diff(map[string]note{
		"good":  {3},
		"text":  {},
		"half":  {},
		"wrong": {},
		"more":  {3},
	}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	of.Unreadable = func() note { return note{-1} }
	for id, want := range map[string]int{"good": 3, "half": -1, "none": 0} {
		if got, err := of.Get(t.Context(), "read", id); err != nil || got.N != want {
			t.Errorf("%s: %+v, %v; want %d", id, got, err, want)
		}
	}
	expiry := func() (at time.Time) {
		must(t, of.Change(t.Context(), "look", "good", func(e *state.Entry[note]) bool { at = e.Expires; return false }))
		return at
	}
	if !expiry().Equal(begin.Add(time.Minute)) {
		t.Errorf("expires %v", expiry())
	}
	now = begin.Add(time.Minute)
	if got, err := of.All(t.Context(), "read"); err != nil || len(got) > 0 || !expiry().IsZero() {
		t.Errorf("expired: %+v, %v, %v", got, err, expiry())
	}
}

// TestNoSecretIsKept: a document that was given a credential does not hold it.
func TestNoSecretIsKept(t *testing.T) {
	w := newWorld(t)
	type leak struct {
		Value secret.Value
		Key   secret.Key
	}
	of := state.Of[leak]{Documents: w.Store, Kind: "leak", Clock: w.clock()}
	must(t, of.Change(t.Context(), "leak", "a", func(e *state.Entry[leak]) bool {
		e.Value = leak{secret.NewValue(map[string]string{"bot_token": "xoxb-1234"}), secret.NewKey("xoxb-1234")}
		return true
	}))
	if all := fmt.Sprint(w.cloud.Items()); strings.Contains(all, "xoxb") || !strings.Contains(all, "redacted") {
		t.Errorf("kept: %s", all)
	}
	bad := state.Of[json.RawMessage]{Documents: w.Store, Kind: "bad", Clock: w.clock()}
	err := bad.Change(t.Context(), "write", "a", func(e *state.Entry[json.RawMessage]) bool {
		e.Value = json.RawMessage("{")
		return true
	})
	if err == nil || !strings.HasPrefix(err.Error(), "write: ") || len(w.cloud.Items()) != 1 {
		t.Errorf("what cannot be encoded: %v", err)
	}
}

// TestLast: what a process knows of a document is where a change begins, and never what it ends with.
func TestLast(t *testing.T) {
	w := newWorld(t)
	mine, other := notes(w, false), state.Of[note]{Documents: newPlain(w), Kind: "note", Clock: w.clock()}
	must(t, mine.Change(t.Context(), "count", "a", add))
	must(t, other.Change(t.Context(), "count", "a", add))
	must(t, mine.Change(t.Context(), "count", "a", add))
	must(t, other.Change(t.Context(), "count", "a", add))
	var asked []int
	must(t, mine.Change(t.Context(), "look", "a", func(e *state.Entry[note]) bool {
		asked = append(asked, e.Value.N)
		return false
	}))
	if diff := cmp.Diff([]int{3, 4}, asked); diff != "" {
		t.Errorf("asked about (-want +got):\n%s", diff)
	}
	must(t, other.Change(t.Context(), "expire", "a", func(e *state.Entry[note]) bool {
		e.Expires = w.now.Add(time.Minute)
		return true
	}))
	if d := other.Documents.Last(state.Key{Kind: "note", ID: "a"}); string(d.Body) != `{"n":4}` {
		t.Errorf("last %s", d.Body)
	}
	w.now = w.now.Add(time.Minute)
	if d := other.Documents.Last(state.Key{Kind: "note", ID: "a"}); len(d.Body) > 0 || d.Version == "" {
		t.Errorf("expired, and last %+v", d)
	}
	w.cloud.ExpireItems()
	must(t, mine.Change(t.Context(), "count", "a", add))
	if got, err := other.Get(t.Context(), "read", "a"); err != nil || got.N != 1 {
		t.Errorf("counted anew: %+v, %v", got, err)
	}
	for i := range 500 {
		must(t, mine.Change(t.Context(), "count", fmt.Sprint(i), add))
	}
	if d := mine.Documents.Last(state.Key{Kind: "note", ID: "a"}); d.Version != "" {
		t.Error("a process remembers everything")
	}
}
