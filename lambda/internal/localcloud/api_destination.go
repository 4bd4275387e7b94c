package localcloud

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"trailkeeper/rules"
)

// retriedStatus are the answers after which EventBridge tries an API destination again; every other 4xx is final ("API destinations").
func retriedStatus(status int) bool {
	return status >= 500 || slices.Contains([]int{
		http.StatusUnauthorized, http.StatusProxyAuthRequired, http.StatusConflict, http.StatusTooManyRequests,
	}, status)
}

// farEndTime is how long EventBridge waits for an API destination's answer ("API destinations").
const farEndTime = 5 * time.Second

// unanswered reports whether a caller who waits that long gets no answer.
func (i *Injected) unanswered(patience time.Duration) bool {
	if i == nil {
		return false
	}
	return i.Kind == FaultLost || i.Kind == FaultDropped || i.Kind == FaultTimeout || i.Kind == FaultSlow && i.Delay >= patience
}

// defaultRate is the rate of an API destination that names none (CloudFormation, AWS::Events::ApiDestination).
const defaultRate = 300

// queued is how long an event must wait until its API destination may be invoked: what comes faster than the rate waits in line ("API
// destinations"). Other targets wait for nothing.
func (c *Cloud) queued(d *delivery) time.Duration {
	dest := c.stack.destinations[d.target.Arn]
	if dest == nil {
		return 0
	}
	now := c.time.Now()
	at := now
	if dest.next.After(now) {
		at = dest.next
	}
	dest.next = at.Add(time.Second / time.Duration(dest.perSecond))
	return at.Sub(now)
}

// invokeDestination posts the event to an API destination. The far end has five seconds; a fault with status 0 is a timeout.
func (c *Cloud) invokeDestination(d *delivery, dest *destination, body []byte) *targetError {
	if _, ok := c.roleMay(d.target, "events:InvokeApiDestination", dest.arn); !ok {
		return noPermission("the target's role may not invoke the API destination")
	}
	u, err := url.Parse(dest.endpoint)
	if err != nil || u.Host == "" {
		return &targetError{code: "SDK_CLIENT_ERROR", message: "the endpoint is no URL"}
	}
	header := http.Header{}
	header.Set("Content-Type", "application/json; charset=utf-8")
	header.Set("User-Agent", "Amazon/EventBridge/ApiDestinations")
	header.Set("Range", "bytes=0-1048575")
	header.Set(dest.header, dest.value)
	request := slackRequest{method: dest.method, host: u.Host, path: u.Path, header: header, body: body, via: ViaDestination, eventID: d.event.id, try: d.tries}
	request.paths, request.empty = d.values()
	answer, injected := c.slack(request)
	switch {
	case answer.status == 0 || injected.unanswered(farEndTime):
		return &targetError{code: "SDK_CLIENT_ERROR", message: "the endpoint did not answer in 5 seconds", retry: true}
	case answer.status >= 300:
		return &targetError{
			code: "SDK_CLIENT_ERROR", message: fmt.Sprintf("the endpoint answered %d", answer.status), retry: retriedStatus(answer.status),
		}
	case injected != nil && injected.Kind == FaultGarbage:
		c.note(Entry{Kind: KindLost, Subject: "API destination", EventID: d.event.id, Err: "what answered is not Slack, and EventBridge does not look"})
	}
	return nil
}

// values returns the paths that the target's transformer puts in, and those of them that the event has no value for.
func (d *delivery) values() (paths, empty []string) {
	if d.target.transformer == nil {
		return nil, nil
	}
	for name, path := range d.target.transformer.Paths {
		if strings.Contains(d.target.transformer.Template, "<"+name+">") {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	for _, path := range paths {
		single := rules.Transformer{Paths: map[string]string{"v": path}, Template: "<v>"}
		if value, err := single.Render(d.event.payload, rules.Reserved{}); err == nil && string(value) == `""` {
			empty = append(empty, path)
		}
	}
	return paths, empty
}
