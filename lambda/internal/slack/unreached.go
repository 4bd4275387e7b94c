package slack

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"
)

// unreached describes an error of the HTTP client. It never prints a *url.Error, whose text is the address.
func unreached(err error) *failure {
	if ue, ok := errors.AsType[*url.Error](err); ok {
		err = ue.Err
	}
	op, isOp := errors.AsType[*net.OpError](err)
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case untrusted:
		return &failure{
			kind:  refused,
			cause: "Slack's certificate is not trusted; check the proxy between the function and Slack",
		}
	case errors.Is(err, context.DeadlineExceeded) || isOp && op.Timeout():
		return &failure{
			kind:  failed,
			cause: "Slack did not answer in time; if this lasts, check the function's route to the internet",
		}
	case errors.Is(err, context.Canceled):
		return &failure{kind: failed, cause: "the function's time ran out before Slack answered"}
	case isOp && op.Op == "dial":
		why := ""
		if errors.Is(err, syscall.ECONNREFUSED) {
			why = " (connection refused)"
		} else if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
			why = " (no such host)"
		}
		return &failure{
			kind:  failed,
			cause: "Slack could not be reached" + why + "; if this lasts, check the function's route to the internet",
		}
	case lost(err):
		return &failure{
			kind: closed,
			cause: "the connection to Slack was closed before it answered; if this lasts, check the proxy between the " +
				"function and Slack",
		}
	}
	return &failure{
		kind:  failed,
		cause: "the connection to Slack failed; if this lasts, check the function's route to the internet",
	}
}

// lost reports whether the peer closed the connection, as it does with one that was kept open while the function was
// frozen.
func lost(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE) ||
		strings.Contains(err.Error(), "server closed idle connection")
}
