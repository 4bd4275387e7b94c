package assess

import (
	"cmp"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/finding"
)

// Finding gathers the facts of an event's record, as it was assessed.
func (s Scope) Finding(ev events.Event, a Assessment) finding.Finding {
	n := finding.OfRecord(ev)
	n.Severity, n.Outcome, n.Notes, n.Next = a.Severity, a.Outcome, a.Notes, a.Next
	n.Subject.ARN, n.Subject.Name = a.Trail.ARN(), cmp.Or(a.Trail.Name, eventDataStore(ev.Record))
	n.Partition, n.Stack = s.Partition, s.Stack
	return n
}

// eventDataStore is what a PutInsightSelectors that names no trail is about: the end of the store's ARN, or its ID.
func eventDataStore(rec events.Record) string {
	store := rec.RequestParameters.Text("eventDataStore")
	return store[strings.LastIndexByte(store, ':')+1:]
}
