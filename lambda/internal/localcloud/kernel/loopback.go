package kernel

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// loopback leads every request of a function to the cloud, whatever its host: nothing leaves the machine.
type loopback struct {
	clock *Clock
	addr  string
	next  http.RoundTripper
}

// RoundTrip implements http.RoundTripper. It reads the answer to its end, so that a request is over when it returns, and waits by the cloud's clock
// for an answer that takes its time. A request is not made once the run was stopped.
func (l loopback) RoundTrip(r *http.Request) (*http.Response, error) {
	k := l.clock
	if k.over(r.Context()) {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, errors.Join(errLate, context.DeadlineExceeded)
	}
	if !k.real {
		_, _ = k.budget(r.Context()) // counts from the first request
	}
	resp, err := l.exchange(r)
	if err != nil {
		return nil, err
	}
	d, err := time.ParseDuration(resp.Header.Get(holdHeader))
	resp.Header.Del(holdHeader)
	if err != nil {
		return resp, nil //nolint:nilerr // nothing to wait for
	}
	if err := k.hold(r.Context(), d); err != nil {
		return nil, err
	}
	return resp, nil
}

func (l loopback) exchange(r *http.Request) (*http.Response, error) {
	defer l.clock.request()()
	ctx := r.Context()
	if !l.clock.real {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(withoutDeadline(ctx), Hung)
		defer cancel()
	}
	out := r.Clone(ctx)
	out.Host = r.URL.Host
	out.URL.Scheme, out.URL.Host = "http", l.addr
	out.Header.Set(loopbackHeader, "function")
	resp, err := l.next.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if closeErr := resp.Body.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, err
	}
	resp.Body, resp.Request = io.NopCloser(bytes.NewReader(body)), r
	return resp, nil
}
