package awsenv_test

import (
	"context"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"trailkeeper/lambda/internal/awsenv"
)

func env(pairs ...string) func(string) string {
	m := map[string]string{
		"AWS_REGION":            "eu-west-1",
		"AWS_ACCESS_KEY_ID":     "AKIDEXAMPLE",
		"AWS_SECRET_ACCESS_KEY": "example",
		"AWS_SESSION_TOKEN":     "token",
	}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(k string) string { return m[k] }
}

// stop is a transport that notes where a request would have gone.
type stop struct{ host string }

func (s *stop) RoundTrip(r *http.Request) (*http.Response, error) {
	s.host = r.URL.Scheme + "://" + r.URL.Host
	return &http.Response{
		StatusCode: 200,
		Header:     http.Header{},
		Body:       http.NoBody,
		Request:    r,
	}, nil
}

func TestEndpoints(t *testing.T) {
	tests := []struct {
		name               string
		env                []string
		cloudtrail, secret string
	}{
		{"commercial", nil, "https://cloudtrail.eu-west-1.amazonaws.com", "https://secretsmanager.eu-west-1.amazonaws.com"},
		{
			"China",
			[]string{"AWS_REGION", "cn-north-1"},
			"https://cloudtrail.cn-north-1.amazonaws.com.cn",
			"https://secretsmanager.cn-north-1.amazonaws.com.cn",
		},
		{
			"GovCloud",
			[]string{"AWS_REGION", "us-gov-west-1"},
			"https://cloudtrail.us-gov-west-1.amazonaws.com",
			"https://secretsmanager.us-gov-west-1.amazonaws.com",
		},
		{
			"FIPS",
			[]string{"AWS_REGION", "us-east-1", "AWS_USE_FIPS_ENDPOINT", "true"},
			"https://cloudtrail-fips.us-east-1.amazonaws.com",
			"https://secretsmanager-fips.us-east-1.amazonaws.com",
		},
		{
			"dual stack",
			[]string{"AWS_USE_DUALSTACK_ENDPOINT", "true"},
			"https://cloudtrail.eu-west-1.api.aws",
			"https://secretsmanager.eu-west-1.amazonaws.com",
		},
		{"emulator", []string{"AWS_ENDPOINT_URL", "http://127.0.0.1:4566"}, "http://127.0.0.1:4566", "http://127.0.0.1:4566"},
		{
			"one service",
			[]string{"AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:1"},
			"https://cloudtrail.eu-west-1.amazonaws.com",
			"http://127.0.0.1:1",
		},
		{
			"both",
			[]string{"AWS_ENDPOINT_URL", "http://127.0.0.1:2", "AWS_ENDPOINT_URL_CLOUDTRAIL", "http://127.0.0.1:1"},
			"http://127.0.0.1:1",
			"http://127.0.0.1:2",
		},
		{
			"ignored",
			[]string{"AWS_ENDPOINT_URL", "http://127.0.0.1:2", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"},
			"https://cloudtrail.eu-west-1.amazonaws.com",
			"https://secretsmanager.eu-west-1.amazonaws.com",
		},
	}
	for _, tt := range tests {
		to := &stop{}
		cfg, err := awsenv.Config(env(tt.env...), &http.Client{Transport: to})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = cloudtrail.NewFromConfig(
			cfg,
		).GetTrailStatus(
			t.Context(),
			&cloudtrail.GetTrailStatusInput{Name: aws.String("main")},
		)
		if to.host != tt.cloudtrail {
			t.Errorf("%s: CloudTrail at %s, want %s", tt.name, to.host, tt.cloudtrail)
		}
		_, _ = secretsmanager.NewFromConfig(
			cfg,
		).GetSecretValue(
			t.Context(),
			&secretsmanager.GetSecretValueInput{SecretId: aws.String("x")},
		)
		if to.host != tt.secret {
			t.Errorf("%s: Secrets Manager at %s, want %s", tt.name, to.host, tt.secret)
		}
	}
}

func TestClientsDoNotRetry(t *testing.T) {
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls++
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	cfg, err := awsenv.Config(env("AWS_ENDPOINT_URL", server.URL), server.Client())
	if err != nil {
		t.Fatal(err)
	}
	_, err = cloudtrail.NewFromConfig(
		cfg,
	).StartLogging(
		t.Context(),
		&cloudtrail.StartLoggingInput{Name: aws.String("main")},
	)
	if err == nil || calls != 1 {
		t.Errorf("%d calls, %v; want one that fails", calls, err)
	}
}

func TestConfigProblems(t *testing.T) {
	if _, err := awsenv.Config(env("AWS_REGION", ""), nil); err == nil || !strings.Contains(err.Error(), "AWS_REGION") {
		t.Errorf("no Region: %v", err)
	}
	cfg, err := awsenv.Config(env("AWS_SECRET_ACCESS_KEY", ""), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cfg.Credentials.Retrieve(context.Background()); err == nil {
		t.Error("half a pair of keys was accepted")
	}
}

func TestCABundle(t *testing.T) {
	server := httptest.NewUnstartedServer(http.RedirectHandler("/elsewhere", http.StatusFound))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // one handshake fails on purpose
	server.StartTLS()
	defer server.Close()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(
		file,
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}),
		0o600,
	); err != nil {
		t.Fatal(err)
	}
	client, err := awsenv.HTTPClient(env("AWS_CA_BUNDLE", file))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Get(server.URL)
	if err != nil {
		t.Fatalf("the bundle's certificate is not trusted: %v", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusFound {
		t.Errorf("a redirect was followed to status %d", resp.StatusCode)
	}
	if client, err = awsenv.HTTPClient(env()); err != nil {
		t.Fatal(err)
	}
	if resp, err := client.Get(server.URL); err == nil {
		resp.Body.Close()
		t.Error("an unknown certificate is trusted without the bundle")
	}
	for _, bad := range []string{"/no/such/file", os.Args[0]} {
		if _, err := awsenv.HTTPClient(env("AWS_CA_BUNDLE", bad)); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// selfWriting is a body that could write itself, as the SDK's can.
type selfWriting struct {
	io.Reader
	wrote, closed bool
}

func (b *selfWriting) WriteTo(io.Writer) (int64, error) {
	b.wrote = true
	return 0, io.EOF
}

func (b *selfWriting) Close() error {
	b.closed = true
	return nil
}

// TestBodiesAreRead: no request depends on how its body writes itself, and the request stays as it is.
func TestBodiesAreRead(t *testing.T) {
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, string(body))
	}))
	defer server.Close()
	client, err := awsenv.HTTPClient(func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	body := &selfWriting{Reader: strings.NewReader("x")}
	for _, b := range []io.Reader{body, http.NoBody, nil} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, b)
		if err != nil {
			t.Fatal(err)
		}
		sent := r.Body
		if b == body {
			r.ContentLength = 1
		}
		resp, err := client.Transport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		if _ = resp.Body.Close(); r.Body != sent {
			t.Error("the request has another body")
		}
	}
	if strings.Join(got, ",") != "x,," || body.wrote || !body.closed {
		t.Errorf("sent %q; wrote itself %v, closed %v", got, body.wrote, body.closed)
	}
}
