package heartbeat

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"

	"trailkeeper/lambda/internal/secret"
)

// Failure is a ping that was not taken. Its text holds no URL.
type Failure struct {
	// Passing says that the next ping may be taken as things are: the service or the network failed. Otherwise somebody must correct the secret, the settings or the service.
	Passing bool
	why     string
}

// Error is one sentence.
func (f *Failure) Error() string { return "heartbeat: " + f.why }

func (p *Pinger) fails(passing bool, why string) error { return &Failure{Passing: passing, why: why} }

// where is how messages call the URL.
func (p *Pinger) where() string {
	return fmt.Sprintf("the URL under %s of %s", secret.NamedKey(p.Key), secret.Named(p.Name))
}

// judge says what a status means, and nothing where the ping was taken.
func (p *Pinger) judge(status int) string {
	said := "the answer of " + p.where() + " is " + strconv.Itoa(status) + ": "
	switch {
	case status >= 200 && status <= 299:
		return ""
	case status >= 300 && status <= 399:
		return said + "it redirects, which is not followed; store the URL that the service shows"
	case status == http.StatusMethodNotAllowed:
		return said + "it does not take " + p.Method + "; set heartbeat.method to the other method"
	case status == http.StatusTooManyRequests:
		return said + "it limits the rate of pings; raise sweep.minutes if this lasts"
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound,
		status == http.StatusGone:
		return said + "the service does not know it or its key; create the heartbeat anew and store its URL"
	case status >= 500:
		return said + "the service failed; see its status page if this lasts"
	}
	return said + "the service refused the ping; compare the URL and heartbeat.method with its documentation"
}

// passing reports whether the same ping may be taken later.
func passing(status int) bool { return status >= 500 || status == http.StatusTooManyRequests }

// unreached describes an error of the HTTP client. It never shows a *url.Error, whose text is the URL, nor the host
// that a network error names.
func unreached(err error) (passing bool, why string) {
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	op, isOp := errors.AsType[*net.OpError](err)
	ue, isURL := errors.AsType[*url.Error](err)
	switch {
	case untrusted:
		return false, "the service's certificate is not trusted; check the proxy between the function and the service"
	case errors.Is(err, context.DeadlineExceeded) || isURL && ue.Timeout():
		return true, "the service did not answer in time; if this lasts, check the function's route to the internet"
	case errors.Is(err, context.Canceled):
		return true, "the function's time ran out before the service answered"
	case isOp && op.Op == "dial":
		return true, "the service could not be reached; if this lasts, check the function's route to the internet"
	}
	return true, "the connection to the service failed; if this lasts, check the function's route to the internet"
}
