package listen

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/simulate/stage"
)

func TestAddressMustBeLoopback(t *testing.T) {
	for address, ok := range map[string]bool{
		"127.0.0.1:4566": true,
		"localhost:0":    true,
		"[::1]:80":       true,
		"0.0.0.0:4566":   false,
		":4566":          false,
		"192.0.2.1:80":   false,
		"example.com:80": false,
		"127.0.0.1":      false,
		"":               false,
	} {
		if err := CheckAddress(address); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// An SDK creates a trail, starts it, stops it, and finds it logging again, in real time.
func TestListen(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- Listen(ctx, in, golden.Template(), "127.0.0.1:0")
		_ = in.Close()
	}()
	lines := make(chan string, 100)
	go copyLines(out, lines)
	endpoint := waitFor(t, lines, regexp.MustCompile(`^Listening on (http://127\.0\.0\.1:[0-9]+):`))[1]

	client := cloudtrail.New(cloudtrail.Options{
		Region:           stage.Region,
		BaseEndpoint:     aws.String(endpoint),
		RetryMaxAttempts: 20,
		HTTPClient:       &http.Client{Transport: awsenv.Transport{Transport: &http.Transport{DisableKeepAlives: true}}},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	}) // its own retries get it through the quota of one call a second
	name := aws.String("demo")
	if _, err := client.CreateTrail(
		ctx,
		&cloudtrail.CreateTrailInput{Name: name, S3BucketName: aws.String("demo-logs")},
	); err != nil {
		t.Fatal(err)
	}
	if _, err := client.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: name}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: name}); err != nil {
		t.Fatal(err)
	}
	waitFor(t, lines, regexp.MustCompile(`guard +GetTrailStatus demo: logging`))
	waitFor(t, lines, regexp.MustCompile(`Slack \(guard\) +✅ CloudTrail logging was stopped on trail demo and restored`))
	status, err := client.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: name})
	if err != nil || !aws.ToBool(status.IsLogging) {
		t.Errorf("status %+v, %v", status, err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func copyLines(r io.Reader, lines chan<- string) {
	var rest string
	buffer := make([]byte, 4096)
	for {
		n, err := r.Read(buffer)
		rest += string(buffer[:n])
		for {
			line, after, ok := strings.Cut(rest, "\n")
			if !ok {
				break
			}
			rest = after
			lines <- line
		}
		if err != nil {
			close(lines)
			return
		}
	}
}

// waitFor reads lines until one matches.
func waitFor(t *testing.T, lines <-chan string, want *regexp.Regexp) []string {
	t.Helper()
	late := time.After(30 * time.Second)
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				t.Fatalf("the output ended before %s", want)
			}
			if m := want.FindStringSubmatch(line); m != nil {
				return m
			}
		case <-late:
			t.Fatalf("no line matches %s", want)
		}
	}
}
