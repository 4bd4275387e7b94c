// Package heartbeat pings a URL outside of AWS, so that silence there says that nothing runs any more: no alarm of an
// account says that once the account is lost. The URL is a credential, and stands in the deployment's secret: whoever
// knows it can keep up the heartbeat. No error, log line or formatted value holds it.
//
// It does not decide when a ping is due, sends nothing but the request itself, and follows no redirect.
package heartbeat

import (
	"context"
	"io"
	"net/http"
	"time"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/secret"
)

const (
	// longest bounds a ping, reading the secret included.
	longest = 5 * time.Second
	// reserve is what must be left of the caller's time after a ping.
	reserve = 500 * time.Millisecond
	// maxAnswer is how much of an answer is read, in bytes, so that the connection is kept.
	maxAnswer = 4 << 10
)

// Secrets reads the secret with the URL.
type Secrets interface {
	Get(ctx context.Context) (secret.Value, error)
}

// Options is what a pinger is made of.
type Options struct {
	Client *http.Client // its redirects are not followed
	Secret Secrets
	Name   string // name or ARN of the secret, for errors
	Key    string // JSON key of the secret, under which the URL stands
	Method string // http.MethodPost, or http.MethodGet, which an empty one means
	Clock  clock.Clock
}

// Pinger pings one URL. It is safe for concurrent use.
type Pinger struct {
	Options
	client http.Client
}

// New returns a pinger. It makes no request.
func New(o Options) *Pinger {
	p := &Pinger{Options: o, client: *o.Client}
	if p.Method == "" {
		p.Method = http.MethodGet
	}
	p.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return p
}

// Ping requests the URL once, without a body, in five seconds and in the time that ctx has left. The error is a
// *Failure: one sentence that names the secret's key and what to do, and not the URL. Any status from 200 to 299 is a
// ping that was taken.
func (p *Pinger) Ping(ctx context.Context) error {
	left := p.Clock.Left(ctx, reserve, longest)
	if left <= 0 {
		return p.fails(true, "there was no time left for it; raise function.timeout")
	}
	ctx, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	keys, err := p.Secret.Get(ctx)
	if err != nil {
		return p.fails(secret.Passing(err), err.Error())
	}
	url := keys.Other(p.Key)
	if why := p.refuses(url); why != "" {
		return p.fails(false, why)
	}
	req, err := http.NewRequestWithContext(ctx, p.Method, url.Reveal(), http.NoBody)
	if err != nil {
		return p.fails(false, p.where()+" is not a URL; store the one that the service shows")
	}
	req.Header.Set("User-Agent", "trailkeeper")
	resp, err := p.client.Do(req)
	if err != nil {
		return p.fails(unreached(err))
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer))
	if why := p.judge(resp.StatusCode); why != "" {
		return p.fails(passing(resp.StatusCode), why)
	}
	return nil
}
