package lambda

import (
	"encoding/json"
	"net/http"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// abandon sends the event to the function's on-failure destination ("Invocation records").
func (s *Functions) abandon(inv *invocation, condition, reason string) {
	f := inv.function
	s.count(f, "AsyncEventsDropped") // counted whether a destination gets a copy or not
	lost := func(why string) {
		s.kernel.Note(kernel.Entry{Kind: kernel.KindLost, Subject: s.kernel.NameOf(f.arn), Err: reason + "; " + why})
	}
	onFailure := f.now().onFailure()
	if onFailure == "" {
		lost("the function has no on-failure destination")
		return
	}
	body, err := json.Marshal(map[string]any{
		"version":   "1.0",
		"timestamp": s.kernel.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
		"requestContext": map[string]any{
			"requestId":              inv.requestID,
			"functionArn":            f.arn + ":$LATEST",
			"condition":              condition,
			"approximateInvokeCount": inv.runs,
		},
		"requestPayload": json.RawMessage(inv.payload),
		"responseContext": map[string]any{
			"statusCode":      http.StatusOK,
			"executedVersion": "$LATEST",
			"functionError":   "Unhandled",
		},
		"responsePayload": map[string]any{"errorMessage": reason, "errorType": "errorString"},
	})
	if err != nil {
		lost("its payload is no JSON")
		return
	}
	who, failed := s.assumed(f)
	if failed == nil {
		failed = s.kernel.Deliver(kernel.Delivery{To: onFailure, Who: &who, Body: body})
	}
	if failed != nil {
		s.count(f, "DestinationDeliveryFailures")
		why := "its role may not send to the on-failure destination: " + failed.Message
		if failed.Code == kernel.NoResource {
			why = "the on-failure destination is no queue of the template"
		}
		lost(why)
		return
	}
	s.kernel.Note(kernel.Entry{
		Kind:    kernel.KindParked,
		Subject: s.kernel.NameOf(onFailure),
		Via:     kernel.ViaFunction,
		Text:    kernel.After(inv.runs, "run", "runs"),
		Err:     reason,
	})
}

// assumed is the function's role, where Lambda may assume it. The developer guide documents both keys of a source for
// roles in general, and for no function what aws:SourceArn would be.
func (s *Functions) assumed(f *function) (kernel.Principal, *kernel.Error) {
	return s.kernel.Assume("lambda.amazonaws.com", f.now().spec.Role,
		map[string]string{"aws:SourceAccount": kernel.ARN(f.arn).Account})
}
