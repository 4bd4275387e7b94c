package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"trailkeeper/lambda/internal/clock"
)

const (
	maxPerTry  = 5 * time.Second
	firstWait  = 250 * time.Millisecond
	maxLimited = 10 * time.Second // the longest Retry-After that is waited for
	forAnswer  = time.Second      // what must be left after a wait
	// maxAnswer is how much of an answer is read, in bytes. Slack sends the message back, with its own escapes.
	maxAnswer = 256 << 10
)

// effort is how hard a post is tried.
type effort bool

const (
	patient effort = true  // what must arrive: up to three times, with waits
	once    effort = false // what may as well not; a connection that was closed under the call is replaced
)

const tries = 3

// accepted is what Slack says of a message that it has taken. Only the Web API says anything.
type accepted struct {
	ts string
	// alone says that the message follows none, whatever it was to follow: Slack takes a reply to a message that it does
	// not know, answers ok, and posts it at the channel's root.
	alone bool
}

// sender posts to Slack.
type sender struct {
	client http.Client
	clock  clock.Clock
}

// send posts body, as hard as it is worth.
func (s *sender) send(ctx context.Context, to target, method string, body []byte, e effort) (accepted, error) {
	backoff := firstWait
	for try := 1; ; try++ {
		a, f := s.sendOnce(ctx, to, method, body)
		if f == nil {
			return a, nil
		}
		f.tries, f.method = try, method
		switch {
		case f.kind == refused || try == tries || ctx.Err() != nil:
			return accepted{}, f
		case f.kind == closed && try == 1:
			continue
		case e == once:
			return accepted{}, f
		}
		wait := backoff
		if f.kind != limited {
			backoff *= 4
		} else if wait = f.retryAfter; wait > s.clock.Left(ctx, forAnswer, maxLimited) {
			f.tooLong = true
			return accepted{}, f
		}
		if s.clock.Sleep(ctx, wait) != nil {
			return accepted{}, f
		}
	}
}

// sendOnce posts body one time. The failure is nil if Slack accepted the message.
func (s *sender) sendOnce(ctx context.Context, to target, method string, body []byte) (accepted, *failure) {
	ctx, cancel := context.WithTimeout(ctx, maxPerTry)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.url(method), bytes.NewReader(body))
	if err != nil {
		return accepted{}, &failure{
			kind:  refused,
			cause: "the request could not be built; check the webhook's URL in the secret",
		}
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	if to.bot() {
		req.Header.Set("Authorization", "Bearer "+to.token.Reveal())
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return accepted{}, unreached(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil && resp.StatusCode == http.StatusOK {
		return accepted{}, unreached(err)
	}
	return judge(resp, answer, to.bot())
}

// judge reads an answer. The webhook says 200 "ok" or an error's name as text; the Web API says 200 and "ok" in JSON,
// but for a rate limit, which is 429 on both (https://docs.slack.dev/apis/web-api/rate-limits). The channel in the
// answer is not used: it is ours that counts.
func judge(resp *http.Response, answer []byte, bot bool) (accepted, *failure) {
	f := &failure{status: resp.StatusCode, bot: bot, kind: refused}
	text := strings.TrimSpace(string(answer))
	var result struct {
		OK     bool   `json:"ok"`
		TS     string `json:"ts"`
		Error  string `json:"error"`
		Needed string `json:"needed"`
		// Message is the one that was posted, as Slack has it.
		Message *struct {
			Thread string `json:"thread_ts"`
		} `json:"message"`
	}
	if json.Unmarshal(answer, &result) == nil {
		f.code, f.needed = name(result.Error), name(result.Needed)
	} else {
		f.code = name(text)
	}
	switch {
	case f.status == http.StatusTooManyRequests:
		f.kind, f.retryAfter = limited, retryAfter(resp.Header)
	case f.status >= 500:
		f.kind = failed
	case f.status == http.StatusOK && (bot && result.OK || !bot && text == "ok"):
		return accepted{ts: result.TS, alone: result.Message != nil && result.Message.Thread == ""}, nil
	case f.status == http.StatusOK && bot:
		f.kind = kindOf(f.code)
		f.retryAfter = retryAfter(resp.Header)
	}
	return accepted{}, f
}

// retryAfter reads the header's seconds; without it a second is right, as Slack takes one message a second for a
// channel.
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(strings.TrimSpace(h.Get("Retry-After")))
	if err != nil || seconds < 0 {
		return time.Second
	}
	return time.Duration(min(seconds, 3600)) * time.Second
}

// name returns s if it can be the name of one of Slack's errors or scopes, and "" otherwise: nothing else of an answer
// is ever shown.
func name(s string) string {
	if len(s) > 64 {
		return ""
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && c != '_' && c != ':' && c != ',' && c != '.' {
			return ""
		}
	}
	return s
}
