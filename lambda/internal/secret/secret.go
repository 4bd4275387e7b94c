// Package secret reads the deployment's one secret from Secrets Manager. It keeps the value in memory for a few minutes, and shows it
// to nobody: no error, log line or formatted value holds it. It does not judge whether a key works, and it writes no secret.
package secret

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/clock"
)

// TTL is how long a value that was read is used without asking again.
const TTL = 5 * time.Minute

const (
	// retryAfter is how long a value that could not be read again is used before the next try.
	retryAfter = 30 * time.Second
	// mostAgain bounds reading again while there is a value to fall back on.
	mostAgain = 2 * time.Second
)

// Value is the secret's content. It prints as "[redacted]".
type Value struct {
	Webhook  string // JSON key "webhook": the URL of a Slack incoming webhook
	BotToken string // JSON key "bot_token": a Slack bot token
}

const redacted = "[redacted]"

// String hides the value.
func (Value) String() string { return redacted }

// GoString hides the value.
func (Value) GoString() string { return redacted }

// LogValue hides the value.
func (Value) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON hides the value.
func (Value) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

type getSecretValueAPI interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

// Reader reads one secret. It is safe for concurrent use.
type Reader struct {
	client getSecretValueAPI
	id     string
	clock  clock.Clock

	mu     sync.Mutex
	value  Value
	readAt time.Time // zero: never read
}

// New returns a reader of the secret with this name or ARN. The client's own retries are to be off.
func New(client getSecretValueAPI, id string, clk clock.Clock) *Reader {
	return &Reader{client: client, id: id, clock: clk}
}

// ID is the secret's name or ARN, for messages.
func (r *Reader) ID() string { return r.id }

// Get returns the secret, read at most TTL ago. Where Secrets Manager fails but the secret was read before, that value is returned: an
// old key that may still work is better than none. The error is one sentence that names the secret and what to do.
func (r *Reader) Get(ctx context.Context) (Value, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.readAt.IsZero() && r.clock.Now().Sub(r.readAt) < TTL {
		return r.value, nil
	}
	if r.readAt.IsZero() {
		return r.read(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, mostAgain)
	defer cancel()
	v, err := r.read(ctx)
	if err != nil {
		r.readAt = r.clock.Now().Add(retryAfter - TTL)
		return r.value, nil //nolint:nilerr // the contract: a value read before stands in for one that cannot be read
	}
	return v, nil
}

// Refresh reads the secret now, for a caller whose key was refused.
func (r *Reader) Refresh(ctx context.Context) (Value, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.read(ctx)
}

func (r *Reader) read(ctx context.Context) (Value, error) {
	var out *secretsmanager.GetSecretValueOutput
	err := awscall.Do(ctx, r.clock, func(ctx context.Context) (err error) {
		out, err = r.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(r.id)})
		return err
	})
	if err != nil {
		return Value{}, r.fail(explain(err))
	}
	v, err := parse(out)
	if err != nil {
		return Value{}, r.fail(err.Error())
	}
	r.value, r.readAt = v, r.clock.Now()
	return v, nil
}

func (r *Reader) fail(why string) error { return fmt.Errorf("read secret %.200q: %s", r.id, why) }

// errForm never wraps the decoder's error, which can quote the value.
var errForm = errors.New(`it is not a JSON object; store {"webhook": "https://…"} or {"bot_token": "xoxb-…"} as its text`)

// parse reads the keys that are ours; other keys may be there for other uses.
func parse(out *secretsmanager.GetSecretValueOutput) (Value, error) {
	if out == nil || out.SecretString == nil {
		return Value{}, errForm
	}
	var keys map[string]json.RawMessage
	if json.Unmarshal([]byte(*out.SecretString), &keys) != nil || keys == nil {
		return Value{}, errForm
	}
	var v Value
	var errs []string
	for _, k := range []struct {
		name string
		to   *string
	}{{"webhook", &v.Webhook}, {"bot_token", &v.BotToken}} {
		if raw, ok := keys[k.name]; ok && json.Unmarshal(raw, k.to) != nil {
			errs = append(errs, fmt.Sprintf("its key %q is not a text", k.name))
		}
		*k.to = strings.TrimSpace(*k.to)
	}
	if len(errs) > 0 {
		return Value{}, errors.New(strings.Join(errs, "; "))
	}
	if v == (Value{}) {
		return Value{}, errors.New(`it has neither of the keys "webhook" and "bot_token"; add one`)
	}
	return v, nil
}

// explain turns an error of GetSecretValue into one sentence (Secrets Manager API reference, GetSecretValue, Errors).
func explain(err error) string {
	switch code := awscall.Code(err); code {
	case "ResourceNotFound":
		return "there is no such secret; create it in this Region and account, or correct its name in the settings"
	case "AccessDenied":
		if strings.Contains(err.Error(), "KMS") {
			return "the function's role may not use its key; set secretKeyArn in the settings and deploy again"
		}
		return "the function's role may not read it; deploy again to grant secretsmanager:GetSecretValue"
	case "DecryptionFailure":
		return "its key cannot decrypt it; enable the key, and set secretKeyArn so that the role may use it"
	case "InvalidRequest":
		return "it cannot be read in its state; if it is scheduled for deletion, restore it"
	case "InvalidParameter":
		return "Secrets Manager does not take this name; correct it in the settings"
	}
	return awscall.Other("Secrets Manager", err)
}
