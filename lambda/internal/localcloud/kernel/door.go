package kernel

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"trailkeeper/lambda/internal/localcloud/vtime"
)

// maxBody bounds a request; no service here takes more than 1 MiB.
const maxBody = 2 << 20

// sourceAddress stands for the addresses of all callers (RFC 5737).
const sourceAddress = "203.0.113.24"

// Door is the loopback address at which every service and Region is served: AWS by the scope of the signature, Slack by
// its paths. Credentials only say who calls; signatures are not checked.
type Door struct {
	Kernel *Kernel
	// Serve are the services by their names in signatures.
	Serve map[string]func(*http.Request, *Call) Answer
	// Refuse refuses a request in the form of its service, which need not be there; nil: because it is not.
	Refuse func(*http.Request, *Call, *Error) Answer
	// Slack serves what has no signature.
	Slack func(*http.Request, []byte) (Answer, *Injected)
	// Outside serves what has no signature and is for a heartbeat; nil: nobody does.
	Outside func(*http.Request, []byte) (Answer, *Injected)
	// Page, if set, serves what has no signature and is for neither.
	Page http.Handler

	server *http.Server
	addr   string
}

// Listen starts to serve at a loopback address; empty: at any free port.
func (d *Door) Listen(address string) error {
	if address == "" {
		address = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("listen on loopback: %w", err)
	}
	if tcp, ok := listener.Addr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		return errors.Join(fmt.Errorf("listen on %s: want a loopback address such as 127.0.0.1:4566", address),
			listener.Close())
	}
	d.addr = listener.Addr().String()
	d.server = &http.Server{Handler: d, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = d.server.Serve(listener) }() // ends with ErrServerClosed
	return nil
}

// Close stops listening.
func (d *Door) Close() error { return d.server.Close() }

// Endpoint is the URL that serves every service and Region.
func (d *Door) Endpoint() string { return "http://" + d.addr }

// Client leads every request to the door, whatever its host.
func (d *Door) Client() *http.Client { return vtime.Client(d.Kernel.Clock, d.addr) }

// scope finds service and Region in a SigV4 Authorization header ("Credential=KEY/DATE/REGION/SERVICE/aws4_request").
var scope = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=([^/]+)/[0-9]{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request\b`)
})

// bodyOf reads what was sent, which the SDK compresses for some operations (AWS SDKs and Tools reference guide,
// "Payload compression").
func bodyOf(r *http.Request, service string) ([]byte, error) {
	if r.Header.Get("Content-Encoding") != "gzip" || service == "s3" { // there it says what the object is
		return io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	}
	z, err := gzip.NewReader(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(z, maxBody+1))
}

// ServeHTTP implements http.Handler.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m, service := scope().FindStringSubmatch(r.Header.Get("Authorization")), ""
	if m != nil {
		service = m[3]
	}
	body, err := bodyOf(r, service)
	large := err != nil || len(body) > maxBody
	switch {
	case m == nil && large:
		http.Error(w, "request too large", http.StatusRequestEntityTooLarge)
		return
	case m == nil:
		d.serveUnsigned(w, r, body)
		return
	}
	cl := &Call{
		Service: m[3],
		Region:  m[2],
		Who:     d.Kernel.Caller(m[1]),
		Body:    body,
		Source:  sourceAddress,
		Agent:   r.UserAgent(),

		RequestID: d.Kernel.ID("request"),
	}
	var a Answer
	switch serve := d.Serve[cl.Service]; {
	case large:
		a = d.Refuse(r, cl, &Error{
			Status:  http.StatusRequestEntityTooLarge,
			Code:    "RequestEntityTooLarge",
			Message: "the request cannot be read, or has more than 2 MiB",
		})
	case serve == nil:
		a = d.Refuse(r, cl, nil)
	default:
		a = serve(r, cl)
	}
	if a.Header == nil {
		a.Header = map[string]string{}
	}
	a.Header["X-Amzn-Requestid"] = cl.RequestID
	d.respond(w, r, a, cl.Injected)
}

func (d *Door) serveUnsigned(w http.ResponseWriter, r *http.Request, body []byte) {
	slack := strings.HasPrefix(r.URL.Path, "/services/") || strings.HasPrefix(r.URL.Path, "/api/")
	switch {
	case d.Outside != nil && strings.HasPrefix(r.URL.Path, "/ping/"):
		a, injected := d.Outside(r, body)
		d.respond(w, r, a, injected)
		return
	case !slack && d.Page != nil:
		r.Body = io.NopCloser(bytes.NewReader(body))
		d.Page.ServeHTTP(w, r)
		return
	case !slack:
		http.Error(w, "want a request with an AWS signature, or one for Slack", http.StatusForbidden)
		return
	}
	a, injected := d.Slack(r, body)
	d.respond(w, r, a, injected)
}
