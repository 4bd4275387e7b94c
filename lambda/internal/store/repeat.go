package store

import (
	"context"
	"errors"
	"time"
)

// Repeat is something that happens again and again, and of which only a summary is told.
type Repeat struct {
	Key   string
	Since time.Time // when it first happened again
	Told  time.Time // when it was last told, itself or in a summary
	Count int64     // how often it has happened since it was told
	Text  string    // the last of them, as Repeated was given it
	All   int64     // how often it has ever been counted
}

const (
	attrCount = "count" // of all that were counted, ever
	attrTold  = "told"  // of those that summaries have told
	attrAgain = "again" // when the first happened that no summary has told
	attrSince = "since"
	attrEvent = "event" // the one that began the window
	attrSpent = "spent" // how many were told within the window, of those that Beyond bounds
)

// Repeated counts something that may have been told lately. It reports true where it was, within the window before now: then it is counted, for
// Repeats to return, and text is kept. Where it was not, this call begins the window, and what happened is to be told in full. The event that began a
// window is no repeat of itself: it comes again because its message was lost.
func (s *Store) Repeated(ctx context.Context, key, event, content string, window time.Duration) (bool, error) {
	now := s.Clock.Now()
	err := s.update(ctx, change{
		what: "see whether it is a repeat", pk: pkRepeat, sk: key, set: "#text = :text, #again = if_not_exists(#again, :now)", add: "#count :one",
		condition: "#since > :old AND #since <= :now AND #event <> :event",
		names: map[string]string{
			"#text": attrText, "#count": attrCount, "#since": attrSince, "#event": attrEvent, "#again": attrAgain,
		},
		values: item{
			":text": text(content), ":one": number(1), ":old": moment(now.Add(-window)), ":now": moment(now), ":event": text(event),
		},
	})
	if !errors.Is(err, errCondition) {
		return err == nil, err
	}
	err = s.update(ctx, change{
		what: "note that it was told", pk: pkRepeat, sk: key, set: "#since = :now, #event = :event, #expires = :expires",
		condition: "attribute_not_exists(#since) OR #since <= :old OR #since > :now",
		names:     map[string]string{"#since": attrSince, "#event": attrEvent, "#expires": attrExpires},
		values: item{
			":event": text(event), ":now": moment(now), ":old": moment(now.Add(-window)), ":expires": moment(now.Add(keepingIncidents)),
		},
	})
	if errors.Is(err, errCondition) {
		return false, nil // another run has begun the window just now; told twice is better than not told
	}
	return false, err
}

// Beyond bounds how many things are told within a window that begins with the first of them. It reports true where so many were: then it is counted, for
// Repeats to return, and text is kept.
func (s *Store) Beyond(ctx context.Context, key, content string, window time.Duration, most int64) (bool, error) {
	now := s.Clock.Now()
	names := map[string]string{"#since": attrSince, "#spent": attrSpent}
	values := item{":one": number(1), ":old": moment(now.Add(-window)), ":now": moment(now), ":most": number(most)}
	within := change{
		what: "count what is told", pk: pkRepeat, sk: key, add: "#spent :one", condition: "#since > :old AND #since <= :now AND #spent < :most",
		names: names, values: values,
	}
	err := s.update(ctx, within)
	if !errors.Is(err, errCondition) {
		return false, err
	}
	err = s.update(ctx, change{
		what: "count what is told", pk: pkRepeat, sk: key, set: "#since = :now, #spent = :one, #expires = :expires",
		condition: "attribute_not_exists(#since) OR #since <= :old OR #since > :now",
		names:     map[string]string{"#since": attrSince, "#spent": attrSpent, "#expires": attrExpires},
		values:    item{":one": number(1), ":old": values[":old"], ":now": values[":now"], ":expires": moment(now.Add(keepingIncidents))},
	})
	if !errors.Is(err, errCondition) {
		return false, err
	}
	err = s.update(ctx, change{
		what: "count what is not told", pk: pkRepeat, sk: key, set: "#text = :text, #again = if_not_exists(#again, :now)", add: "#count :one",
		condition: "#spent >= :most",
		names:     map[string]string{"#text": attrText, "#again": attrAgain, "#count": attrCount, "#spent": attrSpent},
		values:    item{":text": text(content), ":now": values[":now"], ":one": number(1), ":most": number(most)},
	})
	if errors.Is(err, errCondition) {
		return false, nil // another run has begun the window just now
	}
	return err == nil, err
}

// Repeats returns what has happened again since it was told.
func (s *Store) Repeats(ctx context.Context) ([]Repeat, error) {
	found, err := s.query(ctx, "read what happened again", pkRepeat)
	var all []Repeat
	for _, i := range found {
		r := Repeat{Key: textOf(i[attrSK]), Since: momentOf(i[attrAgain]), Text: textOf(i[attrText]), All: numberOf(i[attrCount])}
		if r.Told = momentOf(i[attrSince]); r.Since.IsZero() {
			r.Since = r.Told
		}
		r.Count = r.All - numberOf(i[attrTold])
		if r.Count < 0 {
			r.Count = r.All // nothing here says that more was told than there was
		}
		if r.Count > 0 {
			all = append(all, r)
		}
	}
	return all, err
}

// Summed takes off what a summary has told, and begins a window anew. Done twice, it is as done once.
func (s *Store) Summed(ctx context.Context, r Repeat) error {
	err := s.update(ctx, change{
		what: "note that it was summed up", pk: pkRepeat, sk: r.Key, set: "#since = :now, #told = :all", remove: "#again",
		condition: "attribute_not_exists(#told) OR #told < :all OR #told > #count",
		names:     map[string]string{"#told": attrTold, "#since": attrSince, "#again": attrAgain, "#count": attrCount},
		values:    item{":now": moment(s.Clock.Now()), ":all": number(r.All)},
	})
	if errors.Is(err, errCondition) {
		return nil // another sweep has told as much, or more
	}
	return err
}
