package localcloud

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// FaultKind says how the far end of a call goes wrong.
type FaultKind string

// The kinds of faults.
const (
	// FaultError answers with Status, Code, Message and RetryAfter. The call has no effect.
	FaultError FaultKind = "error"
	// FaultSlow lets the call take effect and answers after Delay, or never where the caller does not wait that long.
	FaultSlow FaultKind = "slow"
	// FaultGarbage answers with Status, 200 where there is none, and a page that no client of the service understands. The call has no effect.
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

// Fault is how calls go wrong. Injected faults are asked after Options.Fault, in the order in which they were injected; one of them answers a call,
// those after it do not see it. Waiting takes virtual time, for as long as the caller's own limits let it wait; in real time it takes real time.
//
// What the cloud does by itself (EventBridge's posts to Slack, an alarm's publishing, Scheduler's invocations) knows FaultError and FaultTimeout, and
// the posts to Slack every kind.
type Fault struct {
	// Service and Operation name the calls: those of FaultPoint, and for Slack "chat.postMessage", "chat.update" and "webhook". An empty Operation
	// is every one of the service.
	Service, Operation string
	// By is who calls: empty for the functions, ViaDestination, ViaAlarm, "EventBridge" or "Scheduler" for the cloud itself, "operator" or another
	// name of a principal, or AnyCaller.
	By string
	// About, if set, must be part of what the call is about: the Slack channel or "secret:KEY", the topic's ARN, the queue's URL, the trail, and
	// for any other call its JSON text.
	About string
	Kind  FaultKind
	After int // so many calls are let through first
	Times int // so many calls go wrong; 0: all of them

	Status        int // of FaultError and FaultGarbage
	Code, Message string
	RetryAfter    time.Duration // in whole seconds, as a header; 0: none
	Delay         time.Duration // of FaultSlow
}

// Injected is a fault at work.
type Injected struct {
	Fault
	cloud         *Cloud
	seen, reached int
	over          bool
}

// Inject has calls go wrong from now on. It panics where the fault has no Service or Kind: it would never be reached.
func (c *Cloud) Inject(f Fault) *Injected {
	if f.Service == "" || f.Kind == "" {
		panic(fmt.Sprintf("localcloud: a fault needs a Service and a Kind, got %+v", f))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	i := &Injected{Fault: f, cloud: c}
	c.injected = append(c.injected, i)
	return i
}

// Reached is how many calls went wrong by this fault.
func (i *Injected) Reached() int {
	i.cloud.mu.Lock()
	defer i.cloud.mu.Unlock()
	return i.reached
}

// End ends the fault.
func (i *Injected) End() {
	i.cloud.mu.Lock()
	defer i.cloud.mu.Unlock()
	i.over = true
}

// faulty describes a call to the faults.
type faulty struct {
	service, op, by, about string
	function               bool
}

// pick takes the fault that answers a call, if one does. The cloud is locked.
func (c *Cloud) pick(f faulty) *Injected {
	for _, i := range c.injected {
		if i.takes(f) {
			i.reached++
			return i
		}
	}
	return nil
}

func (i *Injected) takes(f faulty) bool {
	by := i.By == AnyCaller || i.By == "" && f.function || i.By != "" && i.By == f.by
	switch {
	case i.over, i.Service != f.service, !by, i.Operation != "" && i.Operation != f.op, !strings.Contains(f.about, i.About):
		return false
	case i.Times > 0 && i.reached >= i.Times:
		return false
	}
	i.seen++
	return i.seen > i.After
}

// effective reports whether a call takes effect in spite of the fault.
func (i *Injected) effective() bool {
	return i == nil || i.Kind == FaultSlow || i.Kind == FaultLost
}

func (i *Injected) failure() *Failure {
	if i == nil || i.Kind != FaultError {
		return nil
	}
	return &Failure{Status: i.Status, Code: i.Code, Message: i.Message, RetryAfter: i.RetryAfter}
}

// inWords says for a timeline how a call went wrong.
func (i *Injected) inWords(op string) string {
	if op == opWebhook {
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

// serviceNames are the services' names for people.
func serviceName(service string) string {
	names := map[string]string{
		"cloudtrail": "CloudTrail", "dynamodb": "DynamoDB", "sns": "SNS", "sqs": "SQS", "secretsmanager": "Secrets Manager", "slack": "Slack",
		"events": "EventBridge", "lambda": "Lambda", "monitoring": "CloudWatch", "scheduler": "Scheduler",
	}
	if name, ok := names[service]; ok {
		return name
	}
	return service
}

// noteFault shows in the timeline what is not shown as a refused call.
func (c *Cloud) noteFault(i *Injected, service, op string) {
	c.note(Entry{Kind: KindNote, Who: serviceName(service), Text: i.inWords(op), fault: true})
}

// garbage is what a proxy or a captive portal answers.
const garbage = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Welcome to the guest network</body></html>"

// own asks the faults for a call of the cloud itself; nil: it goes well.
func (c *Cloud) own(service, op, by, about string) *Failure {
	if f := c.fault(service, op, false); f != nil {
		return f
	}
	i := c.pick(faulty{service: service, op: op, by: by, about: about})
	switch {
	case i == nil:
		return nil
	case i.Kind == FaultError:
		return i.failure()
	default:
		return &Failure{Status: http.StatusGatewayTimeout, Code: "Timeout", Message: serviceName(service) + " did not answer in time"}
	}
}
