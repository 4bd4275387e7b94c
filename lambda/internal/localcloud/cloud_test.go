package localcloud

import (
	"context"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/lambda/internal/awsenv"
)

const (
	account = "111122223333"
	member  = "444455556666"
	region  = "eu-west-1"
	hook    = "https://hooks.slack.com/services/T0/B0/hook"
)

// handlerFunc is a function's code as a func.
type handlerFunc func(ctx context.Context, env FunctionEnv, payload []byte) error

type boundHandler struct {
	env FunctionEnv
	run handlerFunc
}

func (h boundHandler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return nil, h.run(ctx, h.env, payload)
}

func smallTemplate(t *testing.T) []byte {
	t.Helper()
	raw, err := os.ReadFile("testdata/small.json")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// newCloud sets the small template up; code may be nil.
func newCloud(t *testing.T, code handlerFunc, change ...func(*Options)) *Cloud {
	t.Helper()
	o := Options{
		Template: smallTemplate(t),
		Account:  account,
		Region:   region,
		Secrets:  map[string]string{"app": `{"webhook":"` + hook + `","bot_token":"xoxb-1"}`},
		NewHandler: func(_ context.Context, env FunctionEnv) (Handler, error) {
			if code == nil {
				code = func(context.Context, FunctionEnv, []byte) error { return nil }
			}
			return boundHandler{env, code}, nil
		},
	}
	for _, f := range change {
		f(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// awsConfig points the SDK at the cloud.
func awsConfig(c *Cloud, region, accessKey string) aws.Config {
	return aws.Config{
		Region:       region,
		BaseEndpoint: aws.String(c.Endpoint()),
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
		HTTPClient: &http.Client{
			Timeout:   10 * time.Second,
			Transport: awsenv.Transport{Transport: &http.Transport{DisableKeepAlives: true}},
		},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: "local"}, nil
		}),
	}
}

func trails(c *Cloud, region string) *cloudtrail.Client {
	return cloudtrail.NewFromConfig(awsConfig(c, region, "operator"))
}

func run(t *testing.T, c *Cloud) {
	t.Helper()
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
}

// of returns the entries of a kind.
func of(c *Cloud, kind Kind) []Entry {
	var found []Entry
	for _, e := range c.Entries() {
		if e.Kind == kind {
			found = append(found, e)
		}
	}
	return found
}
