package look

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/asked"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/history"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/trail"
)

const (
	// maxSearching bounds the search for one call, and lookingBack how far it goes back.
	maxSearching = 6 * time.Second
	lookingBack  = 6 * time.Hour
)

// Searcher searches CloudTrail's event history.
type Searcher interface {
	Search(ctx context.Context, q history.Query, take func(events.Event) bool) (taken bool, err error)
}

// Actors finds in the event history who made a trail what it is.
type Actors struct {
	History Searcher
	Judge   *approval.Judge
	// Own reports whether the guard's role made a call.
	Own   func(events.Event) bool
	Clock clock.Clock
}

// MadeBy looks in the event history before a time for the call that made a trail what it is: the newest that went well,
// was not the guard's own, and asked for something that the fields are now worse by. For no fields it is the call that
// deleted the trail. The error says why there was no answer.
func (a *Actors) MadeBy(
	ctx context.Context, at time.Time, s *Sight, fields ...trail.Field,
) (ev events.Event, found bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, maxSearching)
	defer cancel()
	calls := callsThatChange(fields)
	fits := func(ev events.Event) bool {
		return slices.Contains(calls, ev.Record.EventName) && !a.Own(ev) && madeWorse(ev, s, fields)
	}
	search := func(key types.LookupAttributeKey, value string) {
		q := history.Query{
			Region: s.Trail.Region,
			Key:    key,
			Value:  value,
			From:   at.Add(-lookingBack),
			To:     a.Clock.Now(),
		}
		if stopped := s.State.Delivery.Stopped; slices.Equal(fields, []trail.Field{trail.FieldLogging}) && !stopped.IsZero() {
			q.From, q.To = stopped.Add(
				-trail.SameStop,
			), stopped.Add(
				trail.SameStop,
			) // so that no flood of other calls hides it
		}
		_, failed := a.History.Search(ctx, q, func(e events.Event) bool {
			ok := fits(e)
			if ok && (!found || newer(e, ev)) {
				ev, found = e, true
			}
			return ok
		})
		if failed != nil {
			err = failed
		}
	}
	search(types.LookupAttributeKeyResourceName, s.Trail.ARN())
	search(types.LookupAttributeKeyResourceName, s.Trail.Name)
	for _, call := range calls { // whatever the history takes for the resource of a call
		if !found && (err == nil || errors.Is(err, history.ErrCut)) {
			search(types.LookupAttributeKeyEventName, call)
		}
	}
	return ev, found, err
}

func newer(one, other events.Event) bool {
	at, _ := one.Record.Time()
	than, _ := other.Record.Time()
	return at.After(than)
}

// callsThatChange are the calls that can make the fields worse; for no fields, that which deletes a trail.
func callsThatChange(fields []trail.Field) []string {
	if len(fields) == 0 {
		return []string{"DeleteTrail"}
	}
	var calls []string
	add := func(call string) {
		if !slices.Contains(calls, call) {
			calls = append(calls, call)
		}
	}
	for _, f := range fields {
		add(f.Call())
		if f == trail.FieldTags {
			add("AddTags")
		}
	}
	return calls
}

// madeWorse reports whether a call of the history was made on the trail and asked for something that the fields are now
// worse by.
func madeWorse(ev events.Event, s *Sight, fields []trail.Field) bool {
	rec := ev.Record
	on, err := ev.Trail()
	if err != nil || on != s.Trail || rec.Refused() || !rec.IsCall() || rec.EventSource != "cloudtrail.amazonaws.com" {
		return false
	}
	request, err := asked.Of(rec, s.Trail)
	switch {
	case err != nil:
		return rec.RequestParameters.Omitted() && len(fields) > 0 // it may have been this one, and nothing says more
	case len(fields) == 0:
		return request.Deleted
	case slices.Contains(fields, trail.FieldLogging) && rec.EventName == "StopLogging":
		return true
	}
	return slices.ContainsFunc(
		request.Weakens(s.Declared), func(c trail.Change) bool { return slices.Contains(fields, c.Field) },
	)
}

// longestRival is how old a call may be that ends the waiting for another: what was changed before is put back by now.
// The newest deletion is the one by which a trail is gone.
const longestRival = 2 * approval.Patience

// Rival says who has changed these fields of a trail, as the event history has it, where that is none whose change an
// approval covers and no call that is waited for: a claim that anybody may have written keeps nobody else's change.
// Not found: the history shows no such call.
func (a *Actors) Rival(ctx context.Context, s *Sight, fields []trail.Field) (says finding.Note, found bool) {
	now := a.Clock.Now()
	ev, found, _ := a.MadeBy(ctx, now, s, fields...)
	if !found ||
		slices.ContainsFunc(s.Known.Approved, func(noted known.Approved) bool { return noted.EventID == ev.Record.EventID }) {
		return finding.Note{}, false
	}
	c, ok := a.Judge.Reads(ev, s.Trail)
	at, hasTime := ev.Record.Time()
	if !hasTime || len(fields) > 0 && now.Sub(at) > longestRival || ok && !c.Approval.Expires.IsZero() {
		return finding.Note{}, false
	}
	who := cmp.Or(ev.Record.Principal(), ev.Record.Actor().String())
	return finding.Say(
		finding.NoteHistoryRival, sanitize.Bound(who, 200), at, sanitize.Bound(ev.Record.EventID, 64),
	), true
}
