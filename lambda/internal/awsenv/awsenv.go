// Package awsenv makes the AWS SDK's configuration of the environment that Lambda gives a function: Region,
// credentials, endpoints and certificates. It reads no file but the one that AWS_CA_BUNDLE names, asks no metadata
// service, and links none of the SDK's config package, which would cost the function a millisecond at every start.
package awsenv

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Config returns the configuration for every AWS client of a function. The clients do not retry by themselves, so that
// the callers' clocks and time budgets rule.
//
// It honours AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_ENDPOINT_URL,
// AWS_ENDPOINT_URL_<SERVICE>, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS, AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT
// (AWS SDKs and Tools Reference Guide).
func Config(getenv func(string) string, client *http.Client) (aws.Config, error) {
	region := getenv("AWS_REGION")
	if region == "" {
		return aws.Config{}, errors.New("AWS_REGION is empty; want the Region of the function")
	}
	env := source{getenv}
	cfg := aws.Config{
		Region:        region,
		Credentials:   aws.CredentialsProviderFunc(env.credentials),
		HTTPClient:    client,
		Retryer:       func() aws.Retryer { return aws.NopRetryer{} },
		ConfigSources: []any{env},
	}
	if url := getenv("AWS_ENDPOINT_URL"); url != "" && !env.ignoresEndpoints() {
		cfg.BaseEndpoint = aws.String(url)
	}
	return cfg, nil
}

// HTTPClient returns the one client that all of a function's requests share. It trusts the certificates in
// AWS_CA_BUNDLE, if set, in place of the system's, and follows no redirect. The error names the file that cannot be
// used.
func HTTPClient(getenv func(string) string) (*http.Client, error) {
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12, ClientSessionCache: tls.NewLRUClientSessionCache(8)},
		TLSHandshakeTimeout:   5 * time.Second,
		ResponseHeaderTimeout: 10 * time.Second,
		MaxIdleConnsPerHost:   4,
		IdleConnTimeout:       5 * time.Minute,
	}
	if file := getenv("AWS_CA_BUNDLE"); file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read AWS_CA_BUNDLE: %w", err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("AWS_CA_BUNDLE %s holds no certificate in PEM form", file)
		}
		transport.TLSClientConfig.RootCAs = pool
	}
	return &http.Client{
		Transport:     Transport{Transport: transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

// Transport has net/http read a request's body, also where that could write itself. The SDK closes a body once the
// answer begins, and its body that writes itself then ends with an error (smithy-go, safeWriteToReadCloser): net/http
// closes the connection while the answer is read.
type Transport struct{ *http.Transport }

// RoundTrip implements http.RoundTripper.
func (t Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		r = r.WithContext(r.Context()) // a copy
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return t.Transport.RoundTrip(r)
}

// maxOpening bounds the opening of a connection in advance.
const maxOpening = 5 * time.Second

// Open opens a connection in advance, so that the first call finds it open. It sends no credentials. After an error the
// first call opens its own.
func Open(ctx context.Context, client *http.Client, url string) error {
	ctx, cancel := context.WithTimeout(ctx, maxOpening)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return fmt.Errorf("open a connection: %w", err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("open a connection: %w", err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // a connection is kept only when its answer was read
	return nil
}

// ErrNoCredentials says that the environment has no keys to sign a call with.
var ErrNoCredentials = errors.New("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set")

// source answers the questions that the SDK's clients ask of a configuration source.
type source struct{ getenv func(string) string }

func (s source) credentials(context.Context) (aws.Credentials, error) {
	c := aws.Credentials{
		AccessKeyID:     s.getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: s.getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    s.getenv("AWS_SESSION_TOKEN"),
		Source:          "environment",
	}
	if !c.HasKeys() {
		return aws.Credentials{}, ErrNoCredentials
	}
	return c, nil
}

// GetUseFIPSEndpoint implements the SDK's configuration source.
func (s source) GetUseFIPSEndpoint(context.Context) (aws.FIPSEndpointState, bool, error) {
	if s.on("AWS_USE_FIPS_ENDPOINT") {
		return aws.FIPSEndpointStateEnabled, true, nil
	}
	return aws.FIPSEndpointStateUnset, false, nil
}

// GetUseDualStackEndpoint implements the SDK's configuration source.
func (s source) GetUseDualStackEndpoint(context.Context) (aws.DualStackEndpointState, bool, error) {
	if s.on("AWS_USE_DUALSTACK_ENDPOINT") {
		return aws.DualStackEndpointStateEnabled, true, nil
	}
	return aws.DualStackEndpointStateUnset, false, nil
}

// GetServiceBaseEndpoint implements the SDK's configuration source: AWS_ENDPOINT_URL_SECRETS_MANAGER for "Secrets
// Manager".
func (s source) GetServiceBaseEndpoint(_ context.Context, sdkID string) (string, bool, error) {
	url := s.getenv("AWS_ENDPOINT_URL_" + strings.ToUpper(strings.ReplaceAll(sdkID, " ", "_")))
	return url, url != "", nil
}

// GetIgnoreConfiguredEndpoints implements the SDK's configuration source.
func (s source) GetIgnoreConfiguredEndpoints(context.Context) (bool, bool, error) {
	return s.ignoresEndpoints(), true, nil
}

func (s source) ignoresEndpoints() bool { return s.on("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") }

func (s source) on(name string) bool { return strings.EqualFold(s.getenv(name), "true") }

// Endpoint is what the environment says of where a service is: for a caller that makes its requests without the
// service's client.
type Endpoint struct {
	URL             string // in place of AWS's; empty: AWS's
	FIPS, DualStack bool
}

// EndpointOf is that of the service, by the name that its client has in the SDK, such as "S3".
func EndpointOf(getenv func(string) string, service string) Endpoint {
	env := source{getenv}
	e := Endpoint{FIPS: env.on("AWS_USE_FIPS_ENDPOINT"), DualStack: env.on("AWS_USE_DUALSTACK_ENDPOINT")}
	if !env.ignoresEndpoints() {
		own, _, _ := env.GetServiceBaseEndpoint(context.Background(), service) // it has no error
		e.URL = cmp.Or(own, getenv("AWS_ENDPOINT_URL"))
	}
	return e
}
