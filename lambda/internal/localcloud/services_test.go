package localcloud

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	secrettypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

// asFunction runs code as the function of the small template, with its credentials.
func asFunction(t *testing.T, c *Cloud, code func(ctx context.Context, cfg aws.Config, env FunctionEnv)) {
	t.Helper()
	env, ok := c.Environment("Guard")
	if !ok {
		t.Fatal("no function")
	}
	cfg := awsConfig(c, region, env.Getenv("AWS_ACCESS_KEY_ID"))
	cfg.HTTPClient = env.HTTP
	code(t.Context(), cfg, env)
}

func TestPublish(t *testing.T) {
	c := newCloud(t, nil)
	asFunction(t, c, func(ctx context.Context, cfg aws.Config, env FunctionEnv) {
		client := sns.NewFromConfig(cfg)
		topic := env.Getenv("TOPIC")
		attribute := func(v string) map[string]snstypes.MessageAttributeValue {
			return map[string]snstypes.MessageAttributeValue{"outcome": {
				DataType:    aws.String("String"),
				StringValue: aws.String(v),
			}}
		}
		for name, tt := range map[string]struct {
			in   sns.PublishInput
			want func(error) bool
		}{
			"text": {sns.PublishInput{TopicArn: &topic, Message: aws.String("m"), Subject: aws.String("s")}, ok},
			"structure": {sns.PublishInput{
				TopicArn:          &topic,
				Message:           aws.String(`{"default":"d","email":"e <&>"}`),
				MessageStructure:  aws.String("json"),
				MessageAttributes: attribute("restored"),
			}, ok},
			"no default": {sns.PublishInput{
				TopicArn: &topic, Message: aws.String(`{"email":"e"}`),
				MessageStructure: aws.String("json"),
			}, is[*snstypes.InvalidParameterException]},
			"no JSON": {sns.PublishInput{
				TopicArn: &topic, Message: aws.String(`{`),
				MessageStructure: aws.String("json"),
			}, is[*snstypes.InvalidParameterException]},
			"long subject": {sns.PublishInput{
				TopicArn: &topic, Message: aws.String("m"),
				Subject: aws.String(strings.Repeat("s", 100)),
			}, is[*snstypes.InvalidParameterException]},
			"line break in the subject": {sns.PublishInput{
				TopicArn: &topic, Message: aws.String("m"),
				Subject: aws.String("a\nb"),
			}, is[*snstypes.InvalidParameterException]},
			"empty attribute": {sns.PublishInput{
				TopicArn: &topic, Message: aws.String("m"),
				MessageAttributes: attribute(""),
			}, is[*snstypes.InvalidParameterValueException]},
			"another topic": {sns.PublishInput{
				TopicArn: aws.String("arn:aws:sns:eu-west-1:111122223333:other"),
				Message:  aws.String("m"),
			}, is[*snstypes.AuthorizationErrorException]},
		} {
			if _, err := client.Publish(ctx, &tt.in); !tt.want(err) {
				t.Errorf("%s: got %v", name, err)
			}
		}
	})
	for _, e := range of(c, KindSNS) {
		if e.Attributes["outcome"] == "restored" && e.Text != "e <&>" {
			t.Errorf("e-mail reads %q", e.Text)
		}
	}
	operator := sns.NewFromConfig(awsConfig(c, region, "operator"))
	_, err := operator.Publish(t.Context(),
		&sns.PublishInput{TopicArn: aws.String("arn:aws:sns:eu-west-1:111122223333:other"), Message: aws.String("m")})
	if !is[*snstypes.NotFoundException](err) {
		t.Errorf("a topic that does not exist: %v", err)
	}
}

func ok(err error) bool { return err == nil }

func code(err error) string {
	if api, found := errors.AsType[smithy.APIError](err); found {
		return api.ErrorCode()
	}
	return ""
}

func TestSendMessage(t *testing.T) {
	c := newCloud(t, nil)
	asFunction(t, c, func(ctx context.Context, cfg aws.Config, env FunctionEnv) {
		client := sqs.NewFromConfig(cfg)
		send := func(url string) error {
			_, err := client.SendMessage(ctx,
				&sqs.SendMessageInput{QueueUrl: aws.String(url), MessageBody: aws.String(`{"a":"é"}`)})
			return err
		}
		if err := send(env.Getenv("QUEUE")); err != nil {
			t.Errorf("the own queue: %v", err)
		}
		if err := send("https://sqs.eu-west-1.amazonaws.com/111122223333/nope"); !is[*sqstypes.QueueDoesNotExist](err) {
			t.Errorf("no such queue: %v", err)
		}
		if err := send(c.QueueURL("Dead")); code(err) != "AccessDeniedException" {
			t.Errorf("another queue: %v", err)
		}
	})
	if got := c.Queued()["Failures"]; len(got) != 1 || got[0].Body != `{"a":"é"}` {
		t.Errorf("queued %v", got)
	}
}

func TestGetSecretValue(t *testing.T) {
	c := newCloud(t, nil, func(o *Options) { o.Secrets["other"] = "x" })
	asFunction(t, c, func(ctx context.Context, cfg aws.Config, _ FunctionEnv) {
		client := secretsmanager.NewFromConfig(cfg)
		get := func(id string) (string, error) {
			out, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(id)})
			if err != nil {
				return "", err
			}
			return aws.ToString(out.SecretString), nil
		}
		arn := "arn:aws:secretsmanager:eu-west-1:111122223333:secret:app"
		for _, id := range []string{"app", arn, arn + "-" + "a1B2c3"} {
			if value, err := get(id); err != nil || !strings.Contains(value, hook) {
				t.Errorf("%s: %v", id, err)
			}
		}
		if _, err := get("other"); code(err) != "AccessDeniedException" || strings.Contains(err.Error(), hook) {
			t.Errorf("a secret without a grant: %v", err)
		}
	})
	operator := secretsmanager.NewFromConfig(awsConfig(c, region, "operator"))
	_, err := operator.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("nope")})
	if !is[*secrettypes.ResourceNotFoundException](err) {
		t.Errorf("no such secret: %v", err)
	}
}

// The function may do what its role says, in AWS's words where it may not.
func TestFunctionCallsWithItsRole(t *testing.T) {
	c := newCloud(t, nil)
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	asFunction(t, c, func(ctx context.Context, cfg aws.Config, _ FunctionEnv) {
		client := cloudtrail.NewFromConfig(cfg)
		if _, err := client.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: aws.String(mainTrail)}); err != nil {
			t.Error(err)
		}
		_, err := client.StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: aws.String(mainTrail)})
		if code(err) != "AccessDeniedException" ||
			!strings.Contains(err.Error(), "because no identity-based policy allows the cloudtrail:StopLogging action") {
			t.Errorf("got %v", err)
		}
	})
}

func TestFunctionEnvironment(t *testing.T) {
	c := newCloud(t, nil)
	asFunction(t, c, func(_ context.Context, _ aws.Config, env FunctionEnv) {
		if got := env.Getenv("URL"); got != "example.amazonaws.com/${Literal}" {
			t.Errorf("URL is %q", got)
		}
		if env.Getenv("AWS_REGION") != region || env.Getenv("AWS_ENDPOINT_URL") != c.Endpoint() || env.Getenv("NOPE") != "" {
			t.Error("the environment is not Lambda's")
		}
	})
}

// Whatever host the function asks, the request stays on loopback.
func TestNothingLeavesTheMachine(t *testing.T) {
	c := newCloud(t, nil)
	asFunction(t, c, func(ctx context.Context, _ aws.Config, env FunctionEnv) {
		for url, want := range map[string]int{
			hook:                   http.StatusOK,
			"https://example.com/": http.StatusForbidden,
			"https://example.com/services/T0/B0/hook": http.StatusNotFound,
		} {
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(`{"text":"x"}`))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := env.HTTP.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			if err := resp.Body.Close(); err != nil {
				t.Error(err)
			}
			if resp.StatusCode != want {
				t.Errorf("%s: %d, want %d", url, resp.StatusCode, want)
			}
		}
	})
}

func TestListensOnLoopbackOnly(t *testing.T) {
	_, err := New(Options{
		Template: smallTemplate(t),
		Account:  account,
		Region:   region,
		Listen:   "0.0.0.0:0",
		Secrets:  map[string]string{"app": `{"webhook":"` + hook + `"}`},
	})
	if err == nil || !strings.Contains(err.Error(), "want a loopback address") {
		t.Errorf("got %v", err)
	}
}
