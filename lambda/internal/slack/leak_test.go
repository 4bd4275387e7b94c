package slack

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/secret"
)

// said is what an error's text would show, were it printed.
const said = "Post https://hooks.example/services/" + hookKey + ": Bearer " + token

// TestNoPathShowsTheKeys: whatever goes wrong on the way to Slack and in its answers, the error and the log have
// neither address nor token, and the error is the sentence that says what to do.
func TestNoPathShowsTheKeys(t *testing.T) {
	leaky := errors.New(said)
	fails := func(err error) roundTrip {
		return func(r *http.Request) (*http.Response, error) {
			return nil, &url.Error{Op: "Post", URL: r.URL.String(), Err: err} // a transport that wraps as the client does
		}
	}
	answers := func(status int, body string, header ...string) roundTrip {
		return func(r *http.Request) (*http.Response, error) {
			resp := &http.Response{
				StatusCode: status,
				Body:       io.NopCloser(strings.NewReader(body)),
				Header:     http.Header{},
				Request:    r,
			}
			for _, h := range header {
				name, value, _ := strings.Cut(h, ": ")
				resp.Header.Set(name, value)
			}
			return resp, nil
		}
	}
	broken := func(r *http.Request) (*http.Response, error) {
		body := io.MultiReader(strings.NewReader(said), failingReader{fmt.Errorf("%s: %w", said, io.ErrUnexpectedEOF)})
		return &http.Response{
			StatusCode: 200,
			Body:       io.NopCloser(body),
			Header:     http.Header{},
			Request:    r,
		}, nil
	}
	for name, test := range map[string]struct {
		far  roundTrip
		want string // how the error begins, in either way of posting; empty: it does not matter
	}{
		"an unknown failure": {fails(leaky), "the connection to Slack failed; if this lasts, check the function's route " +
			"to the internet"},
		"a failure in two": {
			fails(errors.Join(leaky, &url.Error{Op: "Post", URL: said, Err: leaky})),
			"the connection to Slack failed; if this lasts",
		},
		"no certificate": {fails(&tls.CertificateVerificationError{Err: leaky}), "Slack's certificate is not " +
			"trusted; check the proxy"},
		"no connection": {fails(&net.OpError{Op: "dial", Err: leaky}), "Slack could not be reached; if this lasts"},
		"connection refused": {
			fails(&net.OpError{Op: "dial", Err: fmt.Errorf("%s: %w", said, syscall.ECONNREFUSED)}),
			"Slack could not be reached (connection refused); if",
		},
		"no such host": {
			fails(&net.OpError{Op: "dial", Err: &net.DNSError{Err: said, Name: said, IsNotFound: true}}),
			"Slack could not be reached (no such host); if",
		},
		"a resolver that fails": {
			fails(&net.OpError{Op: "dial", Err: &net.DNSError{Err: said, Name: said}}),
			"Slack could not be reached; if this lasts",
		},
		"a timeout": {fails(&net.OpError{Op: "read", Err: timeout{}}), "Slack did not answer in time; if this " +
			"lasts"},
		"a deadline": {fails(fmt.Errorf("%s: %w", said, context.DeadlineExceeded)), "Slack did not answer in " +
			"time; if this lasts"},
		"canceled": {fails(fmt.Errorf("%s: %w", said, context.Canceled)), "the function's time ran out before Slack " +
			"answered"},
		"closed": {fails(fmt.Errorf("%s: %w", said, io.EOF)), "the connection to Slack was closed before " +
			"it answered; if"},
		"closed while idle": {
			fails(errors.New("http: server closed idle connection " + said)),
			"the connection to Slack was closed before it answered; if",
		},
		"reset": {
			fails(&net.OpError{Op: "read", Err: fmt.Errorf("%s: %w", said, syscall.ECONNRESET)}),
			"the connection to Slack was closed before it answered; if",
		},
		"a broken pipe": {
			fails(&net.OpError{Op: "write", Err: fmt.Errorf("%s: %w", said, syscall.EPIPE)}),
			"the connection to Slack was closed before it answered; if",
		},
		"half an answer":         {broken, "the connection to Slack was closed before it answered; if"},
		"an answer that repeats": {answers(200, said), ""},
		"a refusal that repeats": {answers(403, said), "403: "},
		"JSON that repeats":      {answers(200, `{"ok":false,"error":"`+said+`","needed":"`+token+`"}`), ""},
		"a failure that repeats": {answers(500, said), "500: "},
		"a limit that repeats":   {answers(429, said, "Retry-After: "+token), "429: "},
		"a redirection":          {answers(302, said, "Location: https://hooks.example/services/"+hookKey), "302: "},
		"a redirection nowhere":  {answers(308, "", "Location: "+token+"://\x7f"), ""},
	} {
		for _, bot := range []bool{true, false} {
			var log bytes.Buffer
			n := leaving(test.far, bot, secret.NewKey("https://hooks.example/services/"+hookKey), secret.NewKey(token), &log)
			err := n.Notify(t.Context(), findingtest.Stopped())
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("%s, bot %v: %v; want %s", name, bot, err, test.want)
			}
			noLeak(t, name, err)
			noLeak(t, name+", the log", oneLine(log.String()))
		}
	}
}

// TestKeysThatNoRequestTakes: what is stored in the secret may be no address and no token at all.
func TestKeysThatNoRequestTakes(t *testing.T) {
	reached := func(r *http.Request) (*http.Response, error) { return nil, errors.New("posted to " + r.URL.String()) }
	for _, hook := range []string{
		"https://hooks.example/services/" + hookKey + "\x7f", "https://hooks.example/services/%zz" + hookKey,
		"hooks.example/services/" + hookKey,
		"http://hooks.example/services/" + hookKey, "https:///services/" + hookKey,
		"https:hooks.example/services/" + hookKey, "https://[::1/services/" + hookKey,
		"xoxb-" + hookKey, "https://user:" + hookKey + "@hooks.example:no/services/",
		"\nhttps://hooks.example/services/" + hookKey,
	} {
		var log bytes.Buffer
		err := leaving(reached, false, secret.NewKey(hook), secret.Key{}, &log).Notify(t.Context(), findingtest.Stopped())
		want := `the key "webhook" of secret "trailkeeper/slack" is not an https URL; store the incoming webhook's URL`
		if err == nil || err.Error() != want {
			t.Errorf("error %v; want %s", err, want)
		}
		noLeak(t, "no address", err)
		noLeak(t, "no address, the log", oneLine(log.String()))
	}
	n := leaving(reached, false, secret.Key{}, secret.Key{}, io.Discard)
	_, f := n.sender.sendOnce(
		t.Context(),
		target{address: secret.NewKey("https://hooks.example/services/" + hookKey + "\x7f")},
		methodPost,
		nil,
	)
	if want := "the request could not be built; check the webhook's URL in the secret"; f == nil || f.Error() != want {
		t.Errorf("failure %v; want %s", f, want)
	}
	for _, bad := range []string{token + "\n", token + "\x00", token + "\r\nX-More: " + token} {
		var log bytes.Buffer
		n := leaving(http.DefaultTransport.RoundTrip, true, secret.Key{}, secret.NewKey(bad), &log)
		n.API = "https://127.0.0.1:1/api/"
		err := n.Notify(t.Context(), findingtest.Stopped())
		if err == nil {
			t.Error("a token that no header takes was accepted")
		}
		noLeak(t, "no token", err)
		noLeak(t, "no token, the log", oneLine(log.String()))
	}
}

// leaving is a notifier whose posts go to far.
func leaving(far roundTrip, bot bool, hook, key secret.Key, log io.Writer) *Notifier {
	o := Options{
		HTTPClient: &http.Client{Transport: far},
		Secret:     &secrets{values: []secret.Value{{Webhook: hook, BotToken: key}}},
		SecretName: "trailkeeper/slack",
		API:        "https://slack.example/api/",
		Clock:      (&fakeClock{}).clock(),
		Log:        slog.New(slog.NewJSONHandler(log, nil)),
	}
	if bot {
		o.Channel = "C0123456789"
	}
	return New(o)
}

// oneLine is a log as an error for noLeak; nil where nothing was logged.
func oneLine(log string) error {
	if log == "" {
		return nil
	}
	return errors.New(strings.ReplaceAll(log, "\n", " "))
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

type timeout struct{}

func (timeout) Error() string   { return said }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }
