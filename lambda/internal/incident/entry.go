package incident

import (
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
)

// entry is what the table keeps.
type entry struct {
	finding.Incident
	Events  []string  `json:"events"` // those that count already, in short
	Touched time.Time `json:"touched"`
	// Wrong is what is wrong with the subject, as far as it is known. With nothing left the incident is closed.
	Wrong marks `json:"wrong,omitempty"`
	// Undelivered says that nobody is known to have been notified of what its flags say: the message is on its way, or it
	// was lost. Until then each message has them.
	Undelivered bool `json:"untold,omitempty"`
	// Darkness is what the dark time is the sum of; Strikes are those that are remembered; Fought says that somebody has
	// struck again after our answer, and that the subject has not been quiet since.
	Darkness darkness `json:"darkness,omitzero"`
	Strikes  []strike `json:"strikes,omitempty"`
	Fought   bool     `json:"fought,omitempty"`
	// By is the event, in short, whose message was the first with its flags.
	By string `json:"by,omitempty"`
}

// follow is the incident after a notification: the one that was, or a new one. It reports false where the notification
// belongs to none.
func follow(was *entry, n finding.Finding, now time.Time) (next entry, opened, ok bool) {
	if was != nil && (was.goesOn(now) || was.Undelivered) {
		next = *was
	} else {
		if n.Bearing.Role != finding.RoleOpens {
			return entry{}, false, false
		}
		opened = true
		next = entry{Incident: finding.Incident{
			ID:     newID(n, now),
			State:  finding.IncidentOpen,
			Opened: now.UTC(),
			First:  message.Summarize(n),
		}}
		if !n.EventTime.IsZero() && n.EventTime.Before(now) && now.Sub(n.EventTime) < Quiet {
			next.Opened = n.EventTime.UTC()
		}
	}
	fresh := !slices.Contains(next.Events, heard(n.EventID, n.Principal))
	if fresh {
		next.Count++
		next.Events = last(append(slices.Clone(next.Events), heard(n.EventID, n.Principal)), maxRemembered)
		next.Last = message.Summarize(n)
	} else {
		next.Last.Outcome = n.Outcome
	}
	before := next
	next.judge(n, fresh && !opened, now)
	if by := raised(n, next.State).RouteKey(); !slices.Contains(next.RouteKeys, by) {
		next.RouteKeys = last(append(slices.Clone(next.RouteKeys), by), maxRemembered)
	}
	next.flag(before, n.EventID, opened, now)
	next.Touched = now.UTC()
	return next, opened, true
}

// last bounds what is remembered.
func last[T any](all []T, limit int) []T { return all[max(0, len(all)-limit):] }

// raised is a notification at the severity of its incident: a fight is critical, whatever each of its strikes would be.
// A refused call is no part of it.
func raised(n finding.Finding, state finding.IncidentState) finding.Finding {
	if state == finding.IncidentContested && n.Outcome != finding.OutcomeAttempt {
		n.Severity = finding.SeverityCritical
	}
	return n
}

// judge brings the state up to date. Again says that another event of an incident that there was has come.
func (e *entry) judge(n finding.Finding, again bool, now time.Time) {
	was, wrong := e.State, e.Wrong
	e.Wrong = after(e.Wrong, n, now)
	e.darken(wrong, n, now)
	e.struck(n.Dark)
	e.State = e.stands(n, now)
	e.Absent = n.Absent && e.State == finding.IncidentRestored
	began := now
	if n.EventTime.Before(now) && n.EventTime.After(e.Closed) && !n.EventTime.IsZero() {
		began = n.EventTime
	}
	switch {
	case e.State != finding.IncidentRestored:
		if was == finding.IncidentRestored {
			e.Since = began.UTC()
		}
		e.Closed = time.Time{}
	case was != finding.IncidentRestored:
		e.Closed = now.UTC()
	case again && n.Outcome == finding.OutcomeRestored: // it was out of its baseline and is back, all in one message
		e.Since, e.Closed = began.UTC(), now.UTC()
	}
}

// flag says what is new with a message about the incident as it was before. What nobody was notified of is new for the
// next message as well.
func (e *entry) flag(before entry, event string, opened bool, now time.Time) {
	news := e.news(before, opened, now)
	e.Flags = news
	if before.Undelivered {
		e.Flags = e.withUndelivered(news, before.Flags)
	}
	e.Undelivered = e.Flags != finding.Flags{}
	if news != (finding.Flags{}) {
		e.By = short(event)
	}
}

// news is what is new about the incident since it was as before.
func (e *entry) news(before entry, opened bool, now time.Time) finding.Flags {
	became := func(state finding.IncidentState) bool { return e.State == state && before.State != state }
	return finding.Flags{
		Turned:    became(finding.IncidentHuman),
		Closing:   became(finding.IncidentRestored) && !opened,
		Contested: became(finding.IncidentContested),
		Darker:    e.Fought && finding.DarkStep(e.Dark) > finding.DarkStep(before.Dark),
		Resumed:   !opened && now.Sub(before.Touched) > Quiet,
	}
}

// withUndelivered adds what nobody was notified of and is still so.
func (e *entry) withUndelivered(news, undelivered finding.Flags) finding.Flags {
	return finding.Flags{
		Turned:    news.Turned || undelivered.Turned && e.State == finding.IncidentHuman,
		Closing:   news.Closing || undelivered.Closing && e.State == finding.IncidentRestored,
		Contested: news.Contested || undelivered.Contested && e.State == finding.IncidentContested,
		Darker:    news.Darker || undelivered.Darker && e.Fought,
		Resumed:   news.Resumed || undelivered.Resumed,
	}
}

// goesOn reports whether what happens now belongs to the incident. One that nobody closed goes on as long as the table
// remembers it.
func (e *entry) goesOn(now time.Time) bool {
	return e.Closed.IsZero() || now.Sub(e.Closed) < Quiet
}

// read is what counts of what the table has: nil where this package would not have written it.
func (e entry) read() *entry {
	states := []finding.IncidentState{
		finding.IncidentOpen,
		finding.IncidentRestored,
		finding.IncidentHuman,
		finding.IncidentContested,
	}
	id, isID := strings.CutPrefix(e.ID, idPrefix)
	raw, err := hex.DecodeString(id)
	if !isID || err != nil || len(raw) != 8 || !slices.Contains(states, e.State) || e.Count < 1 || e.Opened.IsZero() ||
		len(e.Events) > maxRemembered || len(e.RouteKeys) > maxRemembered || len(e.Strikes) > maxStrikes ||
		len(e.Darkness.Spans) > maxSpans {
		return nil
	}
	e.First, e.Last = e.First.Bounded(), e.Last.Bounded()
	return &e
}
