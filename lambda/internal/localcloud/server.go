package localcloud

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// maxBody bounds a request; no service here takes more than 1 MiB.
const maxBody = 2 << 20

// call is one request to an AWS service.
type call struct {
	service string
	op      string
	region  string
	who     Principal
	body    []byte
	params  map[string]any // of a JSON protocol
	source  string
	agent   string
	// injected is the fault that the call meets; nil: none.
	injected *Injected
}

func (cl *call) function() bool { return cl.who.role != nil }

// session is the session name of a function's credentials.
func (cl *call) session() string {
	if cl.who.role != nil {
		return cl.who.role.name
	}
	return ""
}

func (cl *call) text(name string) string {
	s, _ := cl.params[name].(string)
	return s
}

// awsError is an error as a service answers it.
type awsError struct {
	Status   int
	Code     string
	Message  string
	Recorded string // CloudTrail's errorCode, where it is another word
}

func refuse(code, format string, args ...any) *awsError {
	return &awsError{Status: http.StatusBadRequest, Code: code, Message: fmt.Sprintf(format, args...)}
}

func (f *Failure) awsError() *awsError {
	return &awsError{Status: f.Status, Code: f.Code, Message: f.Message}
}

// scope finds service and Region in a SigV4 Authorization header ("Credential=KEY/DATE/REGION/SERVICE/aws4_request").
var scope = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=([^/]+)/[0-9]{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request\b`)
})

// bodyOf reads what was sent, which the SDK compresses for some operations (AWS SDKs and Tools reference guide, "Payload compression").
func bodyOf(r *http.Request) ([]byte, error) {
	if r.Header.Get("Content-Encoding") != "gzip" {
		return io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	}
	z, err := gzip.NewReader(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(z, maxBody+1))
}

// ServeHTTP serves every service: AWS by the scope of the signature, Slack by its paths.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := bodyOf(r)
	if err != nil || len(body) > maxBody {
		http.Error(w, "request too large", http.StatusRequestEntityTooLarge)
		return
	}
	m := scope().FindStringSubmatch(r.Header.Get("Authorization"))
	if m == nil {
		c.serveUnsigned(w, r, body)
		return
	}
	serve := c.protocol(m[3])
	if serve == nil {
		http.Error(w, "the service "+m[3]+" is not part of the local run", http.StatusNotImplemented)
		return
	}
	c.mu.Lock()
	cl := &call{
		service: m[3], region: m[2], who: c.principal(m[1]), body: body,
		source: sourceAddress, agent: r.UserAgent(),
	}
	requestID := c.id("request")
	c.mu.Unlock()
	a := serve(r, cl)
	if a.header == nil {
		a.header = map[string]string{}
	}
	a.header["X-Amzn-Requestid"] = requestID
	c.respond(w, r, a, cl.injected)
}

// protocol is how a service, by its name in signatures, is spoken to; nil: it is not part of the local run.
func (c *Cloud) protocol(service string) func(*http.Request, *call) answer {
	switch service {
	case "cloudtrail", "dynamodb", "sqs", "secretsmanager", "events":
		return c.serveJSON
	case "sns":
		return c.serveQuery
	case "lambda":
		return c.serveInvoke
	case "monitoring":
		return c.serveCBOR
	default:
		return nil
	}
}

// sourceAddress stands for the addresses of all callers (RFC 5737).
const sourceAddress = "203.0.113.24"

func (c *Cloud) serveUnsigned(w http.ResponseWriter, r *http.Request, body []byte) {
	if !strings.HasPrefix(r.URL.Path, "/services/") && !strings.HasPrefix(r.URL.Path, "/api/") {
		http.Error(w, "want a request with an AWS signature, or one for Slack", http.StatusForbidden)
		return
	}
	c.mu.Lock()
	a, injected := c.slack(slackRequest{method: r.Method, host: r.Host, path: r.URL.Path, header: r.Header, body: body, via: ViaFunction, function: true})
	c.mu.Unlock()
	c.respond(w, r, answer{status: a.status, header: a.header, body: a.body}, injected)
}

// meets asks the faults for a call, whose operation and parameters are read. It reports whether the call takes effect. The cloud is locked.
func (c *Cloud) meets(cl *call, about string) bool {
	cl.injected = c.pick(faulty{service: cl.service, op: cl.op, by: cl.who.name(), about: about, function: cl.function()})
	if cl.injected == nil {
		return true
	}
	shown := cl.service == "cloudtrail" || cl.service == "sns" // as a call that was refused
	if cl.injected.Kind != FaultError || !shown {
		c.noteFault(cl.injected, cl.service, cl.op)
	}
	if cl.injected.effective() || cl.injected.Kind == FaultError {
		return true
	}
	if cl.service == "cloudtrail" && !c.opts.RealTime {
		c.time.pass(callTime) // whoever tries again at once for ever comes to the end of his time
	}
	return false
}

// refusal is how the faults have a call refused; nil: they do not.
func (c *Cloud) refusal(cl *call) *awsError {
	if f := c.fault(cl.service, cl.op, cl.function()); f != nil {
		return f.awsError()
	}
	if f := cl.injected.failure(); f != nil {
		return f.awsError()
	}
	return nil
}

// serveJSON serves the AWS JSON protocols: the operation stands behind the last dot of X-Amz-Target.
func (c *Cloud) serveJSON(r *http.Request, cl *call) answer {
	target := r.Header.Get("X-Amz-Target")
	cl.op = target[strings.LastIndex(target, ".")+1:]
	dec := json.NewDecoder(bytes.NewReader(cl.body))
	dec.UseNumber()
	var result any
	var failed *awsError
	if err := dec.Decode(&cl.params); err != nil {
		failed = refuse("SerializationException", "the request is no JSON object")
	} else {
		result, failed = c.callJSON(cl)
	}
	a := answer{status: http.StatusOK, header: map[string]string{"Content-Type": r.Header.Get("Content-Type")}}
	if failed != nil {
		a.status, result = failed.Status, map[string]string{"__type": failed.Code, "message": failed.Message}
		a.header["X-Amzn-Errortype"] = failed.Code
	}
	raw, err := json.Marshal(result)
	if err != nil {
		a.status, raw = http.StatusInternalServerError, []byte(`{"__type":"InternalFailure"}`)
	}
	a.body = raw
	return a
}

func (c *Cloud) callJSON(cl *call) (any, *awsError) {
	about := string(cl.body)
	if cl.service == "sqs" {
		about = cl.text("QueueUrl")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.meets(cl, about) {
		return nil, nil
	}
	switch cl.service {
	case "cloudtrail":
		return c.cloudTrail(cl)
	case "dynamodb":
		return c.dynamoDB(cl)
	case "sqs":
		return c.sqs(cl)
	case "events":
		return c.eventBridge(cl)
	default:
		return c.secretsManager(cl)
	}
}

// serveQuery serves the AWS query protocol.
func (c *Cloud) serveQuery(_ *http.Request, cl *call) answer {
	form, err := url.ParseQuery(string(cl.body))
	cl.op = form.Get("Action")
	var result string
	var failed *awsError
	c.mu.Lock()
	if err != nil {
		failed = refuse("MalformedQueryString", "the request is no form")
	} else if c.meets(cl, form.Get("TopicArn")) {
		result, failed = c.sns(cl, form)
	}
	c.mu.Unlock()
	a := answer{status: http.StatusOK, header: map[string]string{"Content-Type": "text/xml"}}
	var b bytes.Buffer
	if failed != nil {
		a.status = failed.Status
		b.WriteString(`<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>`)
		escape(&b, failed.Code)
		b.WriteString(`</Code><Message>`)
		escape(&b, failed.Message)
		b.WriteString(`</Message></Error></ErrorResponse>`)
	} else {
		fmt.Fprintf(&b, `<%[1]sResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><%[1]sResult>%[2]s</%[1]sResult></%[1]sResponse>`,
			cl.op, result)
	}
	a.body = b.Bytes()
	return a
}

func escape(b *bytes.Buffer, s string) { _ = xml.EscapeText(b, []byte(s)) }
