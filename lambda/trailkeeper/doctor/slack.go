package doctor

import (
	"net"
	"net/http"
	"net/url"
	"time"

	"trailkeeper/lambda/internal/awsenv"
)

// slackClient is the way to Slack: the functions' own, and to an emulator on this machine where AWS is one, so that a
// made-up webhook is not tried on the internet. Emulated is that emulator's host and port.
func slackClient(getenv func(string) string) (client *http.Client, emulated string, err error) {
	client, err = awsenv.HTTPClient(getenv)
	if err != nil {
		return nil, "", err
	}
	emulator, err := url.Parse(awsenv.EndpointOf(getenv, "CloudFormation").URL)
	if err != nil || emulator.Host == "" || !isLoopback(emulator.Hostname()) {
		return client, "", nil //nolint:nilerr // the SDK says what is wrong with the endpoint
	}
	client.Transport = led{to: emulator, next: &http.Transport{ResponseHeaderTimeout: 10 * time.Second}}
	return client, emulator.Host, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// led leads every request to one address, whatever its host.
type led struct {
	to   *url.URL
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (l led) RoundTrip(r *http.Request) (*http.Response, error) {
	there := r.Clone(r.Context())
	there.Host = r.URL.Host
	there.URL.Scheme, there.URL.Host = l.to.Scheme, l.to.Host
	return l.next.RoundTrip(there)
}
