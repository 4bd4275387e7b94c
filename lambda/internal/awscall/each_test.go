package awscall

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

	"trailkeeper/lambda/internal/clock"
)

// TestWaits: 200 and 400 ms between the tries; after a connection that was closed, none before the second.
func TestWaits(t *testing.T) {
	throttled := &smithy.GenericAPIError{Code: "Throttling"}
	for name, tt := range map[string]struct {
		answers []error
		waits   []time.Duration
	}{
		"throttled": {
			[]error{throttled, throttled, throttled}, []time.Duration{200 * time.Millisecond, 400 * time.Millisecond},
		},
		"throttled once": {[]error{throttled, nil}, []time.Duration{200 * time.Millisecond}},
		"closed":         {[]error{io.EOF, io.EOF, io.EOF}, []time.Duration{200 * time.Millisecond}},
		"closed once":    {[]error{io.EOF, nil}, nil},
		"throttled, then closed": {
			[]error{throttled, io.EOF, nil}, []time.Duration{200 * time.Millisecond, 400 * time.Millisecond},
		},
		"closed, then throttled": {[]error{io.EOF, throttled, nil}, []time.Duration{200 * time.Millisecond}},
		"throttled, then answered": {
			[]error{throttled, throttled, nil}, []time.Duration{200 * time.Millisecond, 400 * time.Millisecond},
		},
	} {
		made, waits := 0, []time.Duration(nil)
		clk := clock.Clock{Sleep: func(_ context.Context, d time.Duration) error { waits = append(waits, d); return nil }}
		err := Do(t.Context(), clk, func(context.Context) error { made++; return tt.answers[made-1] })
		if !errors.Is(err, tt.answers[len(tt.answers)-1]) || made != len(tt.answers) || !slices.Equal(waits, tt.waits) {
			t.Errorf("%s: %d calls, waits %v, %v; want %d, %v", name, made, waits, err, len(tt.answers), tt.waits)
		}
	}
	made := 0
	clk := clock.Clock{Sleep: func(context.Context, time.Duration) error { return context.Canceled }}
	if err := Do(
		t.Context(),
		clk,
		func(context.Context) error { made++; return throttled },
	); made != 1 ||
		!errors.Is(err, throttled) {
		t.Errorf("no time to wait: %d calls, %v", made, err)
	}
}

// TestThrottledAndDenied: each code by itself, wrapped as the SDK wraps it, and what is next to it.
func TestThrottledAndDenied(t *testing.T) {
	for _, tt := range []struct {
		throttled, denied bool
		codes             string
	}{
		{true, false, "Throttling ThrottlingException ThrottledException RequestThrottled KMSThrottlingException SlowDown"},
		{true, false, "TooManyRequestsException RequestLimitExceeded BandwidthLimitExceeded"},
		{true, false, "ProvisionedThroughputExceededException"},
		{false, true, "AccessDenied AccessDeniedException NotAuthorized NotAuthorizedException UnauthorizedOperation"},
		{false, false, "LimitExceededException TagsLimitExceededException SlowDowns TooManyRequestsMade TooManyEntries"},
		{false, false, "ProvisionedThroughput TransactionInProgressException PriorRequestNotComplete throttling"},
		{false, false, "KMSAccessDeniedException Access OperationNotPermitted UnauthorizedOperations NotAuthorizedYet"},
		{false, false, "InsufficientDependencyServiceAccessPermissionException Unauthorized"},
	} {
		for code := range strings.FieldsSeq(tt.codes) {
			err := fmt.Errorf("operation error: %w", status(400, &smithy.GenericAPIError{Code: code}))
			if Throttled(err) != tt.throttled || Denied(err) != tt.denied || Passing(err) != tt.throttled {
				t.Errorf("%s: throttled %v, denied %v, passing %v", code, Throttled(err), Denied(err), Passing(err))
			}
		}
	}
	for _, err := range []error{nil, errors.New("Throttling AccessDenied"), status(429, errors.New("x"))} {
		if Throttled(err) || Denied(err) {
			t.Errorf("no answer of a service, %v: throttled %v, denied %v", err, Throttled(err), Denied(err))
		}
	}
}

// TestThrottledAsTheSDKHasIt: every code that the SDK retries as throttled is one, but for those that Throttled names.
func TestThrottledAsTheSDKHasIt(t *testing.T) {
	others := []string{"LimitExceededException", "PriorRequestNotComplete", "TransactionInProgressException"}
	for code := range retry.DefaultThrottleErrorCodes {
		if got := Throttled(&smithy.GenericAPIError{Code: code}); got == slices.Contains(others, code) {
			t.Errorf("%s: throttled %v", code, got)
		}
	}
}

// TestPassing: each reason by itself, wrapped as the SDK wraps it, and what is next to it.
func TestPassing(t *testing.T) {
	api := func(code string) error { return &smithy.GenericAPIError{Code: code} }
	dial := func(err error) error { return &net.OpError{Op: "dial", Err: err} }
	read := func(err error) error { return &net.OpError{Op: "read", Err: err} }
	for name, tt := range map[string]struct {
		err             error
		passing, closed bool
	}{
		"Throttling":                 {api("Throttling"), true, false},
		"ThrottlingException":        {api("ThrottlingException"), true, false},
		"ThrottledException":         {api("ThrottledException"), true, false},
		"RequestThrottled":           {api("RequestThrottledException"), true, false},
		"TooManyRequests":            {api("TooManyRequestsException"), true, false},
		"RequestLimitExceeded":       {api("RequestLimitExceeded"), true, false},
		"SlowDown":                   {api("SlowDown"), true, false},
		"throttled with a status":    {status(400, api("Throttling")), true, false},
		"LimitExceeded":              {api("LimitExceededException"), false, false},
		"AccessDenied":               {api("AccessDeniedException"), false, false},
		"a code beside a timeout":    {fmt.Errorf("%w: %w", api("X"), context.DeadlineExceeded), false, false},
		"server fault":               {&smithy.GenericAPIError{Code: "X", Fault: smithy.FaultServer}, true, false},
		"client fault":               {&smithy.GenericAPIError{Code: "X", Fault: smithy.FaultClient}, false, false},
		"428":                        {status(428, errors.New("x")), false, false},
		"429":                        {status(429, errors.New("x")), true, false},
		"430":                        {status(430, errors.New("x")), false, false},
		"499":                        {status(499, errors.New("x")), false, false},
		"500":                        {status(500, errors.New("x")), true, false},
		"501":                        {status(501, api("X")), true, false},
		"a status beside a timeout":  {status(404, context.DeadlineExceeded), false, false},
		"timeout":                    {fmt.Errorf("x: %w", context.DeadlineExceeded), true, false},
		"canceled":                   {context.Canceled, false, false},
		"name not found":             {dial(&net.DNSError{Err: "no such host"}), true, false},
		"dial reset":                 {dial(syscall.ECONNRESET), true, false},
		"read reset":                 {read(syscall.ECONNRESET), true, true},
		"broken pipe":                {fmt.Errorf("write: %w", syscall.EPIPE), true, true},
		"end":                        {fmt.Errorf("x: %w", io.EOF), true, true},
		"unexpected end":             {fmt.Errorf("x: %w", io.ErrUnexpectedEOF), true, true},
		"reset without an operation": {syscall.ECONNRESET, true, true},
		"no credentials":             {errors.New("no credentials"), false, false},
		"another system error":       {fmt.Errorf("x: %w", errors.New("EACCES")), false, false},
	} {
		if Passing(tt.err) != tt.passing || Closed(tt.err) != tt.closed {
			t.Errorf("%s: passing %v, closed %v", name, Passing(tt.err), Closed(tt.err))
		}
	}
}

// TestWhatAnErrorHolds: the code without its ending, and the status; of another error neither.
func TestWhatAnErrorHolds(t *testing.T) {
	for _, tt := range []struct {
		err    error
		code   string
		status int
	}{
		{nil, "", 0},
		{errors.New("x"), "", 0},
		{&smithy.GenericAPIError{Code: "AccessDeniedException"}, "AccessDenied", 0},
		{status(403, &smithy.GenericAPIError{Code: "ExceptionInX"}), "ExceptionInX", 403},
		{fmt.Errorf("x: %w", status(502, errors.New("html"))), "", 502},
	} {
		if Code(tt.err) != tt.code || Status(tt.err) != tt.status {
			t.Errorf("%v: %q, %d", tt.err, Code(tt.err), Status(tt.err))
		}
	}
}

// TestSentences: the whole of each, with what a service said shortened to one line.
func TestSentences(t *testing.T) {
	long := strings.Repeat("x", 198)
	for want, err := range map[string]error{
		"X refused the call with Odd; look the code up in its API " +
			"reference": &smithy.GenericAPIError{Code: "OddException"},
		"X refused the call with Odd: a b; look the code up in its API reference": &smithy.GenericAPIError{
			Code: "Odd", Message: " a\n\tb. ",
		},
		"X refused the call with Odd: " + long + "yz; look the code up in its API reference": &smithy.GenericAPIError{
			Code: "Odd", Message: long + "yz",
		},
		"X refused the call with Odd: " + long + "yz…; look the code up in its API reference": &smithy.GenericAPIError{
			Code: "Odd", Message: long + "yzz",
		},
		"X refused the call with Odd: " + long + "y…; look the code up in its API reference": &smithy.GenericAPIError{
			Code: "Odd", Message: long + "yä",
		},
		"X refused the call with Odd: a?b; look the code up in its API reference": &smithy.GenericAPIError{
			Code: "Odd", Message: "a\xffb",
		},
		"X failed with Odd; if this lasts, see health.aws.amazon.com": status(
			500, &smithy.GenericAPIError{Code: "Odd", Message: "m"},
		),
		"X failed with Worse; if this lasts, see health.aws.amazon.com": &smithy.GenericAPIError{
			Code: "Worse", Fault: smithy.FaultServer,
		},
		"X refused the call with Less: m; look the code up in its API reference": status(
			499, &smithy.GenericAPIError{Code: "Less", Message: "m"},
		),
		"X's endpoint answered what is no X answer; check the function's endpoint settings": status(400, errors.New("html")),
		"X did not answer in time; if this lasts, check the function's network": fmt.Errorf(
			"x: %w", context.DeadlineExceeded,
		),
		"the call to X was canceled": fmt.Errorf("x: %w", context.Canceled),
		"X could not be reached; if this lasts, check the function's network and endpoint settings": io.EOF,
		"the call to X could not be made; check the function's credentials and endpoint " +
			"settings": errors.New("no credentials"),
	} {
		if got := Other("X", err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for n, want := range map[int]string{
		-1: "",
		0:  "",
		1:  "",
		2:  ", twice",
		3:  ", three times",
		4:  ", 4 times",
		11: ", 11 times",
	} {
		if got := Times(n); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
}
