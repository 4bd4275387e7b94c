package localcloud

import (
	"encoding/json"
	"net/http"
)

// abandon sends the event to the function's on-failure destination ("Invocation records").
func (c *Cloud) abandon(inv *invocation, condition, reason string) {
	f := inv.function
	c.measure("AWS/Lambda", "AsyncEventsDropped", 1, dim{"FunctionName", f.name}) // counted whether a destination gets a copy or not
	lost := func(why string) {
		c.note(Entry{Kind: KindLost, Subject: shortID(f.id), Err: reason + "; " + why})
	}
	if f.onFailure == "" {
		lost("the function has no on-failure destination")
		return
	}
	q := c.stack.queues[f.onFailure]
	if q == nil || f.role == nil {
		c.measure("AWS/Lambda", "DestinationDeliveryFailures", 1, dim{"FunctionName", f.name})
		lost("the on-failure destination is no queue of the template")
		return
	}
	who := Principal{Account: c.opts.Account, role: f.role}
	if why, ok := c.authorize(who, access{action: "sqs:SendMessage", resource: q.arn}, q.policies); !ok {
		c.measure("AWS/Lambda", "DestinationDeliveryFailures", 1, dim{"FunctionName", f.name})
		lost("its role may not send to the on-failure destination: " + why)
		return
	}
	body, err := json.Marshal(map[string]any{
		"version": "1.0", "timestamp": c.time.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
		"requestContext": map[string]any{
			"requestId": inv.requestID, "functionArn": f.arn + ":$LATEST", "condition": condition, "approximateInvokeCount": inv.runs,
		},
		"requestPayload":  json.RawMessage(inv.payload),
		"responseContext": map[string]any{"statusCode": http.StatusOK, "executedVersion": "$LATEST", "functionError": "Unhandled"},
		"responsePayload": map[string]any{"errorMessage": reason, "errorType": "errorString"},
	})
	if err != nil {
		lost("its payload is no JSON")
		return
	}
	c.enqueue(q, Message{Body: string(body)}, f.role.arn)
	c.note(Entry{Kind: KindParked, Subject: shortID(q.id), Via: ViaFunction, Text: after(inv.runs, "run", "runs"), Err: reason})
}
