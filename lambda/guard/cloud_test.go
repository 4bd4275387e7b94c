package main

import (
	"crypto/md5" //nolint:gosec // SQS's own checksum, which the SDK verifies
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// call is one request that reached the cloud.
type call struct {
	Name string // "StartLogging", "Publish", "chat.postMessage", …; "GET" for a connection opened in advance
	At   time.Time
	Body string
}

// cloud stands in for CloudTrail, SNS, SQS, Secrets Manager and Slack, on loopback, and notes what arrives. Every trail
// is logging.
type cloud struct {
	*httptest.Server
	mu      sync.Mutex
	calls   []call
	arrived chan call
}

// newCloud starts a cloud, over TLS or not.
func newCloud(tb testing.TB, secure bool) *cloud {
	tb.Helper()
	c := &cloud{arrived: make(chan call, 1024)}
	c.Server = httptest.NewUnstartedServer(http.HandlerFunc(c.serve))
	c.Config.ErrorLog = log.New(io.Discard, "", 0) // a process that is stopped breaks off its handshakes
	if secure {
		c.StartTLS()
	} else {
		c.Start()
	}
	tb.Cleanup(c.Close)
	return c
}

// env points the guard's example environment at the cloud.
func (c *cloud) env() map[string]string {
	env := exampleEnv()
	env["AWS_ENDPOINT_URL"] = c.URL
	env["TRAILKEEPER_SLACK_API"] = c.URL + "/slack/"
	env["TRAILKEEPER_FAILURE_QUEUE"] = c.URL + "/111122223333/failures"
	return env
}

func (c *cloud) serve(w http.ResponseWriter, r *http.Request) {
	at := time.Now()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	name := operation(r, string(body))
	c.note(call{name, at, string(body)})
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if name == "PutItem" && wantsAnItem(string(body)) {
		w.WriteHeader(http.StatusBadRequest)
	}
	if _, err := io.WriteString(w, c.answer(name, string(body))); err != nil {
		return
	}
}

func (c *cloud) note(made call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, made)
	select {
	case c.arrived <- made:
	default: // nobody waits
	}
}

// operation names what a request asks for: AWS's JSON protocols in a header, the query protocol in the form, Slack in
// the path.
func operation(r *http.Request, body string) string {
	if _, name, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		return name
	}
	if method, ok := strings.CutPrefix(r.URL.Path, "/slack/"); ok {
		return method
	}
	for pair := range strings.SplitSeq(body, "&") {
		if name, ok := strings.CutPrefix(pair, "Action="); ok {
			return name
		}
	}
	return r.Method
}

func (c *cloud) answer(name, body string) string {
	switch name {
	case "PutItem":
		if wantsAnItem(body) {
			return `{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}`
		}
	case "GetTrailStatus":
		return fmt.Sprintf(`{"IsLogging":true,"StartLoggingTime":%d.5}`, time.Now().Unix())
	case "GetSecretValue":
		return `{"Name":"trailkeeper/slack","VersionId":"EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE",
			"SecretString":"{\"bot_token\":\"xoxb-EXAMPLE\"}"}`
	case "SendMessage":
		return sqsAnswer(body)
	case "Publish":
		return `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>` +
			`<MessageId>94f20ce6-13c5-43a0-9a9e-ca52d816e90b` +
			`</MessageId></PublishResult></PublishResponse>`
	case "chat.postMessage":
		return `{"ok":true,"channel":"C0123456789","ts":"1503435956.000247"}`
	}
	return "{}"
}

// wantsAnItem reports whether the condition of a PutItem holds of no item that is not there: the cloud's table is
// empty.
func wantsAnItem(body string) bool {
	return strings.Contains(body, `"ConditionExpression"`) && !strings.Contains(body, "attribute_not_exists")
}

// sqsAnswer is the answer of SendMessage with the checksum that the SDK verifies.
func sqsAnswer(body string) string {
	var in struct{ MessageBody string }
	if err := json.Unmarshal([]byte(body), &in); err != nil {
		return "{}"
	}
	sum := md5.Sum([]byte(in.MessageBody)) //nolint:gosec // as above
	return fmt.Sprintf(
		`{"MessageId":"219f8380-5770-4cc2-8c3e-5c715e145f5e","MD5OfMessageBody":%q}`,
		hex.EncodeToString(sum[:]),
	)
}

// names lists the calls so far, without the connections opened in advance.
func (c *cloud) names() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var names []string
	for _, made := range c.calls {
		if made.Name != http.MethodGet {
			names = append(names, made.Name)
		}
	}
	return names
}

// first returns the first call of that name since reset.
func (c *cloud) first(tb testing.TB, name string) call {
	tb.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	at := slices.IndexFunc(c.calls, func(made call) bool { return made.Name == name })
	if at < 0 {
		tb.Fatalf("no %s reached the cloud", name)
	}
	return c.calls[at]
}

func (c *cloud) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = nil
	for len(c.arrived) > 0 {
		<-c.arrived
	}
}
