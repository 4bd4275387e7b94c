package lambda

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
)

// mostPayload is Lambda's limit on the request and the answer of a synchronous invocation, in bytes.
const mostPayload = 6 << 20

// named takes a name, an ARN, or an ARN without its beginning, with or without the qualifier $LATEST.
func (s *Functions) named(cl *kernel.Call) (*function, string) {
	name := strings.TrimSuffix(cl.Text("FunctionName"), ":$LATEST")
	arn := s.kernel.PlaceOf(cl).ARN("lambda", "function:"+strings.TrimPrefix(name, "function:"))
	if events.IsARN(name) {
		arn = name
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.functions {
		partial := kernel.SiteOf(f.arn) == cl.Site() && strings.HasSuffix(f.arn, ":"+name)
		if f.arn == arn || partial {
			return f, f.arn
		}
	}
	return nil, arn
}

// ofFunction are the operations about one function that hold the lock as long as they run.
func (s *Functions) ofFunction() map[string]func(*kernel.Call, *function) (any, *kernel.Error) {
	return map[string]func(*kernel.Call, *function) (any, *kernel.Error){
		"GetFunction":                     s.getFunction,
		"GetFunctionConfiguration":        s.getFunction,
		"UpdateFunctionCode":              s.updateCode,
		"UpdateFunctionConfiguration":     s.updateConfiguration,
		"DeleteFunction":                  s.deleteFunction,
		"GetFunctionConcurrency":          s.getConcurrency,
		"PutFunctionConcurrency":          s.putConcurrency,
		"DeleteFunctionConcurrency":       s.deleteConcurrency,
		"GetPolicy":                       s.getPolicy,
		"AddPermission":                   s.addPermission,
		"RemovePermission":                s.removePermission,
		"GetFunctionEventInvokeConfig":    ofLatest(getInvokeConfig),
		"PutFunctionEventInvokeConfig":    ofLatest(s.putInvokeConfig),
		"UpdateFunctionEventInvokeConfig": ofLatest(s.putInvokeConfig),
		"DeleteFunctionEventInvokeConfig": ofLatest(s.deleteInvokeConfig),
	}
}

// answer answers one call: about all functions, about a mapping, or about one function.
func (s *Functions) answer(cl *kernel.Call) (any, *kernel.Error) {
	switch cl.Op {
	case "ListFunctions":
		return s.listFunctions(cl)
	case "GetAccountSettings":
		return s.getAccountSettings(cl)
	case "ListEventSourceMappings":
		return s.listMappings(cl)
	case "GetEventSourceMapping", "UpdateEventSourceMapping", "DeleteEventSourceMapping":
		return s.ofMapping(cl)
	}
	f, arn := s.named(cl)
	action := "lambda:" + cl.Op
	if cl.Op == "Invoke" {
		action = "lambda:InvokeFunction"
	}
	if failed := s.allow(cl, policy.Access{Action: action, Resource: arn}); failed != nil {
		return nil, failed
	}
	switch {
	case f == nil:
		return nil, notFound("Function not found: " + arn)
	case cl.Op == "Invoke":
		return s.invoke(cl, f)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ofFunction()[cl.Op](cl, f)
}

func notFound(message string) *kernel.Error {
	return &kernel.Error{Status: http.StatusNotFound, Code: "ResourceNotFoundException", Message: message}
}

func conflict(message string) *kernel.Error {
	return &kernel.Error{Status: http.StatusConflict, Code: "ResourceConflictException", Message: message}
}

func invalid(message string) *kernel.Error {
	return kernel.Refuse("InvalidParameterValueException", "%s", message)
}

// allow asks IAM, and the faults.
func (s *Functions) allow(cl *kernel.Call, a policy.Access) *kernel.Error {
	if failed := s.kernel.Allow(cl, a, nil); failed != nil {
		failed.Status = http.StatusForbidden
		return failed
	}
	return s.kernel.Refusal(cl)
}

// invoke invokes a function by hand. What it fails at synchronously is the caller's to try again: no queue gets it.
func (s *Functions) invoke(cl *kernel.Call, f *function) (any, *kernel.Error) {
	if !json.Valid(cl.Body) && len(cl.Body) > 0 {
		return nil, kernel.Refuse("InvalidRequestContentException", "Could not parse request body into json")
	}
	s.kernel.Note(kernel.Entry{Kind: kernel.KindNote, Who: cl.Who.Name(), Text: "invokes " + s.kernel.NameOf(f.arn)})
	switch kind := cl.Text("InvocationType"); kind {
	case "Event":
		s.queue(f, cl.Body)
		return kernel.Answer{Status: http.StatusAccepted}, nil
	case "DryRun":
		return kernel.Answer{Status: http.StatusNoContent}, nil
	case "", "RequestResponse":
		return s.invokeNow(cl, f)
	default:
		return nil, kernel.Refuse("InvalidParameterValueException", "the invocation type %q is not modelled", kind)
	}
}

func (s *Functions) invokeNow(cl *kernel.Call, f *function) (any, *kernel.Error) {
	if s.off(f) {
		return nil, &kernel.Error{
			Status:  http.StatusTooManyRequests,
			Code:    "TooManyRequestsException",
			Message: "Rate Exceeded.",
		}
	}
	inv := &invocation{
		function:  f,
		requestID: s.kernel.ID("invocation"),
		payload:   cl.Body,
		since:     s.kernel.Now(),
		runs:      1,
	}
	s.count(f, "Invocations")
	body, err := s.execute(inv)
	if err == nil && len(body) > mostPayload {
		err = errors.New("response payload size exceeded maximum allowed payload size (6291556 bytes)")
	}
	header := map[string]string{"Content-Type": "application/json", "X-Amz-Executed-Version": "$LATEST"}
	a := kernel.Answer{Status: http.StatusOK, Body: body, Header: header}
	e := kernel.Entry{Kind: kernel.KindInvoked, Subject: s.kernel.NameOf(f.arn), Text: "run 1"}
	if err != nil {
		e.Err = err.Error()
		s.count(f, "Errors")
		a.Header["X-Amz-Function-Error"] = "Unhandled"
		a.Body, _ = json.Marshal(
			map[string]string{"errorMessage": err.Error(), "errorType": fmt.Sprintf("%T", err)},
		) // texts always encode
	} else if len(a.Body) == 0 {
		a.Body = []byte("null")
	}
	s.kernel.Note(e)
	return a, nil
}
