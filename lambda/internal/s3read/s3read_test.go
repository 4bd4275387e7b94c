package s3read_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/s3read"
)

// seen is a transport that notes the requests and answers each in turn.
type seen struct {
	requests []*http.Request
	answers  []*http.Response
}

func (s *seen) RoundTrip(r *http.Request) (*http.Response, error) {
	s.requests = append(s.requests, r)
	if len(s.answers) == 0 {
		return &http.Response{
			StatusCode: 200,
			Header:     http.Header{},
			Body:       http.NoBody,
			Request:    r,
		}, nil
	}
	answer := s.answers[0]
	s.answers = s.answers[1:]
	return answer, nil
}

func answer(status int, region, body string) *http.Response {
	h := http.Header{}
	if region != "" {
		h.Set("X-Amz-Bucket-Region", region)
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

func xmlError(code, message string) string {
	return "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>" + message + "</Message></Error>"
}

func client(to http.RoundTripper, env map[string]string) *s3read.Client {
	return &s3read.Client{
		HTTP: &http.Client{Transport: to},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "example-secret", SessionToken: "token"}, nil
		}),
		Region:   env["AWS_REGION"],
		Endpoint: awsenv.EndpointOf(func(k string) string { return env[k] }, "S3"),
		Now:      time.Now,
	}
}

// TestVersion: the version is asked for where there is one, in a form that S3 reads and signs.
func TestVersion(t *testing.T) {
	for version, want := range map[string]string{"": "", "null": "versionId=null", "a.b_-+ &/": "versionId=a.b_-%2B%20%26%2F"} {
		got := &seen{}
		o := s3read.Object{Bucket: "org-logs", Key: "k", Version: version}
		body, err := client(got, map[string]string{"AWS_REGION": "eu-west-1"}).Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		_ = body.Close()
		if query := got.requests[0].URL.RawQuery; query != want {
			t.Errorf("%q: %s, want %s", version, query, want)
		}
	}
}

// TestAddress: the requests go where S3's own client sends them, with the path and the headers that it signs.
func TestAddress(t *testing.T) {
	const key = "AWSLogs/o-x/1/a b+c%20ü=~'(!)*&?#//.json.gz"
	for _, env := range []map[string]string{
		{"AWS_REGION": "eu-west-1"},
		{"AWS_REGION": "us-east-1"},
		{"AWS_REGION": "us-gov-west-1"},
		{"AWS_REGION": "cn-north-1"},
		{"AWS_REGION": "us-iso-east-1"},
		{"AWS_REGION": "us-isob-east-1"},
		{"AWS_REGION": "eu-isoe-west-1"},
		{"AWS_REGION": "us-isof-south-1"},
		{"AWS_REGION": "eusc-de-east-1"},
		{"AWS_REGION": "us-east-1", "AWS_USE_FIPS_ENDPOINT": "true"},
		{"AWS_REGION": "us-gov-west-1", "AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "TRUE"},
		{"AWS_REGION": "ap-south-1", "AWS_USE_DUALSTACK_ENDPOINT": "true"},
		{"AWS_REGION": "cn-north-1", "AWS_USE_DUALSTACK_ENDPOINT": "true"},
		{"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:4566"},
		{"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:2/x/"},
		{
			"AWS_REGION":                          "eu-west-1",
			"AWS_ENDPOINT_URL_S3":                 "http://127.0.0.1:2",
			"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
		},
	} {
		for _, bucket := range []string{"org-logs", "logs.example.com", "Old_Logs"} {
			theirs, ours := &seen{}, &seen{}
			all := map[string]string{"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example-secret"}
			cfg, err := awsenv.Config(func(k string) string { return all[k] + env[k] }, &http.Client{Transport: theirs})
			if err != nil {
				t.Fatal(err)
			}
			_, err = s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil }).GetObject(t.Context(),
				&s3.GetObjectInput{Bucket: &bucket, Key: aws.String(key), ExpectedBucketOwner: aws.String("111122223333")})
			if err != nil || len(theirs.requests) != 1 {
				t.Fatalf("%v: %v", env, err)
			}
			body, err := client(ours, env).Open(t.Context(), s3read.Object{Bucket: bucket, Key: key, Owner: "111122223333"})
			if err != nil {
				t.Fatal(err)
			}
			_ = body.Close()
			want, got := theirs.requests[0], ours.requests[0]
			if got.URL.Scheme+got.Host+got.URL.EscapedPath() != want.URL.Scheme+want.URL.Host+want.URL.EscapedPath() {
				t.Errorf("%v %s: %s, want %s", env, bucket, got.URL, want.URL)
			}
			if got.Header.Get("X-Amz-Expected-Bucket-Owner") != "111122223333" ||
				got.Header.Get("Accept-Encoding") != "identity" || got.Header.Get("X-Amz-Security-Token") == "" {
				t.Errorf("%v: %v", env, got.Header)
			}
			auth := got.Header.Get("Authorization")
			for _, part := range []string{"/" + env["AWS_REGION"] + "/s3/aws4_request", "x-amz-expected-bucket-owner"} {
				if !strings.Contains(auth, part) {
					t.Errorf("%v: signed %s without %s", env, auth, part)
				}
			}
		}
	}
}

// TestMovedBucket: a bucket of another Region is asked there, once, and from then on.
func TestMovedBucket(t *testing.T) {
	to := &seen{answers: []*http.Response{
		answer(301, "eu-central-1", xmlError("PermanentRedirect", "elsewhere")), answer(200, "", "x"), answer(200, "", "x"),
	}}
	c := client(to, map[string]string{"AWS_REGION": "eu-west-1"})
	for range 2 {
		body, err := c.Open(t.Context(), s3read.Object{Bucket: "logs", Key: "k"})
		if err != nil {
			t.Fatal(err)
		}
		_ = body.Close()
	}
	if len(to.requests) != 3 || to.requests[1].Host != "logs.s3.eu-central-1.amazonaws.com" ||
		to.requests[2].Host != "logs.s3.eu-central-1.amazonaws.com" {
		t.Errorf("%d requests, %s", len(to.requests), to.requests[1].Host)
	}
	for name, first := range map[string]*http.Response{
		"the same":  answer(301, "eu-west-1", ""),
		"none":      answer(301, "", ""),
		"no Region": answer(301, "evil.example/", ""),
	} {
		to := &seen{answers: []*http.Response{first}}
		if _, err := client(to, map[string]string{"AWS_REGION": "eu-west-1"}).
			Open(t.Context(), s3read.Object{Bucket: "logs", Key: "k"}); err == nil || len(to.requests) != 1 {
			t.Errorf("%s: %v after %d requests", name, err, len(to.requests))
		}
	}
	// The body names the Region as well, as for a request that was signed for another.
	wrong := "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-north-1</Region></Error>"
	to = &seen{answers: []*http.Response{answer(400, "", wrong), answer(301, "eu-west-3", "")}}
	_, err := client(to, map[string]string{"AWS_REGION": "eu-west-1"}).
		Open(t.Context(), s3read.Object{Bucket: "logs", Key: "k"})
	if len(to.requests) != 2 || err == nil {
		t.Errorf("%v after %d requests", err, len(to.requests))
	}
}

func TestErrors(t *testing.T) {
	for _, tt := range []struct {
		status     int
		body, want string
		gone       bool
	}{
		{404, xmlError("NoSuchKey", "The specified key does not exist."), "NoSuchKey: the object is not there", true},
		{404, xmlError("NoSuchBucket", "x"), "NoSuchBucket: there is no such bucket", true},
		{404, "", "HTTP 404: the object is not there", true},
		{403, xmlError("AccessDenied", "Access Denied"), "AccessDenied: s3:GetObject, or s3:GetObjectVersion of a version, is refused, or the", false},
		{403, "", "HTTP 403: s3:GetObject, or s3:GetObjectVersion of a version, is refused", false},
		{
			403, xmlError("AccessDenied", "User is not authorized to perform: kms:Decrypt on resource: x"),
			"AccessDenied: the key of the object cannot be used", false,
		},
		{400, xmlError("KMS.DisabledException", "arn is disabled"), "KMS.DisabledException: the key of the object", false},
		{403, xmlError("InvalidObjectState", "x"), "InvalidObjectState: the object is archived", false},
		{503, xmlError("SlowDown", "Please reduce your request rate."), "SlowDown: Please reduce your request rate.", false},
		{500, "<html>", "HTTP 500: S3 did not give the object", false},
		{307, "", "HTTP 307: S3 did not give the object", false},
		{403, xmlError("&#27;[31m", strings.Repeat("x", maxBody)), "s3:GetObject, or s3:GetObjectVersion of a version, is refused", false},
	} {
		to := &seen{answers: []*http.Response{answer(tt.status, "", tt.body)}}
		_, err := client(to, map[string]string{"AWS_REGION": "eu-west-1"}).
			Open(t.Context(), s3read.Object{Bucket: "logs", Key: "k"})
		refused, ok := errors.AsType[*s3read.Error](err)
		if !ok || !strings.Contains(err.Error(), tt.want) || refused.Gone() != tt.gone || refused.Status != tt.status ||
			len(err.Error()) > 600 || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%d %.60s: %v", tt.status, tt.body, err)
		}
	}
}

// maxBody is more than is read of a refusal.
const maxBody = 100 << 10

func TestUnreachable(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	for _, env := range []map[string]string{
		{"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": server.URL},
		{"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "nowhere"},
		{"AWS_REGION": "evil.example/"},
	} {
		_, err := client(http.DefaultTransport, env).Open(t.Context(), s3read.Object{Bucket: "logs", Key: "k"})
		if _, ok := errors.AsType[*s3read.Error](err); err == nil || ok {
			t.Errorf("%v: %v", env, err)
		}
	}
	c := client(http.DefaultTransport, map[string]string{"AWS_REGION": "eu-west-1"})
	c.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{}, awsenv.ErrNoCredentials
	})
	if _, err := c.Open(t.Context(), s3read.Object{Bucket: "logs", Key: "k"}); !errors.Is(err, awsenv.ErrNoCredentials) {
		t.Error(err)
	}
}

// TestAsStored: an object that is marked as packed is not unpacked on the way.
func TestAsStored(t *testing.T) {
	packed := "\x1f\x8b not really"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = fmt.Fprint(w, packed)
	}))
	defer server.Close()
	env := map[string]string{"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": server.URL}
	body, err := client(http.DefaultTransport, env).Open(t.Context(), s3read.Object{Bucket: "logs", Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = body.Close() }()
	if got, err := io.ReadAll(body); string(got) != packed || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}
