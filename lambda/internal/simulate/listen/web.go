package listen

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/smithy-go"

	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/simulate/page"
	"trailkeeper/lambda/internal/simulate/result"
)

// web serves the page of the deployment at /, its changes at /live as server-sent events, and carries out the attacks
// of its buttons at /attack. It answers no other site: a name that leads to this machine is refused (DNS rebinding),
// and so is an attack that another page sends.
type web struct {
	mu      sync.Mutex
	changed chan struct{} // closed with the next change
	served  served
}

// served is what the page shows and attacks.
type served struct {
	live   func() page.Live // as it is now; nil: nothing runs yet
	client *cloudtrail.Client
}

func newWeb() *web { return &web{changed: make(chan struct{})} }

// throttled is how long a button waits before it calls again: CloudTrail takes some calls once a second.
const throttled = time.Second

// patient is a client that calls up to five times where CloudTrail throttles.
func patient(client *cloudtrail.Client, wait time.Duration) *cloudtrail.Client {
	return cloudtrail.New(client.Options(), func(o *cloudtrail.Options) {
		o.Retryer = retry.NewStandard(func(r *retry.StandardOptions) {
			r.MaxAttempts = 5
			r.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return wait, nil })
		})
	})
}

// begin says what is served from now on.
func (p *web) begin(s served) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.served = s
}

func (p *web) what() served {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.served
}

// note wakes whoever watches. It does not wait for them.
func (p *web) note() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *web) next() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.changed
}

// ServeHTTP implements http.Handler.
func (p *web) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s := p.what()
	switch {
	case !loopback(r.Host):
		http.Error(w, "this is served to "+loopbackNames+" only", http.StatusForbidden)
	case s.live == nil:
		http.Error(w, "the deployment is being set up", http.StatusServiceUnavailable)
	case (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.URL.Path == "/":
		s.show(w)
	case r.Method == http.MethodGet && r.URL.Path == "/live":
		p.stream(w, r, s.live)
	case r.Method == http.MethodPost && r.URL.Path == "/attack":
		s.attack(w, r)
	default:
		http.Error(w, "want a request with an AWS signature, one for Slack, or / in a browser", http.StatusForbidden)
	}
}

const loopbackNames = "localhost and loopback addresses"

// loopback reports whether a browser that sends this host has really asked for this machine.
func loopback(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	ip := net.ParseIP(name)
	return strings.EqualFold(name, "localhost") || ip != nil && ip.IsLoopback()
}

func (s served) show(w http.ResponseWriter) {
	var out bytes.Buffer
	if err := page.WriteLive(&out, s.live()); err != nil {
		http.Error(w, sanitize.Bound(err.Error(), 300), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("X-Frame-Options", "DENY")
	_, _ = w.Write(out.Bytes()) // a browser that is gone is nobody to tell
}

// together is how long changes are gathered before they are sent.
const together = 100 * time.Millisecond

// stream sends an update at once and after every change, until the browser goes away.
func (p *web) stream(w http.ResponseWriter, r *http.Request, live func() page.Live) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	for {
		next := p.next()
		update, err := page.UpdateOf(live())
		if err != nil {
			return
		}
		data, err := json.Marshal(update)
		if err != nil {
			return
		}
		if _, err := fmt.Fprintf(w, "data: %s\n\n", data); err != nil || out.Flush() != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-next:
		}
		select {
		case <-r.Context().Done():
			return
		case <-time.After(together):
		}
	}
}

// attack is what a button does: it calls CloudTrail as the AWS CLI would.
func (s served) attack(w http.ResponseWriter, r *http.Request) {
	if !strings.EqualFold(r.Header.Get("Origin"), "http://"+r.Host) {
		http.Error(w, "only the page itself may attack", http.StatusForbidden)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 4096))
	if err != nil {
		http.Error(w, "the request is too long", http.StatusRequestEntityTooLarge)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	id, trail := r.FormValue("attack"), r.FormValue("trail")
	i := slices.IndexFunc(attacks, func(a attack) bool { return a.ID == id })
	known := slices.ContainsFunc(s.live().Trails, func(t result.Trail) bool { return t.ARN == trail })
	if i < 0 || !known {
		http.Error(w, "no such attack or trail", http.StatusNotFound)
		return
	}
	said := attacks[i].Label + " on " + result.NameOf(trail) + ": CloudTrail did it."
	if err := attacks[i].do(r.Context(), s.client, trail); err != nil {
		said = attacks[i].Label + " on " + result.NameOf(trail) + ": " + refusal(err)
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, said)
}

func refusal(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return "CloudTrail refused with " + api.ErrorCode() + ": " + sanitize.Bound(api.ErrorMessage(), 300)
	}
	return sanitize.Bound(err.Error(), 300)
}

// attack is a call that weakens a trail.
type attack struct {
	page.Attack
	do func(ctx context.Context, client *cloudtrail.Client, trail string) error
}

// attacks are the page's buttons.
var attacks = []attack{
	{
		page.Attack{ID: "stop", Label: "Stop logging"},
		func(ctx context.Context, c *cloudtrail.Client, trail string) error {
			_, err := c.StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: &trail})
			return err
		},
	},
	{
		page.Attack{ID: "narrow", Label: "Record reads only"},
		func(ctx context.Context, c *cloudtrail.Client, trail string) error {
			_, err := c.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{
				TrailName: &trail,
				EventSelectors: []types.EventSelector{{
					ReadWriteType:           types.ReadWriteTypeReadOnly,
					IncludeManagementEvents: aws.Bool(true),
				}},
			})
			return err
		},
	},
	{
		page.Attack{ID: "unsign", Label: "Validate no log files"},
		func(ctx context.Context, c *cloudtrail.Client, trail string) error {
			_, err := c.UpdateTrail(ctx, &cloudtrail.UpdateTrailInput{
				Name:                    &trail,
				EnableLogFileValidation: aws.Bool(false),
			})
			return err
		},
	},
	{
		page.Attack{ID: "delete", Label: "Delete the trail"},
		func(ctx context.Context, c *cloudtrail.Client, trail string) error {
			_, err := c.DeleteTrail(ctx, &cloudtrail.DeleteTrailInput{Name: &trail})
			return err
		},
	},
}
