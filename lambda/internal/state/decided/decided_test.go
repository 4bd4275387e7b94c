package decided_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/decided"
	"trailkeeper/lambda/internal/state/statetest"
)

func TestObjects(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC)
	writes := 0
	memory := &statetest.Memory{
		Now: func() time.Time { return now },
		Fail: func(_ context.Context, call string, key state.Key) error {
			if call == "PutIf" {
				writes++
			}
			if len(key.ID) != 64 {
				t.Errorf("key %q", key.ID)
			}
			return nil
		},
	}
	clk := clock.Real()
	clk.Now = func() time.Time { return now }
	objects := decided.New(memory, clk)
	a := decided.Object{Bucket: "logs", Key: "AWSLogs/" + strings.Repeat("x", 1016), ETag: `"e1"`}
	has := func(o decided.Object) bool {
		t.Helper()
		is, err := objects.Has(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		return is
	}
	if has(a) {
		t.Error("decided before anything was")
	}
	for range 2 {
		if err := objects.Note(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	if writes != 2 {
		t.Errorf("%d writes; want one for each that was decided", writes)
	}
	plain := a
	plain.ETag = "e1"
	if !has(a) || !has(plain) {
		t.Error("not decided after it was")
	}
	for what, other := range map[string]decided.Object{
		"another text":   {Bucket: a.Bucket, Key: a.Key, ETag: "e2"},
		"another bucket": {Bucket: "logs2", Key: a.Key, ETag: a.ETag},
		"another key":    {Bucket: a.Bucket, Key: a.Key + "x", ETag: a.ETag},
		"another cut":    {Bucket: "logs\nAWSLogs", Key: strings.TrimPrefix(a.Key, "AWSLogs/"), ETag: a.ETag},
	} {
		if has(other) {
			t.Errorf("%s is decided", what)
		}
	}
	none := decided.Object{Bucket: "logs", Key: "k"}
	if err := objects.Note(t.Context(), none); err != nil || has(none) || writes != 2 {
		t.Errorf("without an ETag: %v, %d writes", err, writes)
	}
	if now = now.Add(decided.Keeping + time.Second); has(a) {
		t.Error("remembered for longer than it is kept")
	}
}

func TestObjectsWithoutATable(t *testing.T) {
	away := errors.New("away")
	objects := decided.New(&statetest.Memory{
		Fail: func(context.Context, string, state.Key) error { return away },
	}, clock.Real())
	o := decided.Object{Bucket: "logs", Key: "k", ETag: "e"}
	if err := objects.Note(t.Context(), o); !errors.Is(err, away) {
		t.Error(err)
	}
	if is, err := objects.Has(t.Context(), o); is || !errors.Is(err, away) {
		t.Errorf("%t, %v", is, err)
	}
}
