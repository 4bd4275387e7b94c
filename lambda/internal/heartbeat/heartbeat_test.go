package heartbeat_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/heartbeat"
	"trailkeeper/lambda/internal/secret"
)

// hidden is what no error may show: the URL's key, and its host.
const (
	hidden = "SECRETKEY"
	host   = "hc.example"
)

// secretsFunc is a secret.
type secretsFunc func() (secret.Value, error)

func (f secretsFunc) Get(context.Context) (secret.Value, error) { return f() }

// holds is a secret with a URL under the key "beat".
func holds(url string) secretsFunc {
	return func() (secret.Value, error) { return secret.NewValue(map[string]string{"beat": url}), nil }
}

// farFunc is the far end.
type farFunc func(*http.Request) (*http.Response, error)

func (f farFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answering(status int) farFunc {
	return func(r *http.Request) (*http.Response, error) {
		header := http.Header{"Location": {"https://elsewhere.example/" + hidden}}
		return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(hidden)), Request: r}, nil
	}
}

func failing(err error) farFunc {
	return func(r *http.Request) (*http.Response, error) {
		return nil, &url.Error{Op: "Get", URL: r.URL.String(), Err: err}
	}
}

func pinger(s heartbeat.Secrets, far farFunc, method string) *heartbeat.Pinger {
	return heartbeat.New(heartbeat.Options{
		Client: &http.Client{Transport: far},
		Secret: s,
		Name:   "trailkeeper",
		Key:    "beat",
		Method: method,
		Clock:  clock.Real(),
	})
}

// checkFailure compares an error with a sentence's beginning, and has it show nothing of the URL.
func checkFailure(t *testing.T, name string, err error, want string, passing bool) {
	t.Helper()
	f, ok := errors.AsType[*heartbeat.Failure](err)
	if !ok {
		t.Errorf("%s: %v is no failure", name, err)
		return
	}
	text := fmt.Sprintf("%v %+v %#v", err, err, err)
	if strings.Contains(text, hidden) || strings.Contains(text, host) {
		t.Errorf("%s: the error shows the URL", name)
	}
	if !strings.HasPrefix(err.Error(), "heartbeat: "+want) || f.Passing != passing || strings.Contains(err.Error(), "\n") {
		t.Errorf("%s: %q, passing %v; want %q, %v", name, err, f.Passing, want, passing)
	}
}

// TestPing requests the URL once, as it stands in the secret, with the method of the settings and nothing besides.
func TestPing(t *testing.T) {
	const address = "https://" + host + "/ping/" + hidden + "?name=a%20b"
	for method, want := range map[string]string{"": "GET", http.MethodGet: "GET", http.MethodPost: "POST"} {
		for _, status := range []int{200, 202, 204, 299} {
			asked := 0
			err := pinger(holds(address), func(r *http.Request) (*http.Response, error) {
				asked++
				if r.Method != want || r.URL.String() != address || r.ContentLength != 0 || r.Body != nil && r.Body != http.NoBody {
					t.Errorf("requested with %s, %d bytes", r.Method, r.ContentLength)
				}
				for header, value := range r.Header {
					if header != "User-Agent" || value[0] != "trailkeeper" {
						t.Errorf("the header %s is %q", header, value)
					}
				}
				return answering(status)(r)
			}, method).Ping(t.Context())
			if err != nil || asked != 1 {
				t.Errorf("%s %d: %v, asked %d times", method, status, err, asked)
			}
		}
	}
}

// TestPassword: a user name and a password of the URL are sent as HTTP has them, and shown to nobody.
func TestPassword(t *testing.T) {
	err := pinger(holds("https://a%40b.example:"+hidden+"@"+host+"/ping"), func(r *http.Request) (*http.Response, error) {
		if user, password, _ := r.BasicAuth(); user != "a@b.example" || password != hidden {
			t.Error("the password is not sent")
		}
		return answering(401)(r)
	}, "").Ping(t.Context())
	checkFailure(t, "password", err, `the answer of the URL under key "beat"`, false)
}

// TestAnswers: whatever else is answered is a failure, after one request.
func TestAnswers(t *testing.T) {
	const where = `the answer of the URL under key "beat" of secret "trailkeeper" is `
	for status, test := range map[int]struct {
		want    string
		passing bool
	}{
		199: {"199: the service refused the ping", false},
		300: {"300: it redirects", false},
		302: {"302: it redirects", false},
		308: {"308: it redirects", false},
		400: {"400: the service refused the ping", false},
		401: {"401: the service does not know it", false},
		403: {"403: the service does not know it", false},
		404: {"404: the service does not know it", false},
		405: {"405: it does not take GET; set heartbeat.method", false},
		410: {"410: the service does not know it", false},
		429: {"429: it limits the rate", true},
		499: {"499: the service refused the ping", false},
		500: {"500: the service failed", true},
		503: {"503: the service failed", true},
	} {
		asked := 0
		err := pinger(holds("https://"+host+"/"+hidden), func(r *http.Request) (*http.Response, error) {
			asked++
			return answering(status)(r)
		}, "").Ping(t.Context())
		checkFailure(t, fmt.Sprint(status), err, where+test.want, test.passing)
		if asked != 1 {
			t.Errorf("%d: asked %d times; want once", status, asked)
		}
	}
}

// TestUnreached: what goes wrong on the way, with errors whose own words show the URL.
func TestUnreached(t *testing.T) {
	leaky := errors.New("https://" + host + "/" + hidden)
	for name, test := range map[string]struct {
		err     error
		want    string
		passing bool
	}{
		"certificate": {&tls.CertificateVerificationError{Err: leaky}, "the service's certificate is not trusted", false},
		"no route":    {&net.OpError{Op: "dial", Err: leaky}, "the service could not be reached", true},
		"no host": {
			&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: host}}, "the service could not be reached", true,
		},
		"cut off":   {&net.OpError{Op: "read", Err: leaky}, "the connection to the service failed", true},
		"anything":  {leaky, "the connection to the service failed", true},
		"too late":  {fmt.Errorf("%w: %w", leaky, context.DeadlineExceeded), "the service did not answer in time", true},
		"cancelled": {fmt.Errorf("%w: %w", leaky, context.Canceled), "the function's time ran out", true},
	} {
		err := pinger(holds("https://"+host+"/"+hidden), failing(test.err), "").Ping(t.Context())
		checkFailure(t, name, err, test.want, test.passing)
		if errors.Is(err, leaky) {
			t.Errorf("%s: the error holds its cause, whose words show the URL", name)
		}
	}
}

// TestRefused: a secret that cannot be read, and a text that is no URL to ping, of which nothing is requested.
func TestRefused(t *testing.T) {
	const key = `key "beat" of secret "trailkeeper"`
	long := func(n int) string {
		start := "https://" + host + "/" + hidden
		return start + strings.Repeat("x", n-len(start))
	}
	for text, want := range map[string]string{
		"":                                `secret "trailkeeper" has no text under key "beat"; store`,
		" ":                               `secret "trailkeeper" has no text under key "beat"; store`,
		hidden:                            "the URL under " + key + " is not an https URL",
		"https:" + hidden:                 "the URL under " + key + " is not an https URL",
		"https:///" + hidden:              "the URL under " + key + " is not an https URL",
		"https://" + host + "/%" + hidden: "the URL under " + key + " is not an https URL",
		"https://" + host + "/" + hidden + "\x01": "the URL under " + key + " is not an https URL",
		"http://" + host + "/" + hidden:           "the URL under " + key + " does not start with https://",
		"http://127.0.0.1." + host + "/" + hidden: "the URL under " + key + " does not start with https://",
		"ftp://127.0.0.1/" + hidden:               "the URL under " + key + " does not start with https://",
		"https://" + host + "/#" + hidden:         "the URL under " + key + " has a fragment",
		long(2049):                                "the URL under " + key + " is longer than 2,048 characters",
	} {
		err := pinger(holds(text), func(*http.Request) (*http.Response, error) {
			t.Error("something was requested")
			return nil, errors.New("no")
		}, "").Ping(t.Context())
		checkFailure(t, "a text", err, want, false)
	}
	for _, text := range []string{long(2048), "http://127.0.0.1:1/x", "http://localhost/x", "http://[::1]:1/x", "HTTPS://h"} {
		if err := pinger(holds(text), answering(200), "").Ping(t.Context()); err != nil {
			t.Errorf("a URL of %d characters: %v", len(text), err)
		}
	}
	unread := secretsFunc(func() (secret.Value, error) { return secret.Value{}, errors.New("read secret: no") })
	checkFailure(t, "unread", pinger(unread, answering(200), "").Ping(t.Context()), "read secret: no", false)
}

// TestRedirectIsNotFollowed: the answer counts, and no other host is asked.
func TestRedirectIsNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("followed") }))
	defer elsewhere.Close()
	here := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusFound))
	defer here.Close()
	p := heartbeat.New(heartbeat.Options{
		Client: here.Client(), Secret: holds(here.URL), Name: "trailkeeper", Key: "beat", Clock: clock.Real(),
	})
	if err := p.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "it redirects") {
		t.Errorf("%v", err)
	}
}

// TestTime: a ping takes five seconds at most, leaves the caller half a second, and is not made where that is not left.
func TestTime(t *testing.T) {
	for left, want := range map[time.Duration]time.Duration{
		time.Minute:             5 * time.Second,
		3 * time.Second:         2500 * time.Millisecond,
		501 * time.Millisecond:  time.Millisecond,
		500 * time.Millisecond:  0,
		-500 * time.Millisecond: 0,
	} {
		synctest.Test(t, func(t *testing.T) {
			start, asked := time.Now(), 0
			ctx, cancel := context.WithDeadline(t.Context(), start.Add(left))
			defer cancel()
			err := pinger(holds("https://"+host+"/"+hidden), func(r *http.Request) (*http.Response, error) {
				asked++
				<-r.Context().Done()
				return nil, r.Context().Err()
			}, "").Ping(ctx)
			sentence := "the service did not answer in time"
			if want == 0 {
				sentence = "there was no time left for it"
			}
			checkFailure(t, left.String(), err, sentence, true)
			if took := time.Since(start); took != want || (asked == 1) != (want > 0) {
				t.Errorf("%v left: took %v, asked %d times; want %v", left, took, asked, want)
			}
		})
	}
}
