package backtest

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"trailkeeper/rules/count"
)

// kept is what is kept of a rule's matches for Merge.
type kept struct {
	actors map[string]int64
	log    log
}

// others stands for the actors of whom there are too many.
const others = "others"

func (k *kept) actor(name string, n int64) {
	if k.actors == nil {
		k.actors = map[string]int64{}
	}
	if _, known := k.actors[name]; !known && len(k.actors) >= maxActors {
		name = others
	} else if !known {
		name = strings.Clone(name) // it may be a part of a long text
	}
	k.actors[name] += n
}

func (k *kept) add(other *kept) {
	for _, name := range sorted(other.actors) {
		k.actor(name, other.actors[name])
	}
	k.log.cut = k.log.cut || other.log.cut
	for _, e := range other.log.events {
		k.log.add(e)
	}
}

// event is a match as thresholds and dedupe see it. Of texts it has hashes, and 0 of an empty one.
type event struct {
	at                    int64 // eventTime in milliseconds, 0 where there is none
	id, by, value, dedupe uint64
}

// maxEvents bounds the events of a rule that are kept: the oldest, whatever the order in which they come.
const maxEvents = 200_000

// log is the events of a rule.
type log struct {
	events []event
	cut    bool // there were more
}

func (l *log) add(e event) {
	if l.events = append(l.events, e); len(l.events) > 2*maxEvents {
		l.order()
	}
}

// order sorts the events, drops those that are there twice, and keeps the oldest.
func (l *log) order() {
	slices.SortFunc(l.events, compareEvents)
	l.events = slices.Compact(l.events)
	if len(l.events) > maxEvents {
		l.events, l.cut = slices.Clip(l.events[:maxEvents]), true
	}
}

func compareEvents(a, b event) int {
	for _, pair := range [...][2]uint64{
		{uint64(a.at), uint64(b.at)}, {a.id, b.id}, {a.by, b.by}, {a.value, b.value}, {a.dedupe, b.dedupe},
	} {
		if pair[0] != pair[1] {
			if pair[0] < pair[1] {
				return -1
			}
			return 1
		}
	}
	return 0
}

// count applies the threshold and the dedupe of a rule to its matches, in the order of their times.
func (r *Rule) count(l *log) {
	l.order()
	r.Until, r.Findings, r.Messages = "", r.Matches, 0
	if l.cut {
		r.Until = stamp(time.UnixMilli(l.events[len(l.events)-1].at))
	}
	if r.Threshold != nil {
		r.Findings = 0
	}
	windows, last, seen := map[uint64]*count.Window{}, map[uint64]int64{}, map[uint64]bool{}
	for _, e := range l.events {
		if r.Threshold == nil {
			if seen[e.id] {
				continue
			}
			seen[e.id] = true
		} else if !r.reached(windows, e) {
			continue
		} else {
			r.Findings++
		}
		within := int64(r.Dedupe) * 1000
		if before, there := last[e.dedupe]; r.Dedupe > 0 && there && e.at-before <= within {
			continue
		}
		last[e.dedupe] = e.at
		r.Messages++
	}
}

// reached counts an event with those of its key.
func (r *Rule) reached(windows map[uint64]*count.Window, e event) bool {
	w := windows[e.by]
	if w == nil {
		w = &count.Window{}
		windows[e.by] = w
	}
	limit := count.Limit{
		Count:    r.Threshold.Count,
		Within:   time.Duration(r.Threshold.Within) * time.Second,
		Distinct: r.Threshold.Distinct,
	}
	return w.Add(limit, count.Event{Time: time.UnixMilli(e.at), ID: text(e.id), Value: text(e.value)})
}

// hash and text are the way of a text into an event and out of it: another text then, but the same of the same.
func hash(text string) uint64 {
	if text == "" {
		return 0
	}
	sum := sha256.Sum256([]byte(text))
	return binary.BigEndian.Uint64(sum[:])
}

func text(hash uint64) string {
	if hash == 0 {
		return ""
	}
	return string(binary.BigEndian.AppendUint64(nil, hash))
}

// document is how kept is encoded. Events have, one behind the other: the milliseconds since the one before (a varint),
// and those of its four hashes that any of them has.
type document struct {
	Actors map[string]int64 `json:"actors,omitempty"`
	Fields int              `json:"fields,omitempty"` // a bit for each of the hashes
	Events []byte           `json:"events,omitempty"`
	Cut    bool             `json:"cut,omitempty"`
}

func (e *event) fields() [4]*uint64 { return [4]*uint64{&e.id, &e.by, &e.value, &e.dedupe} }

// MarshalJSON encodes what is kept.
func (k *kept) MarshalJSON() ([]byte, error) {
	k.log.order()
	d := document{Actors: k.actors, Cut: k.log.cut}
	for i := range k.log.events {
		for f, value := range k.log.events[i].fields() {
			if *value != 0 {
				d.Fields |= 1 << f
			}
		}
	}
	last := int64(0)
	for i := range k.log.events {
		e := &k.log.events[i]
		d.Events = binary.AppendUvarint(d.Events, uint64(e.at-last))
		last = e.at
		for f, value := range e.fields() {
			if d.Fields&(1<<f) != 0 {
				d.Events = binary.BigEndian.AppendUint64(d.Events, *value)
			}
		}
	}
	out, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("encode the matches of a rule: %w", err)
	}
	return out, nil
}

var errKept = errors.New("the matches of a rule are not as rules backtest writes them")

// UnmarshalJSON decodes what MarshalJSON has encoded.
func (k *kept) UnmarshalJSON(in []byte) error {
	var d document
	if err := json.Unmarshal(in, &d); err != nil || len(d.Actors) > maxActors+1 {
		return errKept
	}
	*k = kept{actors: d.Actors, log: log{cut: d.Cut}}
	var e event
	for rest := d.Events; len(rest) > 0; {
		step, n := binary.Uvarint(rest)
		if n <= 0 || step > maxTime || e.at > maxTime || len(k.log.events) == maxEvents {
			return errKept
		}
		rest, e = rest[n:], event{at: e.at + int64(step)}
		for f, value := range e.fields() {
			if d.Fields&(1<<f) == 0 {
				continue
			}
			if len(rest) < 8 {
				return errKept
			}
			*value, rest = binary.BigEndian.Uint64(rest), rest[8:]
		}
		k.log.events = append(k.log.events, e)
	}
	if k.log.cut && len(k.log.events) == 0 {
		return errKept
	}
	return nil
}

// maxTime is far beyond any year that CloudTrail can write, in milliseconds.
const maxTime = 1 << 50
