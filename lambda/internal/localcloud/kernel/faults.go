package kernel

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"trailkeeper/lambda/internal/localcloud/vtime"
)

// FaultKind says how the far end of a call goes wrong.
type FaultKind string

// The kinds of faults.
const (
	// FaultError answers with Status, Code, Message and RetryAfter. The call has no effect.
	FaultError FaultKind = "error"
	// FaultSlow lets the call take effect and answers after Delay, or never where the caller does not wait that long.
	FaultSlow FaultKind = "slow"
	// FaultGarbage answers with Status, 200 where there is none, and a page that no client of the service understands. The
	// call has no effect.
	FaultGarbage FaultKind = "garbage"
	// FaultLost lets the call take effect and closes the connection without an answer.
	FaultLost FaultKind = "answer lost"
	// FaultDropped closes the connection before the call takes effect.
	FaultDropped FaultKind = "connection closed"
	// FaultTimeout takes the request and never answers. The call has no effect.
	FaultTimeout FaultKind = "timeout"
)

// AnyCaller as Fault.By stands for everybody.
const AnyCaller = "anybody"

// Fault is how calls go wrong. Injected faults are asked after Options.Fault, in the order in which they were injected;
// one of them answers a call, those after it do not see it. Waiting takes virtual time, for as long as the caller's own
// limits let it wait; in real time it takes real time.
//
// What the cloud does by itself (EventBridge's posts to Slack, an alarm's publishing, Scheduler's invocations) knows
// FaultError and FaultTimeout, and the posts to Slack every kind.
type Fault struct {
	// Service and Operation name the calls: those of FaultPoint, and for Slack "chat.postMessage", "chat.update" and
	// "webhook". An empty Operation is every one of the service.
	Service, Operation string
	// By is who calls: empty for the functions, ViaDestination, ViaAlarm, "EventBridge" or "Scheduler" for the cloud
	// itself, "operator" or another name of a principal, or AnyCaller.
	By string
	// About, if set, must be part of what the call is about: the Slack channel or "secret:KEY", the topic's ARN, the
	// queue's URL, the trail, and for any other call its JSON text.
	About string
	Kind  FaultKind
	After int // so many calls are let through first
	Times int // so many calls go wrong; 0: all of them

	Status        int // of FaultError and FaultGarbage
	Code, Message string
	RetryAfter    time.Duration // in whole seconds, as a header; 0: none
	Delay         time.Duration // of FaultSlow
}

// FaultPoint is a call that may be made to fail.
type FaultPoint struct {
	Service  string // "cloudtrail", "dynamodb", "sns", "sqs", "secretsmanager", "slack", "lambda", "scheduler"
	Op       string
	Function bool // the function makes the call
	At       time.Time
}

// Failure is how a call fails: Code and Message in the service's own form, with the HTTP status.
type Failure struct {
	Status  int
	Code    string
	Message string
	// RetryAfter is a header of the answer, in whole seconds; 0: none, but for Slack's 429, which always has one.
	RetryAfter time.Duration
}

// Faults are all that is scripted to go wrong.
type Faults struct {
	clock *vtime.Clock
	log   *Log
	// hook is asked before every call, and before the injected faults; nil: nobody is.
	hook func(FaultPoint) *Failure

	mu       sync.Mutex
	injected []*Injected
}

// Injected is a fault at work.
type Injected struct {
	Fault
	mu            *sync.Mutex
	seen, reached int
	over          bool
}

// Inject has calls go wrong from now on. It panics where the fault has no Service or Kind: it would never be reached.
func (s *Faults) Inject(f Fault) *Injected {
	if f.Service == "" || f.Kind == "" {
		panic(fmt.Sprintf("localcloud: a fault needs a Service and a Kind, got %+v", f))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i := &Injected{Fault: f, mu: &s.mu}
	s.injected = append(s.injected, i)
	return i
}

// Reached is how many calls went wrong by this fault.
func (i *Injected) Reached() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.reached
}

// End ends the fault.
func (i *Injected) End() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.over = true
}

// Step is a call as the faults see it.
type Step struct {
	Service, Op, By, About string
	Function               bool
}

// Pick takes the fault that answers a call, if one does.
func (s *Faults) Pick(of Step) *Injected {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.injected {
		if i.takes(of) {
			i.reached++
			return i
		}
	}
	return nil
}

// Asked is what Options.Fault says of a call; nil: it goes well.
func (s *Faults) Asked(service, op string, function bool) *Failure {
	if s.hook == nil {
		return nil
	}
	return s.hook(FaultPoint{
		Service:  service,
		Op:       op,
		Function: function,
		At:       s.clock.Now(),
	})
}

// Shows puts into the timeline what is not shown as a refused call.
func (s *Faults) Shows(i *Injected, service, op string) {
	s.log.Note(Entry{
		Kind:  KindNote,
		Who:   serviceName(service),
		Text:  i.inWords(op),
		fault: true,
	})
}

func (i *Injected) takes(f Step) bool {
	by := i.By == AnyCaller || i.By == "" && f.Function || i.By != "" && i.By == f.By
	switch {
	case i.over,
		i.Service != f.Service,
		!by,
		i.Operation != "" && i.Operation != f.Op,
		!strings.Contains(f.About, i.About):
		return false
	case i.Times > 0 && i.reached >= i.Times:
		return false
	}
	i.seen++
	return i.seen > i.After
}

// Effective reports whether a call takes effect in spite of the fault.
func (i *Injected) Effective() bool {
	return i == nil || i.Kind == FaultSlow || i.Kind == FaultLost
}

// Failure is how the fault has a call refused; nil: it does not.
func (i *Injected) Failure() *Failure {
	if i == nil || i.Kind != FaultError {
		return nil
	}
	return &Failure{
		Status:     i.Status,
		Code:       i.Code,
		Message:    i.Message,
		RetryAfter: i.RetryAfter,
	}
}

// OpWebhook is the operation of Slack that faults call a post to an incoming webhook.
const OpWebhook = "webhook"

// inWords says for a timeline how a call went wrong.
func (i *Injected) inWords(op string) string {
	if op == OpWebhook {
		op = "a post to the webhook"
	}
	switch i.Kind {
	case FaultError:
		return fmt.Sprintf("refuses %s: %d %s", op, i.Status, i.Code)
	case FaultSlow:
		return fmt.Sprintf("takes %g s to answer %s", i.Delay.Seconds(), op)
	case FaultGarbage:
		return "answers " + op + " with garbage"
	case FaultLost:
		return "carries out " + op + ", and its answer is lost"
	case FaultDropped:
		return "closes the connection before " + op
	default:
		return "does not answer " + op
	}
}

// serviceName is a service's name for people.
func serviceName(service string) string {
	names := map[string]string{
		"cloudtrail":     "CloudTrail",
		"dynamodb":       "DynamoDB",
		"sns":            "SNS",
		"sqs":            "SQS",
		"secretsmanager": "Secrets Manager",
		"slack":          "Slack",
		"events":         "EventBridge",
		"lambda":         "Lambda",
		"monitoring":     "CloudWatch",
		"scheduler":      "Scheduler",
	}
	if name, ok := names[service]; ok {
		return name
	}
	return service
}

// Own asks the faults for a call of the cloud itself; nil: it goes well.
func (s *Faults) Own(of Step) *Failure {
	if f := s.Asked(of.Service, of.Op, false); f != nil {
		return f
	}
	i := s.Pick(of)
	switch {
	case i == nil:
		return nil
	case i.Kind == FaultError:
		return i.Failure()
	default:
		return &Failure{
			Status:  http.StatusGatewayTimeout,
			Code:    "Timeout",
			Message: serviceName(of.Service) + " did not answer in time",
		}
	}
}

// garbage is what a proxy or a captive portal answers.
const garbage = "<!DOCTYPE html><html><head><title>Sign in</title></head>" +
	"<body>Welcome to the guest network</body></html>"
