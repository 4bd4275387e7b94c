package events

import (
	"encoding/json"
	"strings"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// Limits of PutEvents (EventBridge quotas), in entries and bytes.
const (
	mostEntries = 10
	mostEvents  = 1 << 20
)

// Receive is PutEvents by Scheduler's universal target: the body is the request. An entry that failed counts as
// delivered, as Scheduler does not look at the answer.
func (s *Bus) Receive(d kernel.Delivery) *kernel.Error {
	cl := &kernel.Call{
		Service: "events",
		Op:      "PutEvents",
		Region:  kernel.ARN(d.Source).Region,
		Who:     *d.Who,
		Body:    d.Body,
	}
	var failed *kernel.Error
	if cl.Params, failed = wire.ReadJSON(cl.Service, cl.Op, d.Body); failed == nil {
		_, failed = s.putEvents(cl)
	}
	if failed != nil {
		failed.Code = "AWS.EventBridge." + failed.Code
	}
	return failed
}

// putEvents puts events on the bus. An entry may fail for itself; a permission that is missing fails the request.
func (s *Bus) putEvents(cl *kernel.Call) (any, *kernel.Error) {
	entries, _ := cl.Params["Entries"].([]any)
	switch {
	case len(entries) == 0 || len(entries) > mostEntries:
		return nil, kernel.Refuse("ValidationException", "%d entries; want 1 to %d", len(entries), mostEntries)
	case len(cl.Body) > mostEvents:
		return nil, kernel.Refuse("ValidationException", "Total size of the entries in the request is over the limit.")
	}
	for _, v := range entries {
		if failed := s.mayPut(cl, entryOf(v)); failed != nil {
			return nil, failed
		}
	}
	if f := s.kernel.Refusal(cl); f != nil {
		return nil, f
	}
	results, failures := []any{}, 0
	for _, v := range entries {
		result := s.putEvent(cl, entryOf(v))
		if result["ErrorCode"] != "" {
			failures++
		} else {
			delete(result, "ErrorCode")
		}
		results = append(results, result)
	}
	return map[string]any{"FailedEntryCount": failures, "Entries": results}, nil
}

// putEntry is an entry of PutEvents.
type putEntry struct {
	Source, DetailType, Detail, EventBusName string
	Resources                                []string
	Time                                     time.Time
}

func entryOf(v any) putEntry {
	var e putEntry
	raw, err := json.Marshal(v)
	if err == nil && json.Unmarshal(raw, &e) != nil {
		e = putEntry{}
	}
	return e
}

// bus is the name of the entry's bus, which may be given by its ARN.
func (e putEntry) bus() string {
	return busName(e.EventBusName)
}

func (s *Bus) mayPut(cl *kernel.Call, e putEntry) *kernel.Error {
	place := s.kernel.PlaceOf(cl)
	if bus := kernel.ARN(e.EventBusName); bus.Service != "" {
		place = bus.Place
	}
	return s.kernel.Allow(cl, policy.Access{
		Action:   "events:PutEvents",
		Resource: place.ARN("events", "event-bus/"+e.bus()),
		Context:  map[string]string{"events:source": e.Source, "events:detail-type": e.DetailType},
	}, nil)
}

// putEvent puts one event on the bus and returns its result; ErrorCode is empty where it went well.
func (s *Bus) putEvent(cl *kernel.Call, e putEntry) map[string]any {
	fail := func(code, message string) map[string]any {
		s.kernel.Note(
			kernel.Entry{
				Kind: kernel.KindNote,
				Who:  "EventBridge",
				Text: "refuses an event of " + cl.Who.Name() + ": " + message,
			},
		)
		return map[string]any{"ErrorCode": code, "ErrorMessage": message}
	}
	var detail map[string]any
	switch {
	case e.Source == "":
		return fail("InvalidArgument", "Parameter Source is not valid. Reason: Source is a required argument.")
	case e.DetailType == "":
		return fail("InvalidArgument", "Parameter DetailType is not valid. Reason: DetailType is a required argument.")
	case strings.HasPrefix(e.Source, "aws."):
		return fail("NotAuthorizedForSourceException", "Not authorized for the source.")
	case json.Unmarshal([]byte(e.Detail), &detail) != nil || detail == nil:
		return fail("MalformedDetail", "Detail is malformed.")
	}
	at := s.kernel.Now()
	if !e.Time.IsZero() {
		at = e.Time
	}
	id := s.kernel.ID("put")
	envelope := kernel.Envelope{
		ID:         id,
		Source:     e.Source,
		DetailType: e.DetailType,
		Time:       at,
		Resources:  e.Resources,
		Detail:     detail,
	}
	s.kernel.Note(kernel.Entry{
		Kind:    kernel.KindNote,
		Who:     cl.Who.Name(),
		Text:    "puts the event " + e.DetailType + " on the bus " + e.bus(),
		EventID: id,
	})
	s.Publish(envelope.Event(cl.Site(), e.bus()))
	return map[string]any{"EventId": id, "ErrorCode": ""}
}
