package events

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/rules"
)

// retriedStatus are the answers after which EventBridge tries an API destination again; every other 4xx is final ("API
// destinations").
func retriedStatus(status int) bool {
	return status >= 500 || slices.Contains([]int{
		http.StatusUnauthorized, http.StatusProxyAuthRequired, http.StatusConflict, http.StatusTooManyRequests,
	}, status)
}

// noAnswer is the code of every failure of an API destination.
const noAnswer = "SDK_CLIENT_ERROR"

// farEndTime is how long EventBridge waits for an API destination's answer ("API destinations").
const farEndTime = 5 * time.Second

// unanswered reports whether a caller who waits that long gets no answer.
func unanswered(i *kernel.Injected, patience time.Duration) bool {
	if i == nil {
		return false
	}
	return i.Kind == kernel.FaultLost || i.Kind == kernel.FaultDropped || i.Kind == kernel.FaultTimeout ||
		i.Kind == kernel.FaultSlow && i.Delay >= patience
}

// defaultRate is the rate of an API destination that names none (CloudFormation, AWS::Events::ApiDestination).
const defaultRate = 300

// destination is an API destination.
type destination struct {
	name, arn, description, endpoint, method string
	connection                               string // its ARN
	perSecond                                int
	made, changed                            time.Time
	next                                     time.Time // when it may be invoked again
}

func (s *Bus) destination(arn string) *destination {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.destinations[arn]
}

// wait is how long an event must wait until its API destination may be invoked: what comes faster than the rate waits
// in line ("API destinations"). Other targets wait for nothing.
func (s *Bus) wait(d *delivery) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	dest := s.destinations[d.target.Arn]
	if dest == nil {
		return 0
	}
	now := s.kernel.Now()
	at := now
	if dest.next.After(now) {
		at = dest.next
	}
	dest.next = at.Add(time.Second / time.Duration(dest.perSecond))
	return at.Sub(now)
}

// invokeDestination posts the event to an API destination. The far end has five seconds; a fault with status 0 is a
// timeout.
func (s *Bus) invokeDestination(d *delivery, dest *destination, body []byte) *kernel.Error {
	role, failed := s.assumed(d.target)
	if failed == nil {
		if _, ok := s.kernel.Authorize(role, policy.Access{Action: "events:InvokeApiDestination", Resource: dest.arn},
			nil); !ok {
			failed = kernel.Refuse(kernel.NoPermission, "")
		}
	}
	if failed != nil {
		return kernel.Refuse(kernel.NoPermission, "the target's role may not invoke the API destination")
	}
	con, failed := s.authorized(dest)
	if failed != nil {
		return failed
	}
	u, err := url.Parse(dest.endpoint)
	if err != nil || u.Host == "" {
		return kernel.Refuse(noAnswer, "the endpoint is no URL")
	}
	header := http.Header{}
	header.Set("Content-Type", "application/json; charset=utf-8")
	header.Set("User-Agent", "Amazon/EventBridge/ApiDestinations")
	header.Set("Range", "bytes=0-1048575")
	header.Set(con.header, con.value)
	request := kernel.Post{
		Method:  dest.method,
		Host:    u.Host,
		Path:    u.Path,
		Header:  header,
		Body:    body,
		Via:     kernel.ViaDestination,
		EventID: d.event.ID,
		Try:     d.tries,
	}
	request.Paths, request.Empty = d.values()
	answer, injected := s.post(request)
	switch {
	case answer.Status == 0 || unanswered(injected, farEndTime):
		return &kernel.Error{
			Status:  http.StatusGatewayTimeout,
			Code:    noAnswer,
			Message: "the endpoint did not answer in 5 seconds",
		}
	case answer.Status >= 300:
		failed := kernel.Refuse(noAnswer, "the endpoint answered %d", answer.Status)
		if retriedStatus(answer.Status) {
			failed.Status = http.StatusBadGateway
		}
		return failed
	case injected != nil && injected.Kind == kernel.FaultGarbage:
		s.kernel.Note(
			kernel.Entry{
				Kind:    kernel.KindLost,
				Subject: "API destination",
				EventID: d.event.ID,
				Err:     "what answered is not Slack, and EventBridge does not look",
			},
		)
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
		if value, err := single.Render(d.event.Payload, rules.Reserved{}); err == nil && string(value) == `""` {
			empty = append(empty, path)
		}
	}
	return paths, empty
}
