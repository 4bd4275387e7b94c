package runtimeapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

// function makes the test's own program a bootstrap.
const function = "RUNTIMEAPI_TEST_FUNCTION"

func TestMain(m *testing.M) {
	switch os.Getenv(function) {
	case "":
		os.Exit(m.Run())
	case "echo":
		lambda.Start(echo)
	case "exit":
		fmt.Fprintln(os.Stderr, "no settings")
		os.Exit(3)
	case "init error":
		reportInitError()
		os.Exit(4)
	}
}

// echo fails, or says what it knows of the invocation.
func echo(ctx context.Context, event map[string]string) (string, error) {
	switch {
	case event["fail"] != "":
		return "", errors.New(event["fail"])
	case event["exit"] != "":
		os.Exit(5)
	}
	lc, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	return fmt.Sprintf("%s %s %s", lc.AwsRequestID, event["say"], time.Until(deadline).Round(10*time.Second)), nil
}

func reportInitError() {
	url := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/init/error"
	resp, err := http.Post(
		url,
		"application/json",
		strings.NewReader(`{"errorType":"Settings","errorMessage":"none"}`),
	) //nolint:noctx // a program of three lines
	if err == nil {
		_ = resp.Body.Close()
	}
}

func startTest(t *testing.T, what string) *Process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p, err := Start(t.Context(), self, map[string]string{function: what})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestInvoke(t *testing.T) {
	p := startTest(t, "echo")
	if took, err := p.FirstPoll(soon(t)); err != nil || took <= 0 {
		t.Fatalf("first poll after %s: %v", took, err)
	}
	res, err := p.Invoke(
		soon(t),
		Invocation{RequestID: "one", Payload: []byte(`{"say":"hello"}`), Timeout: 30 * time.Second},
	)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(res.Payload), `"one hello 30s"`; got != want {
		t.Errorf("payload %s, want %s", got, want)
	}
	if res.Error != nil || res.Delivered.IsZero() || res.Answered.Before(res.Delivered) {
		t.Errorf("result %+v", res)
	}
}

func TestInvokeAfterAnError(t *testing.T) {
	p := startTest(t, "echo")
	res, err := p.Invoke(soon(t), Invocation{RequestID: "one", Payload: []byte(`{"fail":"no trail"}`)})
	if err != nil {
		t.Fatal(err)
	}
	if res.Error == nil || res.Error.Message != "no trail" || res.Error.Type != "errorString" {
		t.Errorf("error %+v, want no trail", res.Error)
	}
	if res, err = p.Invoke(
		soon(t),
		Invocation{RequestID: "two", Payload: []byte(`{"say":"again"}`)},
	); err != nil ||
		res.Error != nil {
		t.Errorf("the next one: %+v, %v", res, err)
	}
}

func TestFunctionEndsInAnInvocation(t *testing.T) {
	p := startTest(t, "echo")
	_, err := p.Invoke(soon(t), Invocation{RequestID: "one", Payload: []byte(`{"exit":"now"}`)})
	if err == nil || !strings.Contains(err.Error(), "ended with code 5") {
		t.Errorf("error %v, want one with the exit code", err)
	}
}

func TestFunctionEndsAtItsStart(t *testing.T) {
	tests := []struct {
		function string
		code     int
		reported string
	}{
		{"exit", 3, ""},
		{"init error", 4, "none"},
	}
	for _, tt := range tests {
		t.Run(tt.function, func(t *testing.T) {
			p := startTest(t, tt.function)
			code, reported, err := p.Exit(soon(t))
			if err != nil || code != tt.code {
				t.Errorf("exit code %d, %v; want %d", code, err, tt.code)
			}
			if (reported == nil) != (tt.reported == "") || reported != nil && reported.Message != tt.reported {
				t.Errorf("reported %+v, want %q", reported, tt.reported)
			}
			if _, err := p.FirstPoll(soon(t)); err == nil {
				t.Error("a first poll of a function that never polled")
			}
		})
	}
}

func TestStartNamesWhatCannotRun(t *testing.T) {
	_, err := Start(t.Context(), "/no/such/bootstrap", nil)
	if err == nil || !strings.Contains(err.Error(), "/no/such/bootstrap") {
		t.Errorf("error %v, want one that names the program", err)
	}
}

func TestStopTwice(t *testing.T) {
	p := startTest(t, "echo")
	if err := errors.Join(p.Stop(), p.Stop()); err != nil {
		t.Error(err)
	}
}
