package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/store"
)

// TestClaim: one of many runs tells, another may take over what a run failed to tell, and whatever changes is news.
func TestClaim(t *testing.T) {
	w := newWorld(t)
	ask := func(sign string) store.Turn {
		t.Helper()
		turn, err := w.Claim(t.Context(), "weakened "+arn, sign, time.Minute)
		must(t, err)
		return turn
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	turns := map[store.Turn]int{}
	for range 8 {
		wg.Go(func() {
			turn, err := w.Claim(t.Context(), "weakened "+arn, "a", time.Minute)
			mu.Lock()
			defer mu.Unlock()
			turns[turn]++
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if turns[store.TurnOurs] != 1 || turns[store.TurnBusy] != 7 {
		t.Fatalf("of eight at once: %v", turns)
	}
	w.now = w.now.Add(time.Minute + time.Second)
	if ask("a") != store.TurnOurs {
		t.Error("what a run failed to tell was not taken over")
	}
	must(t, w.Sent(t.Context(), "weakened "+arn, "a"))
	w.now = w.now.Add(time.Hour)
	if ask("a") != store.TurnTold || ask("b") != store.TurnOurs || ask("b") != store.TurnBusy {
		t.Error("told once, and again when it changes")
	}
	must(t, w.Sent(t.Context(), "weakened "+arn, "a")) // of an older one
	if ask("b") != store.TurnBusy {
		t.Error("an old message counts for a new one")
	}
	told, err := w.Told(t.Context())
	if err != nil || len(told) != 1 || told["weakened "+arn] != "b" {
		t.Errorf("%v, %v", told, err)
	}
	for i, want := range []bool{true, false} {
		if ours, err := w.Clear(t.Context(), "weakened "+arn, "b"); err != nil || ours != want {
			t.Errorf("clearing, %d: %v, %v", i, ours, err)
		}
	}
	if ask("b") != store.TurnOurs {
		t.Error("what was over and came back is no news")
	}
}

// TestEvents: what was sent is never sent again; what was parked only by whoever has it from the queue; what was neither, by anybody.
func TestEvents(t *testing.T) {
	w := newWorld(t)
	const subject = "e1 digest slack restored"
	ask := func(digest string) store.Turn {
		t.Helper()
		turn, err := w.ClaimEvent(t.Context(), subject, time.Minute, digest)
		must(t, err)
		return turn
	}
	want := func(what string, got, want store.Turn) {
		t.Helper()
		if got != want {
			t.Errorf("%s: turn %d, want %d", what, got, want)
		}
	}
	want("out of the queue, and never parked", ask("d1"), store.TurnUnknown)
	want("first", ask(""), store.TurnOurs)
	want("at once", ask(""), store.TurnBusy)
	want("at once, from the queue", ask("d1"), store.TurnUnknown)
	w.now = w.now.Add(time.Minute + time.Second)
	want("after the lease, from the queue", ask("d1"), store.TurnUnknown)
	want("after the lease", ask(""), store.TurnOurs)
	must(t, w.EventReleased(t.Context(), subject))
	want("after it was given back", ask(""), store.TurnOurs)
	must(t, w.EventParked(t.Context(), subject, "d1"))
	want("parked", ask(""), store.TurnTold)
	want("parked, another text from the queue", ask("d2"), store.TurnUnknown)
	want("parked, from the queue", ask("d1"), store.TurnOurs)
	want("again at once, from the queue", ask("d1"), store.TurnBusy)
	want("at once, another text", ask("d2"), store.TurnUnknown)
	w.now = w.now.Add(time.Minute + time.Second)
	want("after that lease, from the queue", ask("d1"), store.TurnOurs)
	must(t, w.EventParked(t.Context(), subject, "d1"))
	want("left in the queue", ask("d1"), store.TurnOurs)
	must(t, w.EventSent(t.Context(), subject))
	must(t, w.EventParked(t.Context(), subject, "d2"))
	must(t, w.EventReleased(t.Context(), subject))
	want("sent", ask(""), store.TurnTold)
	want("sent, from the queue", ask("d1"), store.TurnTold)
	want("sent, another text from the queue", ask("d2"), store.TurnUnknown)
	if told, err := w.Told(t.Context()); err != nil || len(told) > 0 {
		t.Errorf("the sweep reads of every event what was told: %v, %v", told, err)
	}
}

// TestForgedClaim: a claim that never ends silences nobody, and neither does what is told to have happened in a time to come.
func TestForgedClaim(t *testing.T) {
	w := newWorld(t)
	s := func(text string) map[string]any { return map[string]any{"S": text} }
	later := map[string]any{"N": fmt.Sprint(w.now.AddDate(10, 0, 0).Unix())}
	for _, i := range []localcloud.Item{
		{"pk": s("told"), "sk": s("x"), "sign": s("a"), "state": s("claimed"), "until": later},
		{"pk": s("event"), "sk": s("x"), "state": s("claimed"), "until": later},
		{"pk": s("thread"), "sk": s("inc-1 slack:C1"), "until": later},
		{"pk": s("repeat"), "sk": s("x"), "since": later, "event": s("e0")},
	} {
		must(t, w.cloud.SetItem(i))
	}
	if turn, err := w.Claim(t.Context(), "x", "a", time.Minute); err != nil || turn != store.TurnOurs {
		t.Errorf("a finding: %v, %v", turn, err)
	}
	if turn, err := w.ClaimEvent(t.Context(), "x", time.Minute, ""); err != nil || turn != store.TurnOurs {
		t.Errorf("an event: %v, %v", turn, err)
	}
	if id, ours, err := w.Thread(t.Context(), "inc-1", "slack:C1"); err != nil || !ours {
		t.Errorf("a thread: %q, %v, %v", id, ours, err)
	}
	if again, err := w.Repeated(t.Context(), "x", "e1", "text", 10*time.Minute); err != nil || again {
		t.Errorf("a repeat: %v, %v", again, err)
	}
}

// TestForgedCounter: a summary that is said to have told more than there was has told nothing, and one that is told after it counts.
func TestForgedCounter(t *testing.T) {
	w := newWorld(t)
	s := func(text string) map[string]any { return map[string]any{"S": text} }
	n := func(v int64) map[string]any { return map[string]any{"N": fmt.Sprint(v)} }
	must(t, w.cloud.SetItem(localcloud.Item{
		"pk": s("repeat"), "sk": s("x"), "since": n(w.now.Unix()), "event": s("e0"), "count": n(3), "told": n(1_000_000),
	}))
	again, err := w.Repeated(t.Context(), "x", "e1", "text", 10*time.Minute)
	must(t, err)
	all, err := w.Repeats(t.Context())
	if must(t, err); !again || len(all) != 1 || all[0].Count != 4 {
		t.Fatalf("%v, %+v", again, all)
	}
	must(t, w.Summed(t.Context(), all[0]))
	if all, err = w.Repeats(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
	_, err = w.Repeated(t.Context(), "x", "e2", "text", 10*time.Minute)
	must(t, err)
	if all, err = w.Repeats(t.Context()); err != nil || len(all) != 1 || all[0].Count != 1 {
		t.Errorf("%+v, %v", all, err)
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
		if got := (store.Trail{TamperedAt: tt.at}).Tampered(now, time.Hour); got != tt.want {
			t.Errorf("at %v: %v; want %v", tt.at, got, tt.want)
		}
	}
}

// TestLeases: a claim counts up to and with its last second, and one that says it counts for longer than any run lasts is forged.
func TestLeases(t *testing.T) {
	seconds := func(d time.Duration) map[string]any { return map[string]any{"N": fmt.Sprint(begin.Add(d).Unix())} }
	s := func(text string) map[string]any { return map[string]any{"S": text} }
	for _, test := range []struct {
		until time.Duration
		ours  bool
	}{{-time.Second, true}, {0, false}, {16 * time.Minute, false}, {16*time.Minute + time.Second, true}} {
		w := newWorld(t)
		must(t, w.cloud.SetItem(localcloud.Item{"pk": s("told"), "sk": s("x"), "sign": s("a"), "state": s("claimed"), "until": seconds(test.until)}))
		must(t, w.cloud.SetItem(localcloud.Item{"pk": s("event"), "sk": s("x"), "state": s("claimed"), "until": seconds(test.until)}))
		must(t, w.cloud.SetItem(localcloud.Item{"pk": s("thread"), "sk": s("inc-1 slack"), "until": seconds(test.until)}))
		finding, err := w.Claim(t.Context(), "x", "a", time.Minute)
		must(t, err)
		event, err := w.ClaimEvent(t.Context(), "x", time.Minute, "")
		must(t, err)
		_, thread, err := w.Thread(t.Context(), "inc-1", "slack")
		must(t, err)
		if finding == store.TurnOurs != test.ours || event == store.TurnOurs != test.ours || thread != test.ours {
			t.Errorf("claimed until %v from now: finding %d, event %d, thread %v; ours %v", test.until, finding, event, thread, test.ours)
		}
	}
}

// TestAClaimThatIsNotOurs: what another run has claimed, or has just given back, is not known to be told.
func TestAClaimThatIsNotOurs(t *testing.T) {
	w := newWorld(t)
	for claimed, want := range map[string]store.Turn{
		"claimed": store.TurnBusy, "sent": store.TurnTold, "parked": store.TurnTold, "": store.TurnBusy, "forged": store.TurnBusy,
	} {
		w.API = table{
			update: func(*dynamodb.UpdateItemInput) error { return unfit },
			get: func(*dynamodb.GetItemInput) (*dynamodb.GetItemOutput, error) {
				return &dynamodb.GetItemOutput{Item: map[string]types.AttributeValue{"state": &types.AttributeValueMemberS{Value: claimed}}}, nil
			},
		}
		finding, err := w.Claim(t.Context(), "x", "a", time.Minute)
		must(t, err)
		event, err := w.ClaimEvent(t.Context(), "x", time.Minute, "")
		must(t, err)
		if finding != want || event != want {
			t.Errorf("state %q: finding %d, event %d; want %d", claimed, finding, event, want)
		}
	}
}
