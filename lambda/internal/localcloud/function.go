package localcloud

import (
	"fmt"
	"time"
)

// function is a Lambda function with its asynchronous queue.
type function struct {
	id, name, arn string
	spec          functionSpec
	role          *role
	permissions   []permissionSpec
	retries       int
	age           time.Duration
	onFailure     string    // the ARN of a queue
	log           []string  // the lines that Lambda lets through
	idle          []Handler // the environments that wait for an event
}

// Lambda's defaults ("Asynchronous invocation").
const (
	defaultRetries   = 2
	defaultInvokeAge = 6 * time.Hour
	defaultTimeout   = 3 * time.Second
	defaultMemory    = 128
	// hung bounds a run in real time: virtual time does not pass for code that waits for something else than the clock.
	hung = 30 * time.Second
)

func newFunction(id string, att map[string]string, s functionSpec, r *role) *function {
	f := &function{
		id: id, name: att["Ref"], arn: att["Arn"], spec: s, role: r, retries: defaultRetries, age: defaultInvokeAge,
		onFailure: s.DeadLetterConfig.TargetArn,
	}
	return f
}

func (f *function) configure(s invokeConfigSpec) {
	if s.MaximumRetryAttempts != nil {
		f.retries = *s.MaximumRetryAttempts
	}
	if s.MaximumEventAgeInSeconds != nil {
		f.age = time.Duration(*s.MaximumEventAgeInSeconds) * time.Second
	}
	if arn := s.DestinationConfig.OnFailure.Destination; arn != "" {
		f.onFailure = arn
	}
}

func (f *function) timeout() time.Duration {
	if n := f.spec.Timeout; n != nil {
		return time.Duration(*n) * time.Second
	}
	return defaultTimeout
}

// memory is in MB.
func (f *function) memory() int {
	if n := f.spec.MemorySize; n != nil {
		return *n
	}
	return defaultMemory
}

// invocation is one event on its way through the function's asynchronous queue.
type invocation struct {
	function  *function
	requestID string
	payload   []byte
	since     time.Time
	runs      int
	err       error
}

func (c *Cloud) queueInvocation(f *function, payload []byte) {
	inv := &invocation{function: f, requestID: c.id("invocation"), payload: payload, since: c.time.Now()}
	c.time.invoke(0, func() { c.run(inv) })
}

// run invokes the function, and after an error plans the next run: Lambda waits one minute and then two.
func (c *Cloud) run(inv *invocation) {
	f := inv.function
	if n := f.spec.ReservedConcurrentExecutions; n != nil && *n == 0 {
		c.measure("AWS/Lambda", "Throttles", 1, dim{"FunctionName", f.name})
		if c.time.Now().Add(longestBackoff/3).Sub(inv.since) > f.age {
			c.abandon(inv, "EventAgeExceeded", "the function's concurrency is 0")
			return
		}
		c.time.after(longestBackoff/3, func() { c.run(inv) })
		return
	}
	inv.runs++
	c.measure("AWS/Lambda", "Invocations", 1, dim{"FunctionName", f.name})
	_, inv.err = c.execute(inv)
	e := Entry{Kind: KindInvoked, Subject: shortID(f.id), Text: fmt.Sprintf("run %d", inv.runs)}
	if inv.err == nil {
		c.note(e)
		return
	}
	e.Err = inv.err.Error()
	c.note(e)
	c.measure("AWS/Lambda", "Errors", 1, dim{"FunctionName", f.name})
	pause := time.Duration(inv.runs) * time.Minute
	switch {
	case inv.runs > f.retries:
		c.abandon(inv, "RetriesExhausted", inv.err.Error())
	case c.time.Now().Add(pause).Sub(inv.since) > f.age:
		c.abandon(inv, "EventAgeExceeded", inv.err.Error())
	default:
		c.time.invoke(pause, func() { c.run(inv) })
	}
}
