package channels

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"trailkeeper/lambda/config"
)

const (
	// longestPost bounds a post to Slack, and maxAnswer what is read of the answer, in bytes.
	longestPost = 10 * time.Second
	maxAnswer   = 16 << 10
)

// slackHosts are those of Slack's incoming webhooks, and slackAPIs those of its Web API (https://docs.slack.dev/govslack).
var (
	slackHosts = []string{"hooks.slack.com", "hooks.slack-gov.com"}
	slackAPIs  = []string{config.DefaultSlackAPI, "https://slack-gov.com/api/"}
)

// post posts JSON once. Why says in a few words why there was no answer; it holds nothing of the address.
func post(ctx context.Context, client *http.Client, address, token, body string) (status int, answer []byte, why string) {
	ctx, cancel := context.WithTimeout(ctx, longestPost)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return 0, nil, "the address is no URL"
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := client.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return 0, nil, "it did not answer in time"
		}
		return 0, nil, "it could not be reached" // the error's own words have the address
	}
	defer func() { _ = resp.Body.Close() }()
	answer, _ = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return resp.StatusCode, answer, ""
}

// plainName is the name of an error of Slack's, or what stands for anything else.
func plainName(s string) string {
	if s == "" || len(s) > 64 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return "(no name of Slack's)"
	}
	return s
}
