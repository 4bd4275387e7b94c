package secret

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// TestGetAgainAfterAFailure: a value that could not be read again is used for 30 s, and then asked for, within two
// seconds.
func TestGetAgainAfterAFailure(t *testing.T) {
	now, calls, fail := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC), 0, false
	r := New(getFunc(func() (string, error) {
		if calls++; fail {
			return "", &types.ResourceNotFoundException{}
		}
		return `{"webhook":"https://h"}`, nil
	}), name, at(&now))
	for i, step := range []struct {
		after time.Duration
		fail  bool
		calls int
	}{
		{0, false, 1},
		{ttl - 1, true, 1},
		{1, true, 2}, // it fails, and the value read before stands in
		{30*time.Second - 1, true, 2},
		{1, true, 3},
		{30*time.Second - 1, false, 3},
		{1, false, 4},
		{ttl - 1, true, 4},
	} {
		now, fail = now.Add(step.after), step.fail
		if v, err := r.Get(t.Context()); err != nil || v.Webhook.Reveal() != "https://h" || calls != step.calls {
			t.Errorf("%d: %d calls, %v; want %d", i, calls, err, step.calls)
		}
	}
}

// contextFunc sees the context of a call.
type contextFunc func(context.Context) (*secretsmanager.GetSecretValueOutput, error)

func (f contextFunc) GetSecretValue(
	ctx context.Context,
	_ *secretsmanager.GetSecretValueInput,
	_ ...func(*secretsmanager.Options),
) (
	*secretsmanager.GetSecretValueOutput, error,
) {
	return f(ctx)
}

// TestTimeToReadAgain: the first reading has its three seconds a try; with a value to fall back on there are two in
// all.
func TestTimeToReadAgain(t *testing.T) {
	now, text := time.Now(), `{"webhook":"https://h"}`
	var left time.Duration
	r := New(contextFunc(func(ctx context.Context) (*secretsmanager.GetSecretValueOutput, error) {
		deadline, _ := ctx.Deadline()
		left = time.Until(deadline)
		return &secretsmanager.GetSecretValueOutput{SecretString: &text}, nil
	}), name, at(&now))
	if _, err := r.Get(t.Context()); err != nil || left > 3*time.Second || left <= 2*time.Second {
		t.Errorf("first: %v left, %v", left, err)
	}
	now = now.Add(ttl)
	if _, err := r.Get(t.Context()); err != nil || left > 2*time.Second || left <= time.Second {
		t.Errorf("again: %v left, %v", left, err)
	}
}

// TestNoText: a secret without a text, and no answer at all.
func TestNoText(t *testing.T) {
	now := time.Unix(0, 0)
	for _, out := range []*secretsmanager.GetSecretValueOutput{
		nil, {}, {SecretBinary: []byte(`{"webhook":"https://h"}`)},
	} {
		r := New(
			contextFunc(func(context.Context) (*secretsmanager.GetSecretValueOutput, error) { return out, nil }),
			name,
			at(&now),
		)
		if _, err := r.Get(t.Context()); err == nil || !strings.Contains(err.Error(), "it is not a JSON object") {
			t.Errorf("%+v: %v", out, err)
		}
	}
	both := New(getFunc(func() (string, error) { return `{"webhook":1,"bot_token":{},"other":2}`, nil }), name, at(&now))
	if _, err := both.Get(
		t.Context(),
	); err == nil ||
		!strings.HasSuffix(err.Error(), `: its key "webhook" is not a text; its key "bot_token" is not a text`) {
		t.Errorf("%v; want both at once", err)
	}
}

// TestNamedAtItsBounds: every character that a secret's name may have, its neighbours, and names that are too long to
// show.
func TestNamedAtItsBounds(t *testing.T) {
	const hidden = "the secret (name not shown, as it may be a credential; correct it in the settings)"
	for id, want := range map[string]string{
		"azAZ09/_+=.@:-":         `secret "azAZ09/_+=.@:-"`,
		strings.Repeat("n", 201): `secret "` + strings.Repeat("n", 200) + `"`,
		"a`":                     hidden,
		"a{":                     hidden,
		"a[":                     hidden,
		"a ":                     hidden,
		"a;":                     hidden,
		"a#":                     hidden,
		"a\n":                    hidden,
		"é":                      hidden,
		"a://b":                  hidden,
	} {
		if got := Named(id); got != want {
			t.Errorf("Named(%.20q) = %s, want %s", id, got, want)
		}
	}
}
