package awscall

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"trailkeeper/lambda/internal/clock"
)

func status(code int, err error) error {
	return &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: code}}, Err: err}
}

func TestDo(t *testing.T) {
	refusedDial := &url.Error{Op: "Post", URL: "https://x", Err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}}
	for _, c := range []struct {
		name         string
		err          error
		tries, waits int
	}{
		{"closed: the first retry is at once", fmt.Errorf("send: %w", io.EOF), 3, 1},
		{"reset", &net.OpError{Op: "read", Err: syscall.ECONNRESET}, 3, 1},
		{"refused dial", refusedDial, 3, 2},
		{"throttled", &smithy.GenericAPIError{Code: "ThrottlingException"}, 3, 2},
		{"server fault", status(503, &smithy.GenericAPIError{Code: "InternalFailure"}), 3, 2},
		{"429 without code", status(429, errors.New("no body")), 3, 2},
		{
			"server fault without status", &smithy.GenericAPIError{Code: "InternalServiceError", Fault: smithy.FaultServer}, 3,
			2,
		},
		{"denied", status(400, &smithy.GenericAPIError{Code: "AccessDenied"}), 1, 0},
		{"an answer that breaks off", status(200, &net.OpError{Op: "read", Err: net.ErrClosed}), 3, 1},
		{"an answer that ends too early", status(200, fmt.Errorf("read: %w", io.ErrUnexpectedEOF)), 3, 1},
		{"an answer that is no JSON", status(200, errors.New("invalid character")), 1, 0},
		{"a refusal that breaks off", status(400, &net.OpError{Op: "read", Err: net.ErrClosed}), 1, 0},
		{"404 without code", status(404, errors.New("html")), 1, 0},
		{"no credentials", errors.New("get credentials: none"), 1, 0},
	} {
		tries, waits := 0, []time.Duration(nil)
		clk := clock.Clock{Sleep: func(_ context.Context, d time.Duration) error { waits = append(waits, d); return nil }}
		err := Do(t.Context(), clk, func(context.Context) error { tries++; return c.err })
		if !errors.Is(err, c.err) || tries != c.tries || len(waits) != c.waits {
			t.Errorf("%s: %d tries, waits %v, error %v; want %d tries, %d waits", c.name, tries, waits, err, c.tries, c.waits)
		}
	}
}

func TestDoStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	tries := 0
	err := Do(ctx, clock.Real(), func(context.Context) error { tries++; cancel(); return io.EOF })
	if tries != 1 || !errors.Is(err, io.EOF) {
		t.Errorf("%d tries, %v", tries, err)
	}
}

// TestDoInTime holds the budget of the call: a service that hangs has three tries of 3 s, with 200 and 400 ms between
// them.
func TestDoInTime(t *testing.T) {
	for _, c := range []struct {
		left, took time.Duration
		tries      int
	}{
		{time.Minute, 9600 * time.Millisecond, 3},
		{4 * time.Second, 4 * time.Second, 2},
		{2 * time.Second, 2 * time.Second, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), c.left)
			defer cancel()
			start, tries := time.Now(), 0
			err := Do(ctx, clock.Real(), func(ctx context.Context) error { tries++; <-ctx.Done(); return ctx.Err() })
			if took := time.Since(start); took != c.took || tries != c.tries || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v left: took %v in %d tries, want %v in %d; error %v", c.left, took, tries, c.took, c.tries, err)
			}
		})
	}
}

// TestOtherSaysHowOften checks that no more tries are claimed than were made.
func TestOtherSaysHowOften(t *testing.T) {
	broken := &smithy.GenericAPIError{Code: "InternalError", Fault: smithy.FaultServer}
	for want, answers := range map[string][]error{
		"X failed with InternalError, three times; ": {broken, broken, broken},
		"X failed with InternalError, twice; ":       {broken, broken, context.Canceled},
		"X failed with InternalError; ":              {broken, context.Canceled},
		"X refused the call with AccessDenied; ":     {broken, &smithy.GenericAPIError{Code: "AccessDenied"}},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		waits, made := 0, 0
		clk := clock.Clock{Sleep: func(ctx context.Context, _ time.Duration) error {
			if waits++; errors.Is(answers[min(waits, len(answers)-1)], context.Canceled) {
				cancel()
			}
			return ctx.Err()
		}}
		err := Do(ctx, clk, func(context.Context) error { made++; return answers[made-1] })
		cancel()
		if got := Other("X", err); !strings.HasPrefix(got, want) {
			t.Errorf("after %d calls: %q, want %q", made, got, want)
		}
	}
	if got := Other("X", broken); !strings.HasPrefix(got, "X failed with InternalError; ") {
		t.Errorf("an error that Do did not return: %q", got)
	}
}

func TestWords(t *testing.T) {
	secretURL := &url.Error{
		Op:  "Post",
		URL: "https://queue.example/SECRET",
		Err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED},
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{secretURL, "X could not be reached"},
		{status(502, errors.New("html")), "X's endpoint answered what is no X answer"},
		{context.DeadlineExceeded, "X did not answer in time"},
		{context.Canceled, "the call to X was canceled"},
		{errors.New("resolve endpoint"), "the call to X could not be made"},
		{&smithy.GenericAPIError{Code: "OddException", Message: strings.Repeat("long\n", 100)}, "X refused the call with " +
			"Odd: long long"},
	} {
		got := Other("X", c.err)
		if !strings.HasPrefix(got, c.want) || strings.Contains(got, "SECRET") || strings.Contains(got, "\n") ||
			len(got) > 320 {
			t.Errorf("Other(%v) = %q, want %q", c.err, got, c.want)
		}
	}
}
