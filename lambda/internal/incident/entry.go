package incident

import (
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/internal/notify"
)

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
	// By is the event, in short, whose message was the first with its flags.
	By string `json:"by,omitempty"`
}

// follow is the incident after a notification: the one that was, or a new one. It reports false where the notification belongs to none.
func follow(was *entry, n notify.Notification, now time.Time) (next entry, opened, ok bool) {
	if was != nil && (was.goesOn(now) || was.Untold) {
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
	next.flag(before, n.EventID, opened, now)
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
func (e *entry) flag(before entry, event string, opened bool, now time.Time) {
	untold := before.Flags
	if !before.Untold {
		untold = notify.Flags{}
	}
	news := notify.Flags{
		Turned:  e.State == notify.IncidentHuman && before.State != notify.IncidentHuman,
		Closing: e.State == notify.IncidentRestored && before.State != notify.IncidentRestored && !opened,
		Resumed: !opened && now.Sub(before.Touched) > Quiet,
	}
	e.Flags = notify.Flags{
		Turned: news.Turned || untold.Turned && e.State == notify.IncidentHuman, Closing: news.Closing || untold.Closing && e.State == notify.IncidentRestored,
		Resumed: news.Resumed || untold.Resumed,
	}
	e.Untold = e.Flags != notify.Flags{}
	if news != (notify.Flags{}) {
		e.By = short(event)
	}
}

// goesOn reports whether what happens now belongs to the incident. One that nobody closed goes on as long as the table remembers it.
func (e *entry) goesOn(now time.Time) bool {
	return e.Closed.IsZero() || now.Sub(e.Closed) < Quiet
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
	if !isID || err != nil || len(raw) != 8 || !slices.Contains(states, e.State) || e.Count < 1 || e.Opened.IsZero() ||
		len(e.Events) > mostRemembered || len(e.Heard) > mostRemembered {
		return nil
	}
	e.First, e.Last = e.First.Bounded(), e.Last.Bounded()
	return &e
}
