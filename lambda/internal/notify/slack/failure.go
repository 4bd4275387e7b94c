package slack

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/notify"
)

// kind says whether and how a failed post is tried again.
type kind int

const (
	refused kind = iota // never
	limited             // after Retry-After
	failed              // after a moment
	closed              // at once
)

// failure is a post that did not work. Its text holds neither the address nor the token.
type failure struct {
	kind       kind
	bot        bool
	status     int    // 0: no answer
	code       string // Slack's name for the error, or ""
	needed     string // the scope that is missing
	retryAfter time.Duration
	tooLong    bool   // there was no time to wait for retryAfter
	tries      int    // how often it was posted
	cause      string // where there was no answer
}

// Error is one sentence: what Slack said, what that means and what to do.
func (f *failure) Error() string {
	if f.cause != "" {
		return f.cause
	}
	said := strconv.Itoa(f.status)
	switch {
	case f.code != "" && f.status == http.StatusOK:
		said = f.code
	case f.code != "":
		said += " " + f.code
	}
	return said + ": " + f.meaning()
}

func (f *failure) meaning() string {
	if s := codeMeaning(f.code, f.needed); s != "" {
		return s
	}
	switch {
	case f.limits() && f.tooLong:
		return "Slack limits the rate of messages; it asked to wait " + notify.Duration(f.retryAfter) + ", longer than there was time for"
	case f.limits():
		return "Slack limits the rate of messages" + awscall.Times(f.tries) + "; if this lasts, find out what else posts with this app"
	case f.status >= 500, f.fails():
		return "Slack failed" + awscall.Times(f.tries) + "; see slack-status.com"
	case f.status >= 300 && f.status < 400:
		return "the address redirects, and redirects are not followed; store the webhook's own URL in the secret"
	case f.status == http.StatusOK && f.bot:
		return "Slack refused the message; look the name up in the errors of chat.postMessage"
	case f.status == http.StatusOK:
		return "the webhook's address answered what is no Slack answer; check its URL in the secret"
	case f.status == http.StatusForbidden:
		return "Slack refuses this webhook; make a new one and store it in the secret"
	case f.status == http.StatusNotFound, f.status == http.StatusGone:
		return "the webhook or its channel does not exist any more; make a new webhook and store it in the secret"
	}
	return "Slack refused the message; check the webhook's URL in the secret"
}

// codeMeaning explains Slack's names for errors: those of chat.postMessage (https://docs.slack.dev/reference/methods/chat.postMessage)
// and of incoming webhooks (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks).
func codeMeaning(code, needed string) string {
	switch code {
	case "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive":
		return "the bot token is not valid; install the app again and store its token in the secret under \"bot_token\""
	case "missing_scope", "no_permission":
		if needed == "" {
			needed = "chat:write"
		}
		return "the app lacks the scope " + needed + "; add it and install the app again"
	case "channel_not_found":
		return "there is no such channel, or the app cannot see it; check the channel's ID, and invite the app if the channel is private"
	case "not_in_channel":
		return "the app is not in the channel; invite it there"
	case "is_archived", "channel_is_archived":
		return "the channel is archived; unarchive it or choose another"
	case "action_prohibited", "restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel", "team_access_not_granted",
		"ekm_access_denied":
		return "an administrator of the workspace forbids this post; have the app allowed to post in the channel"
	case "posting_to_general_channel_denied":
		return "the workspace does not let apps post to its general channel; choose another"
	case "no_service", "no_service_id", "no_team", "invalid_token", "user_not_found", "team_disabled":
		return "the webhook is revoked or the app is gone; make a new webhook and store it in the secret"
	case "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "invalid_payload", "no_text", "invalid_arguments":
		return "Slack does not take this message's form; report it as a bug of Trailkeeper"
	}
	return ""
}

// limits and fails report whether Slack's answer says that it limits the rate, or that it failed.
func (f *failure) limits() bool {
	return f.status == http.StatusTooManyRequests || f.code == "ratelimited" || f.code == "rate_limited"
}

func (f *failure) fails() bool {
	switch f.code {
	case "internal_error", "fatal_error", "service_unavailable", "request_timeout", "rollup_error":
		return true
	}
	return false
}

// kindOf says how an error that came with status 200 is treated.
func kindOf(code string) kind {
	switch code {
	case "ratelimited", "rate_limited":
		return limited
	case "internal_error", "fatal_error", "service_unavailable", "request_timeout":
		return failed
	}
	return refused
}

// staleKey reports whether another key might be accepted.
func (f *failure) staleKey() bool {
	if !f.bot {
		return f.status == http.StatusForbidden || f.status == http.StatusNotFound || f.status == http.StatusGone
	}
	switch f.code {
	case "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive":
		return true
	}
	return false
}

// unreached describes an error of the HTTP client. It never prints a *url.Error, whose text is the address.
func unreached(err error) *failure {
	if ue, ok := errors.AsType[*url.Error](err); ok {
		err = ue.Err
	}
	op, isOp := errors.AsType[*net.OpError](err)
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case untrusted:
		return &failure{kind: refused, cause: "Slack's certificate is not trusted; check the proxy between the function and Slack"}
	case errors.Is(err, context.DeadlineExceeded) || isOp && op.Timeout():
		return &failure{kind: failed, cause: "Slack did not answer in time; if this lasts, check the function's way to the internet"}
	case errors.Is(err, context.Canceled):
		return &failure{kind: failed, cause: "the time ran out before Slack answered"}
	case isOp && op.Op == "dial":
		why := ""
		if errors.Is(err, syscall.ECONNREFUSED) {
			why = " (connection refused)"
		} else if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
			why = " (no such host)"
		}
		return &failure{kind: failed, cause: "Slack could not be reached" + why + "; if this lasts, check the function's way to the internet"}
	case lost(err):
		return &failure{kind: closed, cause: "the connection to Slack was closed before it answered; if this lasts, check the proxy on the way"}
	}
	return &failure{kind: failed, cause: "the connection to Slack failed; if this lasts, check the function's way to the internet"}
}

// lost reports whether the peer closed the connection, as it does with one that was kept open while the function was frozen.
func lost(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		strings.Contains(err.Error(), "server closed idle connection")
}
