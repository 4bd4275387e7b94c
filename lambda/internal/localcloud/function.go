package localcloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// function is a Lambda function with its asynchronous queue.
type function struct {
	id, name, arn string
	spec          functionSpec
	role          *role
	permissions   []permissionSpec
	retries       int
	age           time.Duration
	onFailure     string // the ARN of a queue
	handler       Handler
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
	c.time.after(0, func() { c.run(inv) })
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
	inv.err = c.execute(inv)
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
		c.time.after(pause, func() { c.run(inv) })
	}
}

// execute runs the function's code with the cloud unlocked, for the code calls the cloud.
func (c *Cloud) execute(inv *invocation) (err error) {
	f, base := inv.function, c.base
	c.mu.Unlock()
	defer c.mu.Lock()
	ctx := lambdacontext.NewContext(base, &lambdacontext.LambdaContext{
		AwsRequestID: inv.requestID, InvokedFunctionArn: f.arn,
	})
	defer func() {
		if crash := recover(); crash != nil {
			f.handler, err = nil, fmt.Errorf("the function crashed: %v", crash)
		}
	}()
	deadline := c.time.Now().Add(f.timeout())
	if c.opts.RealTime {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline)
		defer cancel()
	} else {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithValue(ctx, deadlineKey{}, deadline), hung)
		defer cancel()
	}
	if f.role == nil || !f.role.trusts("lambda.amazonaws.com", f.arn, c.opts.Account) {
		return errors.New("the role defined for the function cannot be assumed by Lambda")
	}
	if f.handler == nil {
		h, err := c.opts.NewHandler(ctx, c.functionEnv(f))
		if err != nil {
			return fmt.Errorf("the function does not start: %w", err)
		}
		f.handler = h
	}
	if _, err := f.handler.Invoke(ctx, inv.payload); err != nil {
		return err
	}
	if c.time.Now().After(deadline) {
		return fmt.Errorf("task timed out after %s", f.timeout())
	}
	return nil
}

// functionEnv is what Lambda gives the code: the template's environment, and the variables of "Defined runtime environment variables".
func (c *Cloud) functionEnv(f *function) FunctionEnv {
	env := map[string]string{
		"AWS_REGION": c.opts.Region, "AWS_DEFAULT_REGION": c.opts.Region, "AWS_ENDPOINT_URL": c.Endpoint(),
		"AWS_LAMBDA_FUNCTION_NAME": f.name, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": fmt.Sprint(f.memory()),
		"AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_LOG_FORMAT": "JSON",
		"AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/" + f.name, "AWS_EXECUTION_ENV": "AWS_Lambda_provided.al2023",
	}
	if f.role != nil {
		env["AWS_ACCESS_KEY_ID"] = f.role.accessKey()
		env["AWS_SECRET_ACCESS_KEY"] = strings.Repeat("local", 8)
		env["AWS_SESSION_TOKEN"] = "local"
	}
	for name, value := range f.spec.Environment.Variables {
		env[name] = value
	}
	return FunctionEnv{
		Getenv: func(name string) string { return env[name] }, Clock: c.time.clock(),
		Log:  slog.New(slog.NewJSONHandler(logWriter{c}, &slog.HandlerOptions{Level: slog.LevelDebug})),
		HTTP: &http.Client{Transport: loopback{cloud: c, next: &http.Transport{MaxIdleConnsPerHost: 8}}},
	}
}

// logWriter keeps the function's log for the search for secrets.
type logWriter struct{ cloud *Cloud }

// Write implements io.Writer.
func (w logWriter) Write(b []byte) (int, error) {
	w.cloud.mu.Lock()
	defer w.cloud.mu.Unlock()
	return w.cloud.leaks.Write(b)
}

var _ io.Writer = logWriter{}

// abandon sends the event to the function's on-failure destination ("Invocation records").
func (c *Cloud) abandon(inv *invocation, condition, reason string) {
	f := inv.function
	c.measure("AWS/Lambda", "AsyncEventsDropped", 1, dim{"FunctionName", f.name}) // counted whether a destination gets a copy or not
	lost := func(why string) {
		c.note(Entry{Kind: KindLost, Subject: shortID(f.id), Err: reason + "; " + why})
	}
	if f.onFailure == "" {
		lost("the function has no on-failure destination")
		return
	}
	q := c.stack.queues[f.onFailure]
	if q == nil || f.role == nil {
		c.measure("AWS/Lambda", "DestinationDeliveryFailures", 1, dim{"FunctionName", f.name})
		lost("the on-failure destination is no queue of the template")
		return
	}
	who := Principal{Account: c.opts.Account, role: f.role}
	if why, ok := c.authorize(who, access{action: "sqs:SendMessage", resource: q.arn}, q.policies); !ok {
		c.measure("AWS/Lambda", "DestinationDeliveryFailures", 1, dim{"FunctionName", f.name})
		lost("its role may not send to the on-failure destination: " + why)
		return
	}
	body, err := json.Marshal(map[string]any{
		"version": "1.0", "timestamp": c.time.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
		"requestContext": map[string]any{
			"requestId": inv.requestID, "functionArn": f.arn + ":$LATEST", "condition": condition, "approximateInvokeCount": inv.runs,
		},
		"requestPayload":  json.RawMessage(inv.payload),
		"responseContext": map[string]any{"statusCode": http.StatusOK, "executedVersion": "$LATEST", "functionError": "Unhandled"},
		"responsePayload": map[string]any{"errorMessage": reason, "errorType": "errorString"},
	})
	if err != nil {
		lost("its payload is no JSON")
		return
	}
	c.enqueue(q, Message{Body: string(body)})
	c.note(Entry{Kind: KindParked, Subject: shortID(q.id), Via: ViaFunction, Text: after(inv.runs, "run", "runs"), Err: reason})
}
