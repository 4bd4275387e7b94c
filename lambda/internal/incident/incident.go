// Package incident keeps together what happens to one trail: from the first sign that it is out of its baseline to the restore that reading it
// again has shown, and what follows soon after.
//
// It restores nothing and tells nobody. It trusts the table no further than that a forged entry may add to a message; no entry ever keeps one back,
// and only an outcome that rests on reading the trail closes an incident.
package incident

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/notify"
	"trailkeeper/lambda/internal/store"
)

const (
	// Quiet is how long after the verified restore what happens to the trail still belongs to the incident, and opens it again.
	Quiet = time.Hour
	// forTelling is how long the message about a verified restore may be on its way before the sweep tells of it.
	forTelling = notify.LongestRun
	// mostAnswering bounds the table's answers: without one, a message has no incident.
	mostAnswering = 300 * time.Millisecond
	// mostTries bounds how often a note is tried while other runs are first.
	mostTries = 5
	// mostRemembered bounds the event IDs by which a repeated event is known, and what the messages were routed by.
	mostRemembered = 40
)

// Table keeps an incident for each trail.
type Table interface {
	Incident(ctx context.Context, trail string) (store.Kept, error)
	Incidents(ctx context.Context) (map[string]store.Kept, error)
	KeepIncident(ctx context.Context, trail string, read int64, content string) (bool, error)
}

// Book notes incidents. It is safe for concurrent use.
type Book struct {
	Table Table
	Clock clock.Clock
	Log   *slog.Logger
}

// entry is what the table keeps.
type entry struct {
	notify.Incident
	Events  []string  `json:"events"` // those that count already, in short
	Touched time.Time `json:"touched"`
	// Wrong is what is wrong with the trail, as far as it is known. With nothing left the incident is closed.
	Wrong map[aspect]mark `json:"wrong,omitempty"`
	// Untold says that nobody is known to have been told what its flags say: the message is on its way, or it was lost. Until then each message
	// has them.
	Untold bool `json:"untold,omitempty"`
}

// Note adds a notification to the incident of its trail, and returns it with the incident as it then stands. It opens one where the trail is out
// of its baseline. What belongs to none, and what the table does not answer in time, is returned as it is. Opened says that this call has opened
// the incident.
func (b *Book) Note(ctx context.Context, n notify.Notification) (noted notify.Notification, opened bool) {
	if !concerns(n) {
		return n, false
	}
	ctx, cancel := context.WithTimeout(ctx, mostAnswering)
	defer cancel()
	for range mostTries {
		kept, err := b.Table.Incident(ctx, n.TrailARN)
		if err != nil {
			b.Log.WarnContext(ctx, "incident", "event_id", n.EventID, "error", err.Error())
			return n, false
		}
		next, opened, ok := follow(read(kept.Text), n, b.Clock.Now())
		if !ok {
			return n, false
		}
		written, err := b.keep(ctx, n.TrailARN, kept.Version, next)
		if err != nil {
			b.Log.WarnContext(ctx, "incident", "event_id", n.EventID, "error", err.Error())
			return n, false
		}
		if written {
			n.Incident = &next.Incident
			return n, opened
		}
	}
	b.Log.WarnContext(ctx, "incident", "event_id", n.EventID, "error", "other runs were first each time")
	return n, false
}

// Refresh returns a notification that was kept for a while with its incident as it stands now. Where the table does not answer, or has another, it is
// returned as it is.
func (b *Book) Refresh(ctx context.Context, n notify.Notification) notify.Notification {
	if n.Incident == nil {
		return n
	}
	ctx, cancel := context.WithTimeout(ctx, mostAnswering)
	defer cancel()
	kept, err := b.Table.Incident(ctx, n.TrailARN)
	if e := read(kept.Text); err == nil && e != nil && e.ID == n.Incident.ID {
		e.Flags = n.Incident.Flags // these are of the message
		n.Incident = &e.Incident
	}
	return n
}

// Told notes that a notification which Note returned has reached somebody, or is parked. Without it, what it says of the incident's state is told
// again: by the next message, and at an incident's end by the sweep.
func (b *Book) Told(ctx context.Context, n notify.Notification) {
	if n.Incident == nil || n.Incident.Flags == (notify.Flags{}) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, mostAnswering)
	defer cancel()
	for range mostTries {
		kept, err := b.Table.Incident(ctx, n.TrailARN)
		e := read(kept.Text)
		if err == nil && (e == nil || e.ID != n.Incident.ID || !e.Untold || e.State != n.Incident.State) {
			return // something else has happened since
		}
		written := false
		if err == nil {
			e.Untold = false
			written, err = b.keep(ctx, n.TrailARN, kept.Version, *e)
		}
		if err != nil {
			b.Log.WarnContext(ctx, "incident", "event_id", n.EventID, "error", err.Error())
			return
		}
		if written {
			return
		}
	}
}

func (b *Book) keep(ctx context.Context, trail string, version int64, e entry) (bool, error) {
	content, err := json.Marshal(e)
	if err != nil {
		return false, fmt.Errorf("write the incident of %s: %w", trail, err)
	}
	return b.Table.KeepIncident(ctx, trail, version, string(content))
}

// Open returns the incidents that are not closed, and those whose end nobody was told in time, by the trail's ARN.
func (b *Book) Open(ctx context.Context) (map[string]Unsettled, error) {
	all, err := b.Table.Incidents(ctx)
	now := b.Clock.Now()
	open := map[string]Unsettled{}
	for trail, kept := range all {
		e := read(kept.Text)
		if e == nil {
			continue
		}
		untold := e.Untold && e.Closing && now.Sub(e.Touched) >= forTelling
		if !e.Closed.IsZero() && !untold {
			continue
		}
		u := Unsettled{ID: e.ID, Closed: e.Closed}
		for _, a := range slices.Sorted(maps.Keys(e.Wrong)) {
			u.Findings = append(u.Findings, a.finding())
			if at := e.Wrong[a].at(now); at.After(u.Noted) {
				u.Noted = at
			}
		}
		open[trail] = u
	}
	return open, err
}

// Unsettled is an incident that is not closed, or whose end nobody was told.
type Unsettled struct {
	ID       string
	Findings []string  // what is not known to be over, as the sweep would call it
	Noted    time.Time // when something was last found wrong
	Closed   time.Time // of the verified restore that nobody was told; zero: it is not closed
}

// follow is the incident after a notification: the one that was, or a new one. It reports false where the notification belongs to none.
func follow(was *entry, n notify.Notification, now time.Time) (next entry, opened, ok bool) {
	if was != nil && (was.goesOn(now) || was.Untold && !opens(n)) {
		next = *was
	} else {
		if !opens(n) {
			return entry{}, false, false
		}
		opened = true
		next = entry{Incident: notify.Incident{ID: newID(n, now), State: notify.IncidentOpen, Opened: now.UTC(), First: notify.Look(n)}}
		if !n.EventTime.IsZero() && n.EventTime.Before(now) && now.Sub(n.EventTime) < Quiet {
			next.Opened = n.EventTime.UTC()
		}
	}
	fresh := !slices.Contains(next.Events, short(n.EventID))
	if fresh {
		next.Count++
		next.Events = last(append(slices.Clone(next.Events), short(n.EventID)))
		next.Last = notify.Look(n)
	} else {
		next.Last.Outcome = n.Outcome
	}
	if heard := n.Heard(); !slices.Contains(next.Heard, heard) {
		next.Heard = last(append(slices.Clone(next.Heard), heard))
	}
	before := next
	next.judge(n, fresh && !opened, now)
	next.flag(before, opened, now)
	next.Touched = now.UTC()
	return next, opened, true
}

// last bounds what is remembered.
func last[T any](all []T) []T { return all[max(0, len(all)-mostRemembered):] }

// judge brings the state up to date. Again says that another event of an incident that there was has come.
func (e *entry) judge(n notify.Notification, again bool, now time.Time) {
	was := e.State
	e.Wrong = after(e.Wrong, n, now)
	e.State = worst(e.Wrong)
	began := now
	if n.EventTime.Before(now) && n.EventTime.After(e.Closed) && !n.EventTime.IsZero() {
		began = n.EventTime
	}
	switch {
	case e.State != notify.IncidentRestored:
		if was == notify.IncidentRestored {
			e.Since = began.UTC()
		}
		e.Closed = time.Time{}
	case was != notify.IncidentRestored:
		e.Closed = now.UTC()
	case again && n.Outcome == notify.OutcomeRestored: // it was out of its baseline and is back, all in one message
		e.Since, e.Closed = began.UTC(), now.UTC()
	}
}

// flag says what is new with a message about the incident as it was before. What nobody was told is new for the next message as well.
func (e *entry) flag(before entry, opened bool, now time.Time) {
	untold := before.Flags
	if !before.Untold {
		untold = notify.Flags{}
	}
	e.Flags = notify.Flags{
		Turned:  e.State == notify.IncidentHuman && (before.State != notify.IncidentHuman || untold.Turned),
		Closing: e.State == notify.IncidentRestored && (before.State != notify.IncidentRestored && !opened || untold.Closing),
		Resumed: !opened && now.Sub(before.Touched) > Quiet || untold.Resumed,
	}
	e.Untold = e.Flags != notify.Flags{}
}

// goesOn reports whether what happens now belongs to the incident.
func (e *entry) goesOn(now time.Time) bool {
	return e.Closed.IsZero() || now.Sub(e.Closed) < Quiet
}

// concerns reports whether a notification is about what happens to a trail.
func concerns(n notify.Notification) bool {
	switch n.Outcome {
	case notify.OutcomeNotOurs, notify.OutcomeUnreadable, notify.OutcomeUndelivered, notify.OutcomeApproved, notify.OutcomeTest, notify.OutcomeRepeated:
		return false
	}
	switch n.Finding {
	case "recorded", "cannot_see", "no_trail":
		return false
	}
	return n.TrailARN != ""
}

// opens reports whether a notification says that the trail is, or was, out of its baseline. A refused call and a change that nothing was compared
// with only join an incident that there is.
func opens(n notify.Notification) bool {
	switch n.Finding {
	case "not_logging", "weakened", "missing", "delivery_error", "stale":
		return true
	case "recovered", "confirmed":
		return false
	}
	switch n.Outcome {
	case notify.OutcomeAttempt, notify.OutcomeNoDrift:
		return false
	case notify.OutcomeNotified:
		return !n.Unconfirmed && (n.EventName == "StopLogging" || n.EventName == "DeleteTrail")
	}
	return true
}

// The longest texts of a glance, in runes.
const (
	mostID   = 128
	mostText = 200
)

// newID is unlike that of any other incident.
func newID(n notify.Notification, now time.Time) string {
	return idPrefix + hash(n.TrailARN+"\n"+n.EventID+"\n"+now.UTC().Format(time.RFC3339Nano), 8)
}

const idPrefix = "inc-"

func short(eventID string) string { return hash(eventID, 6) }

func hash(s string, bytes int) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:bytes])
}

// read reads what the table has. What this package would not have written counts as nothing.
func read(content string) *entry {
	var e entry
	if content == "" || json.Unmarshal([]byte(content), &e) != nil {
		return nil
	}
	states := []notify.IncidentState{notify.IncidentOpen, notify.IncidentRestored, notify.IncidentHuman}
	id, isID := strings.CutPrefix(e.ID, idPrefix)
	raw, err := hex.DecodeString(id)
	if !isID || err != nil || len(raw) != 8 || !slices.Contains(states, e.State) || e.Count < 1 || e.Opened.IsZero() || len(e.Events) > mostRemembered || len(e.Heard) > mostRemembered {
		return nil
	}
	for _, g := range []*notify.Glance{&e.First, &e.Last} {
		g.EventID, g.EventName, g.SourceIP = notify.Bound(g.EventID, mostID), notify.Bound(g.EventName, mostID), notify.Bound(g.SourceIP, mostID)
		g.Actor, g.Headline = notify.Bound(g.Actor, mostText), notify.Bound(g.Headline, mostText)
	}
	return &e
}
