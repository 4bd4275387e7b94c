package finding

import (
	"cmp"
	"encoding/json"

	"trailkeeper/events"
)

// OfRecord gathers the facts of an event's record: what happened, where, who made the call, and what was asked for. It
// judges nothing.
func OfRecord(ev events.Event) Finding {
	rec := ev.Record
	actor := rec.Actor()
	at, _ := rec.Time()
	account := cmp.Or(rec.RecipientAccountID, ev.Account)
	n := Finding{
		EventID:      cmp.Or(rec.EventID, ev.ID),
		EventName:    rec.EventName,
		EventTime:    at,
		Actor:        actor.String(),
		ActorARN:     actor.ARN,
		Principal:    rec.Caller(),
		Subject:      Subject{Account: account, Region: cmp.Or(rec.Region, ev.Region)},
		Recipient:    account,
		SourceIP:     rec.SourceIPAddress,
		UserAgent:    rec.UserAgent,
		ErrorCode:    rec.ErrorCode,
		ErrorMessage: rec.ErrorMessage,
		Unconfirmed:  !rec.IsCall() && !rec.Refused(),
	}
	if raw := rec.RequestParameters.JSON(); json.Valid(raw) {
		n.Request = raw
	}
	return n
}
