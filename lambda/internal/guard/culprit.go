package guard

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/asked"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/history"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

const (
	// mostSearching bounds the search for one call, and lookingBack how far it goes back.
	mostSearching = 6 * time.Second
	lookingBack   = 6 * time.Hour
)

// searcher searches CloudTrail's event history.
type searcher interface {
	Search(ctx context.Context, q history.Query, take func(events.Event) bool) (taken bool, err error)
}

// madeBy looks in the event history before a time for the call that made a trail what it is: the newest that went well, was not the guard's own, and asked for
// something that the fields are now worse by. For no fields it is the call that deleted the trail. The error says why there was no answer.
func (h *Handler) madeBy(ctx context.Context, at time.Time, s *look.Sight, fields ...trail.Field) (ev events.Event, found bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, mostSearching)
	defer cancel()
	calls := callsThatChange(fields)
	fits := func(ev events.Event) bool {
		return slices.Contains(calls, ev.Record.EventName) && !h.own(ev) && changed(ev, s, fields)
	}
	search := func(key types.LookupAttributeKey, value string) {
		q := history.Query{Region: s.Trail.Region, Key: key, Value: value, From: at.Add(-lookingBack), To: h.clock.Now()}
		if stopped := s.State.Delivery.Stopped; slices.Equal(fields, []trail.Field{trail.FieldLogging}) && !stopped.IsZero() {
			q.From, q.To = stopped.Add(-sameStop), stopped.Add(sameStop) // so that no flood of other calls hides it
		}
		_, failed := h.past.Search(ctx, q, func(e events.Event) bool {
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

func newer(a, b events.Event) bool {
	at, _ := a.Record.Time()
	than, _ := b.Record.Time()
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

// changed reports whether a call of the history was made on the trail and asked for something that the fields are now worse by.
func changed(ev events.Event, s *look.Sight, fields []trail.Field) bool {
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
	return slices.ContainsFunc(request.Weakens(s.Declared), func(c trail.Change) bool { return slices.Contains(fields, c.Field) })
}

// changedBy are the fields by which the call behind a finding is known; false: no call is behind it.
func changedBy(f look.Finding) (fields []trail.Field, ok bool) {
	switch f.Kind {
	case finding.KindNotLogging, finding.KindWeakened:
		return fieldsOf(f), true
	}
	return nil, f.Kind == finding.KindMissing
}

// name says in a message who made the change, as the event history has it. It comes after everything that is to be put back; what is not found yet is
// looked for again by the next sweeps.
func (r *sweepRun) name(ctx context.Context, s *look.Sight, f look.Finding, n *finding.Finding) {
	fields, ok := changedBy(f)
	if !ok || r.past == nil {
		return
	}
	unreported := strings.HasSuffix(n.Detail, noEvent)
	sign := strings.Join([]string{r.at.UTC().Format(time.RFC3339), string(f.Kind), joinFields(fields)}, " ")
	if r.waiting > 0 || f.Kind == finding.KindNotLogging && s.Found(finding.KindWeakened) {
		n.Detail += " Who did it is looked up when everything is put back."
		r.told[unnamedSubject(f)] = sign
		r.nameNext(ctx, f, sign)
		return
	}
	ev, found, err := r.madeBy(ctx, r.at, s, fields...)
	switch {
	case found:
		r.nameIn(n, ev, unreported)
		return
	case err != nil:
		n.Detail += " Who did it could not be looked up: " + strings.TrimSuffix(err.Error(), ".") + "."
	default:
		n.Detail += " CloudTrail's event history does not show who did it, yet or at all."
	}
	n.Detail += " The next sweeps look again."
	r.nameNext(ctx, f, sign)
}

// nameNext notes a finding whose actor is to be looked for.
func (r *sweepRun) nameNext(ctx context.Context, f look.Finding, sign string) {
	r.turn(ctx, unnamedSubject(f), sign)
	r.toldAll(ctx, unnamedSubject(f), sign)
}

// nameIn adds who made the change, when and from where.
func (r *sweepRun) nameIn(n *finding.Finding, ev events.Event, unreported bool) {
	rec := ev.Record
	actor := rec.Actor()
	at, _ := rec.Time()
	n.Actor, n.ActorARN, n.SourceIP, n.UserAgent = actor.String(), actor.ARN, rec.SourceIPAddress, rec.UserAgent
	n.Detail += " " + sanitize.Bound(rec.EventName, 64) + " by " + sanitize.Bound(actor.String(), 200) + " at " + finding.Time(at) + " from " +
		sanitize.Bound(rec.SourceIPAddress, 64) + " (event " + sanitize.Bound(rec.EventID, 64) + "): found in the event history"
	if unreported {
		n.Detail += "; no event arrived"
	}
	n.Detail += "."
}

// noEvent is how the message about a finding ends that no event reported.
const noEvent = " Found by the sweep: no event arrived."

func unnamedSubject(f look.Finding) string {
	return "actor of " + string(f.Kind) + " " + f.Trail.ARN()
}

func joinFields(fields []trail.Field) string {
	var all []string
	for _, f := range fields {
		all = append(all, string(f))
	}
	return strings.Join(all, ",")
}
