package localcloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// take returns an environment that waits for an event; nil: a new one is needed. Runs side by side have one each.
func (f *function) take() Handler {
	n := len(f.idle)
	if n == 0 {
		return nil
	}
	h := f.idle[n-1]
	f.idle = f.idle[:n-1]
	return h
}

// execute runs the function's code with the cloud unlocked, for the code calls the cloud. An environment in which the code crashed or ran out of
// time is not used again.
func (c *Cloud) execute(inv *invocation) (answer []byte, err error) {
	f, base := inv.function, c.base
	handler := f.take()
	c.mu.Unlock()
	defer c.mu.Lock()
	ctx, cancel, deadline := c.runContext(base, inv)
	defer cancel()
	// The developer guide documents both keys for roles in general, and for no function what aws:SourceArn would be.
	source := source{"aws:SourceAccount": c.opts.Account}
	if f.role == nil || !f.role.trusts("lambda.amazonaws.com", source, c.opts.Account) {
		return nil, errors.New("the role defined for the function cannot be assumed by Lambda")
	}
	usable := false
	if handler == nil {
		if handler, err = c.opts.NewHandler(ctx, c.functionEnv(f)); err != nil {
			return nil, fmt.Errorf("the function does not start: %w", err)
		}
	}
	answer, err, usable = invoke(ctx, handler, inv.payload)
	if usable && !c.time.Now().Before(deadline) {
		usable, err = false, fmt.Errorf("task timed out after %s", f.timeout())
	}
	if usable {
		c.mu.Lock()
		f.idle = append(f.idle, handler)
		c.mu.Unlock()
	}
	return answer, err
}

// invoke runs the code; usable says that it did not crash.
func invoke(ctx context.Context, handler Handler, payload []byte) (answer []byte, err error, usable bool) { //nolint:revive // the error is the code's
	defer func() {
		if crash := recover(); crash != nil {
			answer, err, usable = nil, fmt.Errorf("the function crashed: %v", crash), false
		}
	}()
	answer, err = handler.Invoke(ctx, payload)
	return answer, err, true
}

// runContext is the context of a run, with its deadline by the cloud's clock.
func (c *Cloud) runContext(base context.Context, inv *invocation) (context.Context, context.CancelFunc, time.Time) {
	ctx := lambdacontext.NewContext(base, &lambdacontext.LambdaContext{
		AwsRequestID: inv.requestID, InvokedFunctionArn: inv.function.arn,
	})
	deadline := c.time.Now().Add(inv.function.timeout())
	if c.opts.RealTime {
		ctx, cancel := context.WithDeadline(ctx, deadline)
		return ctx, cancel, deadline
	}
	ctx = context.WithValue(ctx, deadlineKey{}, deadline)
	stop := time.Now().Add(hung)
	ctx, cancel := context.WithDeadline(context.WithValue(ctx, stopKey{}, stop), stop)
	return ctx, cancel, deadline
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
		Log:  c.logger(f),
		HTTP: &http.Client{Transport: loopback{cloud: c, next: &http.Transport{MaxIdleConnsPerHost: 8}}},
	}
}
