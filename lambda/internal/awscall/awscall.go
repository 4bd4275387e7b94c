// Package awscall makes one AWS call with a short retry of its own, for clients whose retries are off, and reads what
// went wrong from its error. It knows no service: of the error codes it knows those by which any may throttle or deny a
// call, and what another means is the caller's to say.
package awscall

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"trailkeeper/lambda/internal/clock"
)

const (
	// tries is how often a call is made in all.
	tries = 3
	// maxPerTry bounds one try; a service that is well answers in a fraction of it.
	maxPerTry = 3 * time.Second
)

// Do makes the call up to three times: at once again where the connection was closed under it, after 200 and 400 ms
// where the service throttled or failed or could not be reached. Any other error is final. It returns the last error,
// with what Other needs to say how often the call was made.
func Do(ctx context.Context, clk clock.Clock, call func(context.Context) error) error {
	wait := 200 * time.Millisecond
	for try := 1; ; try++ {
		err := once(ctx, call)
		if err == nil || try == tries || ctx.Err() != nil || !Passing(err) {
			return counted(err, try)
		}
		if try == 1 && Closed(err) {
			continue
		}
		if clk.Sleep(ctx, wait) != nil {
			return counted(err, try)
		}
		wait *= 2
	}
}

func once(ctx context.Context, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, maxPerTry)
	defer cancel()
	return call(ctx)
}

// Code is the service's code for an error without its "Exception", or "" where the service did not answer.
func Code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return strings.TrimSuffix(api.ErrorCode(), "Exception")
	}
	return ""
}

// Status is the HTTP status of the service's answer, or 0.
func Status(err error) int {
	if re, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		return re.HTTPStatusCode()
	}
	return 0
}

// Throttled reports whether the service refused the call because too many are made. The codes are those of the SDK's
// retry.DefaultThrottleErrorCodes, but for LimitExceeded, which is a used-up quota elsewhere (KMS), and for
// TransactionInProgress and PriorRequestNotComplete, which wait for another call to end.
func Throttled(err error) bool {
	code := Code(err)
	return strings.Contains(code, "Throttl") || slices.Contains([]string{
		"BandwidthLimitExceeded", "ProvisionedThroughputExceeded", "RequestLimitExceeded", "SlowDown", "TooManyRequests",
	}, code)
}

// Denied reports whether a policy refused the call, or none allows it: with AccessDenied or NotAuthorized, which any
// service may answer ("Common Errors" in the API references), or with UnauthorizedOperation (EC2).
func Denied(err error) bool {
	code := Code(err)
	return strings.HasPrefix(code, "AccessDenied") || code == "NotAuthorized" || code == "UnauthorizedOperation"
}

// Passing reports whether the same call may succeed a moment later.
func Passing(err error) bool {
	code, status := Code(err), Status(err)
	switch {
	case Throttled(err) || status == 429 || status >= 500 || serverFault(err):
		return true
	case code != "" || status != 0 && !cutOff(err):
		return false
	}
	return sent(err)
}

// cutOff reports whether an answer that was none of the service's refusals broke off before its end.
func cutOff(err error) bool {
	status := Status(err)
	return status >= 200 && status < 300 && sent(err)
}

func serverFault(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && api.ErrorFault() == smithy.FaultServer
}

// sent reports whether err comes from the network, and not from building the request (a missing credential, a wrong
// endpoint).
func sent(err error) bool {
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return Closed(err) || errors.Is(err, context.DeadlineExceeded)
}

// Unconnected reports whether no connection to the service could be made: nothing was sent.
func Unconnected(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}

// Closed reports whether the connection was closed under the call, as happens to one kept open while the function was
// frozen.
func Closed(err error) bool {
	if Unconnected(err) {
		return false
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// Unreached is a sentence for an error that holds no answer of the service: the endpoint answered something else, did
// not answer in time, or could not be reached. It shows no address.
func Unreached(service string, err error) string {
	switch {
	case Status(err) != 0 && !cutOff(err):
		return service + "'s endpoint answered what is no " + service + " answer; check the function's endpoint settings"
	case errors.Is(err, context.DeadlineExceeded):
		return service + " did not answer in time; if this lasts, check the function's network"
	case errors.Is(err, context.Canceled):
		return "the call to " + service + " was canceled"
	case sent(err):
		return service + " could not be reached; if this lasts, check the function's network and endpoint settings"
	}
	return "the call to " + service + " could not be made; check the function's credentials and endpoint settings"
}

// Other is a sentence for an error code that the caller has no words for.
func Other(service string, err error) string {
	code := Code(err)
	if code == "" {
		return Unreached(service, err)
	}
	if serverFault(err) || Status(err) >= 500 {
		return service + " failed with " + line(code) + Times(calls(err)) + "; if this lasts, see health.aws.amazon.com"
	}
	message := ""
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorMessage() != "" {
		message = ": " + line(api.ErrorMessage())
	}
	return service + " refused the call with " + line(code) + message + "; look the code up in its API reference"
}

// maxLine bounds what a service said, in bytes.
const maxLine = 200

func line(s string) string {
	s = strings.ToValidUTF8(strings.Join(strings.Fields(s), " "), "?")
	if len(s) > maxLine {
		s = strings.ToValidUTF8(s[:maxLine], "") + "…"
	}
	return strings.TrimRight(s, ". ")
}
