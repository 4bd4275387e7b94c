package guard

import (
	"trailkeeper/events"
	"trailkeeper/lambda/internal/asked"
	"trailkeeper/lambda/internal/trail"
)

// askedFor are the changes for the worse that a call asked for, compared with the trail's baseline, and the trail as it would be with them. Of a call
// whose record does not show what it asked for, they are whatever the call can change; not of the guard's own, which would answer itself for as long as
// nothing can be read.
func askedFor(ev events.Event, t events.Trail, baseline trail.State, own bool) ([]trail.Change, trail.State) {
	request, err := asked.Of(ev.Record, t)
	if err == nil {
		return request.Weakens(baseline), request.On(baseline, request.Fields...)
	}
	if own {
		return nil, trail.State{}
	}
	var all []trail.Change
	for _, f := range trail.FieldsOf(ev.Record.EventName) {
		all = append(all, trail.Change{Field: f, Effect: trail.Weakens, Sentence: "The record does not show what " + ev.Record.EventName + " has set."})
	}
	return all, trail.State{}
}
