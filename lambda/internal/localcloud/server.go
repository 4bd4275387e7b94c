package localcloud

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
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

// ServeHTTP serves every service: AWS by the scope of the signature, Slack by its paths.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		http.Error(w, "request too large", http.StatusRequestEntityTooLarge)
		return
	}
	m := scope().FindStringSubmatch(r.Header.Get("Authorization"))
	if m == nil {
		c.serveUnsigned(w, r, body)
		return
	}
	c.mu.Lock()
	cl := &call{
		service: m[3], region: m[2], who: c.principal(m[1]), body: body,
		source: sourceAddress, agent: r.UserAgent(),
	}
	c.mu.Unlock()
	switch cl.service {
	case "cloudtrail", "dynamodb", "sqs", "secretsmanager":
		c.serveJSON(w, r, cl)
	case "sns":
		c.serveQuery(w, cl)
	default:
		http.Error(w, "the service "+cl.service+" is not part of the local run", http.StatusNotImplemented)
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
	answer := c.slack(slackRequest{method: r.Method, host: r.Host, path: r.URL.Path, header: r.Header, body: body, via: ViaFunction, function: true})
	c.mu.Unlock()
	for name, value := range answer.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(answer.status)
	_, _ = w.Write(answer.body)
}

// serveJSON serves the AWS JSON protocols: the operation stands behind the last dot of X-Amz-Target.
func (c *Cloud) serveJSON(w http.ResponseWriter, r *http.Request, cl *call) {
	target := r.Header.Get("X-Amz-Target")
	cl.op = target[strings.LastIndex(target, ".")+1:]
	dec := json.NewDecoder(bytes.NewReader(cl.body))
	dec.UseNumber()
	var answer any
	var failed *awsError
	if err := dec.Decode(&cl.params); err != nil {
		failed = refuse("SerializationException", "the request is no JSON object")
	} else {
		c.mu.Lock()
		switch cl.service {
		case "cloudtrail":
			answer, failed = c.cloudTrail(cl)
		case "dynamodb":
			answer, failed = c.dynamoDB(cl)
		case "sqs":
			answer, failed = c.sqs(cl)
		default:
			answer, failed = c.secretsManager(cl)
		}
		c.mu.Unlock()
	}
	w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
	w.Header().Set("X-Amzn-Requestid", c.requestID())
	status := http.StatusOK
	if failed != nil {
		status, answer = failed.Status, map[string]string{"__type": failed.Code, "message": failed.Message}
		w.Header().Set("X-Amzn-Errortype", failed.Code)
	}
	raw, err := json.Marshal(answer)
	if err != nil {
		status, raw = http.StatusInternalServerError, []byte(`{"__type":"InternalFailure"}`)
	}
	w.WriteHeader(status)
	_, _ = w.Write(raw)
}

func (c *Cloud) requestID() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.id("request")
}

// serveQuery serves the AWS query protocol.
func (c *Cloud) serveQuery(w http.ResponseWriter, cl *call) {
	c.mu.Lock()
	answer, failed := c.sns(cl)
	c.mu.Unlock()
	w.Header().Set("Content-Type", "text/xml")
	var b bytes.Buffer
	if failed != nil {
		w.WriteHeader(failed.Status)
		b.WriteString(`<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>`)
		escape(&b, failed.Code)
		b.WriteString(`</Code><Message>`)
		escape(&b, failed.Message)
		b.WriteString(`</Message></Error></ErrorResponse>`)
	} else {
		fmt.Fprintf(&b, `<%[1]sResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><%[1]sResult>%[2]s</%[1]sResult></%[1]sResponse>`,
			cl.op, answer)
	}
	_, _ = w.Write(b.Bytes())
}

func escape(b *bytes.Buffer, s string) { _ = xml.EscapeText(b, []byte(s)) }

// loopback leads every request to the cloud, whatever its host: nothing leaves the machine.
type loopback struct {
	cloud *Cloud
	next  http.RoundTripper
}

// RoundTrip implements http.RoundTripper. It reads the answer to its end, so that a request is over when it returns.
func (l loopback) RoundTrip(r *http.Request) (*http.Response, error) {
	defer l.cloud.time.request()()
	out := r.Clone(r.Context())
	out.Host = r.URL.Host
	out.URL.Scheme, out.URL.Host = "http", l.cloud.addr
	resp, err := l.next.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if closeErr := resp.Body.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, err
	}
	resp.Body, resp.Request = io.NopCloser(bytes.NewReader(body)), r
	return resp, nil
}
