package known

import (
	"bytes"
	"encoding/json"
	"time"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/state"
)

// document is what is noted of a trail.
type document struct {
	Seen       time.Time `json:"seen,omitzero"`
	TamperedAt time.Time `json:"tamperedAt,omitzero"`
	Held       time.Time `json:"held,omitzero"`
	Pending    Pending   `json:"pending,omitzero"`
	Recorded   version   `json:"recorded,omitzero"`
	Attempts   Attempts  `json:"attempts,omitzero"`
	// Approved are notes of the type Approved, each of which is read by itself: a forged one hides no other.
	Approved []json.RawMessage `json:"approved,omitempty"`
}

// version is a recorded baseline, as baseline.Format writes it.
type version struct {
	Version  int64           `json:"version"`
	At       time.Time       `json:"at"`
	Baseline json.RawMessage `json:"baseline"`
}

// IsZero reports whether nothing was recorded.
func (v version) IsZero() bool { return v.Version == 0 && v.At.IsZero() && len(v.Baseline) == 0 }

// number is the version's; 0 where nothing was recorded, and 1 where a version says that it is none.
func (v version) number() int64 {
	if v.IsZero() {
		return 0
	}
	return max(1, v.Version)
}

// unreadable stands for a document that cannot be read: nobody knows what was recorded in it, but something may have
// been.
func unreadable() document { return document{Recorded: version{Version: 1}} }

type entry = state.Entry[document]

const (
	// forgetting is how long after its last sight a trail is forgotten.
	forgetting = 90 * 24 * time.Hour
	// passing is how long a document is kept that knows of nothing but tampering.
	passing = 48 * time.Hour
	// maxApproved bounds the notes of a trail, in bytes, so that there is room for what else is known of it. Sweeps drop
	// those that count no more.
	maxApproved = 256 << 10
)

// of are the documents of the trails, by their ARNs.
func of(documents state.Documents, clk clock.Clock) state.Of[document] {
	return state.Of[document]{
		Documents:  documents,
		Kind:       "trail",
		Clock:      clk,
		Unreadable: unreadable,
	}
}

// trail reads a document. What cannot be read counts as absent.
func (d document) trail(arn string) Trail {
	t := Trail{
		ARN:        arn,
		Seen:       d.Seen,
		TamperedAt: d.TamperedAt,
		Pending:    d.Pending,
		Held:       d.Held,
		Attempts:   d.Attempts,
	}
	if recorded, ok := stateOf(arn, d.Recorded.Baseline); ok {
		t.Recorded = &Recorded{Version: d.Recorded.number(), At: d.Recorded.At, State: recorded}
	} else {
		t.Broken = d.Recorded.number()
	}
	seen := map[string]bool{}
	for _, raw := range d.Approved {
		if a, ok := approvedOf(raw); ok && a.State.ARN == arn && !seen[a.EventID] {
			seen[a.EventID] = true
			t.Approved = append(t.Approved, a)
		}
	}
	return t
}

func approvedOf(raw json.RawMessage) (a Approved, ok bool) {
	return a, json.Unmarshal(raw, &a) == nil
}

// stateOf reads a recorded baseline, which must be the trail's own and one that CloudTrail would take.
func stateOf(arn string, content json.RawMessage) (baseline.State, bool) {
	if len(content) == 0 {
		return baseline.State{}, false
	}
	b, err := baseline.Parse(baseline.FileName(arn), content)
	return b.Trail, err == nil && b.Trail.ARN == arn
}

// keepFor lets a document expire that much later than now.
func keepFor(e *entry, now time.Time, d time.Duration) { e.Expires = now.Add(d) }

// keepAtLeast does where it does not expire yet: a note about a trail that is not known is forgotten soon.
func keepAtLeast(e *entry, now time.Time) {
	if e.Expires.IsZero() {
		keepFor(e, now, passing)
	}
}

func (d *document) recordTampering(now time.Time) { d.TamperedAt = now }

// resolve ends what is pending, and reports whether it was this.
func (d *document) resolve(p Pending) bool {
	if d.Pending == (Pending{}) || d.Pending.EventID != p.EventID {
		return false
	}
	d.Pending = Pending{}
	return true
}

// attempt counts.
func (d *document) attempt(now time.Time) {
	if d.Attempts = d.Attempts.Within(now); d.Attempts.Count < 1 {
		d.Attempts = Attempts{Since: now}
	}
	d.Attempts.Count++
}

// record replaces the recorded baseline of the version that is known, 0 for none, and reports whether that was the one
// that there is.
func (d *document) record(r version, known int64) bool {
	if d.Recorded.number() != known {
		return false
	}
	d.Recorded = r
	return true
}

// approve adds a note in place of an earlier one of its event, and reports whether there was room.
func (d *document) approve(event string, note json.RawMessage) bool {
	d.drop(func(a Approved) bool { return a.EventID == event })
	size := len(note)
	for _, n := range d.Approved {
		size += len(n)
	}
	if size > maxApproved {
		return false
	}
	d.Approved = append(d.Approved, note)
	return true
}

// unapprove drops a note where it is still this one, and reports whether it was.
func (d *document) unapprove(note json.RawMessage) bool {
	return d.drop(func(a Approved) bool {
		same, err := json.Marshal(a)
		return err == nil && bytes.Equal(same, note)
	})
}

// drop takes off the notes that it is asked to, and those that cannot be read.
func (d *document) drop(which func(Approved) bool) (dropped bool) {
	var left []json.RawMessage
	for _, raw := range d.Approved {
		a, ok := approvedOf(raw)
		switch {
		case !ok:
		case which(a):
			dropped = true
		default:
			left = append(left, raw)
		}
	}
	d.Approved = left
	return dropped
}
