package secret

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"

	"trailkeeper/lambda/internal/clock"
)

const (
	name  = "trailkeeper/slack"
	value = "xoxb-SECRET"
)

type getFunc func() (string, error)

func (f getFunc) GetSecretValue(_ context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (
	*secretsmanager.GetSecretValueOutput, error,
) {
	if *in.SecretId != name {
		return nil, errors.New("another secret was asked for")
	}
	s, err := f()
	if err != nil {
		return nil, err
	}
	return &secretsmanager.GetSecretValueOutput{SecretString: aws.String(s)}, nil
}

func at(now *time.Time) clock.Clock {
	c := clock.Real()
	c.Now = func() time.Time { return *now }
	c.Sleep = func(context.Context, time.Duration) error { return nil }
	return c
}

func TestGetKeepsForTTL(t *testing.T) {
	now, calls, fail := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC), 0, false
	r := New(getFunc(func() (string, error) {
		if calls++; fail {
			return "", &types.InternalServiceError{}
		}
		return fmt.Sprintf(`{"webhook":" https://h/%d ","bot_token":"t","other":{"x":1}}`, calls), nil
	}), name, at(&now))
	get := func(want string, wantCalls int) {
		t.Helper()
		v, err := r.Get(t.Context())
		if err != nil || v.Webhook != want || v.BotToken != "t" || calls != wantCalls {
			t.Errorf("webhook is not %q, or %d calls, want %d, or %v", want, calls, wantCalls, err)
		}
	}
	get("https://h/1", 1)
	now = now.Add(TTL - time.Second)
	get("https://h/1", 1)
	now = now.Add(time.Second)
	get("https://h/2", 2)
	if v, err := r.Refresh(t.Context()); err != nil || v.Webhook != "https://h/3" {
		t.Errorf("Refresh: %v", err)
	}
	get("https://h/3", 3)
	fail, now = true, now.Add(TTL)
	get("https://h/3", 3+3) // a failing service, after three tries: the value read before stands in
	get("https://h/3", 3+3) // and is not asked at once again
	if _, err := r.Refresh(t.Context()); err == nil {
		t.Error("Refresh hides a failure")
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		content string
		err     error
		want    string
	}{
		{"", &types.ResourceNotFoundException{}, "there is no such secret; create it"},
		{"", &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "User is not authorized"}, "the function's role may not read it"},
		{"", &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "Access to KMS is not allowed"}, "the function's role may not use its key"},
		{"", &types.DecryptionFailure{}, "its key cannot decrypt it"},
		{"", &types.InvalidRequestException{}, "it cannot be read in its state"},
		{"", &types.InvalidParameterException{}, "Secrets Manager does not take this name"},
		{"", &types.InternalServiceError{}, "Secrets Manager failed with InternalServiceError, three times"},
		{"", context.DeadlineExceeded, "Secrets Manager did not answer in time"},
		{value, nil, "it is not a JSON object"},
		{`"` + value + `"`, nil, "it is not a JSON object"},
		{`{"bot_token":"` + value, nil, "it is not a JSON object"},
		{"null", nil, "it is not a JSON object"},
		{`{"bot_token":["` + value + `"]}`, nil, `its key "bot_token" is not a text`},
		{`{"token":"` + value + `"}`, nil, `it has neither of the keys "webhook" and "bot_token"`},
		{`{"webhook":" ","bot_token":null}`, nil, "it has neither of the keys"},
	} {
		now := time.Unix(0, 0)
		_, err := New(getFunc(func() (string, error) { return c.content, c.err }), name, at(&now)).Get(t.Context())
		if err == nil || !strings.HasPrefix(err.Error(), `read secret "trailkeeper/slack": `+c.want) {
			t.Errorf("error %q, want %q", err, c.want)
		}
		if strings.Contains(fmt.Sprint(err), "SECRET") {
			t.Error("an error shows the value")
		}
	}
}

func TestValueHidesItself(t *testing.T) {
	v := Value{Webhook: "https://SECRET", BotToken: value}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "value", v, "pointer", &v)
	j, err := json.Marshal(map[string]any{"v": v, "p": &v})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{fmt.Sprintf("%v %+v %#v %s %q", v, v, v, v, v), fmt.Sprintf("%v %+v", &v, []Value{v}), log.String(), string(j)} {
		if strings.Contains(s, "SECRET") {
			t.Error("a formatted value shows the secret")
		}
	}
}
