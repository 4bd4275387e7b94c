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

func (f getFunc) GetSecretValue(
	_ context.Context,
	in *secretsmanager.GetSecretValueInput,
	_ ...func(*secretsmanager.Options),
) (
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
		if err != nil || v.Webhook.Reveal() != want || v.BotToken.Reveal() != "t" || calls != wantCalls {
			t.Errorf("webhook is not %q, or %d calls, want %d, or %v", want, calls, wantCalls, err)
		}
	}
	get("https://h/1", 1)
	now = now.Add(ttl - time.Second)
	get("https://h/1", 1)
	now = now.Add(time.Second)
	get("https://h/2", 2)
	if v, err := r.Refresh(t.Context()); err != nil || v.Webhook.Reveal() != "https://h/3" {
		t.Errorf("Refresh: %v", err)
	}
	get("https://h/3", 3)
	fail, now = true, now.Add(ttl)
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
		{
			"", &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "User is not authorized"},
			"the function's role may not read it",
		},
		{
			"", &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "Access to KMS is not allowed"},
			"the function's role may not use its key",
		},
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

// holder has a reader and a value where fmt calls no method.
type holder struct {
	reader *Reader
	inner  struct {
		value Value
		key   Key
	}
	api interface {
		Get(context.Context) (Value, error)
	}
}

func TestNothingShowsTheValue(t *testing.T) {
	now := time.Unix(0, 0)
	const content = `{"webhook":"https://SECRET","bot_token":"` + value +
		`","prod":"https://SECRET/prod","https://SECRET/key":"x"}`
	r := New(getFunc(func() (string, error) { return content, nil }), name, at(&now))
	v, err := r.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h := holder{reader: r, api: r}
	h.inner.value, h.inner.key = v, v.Webhook
	for _, x := range []any{
		r, v, &v, v.Webhook, &v.BotToken,
		[]Value{v},
		map[string]Key{"k": v.Webhook},
		v.Other("prod"), h, &h,
		[]*Reader{r},
		struct{ r *Reader }{r},
	} {
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "x", x)
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "x", x)
		j, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		printed := log.String() + string(j)
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			printed += fmt.Sprintf(verb, x)
		}
		if strings.Contains(printed, "SECRET") || strings.Contains(printed, fmt.Sprintf("%x", "SECRET")) {
			t.Errorf("a printed %T shows the secret", x)
		}
	}
	if got, want := fmt.Sprintf("%+v", r), `reader of secret "trailkeeper/slack"`; got != want {
		t.Errorf("a reader prints as %s, want %s", got, want)
	}
}

func TestEqual(t *testing.T) {
	all := func() map[string]string {
		return map[string]string{KeyWebhook: "https://h", keyBotToken: "t", "prod": "https://p"}
	}
	v := NewValue(all())
	if !v.Equal(NewValue(all())) || v.Empty() || (Value{}).Equal(v) || !(Value{}).Equal(NewValue(nil)) {
		t.Error("values do not compare by their texts")
	}
	for name := range all() {
		changed, missing, renamed := all(), all(), all()
		changed[name] += "2"
		delete(missing, name)
		delete(renamed, name)
		renamed[name+"2"] = all()[name]
		for _, other := range []Value{NewValue(changed), NewValue(missing), NewValue(renamed)} {
			if v.Equal(other) || other.Equal(v) {
				t.Errorf("a value equals one with another %s", name)
			}
		}
	}
}

func TestOther(t *testing.T) {
	now := time.Unix(0, 0)
	content := `{"webhook":"https://h","bot_token":" t ","prod":" https://p\n","empty":" ",
		"number":1,"list":["https://l"],"null":null}`
	v, err := New(getFunc(func() (string, error) { return content, nil }), name, at(&now)).Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"webhook":   "https://h",
		"bot_token": "t",
		"prod":      "https://p",
		"empty":     "",
		"number":    "",
		"list":      "",
		"null":      "",
		"Prod":      "",
		"":          "",
		"none":      "",
	} {
		if got := v.Other(name); got.Reveal() != want || got.Empty() != (want == "") {
			t.Errorf("key %q has another text than %q", name, want)
		}
	}
	if got := (Value{}).Other("prod"); !got.Empty() {
		t.Error("an empty value has a text")
	}
}

func TestNamedKey(t *testing.T) {
	hidden := "the key (name not shown, as it may be a credential; correct it in the settings)"
	for name, want := range map[string]string{
		"webhook":                                `key "webhook"`,
		"prod_EU-2":                              `key "prod_EU-2"`,
		strings.Repeat("k", 64):                  `key "` + strings.Repeat("k", 64) + `"`,
		"":                                       hidden,
		strings.Repeat("k", 65):                  hidden,
		"a b":                                    hidden,
		"xoxb-0000-SECRET":                       hidden,
		"https://hooks.example/SECRET":           hidden,
		"é":                                      hidden,
		"T0ABCDEFG/B0ABCDEFG/SECRETSECRETSECRET": hidden,
		"k@example":                              hidden,
	} {
		if got := NamedKey(name); got != want {
			t.Errorf("NamedKey(%.20q) = %s, want %s", name, got, want)
		}
	}
}

func TestNameThatIsACredentialIsNotShown(t *testing.T) {
	const hidden = "read the secret (name not shown, as it may be a credential; correct it in the settings): "
	for id, want := range map[string]string{
		"https://hooks.slack.com/services/T0ABCDEFG/B0ABCDEFG/SECRETSECRETSECRET": hidden,
		"hooks.slack.com/services/SECRET":                                         hidden,
		"T0ABCDEFG/B0ABCDEFG/SECRETSECRETSECRET":                                  hidden,
		"xoxb-SECRET":                                                             hidden,
		`{"bot_token":"SECRET"}`:                                                  hidden,
		"https://example.com/hook/SECRET":                                         hidden,
		"prod/trailkeeper_slack-2+x=y.z@w": `read secret ` +
			`"prod/trailkeeper_slack-2+x=y.z@w": `,
		"arn:aws:secretsmanager:eu-west-1:1:secret:s": `read secret ` +
			`"arn:aws:secretsmanager:eu-west-1:1:secret:s": `,
	} {
		for _, cause := range []error{
			&types.ResourceNotFoundException{}, errors.New("no credentials"), context.DeadlineExceeded,
			&types.InternalServiceError{},
			&smithy.GenericAPIError{Code: "ValidationException", Message: "Value '" + id + "' at 'secretId' failed to satisfy " +
				"constraint"},
		} {
			now := time.Unix(0, 0)
			api := anyFunc(func() error { return cause })
			r := New(api, id, at(&now))
			_, err := r.Get(t.Context())
			if err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("error %q, want %q", err, want)
			}
			if strings.Contains(fmt.Sprintf("%v %+v %#v %v", err, err, err, r), "SECRET") {
				t.Errorf("a name is shown that is a credential, with %T", cause)
			}
		}
	}
}

// anyFunc fails for every secret.
type anyFunc func() error

func (f anyFunc) GetSecretValue(
	context.Context,
	*secretsmanager.GetSecretValueInput,
	...func(*secretsmanager.Options),
) (
	*secretsmanager.GetSecretValueOutput, error,
) {
	return nil, f()
}
