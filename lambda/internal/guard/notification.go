package guard

import (
	"context"
	"encoding/json"
	"strings"
	"sync"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
)

// notification gathers the facts of the record.
func (h *Handler) notification(ev events.Event, a assess.Assessment) finding.Finding {
	rec := ev.Record
	actor := rec.Actor()
	at, _ := rec.Time()
	n := finding.Finding{
		EventID: first(rec.EventID, ev.ID), EventName: rec.EventName, EventTime: at, Severity: a.Severity, Outcome: a.Outcome,
		Detail: a.Detail, NextStep: a.NextStep,
		Actor: actor.String(), ActorARN: actor.ARN, Principal: principal(rec),
		Subject: finding.Subject{
			ARN:       a.Trail.ARN(),
			Name:      first(a.Trail.Name, eventDataStore(rec)),
			Account:   first(rec.RecipientAccountID, ev.Account),
			Region:    first(rec.Region, ev.Region),
			Partition: h.cfg.Partition,
		},
		Recipient: first(rec.RecipientAccountID, ev.Account),

		SourceIP: rec.SourceIPAddress, UserAgent: rec.UserAgent, ErrorCode: rec.ErrorCode, ErrorMessage: rec.ErrorMessage,
		Stack: h.cfg.Stack, Unconfirmed: !rec.IsCall() && !rec.Refused(),
	}
	if raw := rec.RequestParameters.JSON(); json.Valid(raw) {
		n.Request = raw
	}
	return n
}

// eventDataStore is what a PutInsightSelectors that names no trail is about: the end of the store's ARN, or its ID.
func eventDataStore(rec events.Record) string {
	store := rec.RequestParameters.Text("eventDataStore")
	return store[strings.LastIndexByte(store, ':')+1:]
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// requestID names the invocation; Lambda keeps it over the retries of one event.
func requestID(ctx context.Context) string {
	if lc, ok := lambdacontext.FromContext(ctx); ok && lc.AwsRequestID != "" {
		return lc.AwsRequestID
	}
	return noRequestID
}

// noRequestID names an invocation outside of Lambda.
const noRequestID = "no-request-id"

// failures counts the failed runs of the events that this execution environment saw. Another environment starts anew, so that "gave up"
// is said by the last run only where it is sure; the failure queue's alarm says it in any case.
type failures struct {
	mu   sync.Mutex
	runs map[string]int
}

// rememberedEvents bounds the memory; an event is retried for minutes, and thousands do not fail in that time.
const rememberedEvents = 1000

// count adds a failed run of the request and returns how many there were. Invocations without an ID are not told apart, so each is a first.
func (f *failures) count(request string) int {
	if request == noRequestID {
		return 1
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.runs == nil || len(f.runs) >= rememberedEvents {
		f.runs = make(map[string]int)
	}
	f.runs[request]++
	return f.runs[request]
}
