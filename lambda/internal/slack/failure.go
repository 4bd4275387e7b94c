package slack

import (
	"net/http"
	"strconv"
	"time"
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
	method     string // of the Web API
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

// badForm reports whether Slack may take the same words without blocks.
func (f *failure) badForm() bool {
	switch f.code {
	case "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long":
		return true
	}
	return false
}

// noThread reports whether Slack may take the same message outside of its thread: what it is to follow is gone, or
// takes no replies (https://docs.slack.dev/reference/methods/chat.postMessage#errors).
func (f *failure) noThread() bool {
	switch f.code {
	case "thread_not_found",
		"message_not_found",
		"cannot_reply_to_message",
		"invalid_thread_ts",
		"thread_locked",
		"cant_broadcast_message",
		"restricted_action_thread_locked",
		"restricted_action_non_threadable_channel":
		return true
	}
	return false
}

// noBroadcast reports whether it is only that Slack does not show the reply in the channel as well: the thread takes
// others.
func (f *failure) noBroadcast() bool { return f.code == "cant_broadcast_message" }
