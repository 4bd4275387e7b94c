package queues

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/report"
)

// TestRunInTheCloud: through the SDK, against the loopback cloud's queues, two runs one after the other.
func TestRunInTheCloud(t *testing.T) {
	template, err := os.ReadFile("../../localcloud/testdata/small.json")
	if err != nil {
		t.Fatal(err)
	}
	cloud, err := localcloud.New(localcloud.Options{
		Template: template,
		Account:  "111122223333",
		Region:   "eu-west-1",
		RealTime: true,
		Lag:      time.Nanosecond,
		Secrets:  map[string]string{"app": `{"webhook":"https://hooks.slack.com/services/T0/B0/x"}`},
		NewHandler: func(context.Context, localcloud.FunctionEnv) (localcloud.Handler, error) {
			return nil, errors.New("not played")
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cloud.Close() })
	client := sqs.New(sqs.Options{
		Region:           "eu-west-1",
		BaseEndpoint:     aws.String(cloud.Endpoint()),
		RetryMaxAttempts: 1,
		HTTPClient:       &http.Client{Transport: awsenv.Transport{Transport: &http.Transport{DisableKeepAlives: true}}},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "operator", SecretAccessKey: "local"}, nil
		}),
	})
	url := cloud.QueueURL("Failures")
	for _, body := range []string{
		"for a human", parkedFor("slack", "e1", 1), parkedFor("slack", "e2", 2), parkedFor("sns", "e1", 1), event("e3"),
	} {
		if _, err := client.SendMessage(
			t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String(url), MessageBody: aws.String(body)},
		); err != nil {
			t.Fatal(err)
		}
	}
	slackDown := true
	var done []string
	r := Redriver{
		Queues: []Queue{{Name: "failures", URL: url, Client: client}},
		Clock:  clock.Real(),
		Log:    slog.New(slog.DiscardHandler),
		Send: func(_ context.Context, p report.Parked) error {
			if slackDown && p.Channel == "slack" {
				return errors.New("down")
			}
			done = append(done, p.Channel+" "+p.Notification.EventID)
			return nil
		},
		Handle: func(context.Context, []byte) error { done = append(done, "event"); return nil },
	}
	first := r.Run(t.Context(), time.Now().Add(time.Minute)).Queues[0]
	slackDown = false
	second := r.Run(t.Context(), time.Now().Add(time.Minute)).Queues[0]
	if first.Read != 5 || first.Sent != 1 || first.Handled != 1 || len(first.Left) != 2 || second.Read != 3 ||
		second.Sent != 2 ||
		len(second.Left) != 1 {
		t.Errorf("first: %+v\nsecond: %+v", first, second)
	}
	if diff := cmp.Diff([]string{"event", "sns e1", "slack e1", "slack e2"}, done); diff != "" {
		t.Errorf("done (-want +got):\n%s", diff)
	}
	if left := cloud.Queued()["Failures"]; len(left) != 1 || left[0].Body != "for a human" {
		t.Errorf("left: %+v", left)
	}
}
