package lambda

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"trailkeeper/lambda/internal/localcloud/kernel"
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

// Renew gives up every environment that waits for an event, as Lambda does when a function is updated: the code is
// made anew at the next event.
func (s *Functions) Renew() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.functions {
		f.idle = nil
	}
}

// execute runs the function's code. An environment in which the code crashed or ran out of time is not used again.
func (s *Functions) execute(inv *invocation) (answer []byte, err error) {
	f := inv.function
	is := f.now()
	s.mu.Lock()
	handler, base := f.take(), s.base
	s.mu.Unlock()
	deadline := s.kernel.Now().Add(is.timeout())
	ctx, cancel := s.kernel.RunUntil(lambdacontext.NewContext(base, &lambdacontext.LambdaContext{
		AwsRequestID:       inv.requestID,
		InvokedFunctionArn: f.arn,
	}), deadline)
	defer cancel()
	who, failed := s.assumed(f)
	if failed != nil {
		return nil, errors.New("the role defined for the function cannot be assumed by Lambda")
	}
	usable := false
	if handler == nil {
		if handler, err = s.start(ctx, f, who); err != nil {
			return nil, fmt.Errorf("the function does not start: %w", err)
		}
	}
	answer, err, usable = invoke(ctx, handler, inv.payload)
	if usable && !s.kernel.Now().Before(deadline) {
		usable, err = false, fmt.Errorf("task timed out after %s", is.timeout())
	}
	if usable {
		s.mu.Lock()
		f.idle = append(f.idle, handler)
		s.mu.Unlock()
	}
	return answer, err
}

// invoke runs the code; usable says that it did not crash.
//
//nolint:revive // the error is the code's
func invoke(ctx context.Context, handler Handler, payload []byte) (answer []byte, err error, usable bool) {
	defer func() {
		if crash := recover(); crash != nil {
			answer, err, usable = nil, fmt.Errorf("the function crashed: %v", crash), false
		}
	}()
	answer, err = handler.Invoke(ctx, payload)
	return answer, err, true
}

// Environment is what a function of that name gets, for whoever acts as it; false: there is none, or Lambda may not
// assume its role.
func (s *Functions) Environment(name string) (FunctionEnv, bool) {
	s.mu.Lock()
	var found *function
	for _, f := range s.functions {
		if s.kernel.NameOf(f.arn) == name {
			found = f
		}
	}
	s.mu.Unlock()
	if found == nil {
		return FunctionEnv{}, false
	}
	who, failed := s.assumed(found)
	if failed != nil {
		return FunctionEnv{}, false
	}
	return s.environment(found, who), true
}

// environment is what Lambda gives the code: the template's environment, and the variables of "Defined runtime
// environment variables".
func (s *Functions) environment(f *function, who kernel.Principal) FunctionEnv {
	region, is := kernel.ARN(f.arn).Region, f.now()
	env := map[string]string{
		"AWS_REGION":                      region,
		"AWS_DEFAULT_REGION":              region,
		"AWS_ENDPOINT_URL":                s.door.Endpoint(),
		"AWS_LAMBDA_FUNCTION_NAME":        f.name,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(is.memory()),
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_LOG_FORMAT":           "JSON",
		"AWS_LAMBDA_LOG_GROUP_NAME":       f.logGroup(),
		"AWS_EXECUTION_ENV":               "AWS_Lambda_provided.al2023",
		"AWS_ACCESS_KEY_ID":               who.Role.AccessKey(),
		"AWS_SECRET_ACCESS_KEY":           strings.Repeat("local", 8),
		"AWS_SESSION_TOKEN":               "local",
	}
	maps.Copy(env, is.spec.Environment.Variables)
	environ := make([]string, 0, len(env))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		environ = append(environ, name+"="+env[name])
	}
	return FunctionEnv{
		Getenv:  func(name string) string { return env[name] },
		Environ: environ,
		Clock:   s.kernel.Of(),
		Log:     s.logger(f),
		HTTP:    named(s.network(is), who.Name()),
	}
}

// network is how the function reaches the cloud. In subnets it reaches nothing: they have no way out here.
func (s *Functions) network(is *settings) *http.Client {
	client := s.door.Client()
	if len(is.vpc.subnets) > 0 {
		client.Transport = unreachable{}
	}
	return client
}

type unreachable struct{}

// RoundTrip implements http.RoundTripper.
func (unreachable) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("dial tcp: %s: i/o timeout", r.URL.Host)
}

// named says in every request which function makes it: a post to Slack is signed by nobody.
func named(client *http.Client, who string) *http.Client {
	client.Transport = sender{client.Transport, who}
	return client
}

type sender struct {
	next http.RoundTripper
	who  string
}

// RoundTrip implements http.RoundTripper.
func (s sender) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set(kernel.Sender, s.who)
	return s.next.RoundTrip(r)
}
