package localcloud

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Every kind of fault does what it says: what the caller sees, whether the call took effect, and how much virtual time
// went by.
func TestFaultKinds(t *testing.T) {
	for name, tt := range map[string]struct {
		fault  Fault
		want   func(error) bool
		effect bool
		passed time.Duration
	}{
		"none": {Fault{Service: "sqs", Kind: FaultError}, ok, true, 0},
		"error": {
			Fault{Kind: FaultError, Status: 503, Code: "ServiceUnavailable"},
			func(err error) bool { return code(err) == "ServiceUnavailable" }, false, 0,
		},
		"garbage":   {Fault{Kind: FaultGarbage, Status: 502}, func(err error) bool { return err != nil }, false, 0},
		"lost":      {Fault{Kind: FaultLost}, isEOF, true, 0},
		"dropped":   {Fault{Kind: FaultDropped}, isEOF, false, 0},
		"timeout":   {Fault{Kind: FaultTimeout}, isLate, false, 3 * time.Second},
		"slow":      {Fault{Kind: FaultSlow, Delay: 2 * time.Second}, ok, true, 2 * time.Second},
		"too slow":  {Fault{Kind: FaultSlow, Delay: 20 * time.Second}, isLate, true, 3 * time.Second},
		"other op":  {Fault{Operation: "Subscribe", Kind: FaultDropped}, ok, true, 0},
		"other one": {Fault{About: "another-topic", Kind: FaultDropped}, ok, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t, nil)
			if tt.fault.Service == "" {
				tt.fault.Service = "sns"
			}
			injected := c.Inject(tt.fault)
			asFunction(t, c, func(ctx context.Context, cfg aws.Config, env FunctionEnv) {
				before := c.Now()
				ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
				defer cancel()
				_, err := sns.NewFromConfig(cfg).Publish(ctx,
					&sns.PublishInput{TopicArn: aws.String(env.Getenv("TOPIC")), Message: aws.String("m")})
				if !tt.want(err) {
					t.Errorf("got %v", err)
				}
				if got := c.Now().Sub(before); got != tt.passed {
					t.Errorf("%s went by, want %s", got, tt.passed)
				}
			})
			accepted := 0
			for _, e := range of(c, KindSNS) {
				if e.Err == "" {
					accepted++
				}
			}
			if (accepted == 1) != tt.effect {
				t.Errorf("%d messages", accepted)
			}
			reached := injected.Reached() == 1
			if idle := name == "none" || strings.HasPrefix(name, "other"); reached == idle {
				t.Errorf("reached %t", reached)
			}
		})
	}
}

func isEOF(err error) bool  { return errors.Is(err, io.EOF) }
func isLate(err error) bool { return errors.Is(err, context.DeadlineExceeded) }

// A fault lets so many calls through first, and ends after so many.
func TestFaultAfterAndTimes(t *testing.T) {
	c := newCloud(t, nil)
	i := c.Inject(Fault{
		Service:    "slack",
		Operation:  "webhook",
		Kind:       FaultError,
		After:      1,
		Times:      2,
		Status:     http.StatusTooManyRequests,
		Code:       "rate_limited",
		RetryAfter: 7 * time.Second,
	})
	asFunction(t, c, func(ctx context.Context, _ aws.Config, env FunctionEnv) {
		var got []string
		for range 4 {
			req, _ := http.NewRequestWithContext(ctx, http.MethodPost, hook, strings.NewReader(`{"text":"x"}`))
			resp, err := env.HTTP.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, http.StatusText(resp.StatusCode)+resp.Header.Get("Retry-After"))
			if err := resp.Body.Close(); err != nil {
				t.Error(err)
			}
		}
		if strings.Join(got, ",") != "OK,Too Many Requests7,Too Many Requests7,OK" || i.Reached() != 2 {
			t.Errorf("got %v, reached %d", got, i.Reached())
		}
		c.Inject(Fault{
			Service:   "slack",
			Operation: "chat.postMessage",
			Kind:      FaultError,
			Times:     1,
			Status:    http.StatusOK,
			Code:      "channel_not_found",
		})
		answer := callSlack(t, env, "https://slack.com/api/chat.postMessage", "xoxb-1", `{"channel":"C1","text":"x"}`)
		if answer["ok"] != false || answer["error"] != "channel_not_found" {
			t.Errorf("got %v", answer)
		}
	})
}

// Every operation that the guard uses can be made to fail, and the fault is counted.
func TestFaultsOfEveryService(t *testing.T) {
	c := stateCloud(t, nil)
	for op, do := range map[string]func(context.Context, aws.Config) error{
		"cloudtrail DescribeTrails": func(ctx context.Context, cfg aws.Config) error {
			_, err := cloudtrail.NewFromConfig(cfg).DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{})
			return err
		},
		"dynamodb GetItem": func(ctx context.Context, cfg aws.Config) error {
			_, err := dynamodb.NewFromConfig(cfg).GetItem(ctx,
				&dynamodb.GetItemInput{TableName: aws.String("t"), Key: map[string]types.AttributeValue{}})
			return err
		},
		"secretsmanager GetSecretValue": func(ctx context.Context, cfg aws.Config) error {
			_, err := secretsmanager.NewFromConfig(cfg).GetSecretValue(ctx,
				&secretsmanager.GetSecretValueInput{SecretId: aws.String("app")})
			return err
		},
		"sqs SendMessage": func(ctx context.Context, cfg aws.Config) error {
			_, err := sqs.NewFromConfig(cfg).SendMessage(ctx,
				&sqs.SendMessageInput{QueueUrl: aws.String("https://q"), MessageBody: aws.String("x")})
			return err
		},
	} {
		service, name, _ := strings.Cut(op, " ")
		i := c.Inject(Fault{
			Service:   service,
			Operation: name,
			By:        "operator",
			Kind:      FaultDropped,
		})
		if err := do(t.Context(), awsConfig(c, region, "operator")); !isEOF(err) || i.Reached() != 1 {
			t.Errorf("%s: %v, reached %d", op, err, i.Reached())
		}
		i.End()
	}
}

// A run that waits for an answer until its own end was stopped there: nothing that its code does afterwards happens.
func TestNothingAfterTheEndOfARun(t *testing.T) {
	var late []error
	c := newCloud(t, func(ctx context.Context, env FunctionEnv, _ []byte) error {
		call := func() error {
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, hook, strings.NewReader(`{"text":"x"}`))
			if err != nil {
				return err
			}
			resp, err := env.HTTP.Do(req)
			if err == nil {
				err = resp.Body.Close()
			}
			return err
		}
		_ = call() // never answered
		late = append(late, call())
		return nil
	})
	c.Inject(Fault{Service: "slack", Kind: FaultTimeout, Times: 1})
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	if err := stopMain(t, c); err != nil {
		t.Fatal(err)
	}
	if err := c.Settle(); err != nil {
		t.Fatal(err)
	}
	if runs := of(c, KindInvoked); len(runs) != 2 || late[0] == nil ||
		!strings.Contains(late[0].Error(), "when its time was over") || late[1] != nil ||
		!strings.HasPrefix(runs[0].Err, "task timed out") || runs[1].Err != "" {
		t.Errorf("late %v, runs %+v", late, runs)
	}
}

// EventBridge repeats a post to Slack whose answer was lost: the channel shows it twice.
func TestLostAnswerOfAnAPIDestination(t *testing.T) {
	c := newCloud(t, nil)
	i := c.Inject(Fault{
		Service: "slack",
		By:      ViaDestination,
		Kind:    FaultLost,
		Times:   1,
	})
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	if err := stopMain(t, c); err != nil {
		t.Fatal(err)
	}
	run(t, c)
	if got := c.Channels()["secret:webhook"]; len(got) != 2 || i.Reached() != 1 {
		t.Errorf("posted %+v, reached %d", got, i.Reached())
	}
}
