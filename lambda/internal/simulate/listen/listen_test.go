package listen

import (
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/simulate/stage"
)

func TestAddressMustBeLoopback(t *testing.T) {
	for address, ok := range map[string]bool{
		"127.0.0.1:4566": true,
		"localhost:0":    true,
		"LocalHost:0":    true,
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

// An SDK creates a trail, stops it, weakens and deletes others, and finds each as it was, in real time.
func TestListen(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, in := io.Pipe()
	done := make(chan error, 1)
	template, _ := golden.Variant("recreate")
	go func() {
		done <- Listen(ctx, in, Options{Template: template, Address: "127.0.0.1:0"})
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
	demo, payments, audit := aws.String("demo"), aws.String("payments"), aws.String("audit")
	_, err := client.CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: demo, S3BucketName: aws.String("nobodys-logs")})
	if _, refused := errors.AsType[*types.S3BucketDoesNotExistException](err); !refused {
		t.Fatalf("a trail without a bucket: %v", err)
	}
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(client.CreateTrail(ctx, &cloudtrail.CreateTrailInput{
		Name:         demo,
		S3BucketName: aws.String("log-archive-" + stage.Account),
	}))
	must(client.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: demo}))
	must(client.StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: demo}))
	waitFor(t, lines, regexp.MustCompile(`guard +GetTrailStatus demo: logging`))
	waitFor(t, lines, regexp.MustCompile(`Slack \(guard\) +✅ CloudTrail logging was stopped on trail demo and restored`))
	status, err := client.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: demo})
	if err != nil || !aws.ToBool(status.IsLogging) {
		t.Errorf("status %+v, %v", status, err)
	}
	must(client.UpdateTrail(ctx, &cloudtrail.UpdateTrailInput{Name: payments, EnableLogFileValidation: aws.Bool(false)}))
	waitFor(t, lines, regexp.MustCompile(`Slack \(guard\) +✅ Settings of CloudTrail trail payments were changed and`))
	must(client.DeleteTrail(ctx, &cloudtrail.DeleteTrailInput{Name: audit}))
	waitFor(t, lines, regexp.MustCompile(`Slack \(guard\) +✅ CloudTrail trail audit was deleted and restored`))
	found, err := client.LookupEvents(ctx, &cloudtrail.LookupEventsInput{LookupAttributes: []types.LookupAttribute{{
		AttributeKey:   types.LookupAttributeKeyEventName,
		AttributeValue: aws.String("DeleteTrail"),
	}}})
	if err != nil || len(found.Events) != 1 || aws.ToString(found.Events[0].Username) != "operator" {
		t.Errorf("the event history has %+v, %v", found, err)
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
