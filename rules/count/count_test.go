package count_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"trailkeeper/rules/count"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func at(seconds int, id, value string) count.Event {
	return count.Event{Time: start.Add(time.Duration(seconds) * time.Second), ID: id, Value: value}
}

// findings adds events in turn, and says after which of them there was a finding.
func findings(limit count.Limit, events ...count.Event) (reached []string) {
	var w count.Window
	for _, e := range events {
		if w.Add(limit, e) {
			reached = append(reached, e.ID)
		}
	}
	return reached
}

func TestAdd(t *testing.T) {
	three := count.Limit{Count: 3, Within: 10 * time.Second}
	distinct := count.Limit{Count: 3, Within: 10 * time.Second, Distinct: true}
	late := int(count.Lateness / time.Second)
	for _, tt := range []struct {
		name   string
		limit  count.Limit
		events []count.Event
		want   []string
	}{
		{"too few", three, []count.Event{at(0, "a", ""), at(1, "b", "")}, nil},
		{"enough", three, []count.Event{at(0, "a", ""), at(1, "b", ""), at(2, "c", "")}, []string{"c"}},
		{"exactly within", three, []count.Event{at(0, "a", ""), at(1, "b", ""), at(10, "c", "")}, []string{"c"}},
		{"a second too late", three, []count.Event{at(0, "a", ""), at(1, "b", ""), at(11, "c", "")}, nil},
		{"one event three times", three, []count.Event{at(0, "a", ""), at(0, "a", ""), at(0, "a", "")}, nil},
		{"an ID at another time", three, []count.Event{at(0, "a", ""), at(1, "b", ""), at(2, "a", "")}, nil},
		{"out of order", three, []count.Event{at(9, "c", ""), at(0, "a", ""), at(5, "b", "")}, []string{"b"}},
		{"a late one between", three, []count.Event{
			at(0, "a", ""), at(5, "b", ""), at(late, "z", ""), at(7, "c", ""),
		}, []string{"c"}},
		{"too late to count", three, []count.Event{
			at(0, "a", ""), at(5, "b", ""), at(late+20, "z", ""), at(7, "c", ""),
		}, nil},
		{"what a finding has counted does not count again", three, []count.Event{
			at(0, "a", ""), at(1, "b", ""), at(2, "c", ""), at(3, "d", ""), at(4, "e", ""),
		}, []string{"c"}},
		{"a second finding", three, []count.Event{
			at(0, "a", ""), at(1, "b", ""), at(2, "c", ""), at(3, "d", ""), at(4, "e", ""), at(5, "f", ""),
		}, []string{"c", "f"}},
		{"what was counted does not count when it comes again", three, []count.Event{
			at(0, "a", ""), at(1, "b", ""), at(2, "c", ""), at(0, "a", ""), at(1, "b", ""), at(3, "d", ""), at(4, "e", ""),
		}, []string{"c"}},
		{"three values", distinct, []count.Event{at(0, "a", "1"), at(1, "b", "2"), at(2, "c", "3")}, []string{"c"}},
		{"two values", distinct, []count.Event{at(0, "a", "1"), at(1, "b", "2"), at(2, "c", "1"), at(3, "d", "2")}, nil},
		{"no value is none", distinct, []count.Event{at(0, "a", "1"), at(1, "b", "2"), at(2, "c", "")}, nil},
		{"all of a finding's values are counted", distinct, []count.Event{
			at(0, "a", "1"), at(1, "b", "1"), at(2, "c", "2"), at(3, "d", "3"), at(4, "e", "4"), at(5, "f", "5"),
		}, []string{"d"}},
		{"a value too far away", distinct, []count.Event{at(0, "a", "1"), at(5, "b", "2"), at(11, "c", "3")}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := findings(tt.limit, tt.events...); !slices.Equal(got, tt.want) {
				t.Errorf("findings after %q, want %q", got, tt.want)
			}
		})
	}
}

// TestAnyOrder: of the same events there is a finding in every order, or in none, and no event is counted by two.
func TestAnyOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	some, none := 0, 0
	for range 4000 {
		limit := count.Limit{
			Count:    2 + random.IntN(4),
			Within:   time.Duration(1+random.IntN(20)) * time.Second,
			Distinct: random.IntN(2) == 0,
		}
		var events []count.Event
		for i := range 1 + random.IntN(12) {
			events = append(events, at(random.IntN(60), fmt.Sprint(i), fmt.Sprint(random.IntN(6))))
		}
		arriving := slices.Concat(events, events[:random.IntN(len(events)+1)])
		want := enough(limit, events)
		for range 4 {
			random.Shuffle(len(arriving), func(i, j int) { arriving[i], arriving[j] = arriving[j], arriving[i] })
			got := len(findings(limit, arriving...))
			if got > 0 != want || got*limit.Count > len(events) {
				t.Fatalf("%+v has %d findings of %v, want some: %v", limit, got, arriving, want)
			}
		}
		if want {
			some++
		} else {
			none++
		}
	}
	if some < 500 || none < 500 {
		t.Errorf("%d times enough and %d times not: the test sees too few of one", some, none)
	}
}

// enough looks at the time from each event on.
func enough(limit count.Limit, events []count.Event) bool {
	for _, first := range events {
		seen := map[string]bool{}
		for _, e := range events {
			if apart := e.Time.Sub(first.Time); apart >= 0 && apart <= limit.Within {
				seen[e.ID] = true
				if limit.Distinct {
					delete(seen, e.ID)
					seen["value "+e.Value] = true
				}
			}
		}
		if len(seen) >= limit.Count {
			return true
		}
	}
	return false
}

// TestRoundTrip: what is kept between two events goes on as if it had not been.
func TestRoundTrip(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		limit := count.Limit{Count: 3, Within: 20 * time.Second, Distinct: random.IntN(2) == 0}
		var stays, kept count.Window
		for i := range 30 {
			e := at(random.IntN(200), fmt.Sprint(random.IntN(25)), fmt.Sprint(i%5))
			if want, got := stays.Add(limit, e), kept.Add(limit, e); got != want {
				t.Fatalf("event %d: %v, want %v", i, got, want)
			}
			text, err := json.Marshal(map[string]count.Window{"w": kept})
			if err != nil {
				t.Fatal(err)
			}
			again := map[string]count.Window{}
			if err := json.Unmarshal(text, &again); err != nil {
				t.Fatalf("%v in %s", err, text)
			}
			kept = again["w"]
		}
	}
}

// TestWindowIsBounded: a flood makes no document of more than 300 KB, whatever is counted, and the largest limit can be
// reached in the longest time.
func TestWindowIsBounded(t *testing.T) {
	const day = 24 * time.Hour
	for _, tt := range []struct {
		name  string
		limit count.Limit
		every time.Duration
		want  int
	}{
		{"the largest limit", count.Limit{Count: 10_000, Within: 7 * day, Distinct: true}, 7 * day / 10_050, 1},
		{"many in no time", count.Limit{Count: 10_000, Within: time.Hour}, time.Millisecond, 1},
		{"never enough", count.Limit{Count: 10_000, Within: time.Second}, time.Second, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var w count.Window
			found := 0
			for i := range 12_000 {
				id := fmt.Sprintf("%s %d", "an event with an ID of some length", i)
				if w.Add(tt.limit, count.Event{Time: start.Add(time.Duration(i) * tt.every), ID: id, Value: id}) {
					found++
				}
			}
			text, err := json.Marshal(w)
			if err != nil || len(text) > 300_000 {
				t.Fatalf("the document has %d bytes (%v), want at most 300,000", len(text), err)
			}
			var again count.Window
			if err := json.Unmarshal(text, &again); err != nil {
				t.Errorf("it cannot be read again: %v", err)
			}
			if found != tt.want {
				t.Errorf("%d findings, want %d", found, tt.want)
			}
		})
	}
}

// TestFloodHidesNothing: very many events of one value push none of another out.
func TestFloodHidesNothing(t *testing.T) {
	limit := count.Limit{Count: 3, Within: time.Hour, Distinct: true}
	var w count.Window
	w.Add(limit, at(0, "b", "b"))
	for i := range 12_000 {
		if w.Add(limit, at(i/5, fmt.Sprint(i), "a")) {
			t.Fatalf("a finding after event %d of one value", i)
		}
	}
	if !w.Add(limit, at(3000, "c", "c")) {
		t.Error("no finding of three values")
	}
}

func FuzzUnmarshal(f *testing.F) {
	var w count.Window
	w.Add(count.Limit{Count: 2, Within: time.Hour}, at(1, "a", "b"))
	text, err := json.Marshal(w)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		string(text), "{}", "null", `{"marks":"//////////8="}`, `{"floor":-9223372036854775808}`,
		`{"first":9223372036854775807,"marks":"AQAAAAAAAAAAAAAAAAAAAAA="}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var w count.Window
		if json.Unmarshal(text, &w) != nil {
			return
		}
		w.Add(count.Limit{Count: 2, Within: time.Hour, Distinct: true}, at(1, "a", "b"))
		w.Add(count.Limit{Count: 2, Within: time.Hour}, at(2, "b", "c"))
		again, err := json.Marshal(w)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(again, new(count.Window)); err != nil {
			t.Errorf("%s is not read again: %v", again, err)
		}
	})
}
