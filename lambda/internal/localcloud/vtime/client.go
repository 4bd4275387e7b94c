package vtime

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

const (
	// FunctionHeader marks a request of a function, which waits for a slow answer by the clock.
	FunctionHeader = "Trailkeeper-Loopback"
	// HoldHeader tells such a request how long its answer takes.
	HoldHeader = "Trailkeeper-Hold"
)

// Client leads every request to an address, whatever its host: nothing leaves the machine.
func Client(k *Clock, addr string) *http.Client {
	return &http.Client{Transport: loopback{clock: k, addr: addr, next: &http.Transport{MaxIdleConnsPerHost: 8}}}
}

// errLate is what comes of a request that was made after the run had been stopped, or after its time.
var errLate = errors.New("the request was made when its time was over")

// loopback is the way of such a request.
type loopback struct {
	clock *Clock
	addr  string
	next  http.RoundTripper
}

// RoundTrip implements http.RoundTripper. It reads the answer to its end, so that a request is over when it returns,
// and waits by the cloud's clock for an answer that takes its time. A request is not made once the run was stopped.
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
	d, err := time.ParseDuration(resp.Header.Get(HoldHeader))
	resp.Header.Del(HoldHeader)
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
		ctx, cancel = context.WithTimeout(withoutDeadline(ctx), hung)
		defer cancel()
	}
	out := r.Clone(ctx)
	out.Host = r.URL.Host
	out.URL.Scheme, out.URL.Host = "http", l.addr
	out.Header.Set(FunctionHeader, "function")
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
