package state

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"trailkeeper/lambda/internal/clock"
)

// Of are the documents of one kind, each a T. A body that is no T counts as the zero T, or as what Unreadable returns.
type Of[T any] struct {
	Documents Documents
	Kind      string
	Clock     clock.Clock
	// Keep is how long a document counts after it was last changed, where the change says nothing else; zero: for good,
	// or as long as before.
	Keep time.Duration
	// New says that most documents are new when they are changed. Then a change is written as if there were none, unless
	// this process knows of one, and what there is is read only where that fails: one call less.
	New        bool
	Unreadable func() T
}

// Entry is what a document says, and when it counts no more.
type Entry[T any] struct {
	Value   T
	Expires time.Time
}

// maxRounds bounds how often a change is tried anew because other runs were first. A round fails only where another
// run's succeeds.
const maxRounds = 50

// Now is the time to note: to the second, as people read it.
func (o Of[T]) Now() time.Time { return o.Clock.Now().UTC().Truncate(time.Second) }

// Get returns what the document of an ID says; the zero T where there is none. The words say what the caller does, for
// an error.
func (o Of[T]) Get(ctx context.Context, what, id string) (T, error) {
	d, err := o.Documents.Get(ctx, Key{o.Kind, id})
	return o.entry(d).Value, when(what, err)
}

// Last returns what the document of an ID said when this process last read or wrote it, without asking: it may say
// something else by now. It is the zero T where nothing is known.
func (o Of[T]) Last(id string) T { return o.entry(o.Documents.Last(Key{o.Kind, id})).Value }

// All returns what every document says, by its ID. With an error it returns those that were read.
func (o Of[T]) All(ctx context.Context, what string) (map[string]T, error) {
	found, err := o.Documents.List(ctx, o.Kind)
	all := make(map[string]T, len(found))
	for _, d := range found {
		all[d.Key.ID] = o.entry(d).Value
	}
	return all, when(what, err)
}

// Change makes something else of a document, as one step: where another run changes it at the same time, next is asked
// again about what that made of it. Next returns false where there is nothing to change; what it was last asked about
// is then what there is. It must do nothing but change the entry and say what became of it. The error is ErrChanged
// where other runs were first each time, also where the time ended before all was tried: the table is not silent.
func (o Of[T]) Change(ctx context.Context, what, id string, next func(*Entry[T]) bool) error {
	d := o.Documents.Last(Key{o.Kind, id})
	var err error
	known, contended := false, false // d is what there is; another run was first
	if !o.New && d.Version == "" {
		if d, err = o.Documents.Get(ctx, d.Key); err != nil {
			return when(what, err)
		}
		known = true
	}
	for range maxRounds {
		e := o.entry(d)
		if o.Keep > 0 {
			e.Expires = o.Now().Add(o.Keep)
		}
		switch {
		case next(&e):
			body, bad := json.Marshal(e.Value)
			if bad != nil {
				return &Error{What: what, Why: bad.Error(), Err: bad}
			}
			d, err = o.Documents.PutIf(ctx, Document{d.Key, body, e.Expires, d.Version})
			if err == nil {
				return nil
			}
			known = true
		case known:
			return nil
		default:
			d, err = o.Documents.Get(ctx, d.Key)
			known = true
		}
		changed := errors.Is(err, ErrChanged)
		if err != nil && !changed {
			if contended && ctx.Err() != nil {
				break
			}
			return when(what, err)
		}
		contended = contended || changed
	}
	return &Error{What: what, Why: "other runs were first each time", Err: ErrChanged}
}

// entry reads a document.
func (o Of[T]) entry(d Document) Entry[T] {
	if len(d.Body) == 0 {
		return Entry[T]{}
	}
	e := Entry[T]{Expires: d.Expires}
	if json.Unmarshal(d.Body, &e.Value) == nil {
		return e
	}
	var none T
	if e.Value = none; o.Unreadable != nil {
		e.Value = o.Unreadable()
	}
	return e
}
