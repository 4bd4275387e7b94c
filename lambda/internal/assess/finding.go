package assess

import (
	"cmp"
	"encoding/json"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/finding"
)

// Finding gathers the facts of an event's record, as it was assessed.
func (s Scope) Finding(ev events.Event, a Assessment) finding.Finding {
	rec := ev.Record
	actor := rec.Actor()
	at, _ := rec.Time()
	n := finding.Finding{
		EventID:   cmp.Or(rec.EventID, ev.ID),
		EventName: rec.EventName,
		EventTime: at,
		Severity:  a.Severity,
		Outcome:   a.Outcome,
		Notes:     a.Notes,
		Next:      a.Next,
		Actor:     actor.String(),
		ActorARN:  actor.ARN,
		Principal: Caller(rec),
		Subject: finding.Subject{
			ARN:       a.Trail.ARN(),
			Name:      cmp.Or(a.Trail.Name, eventDataStore(rec)),
			Account:   cmp.Or(rec.RecipientAccountID, ev.Account),
			Region:    cmp.Or(rec.Region, ev.Region),
			Partition: s.Partition,
		},
		Recipient:    cmp.Or(rec.RecipientAccountID, ev.Account),
		SourceIP:     rec.SourceIPAddress,
		UserAgent:    rec.UserAgent,
		ErrorCode:    rec.ErrorCode,
		ErrorMessage: rec.ErrorMessage,
		Stack:        s.Stack,
		Unconfirmed:  !rec.IsCall() && !rec.Refused(),
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

// Caller is who made a call, without anything that a caller may choose for each one.
func Caller(rec events.Record) string {
	id := rec.Identity
	arn := id.ARN
	if a, err := events.ParseARN(arn); err == nil {
		arn = a.WithoutSession().String()
	}
	who, _, _ := strings.Cut(id.PrincipalID, ":")
	return cmp.Or(id.IssuerARN, arn, who, id.InvokedBy, id.AccountID)
}
