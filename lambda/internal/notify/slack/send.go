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
)

const (
	tries       = 3
	mostPerTry  = 5 * time.Second
	firstWait   = 250 * time.Millisecond
	mostLimited = 10 * time.Second // the longest Retry-After that is waited for
	forAnswer   = time.Second      // what must be left after a wait
	// mostAnswer is how much of an answer is read, in bytes. Slack sends the message back, with its own escapes.
	mostAnswer = 256 << 10
)

// send posts body up to three times.
func (n *Notifier) send(ctx context.Context, to target, body []byte) error {
	backoff := firstWait
	for try := 1; ; try++ {
		f := n.once(ctx, to, body)
		if f == nil {
			return nil
		}
		f.tries = try
		if try == tries || ctx.Err() != nil {
			return f
		}
		wait := backoff
		switch {
		case f.kind == refused:
			return f
		case f.kind == limited:
			if wait = f.retryAfter; wait > n.Clock.Left(ctx, forAnswer, mostLimited) {
				f.tooLong = true
				return f
			}
		case f.kind == closed && try == 1:
			continue
		default:
			backoff *= 4
		}
		if n.Clock.Sleep(ctx, wait) != nil {
			return f
		}
	}
}

// once posts body one time. It returns nil if Slack accepted the message.
func (n *Notifier) once(ctx context.Context, to target, body []byte) *failure {
	ctx, cancel := context.WithTimeout(ctx, mostPerTry)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.url.Reveal(), bytes.NewReader(body))
	if err != nil {
		return &failure{kind: refused, cause: "the request could not be built; check the webhook's URL in the secret"}
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	if to.bot() {
		req.Header.Set("Authorization", "Bearer "+to.token.Reveal())
	}
	resp, err := n.client.Do(req)
	if err != nil {
		return unreached(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	if err != nil && resp.StatusCode == http.StatusOK {
		return unreached(err)
	}
	return judge(resp, answer, to.bot())
}

// judge reads an answer. The webhook says 200 "ok" or an error's name as text; the Web API says 200 and "ok" in JSON, but for a rate
// limit, which is 429 on both (https://docs.slack.dev/apis/web-api/rate-limits).
func judge(resp *http.Response, answer []byte, bot bool) *failure {
	f := &failure{status: resp.StatusCode, bot: bot, kind: refused}
	text := strings.TrimSpace(string(answer))
	var result struct {
		OK     bool   `json:"ok"`
		Error  string `json:"error"`
		Needed string `json:"needed"`
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
		return nil
	case f.status == http.StatusOK && bot:
		f.kind = kindOf(f.code)
		f.retryAfter = retryAfter(resp.Header)
	}
	return f
}

// retryAfter reads the header's seconds; without it a second is right, as Slack takes one message a second for a channel.
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(strings.TrimSpace(h.Get("Retry-After")))
	if err != nil || seconds < 0 {
		return time.Second
	}
	return time.Duration(min(seconds, 3600)) * time.Second
}

// name returns s if it can be the name of one of Slack's errors or scopes, and "" otherwise: nothing else of an answer is ever shown.
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
