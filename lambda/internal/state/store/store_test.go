package store_test

import (
	"errors"
	"testing"
	"time"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/statetest"
	"trailkeeper/lambda/internal/state/store"
)

const arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"

var begin = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// TestIncident: of two runs that read the same, one writes.
func TestIncident(t *testing.T) {
	memory := &statetest.Memory{}
	s := store.New(memory, clock.Clock{Now: func() time.Time { return begin }})
	none, err := s.Incident(t.Context(), arn)
	if err != nil || none != (store.Kept{}) {
		t.Fatalf("%+v, %v; want none", none, err)
	}
	keep := func(read state.Version, text string, want bool) {
		t.Helper()
		if ok, err := s.KeepIncident(t.Context(), arn, read, text); err != nil || ok != want {
			t.Errorf("%s over %q: %v, %v", text, read, ok, err)
		}
	}
	keep(none.Version, `"first"`, true)
	keep(none.Version, `"second"`, false)
	kept, err := s.Incident(t.Context(), arn)
	if err != nil || kept.Text != `"first"` {
		t.Errorf("%+v, %v", kept, err)
	}
	keep(kept.Version, `"third"`, true)
	keep(kept.Version, `"fourth"`, false)
	all, err := s.Incidents(t.Context())
	if err != nil || len(all) != 1 || all[arn].Text != `"third"` || all[arn].Version == kept.Version {
		t.Errorf("%+v, %v", all, err)
	}
	d, err := memory.Get(t.Context(), state.Key{Kind: "incident", ID: arn})
	if err != nil || !d.Expires.Equal(begin.AddDate(0, 0, 90)) {
		t.Errorf("kept until %v, %v", d.Expires, err)
	}
}

// TestFailures say what was not read or noted.
func TestFailures(t *testing.T) {
	broken := &state.Error{What: "x", Why: "broken"}
	s := store.New(&statetest.Memory{Fail: func(string, state.Key) error { return broken }}, clock.Clock{Now: time.Now})
	_, one := s.Incident(t.Context(), arn)
	_, all := s.Incidents(t.Context())
	ok, keep := s.KeepIncident(t.Context(), arn, "", "text")
	for what, err := range map[string]error{
		"read the trail's incident": one,
		"read the incidents":        all,
		"note the trail's incident": keep,
	} {
		if failed, isError := errors.AsType[*state.Error](err); !isError || failed.Error() != what+": broken" || ok {
			t.Errorf("%s: %v", what, err)
		}
	}
}
