package localcloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// mostPayload is Lambda's limit on the request and the answer of a synchronous invocation, in bytes.
const mostPayload = 6 << 20

// serveInvoke serves Lambda's Invoke (REST JSON): POST /2015-03-31/functions/NAME/invocations.
func (c *Cloud) serveInvoke(r *http.Request, cl *call) answer {
	path, found := strings.CutPrefix(r.URL.EscapedPath(), "/2015-03-31/functions/")
	name, tail, _ := strings.Cut(path, "/")
	name, err := url.PathUnescape(name)
	if !found || tail != "invocations" || r.Method != http.MethodPost || err != nil {
		return errorJSON(refuse("UnknownOperationException", "the request %s %s is not part of the local run", r.Method, r.URL.Path))
	}
	cl.op = "Invoke"
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.meets(cl, name) {
		return answer{status: http.StatusOK}
	}
	a, failed := c.invokeDirectly(cl, name, r.Header.Get("X-Amz-Invocation-Type"))
	if failed != nil {
		return errorJSON(failed)
	}
	return a
}

func errorJSON(failed *awsError) answer {
	body, _ := json.Marshal(map[string]string{"Message": failed.Message, "Type": "User"}) // texts always encode
	return answer{
		status: failed.Status, body: body, header: map[string]string{"Content-Type": "application/json", "X-Amzn-Errortype": failed.Code},
	}
}

// functionNamed takes a name, an ARN, or an ARN without its beginning, with or without the qualifier $LATEST.
func (c *Cloud) functionNamed(name string) *function {
	name = strings.TrimSuffix(name, ":$LATEST")
	for _, f := range c.stack.functions {
		if name == f.name || name == f.arn || strings.HasSuffix(f.arn, ":"+name) {
			return f
		}
	}
	return nil
}

// invokeDirectly invokes a function by hand. What it fails at synchronously is the caller's to try again: no queue gets it.
func (c *Cloud) invokeDirectly(cl *call, name, kind string) (answer, *awsError) {
	f := c.functionNamed(name)
	arn := c.stack.arn("lambda", "function:"+name)
	if f != nil {
		arn = f.arn
	}
	a := access{action: "lambda:InvokeFunction", resource: arn}
	if why, ok := c.authorize(cl.who, a, nil); !ok {
		failed := c.deniedBy(cl, a, why)
		failed.Status = http.StatusForbidden
		return answer{}, failed
	}
	if failed := c.refusal(cl); failed != nil {
		return answer{}, failed
	}
	switch {
	case f == nil:
		return answer{}, &awsError{Status: http.StatusNotFound, Code: "ResourceNotFoundException", Message: "Function not found: " + arn}
	case !json.Valid(cl.body) && len(cl.body) > 0:
		return answer{}, refuse("InvalidRequestContentException", "Could not parse request body into json")
	}
	c.note(Entry{Kind: KindNote, Who: cl.who.name(), Text: "invokes " + shortID(f.id)})
	switch kind {
	case "Event":
		c.queueInvocation(f, cl.body)
		return answer{status: http.StatusAccepted}, nil
	case "DryRun":
		return answer{status: http.StatusNoContent}, nil
	case "", "RequestResponse":
		return c.invokeNow(cl, f)
	}
	return answer{}, refuse("InvalidParameterValueException", "the invocation type %q is not modelled", kind)
}

func (c *Cloud) invokeNow(cl *call, f *function) (answer, *awsError) {
	if n := f.spec.ReservedConcurrentExecutions; n != nil && *n == 0 {
		c.measure("AWS/Lambda", "Throttles", 1, dim{"FunctionName", f.name})
		return answer{}, &awsError{Status: http.StatusTooManyRequests, Code: "TooManyRequestsException", Message: "Rate Exceeded."}
	}
	inv := &invocation{function: f, requestID: c.id("invocation"), payload: cl.body, since: c.time.Now(), runs: 1}
	c.measure("AWS/Lambda", "Invocations", 1, dim{"FunctionName", f.name})
	body, err := c.execute(inv)
	if err == nil && len(body) > mostPayload {
		err = errors.New("response payload size exceeded maximum allowed payload size (6291556 bytes)")
	}
	a := answer{status: http.StatusOK, body: body, header: map[string]string{"Content-Type": "application/json", "X-Amz-Executed-Version": "$LATEST"}}
	e := Entry{Kind: KindInvoked, Subject: shortID(f.id), Text: "run 1"}
	if err != nil {
		e.Err = err.Error()
		c.measure("AWS/Lambda", "Errors", 1, dim{"FunctionName", f.name})
		a.header["X-Amz-Function-Error"] = "Unhandled"
		a.body, _ = json.Marshal(map[string]string{"errorMessage": err.Error(), "errorType": fmt.Sprintf("%T", err)}) // texts always encode
	} else if len(a.body) == 0 {
		a.body = []byte("null")
	}
	c.note(e)
	return a, nil
}
