package localcloud

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// Limits of PutEvents (EventBridge quotas), in entries and bytes.
const (
	mostEntries = 10
	mostEvents  = 1 << 20
)

// eventBridge answers PutEvents (AWS JSON 1.1).
func (c *Cloud) eventBridge(cl *call) (any, *awsError) {
	if cl.op != "PutEvents" {
		return nil, refuse("UnknownOperationException", "the operation %s is not part of the local run", cl.op)
	}
	return c.putEvents(cl)
}

// putEvents puts events on the bus. An entry may fail for itself; a permission that is missing fails the request.
func (c *Cloud) putEvents(cl *call) (any, *awsError) {
	entries, _ := cl.params["Entries"].([]any)
	switch {
	case len(entries) == 0 || len(entries) > mostEntries:
		return nil, refuse("ValidationException", "%d entries; want 1 to %d", len(entries), mostEntries)
	case len(cl.body) > mostEvents:
		return nil, refuse("ValidationException", "Total size of the entries in the request is over the limit.")
	}
	for _, v := range entries {
		if failed := c.mayPut(cl, entryOf(v)); failed != nil {
			return nil, failed
		}
	}
	if f := c.refusal(cl); f != nil {
		return nil, f
	}
	results, failures := []any{}, 0
	for _, v := range entries {
		result := c.putEvent(cl, entryOf(v))
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
	Time                                     float64 // seconds since 1970
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
	name := e.EventBusName[strings.LastIndex(e.EventBusName, "/")+1:]
	if name == "" {
		return defaultBus
	}
	return name
}

func (c *Cloud) mayPut(cl *call, e putEntry) *awsError {
	region, account := cl.region, cl.who.Account
	if parts := strings.Split(e.EventBusName, ":"); len(parts) == 6 {
		region, account = parts[3], parts[4]
	}
	a := access{
		action: "events:PutEvents", resource: "arn:" + c.opts.Partition + ":events:" + region + ":" + account + ":event-bus/" + e.bus(),
		context: map[string]string{"events:source": e.Source, "events:detail-type": e.DetailType},
	}
	if why, ok := c.authorize(cl.who, a, nil); !ok {
		return c.deniedBy(cl, a, why)
	}
	return nil
}

// putEvent puts one event on the bus and returns its result; ErrorCode is empty where it went well.
func (c *Cloud) putEvent(cl *call, e putEntry) map[string]any {
	fail := func(code, message string) map[string]any {
		c.note(Entry{Kind: KindNote, Who: "EventBridge", Text: "refuses an event of " + cl.who.name() + ": " + message})
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
	at := c.time.Now()
	if e.Time != 0 {
		at = time.UnixMilli(int64(e.Time * 1000))
	}
	id := c.id("put")
	ev := busEvent{id: id, name: e.DetailType, local: e.bus() == defaultBus, ours: cl.who.Account == c.opts.Account && cl.region == c.opts.Region}
	if !ev.local {
		ev.bus = e.bus()
	}
	resources := e.Resources
	if resources == nil {
		resources = []string{}
	}
	ev.payload = envelope(map[string]any{
		"id": id, "source": e.Source, "detail-type": e.DetailType, "account": cl.who.Account, "region": cl.region,
		"time": at.UTC().Format(time.RFC3339), "resources": resources, "detail": detail,
	})
	c.note(Entry{Kind: KindNote, Who: cl.who.name(), Text: "puts the event " + e.DetailType + " on the bus " + e.bus(), EventID: id})
	c.publish(ev)
	return map[string]any{"EventId": id, "ErrorCode": ""}
}

// putScheduled is PutEvents by Scheduler's universal target: the input is the request. An entry that failed counts as delivered, as Scheduler does
// not look at the answer.
func (c *Cloud) putScheduled(f *firing, who Principal) *targetError {
	cl := &call{service: "events", op: "PutEvents", region: c.opts.Region, who: who, body: []byte(f.input())}
	if json.Unmarshal(cl.body, &cl.params) != nil {
		return &targetError{code: "InvalidParameterException", message: "the input is no request of PutEvents"}
	}
	if fault := c.own("scheduler", "PutEvents", "Scheduler", f.schedule.arn); fault != nil {
		return &targetError{code: fault.Code, message: fault.Message, retry: fault.Status >= 500 || fault.Status == http.StatusTooManyRequests}
	}
	if _, failed := c.putEvents(cl); failed != nil {
		return &targetError{code: "AWS.EventBridge." + failed.Code, message: failed.Message}
	}
	return nil
}
