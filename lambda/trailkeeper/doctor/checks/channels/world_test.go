package channels_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/trailkeeper/clitest"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

type (
	object  = clitest.Object
	answers = clitest.Answers
)

const (
	hook     = "https://hooks.slack.com/services/T0/B0/made-up-webhook-secret"
	botToken = "made-up-bot-token-secret"
	beat     = "https://heartbeat.example.com/ping/made-up-heartbeat-secret"
)

// whole is the secret with all its keys.
const whole = `{"webhook":"` + hook + `","bot_token":"` + botToken + `","heartbeat":"` + beat + `"}`

// secretOf is Secrets Manager with this text.
func secretOf(text string) answers {
	return answers{"GetSecretValue": clitest.Say(object{"SecretString": text})}
}

// deployment is one whose guard posts to Slack with a bot token, as all say; change changes it.
func deployment(t *testing.T, all answers, change func(*deployed.Deployment)) *deployed.Deployment {
	t.Helper()
	all.Serve(t)
	cfg, err := awsconfig.LoadDefaultConfig(t.Context(), awsconfig.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }))
	if err != nil {
		t.Fatal(err)
	}
	d := &deployed.Deployment{AWS: cfg, HTTP: slack(func(r *http.Request) (int, string, error) {
		t.Errorf("Slack was asked at %s", r.URL.Host)
		return 0, "", errors.New("x")
	}), Stack: "trailkeeper", Account: "111122223333", Outputs: map[string]string{"SecretName": "trailkeeper"}}
	d.Guard.Name = "guard"
	d.Guard.Settings.SlackSecret, d.Guard.Settings.SlackChannel = "trailkeeper", "C0123456789"
	d.Guard.Settings.SlackAPI = config.DefaultSlackAPI
	if change != nil {
		change(d)
	}
	return d
}

// unknownGuard is a guard whose settings could not be read.
func unknownGuard(d *deployed.Deployment) {
	d.Guard = deployed.Function[config.Guard]{Name: "guard", Err: errors.New("no")}
}

// slack is a client with a func for the network.
func slack(answer func(*http.Request) (int, string, error)) *http.Client {
	return &http.Client{Transport: trip(answer)}
}

type trip func(*http.Request) (int, string, error)

// RoundTrip implements http.RoundTripper.
func (f trip) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body, err := f(r)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// want compares verdicts with the one that is wanted, or with none where the status is empty, and looks for a secret.
func want(t *testing.T, got []verdict.Verdict, status verdict.Status, says string) {
	t.Helper()
	if strings.Contains(fmt.Sprintf("%+v", got), "made-up") {
		t.Errorf("a secret is shown: %+v", got)
	}
	if status == "" {
		if len(got) != 0 {
			t.Errorf("%+v; want nothing", got)
		}
		return
	}
	if len(got) != 1 || got[0].Status != status || !strings.Contains(got[0].Says, says) || (got[0].Do == "") != (status == verdict.OK) {
		t.Errorf("%+v; want %s, %q", got, status, says)
	}
}
