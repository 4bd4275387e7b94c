// Package secret reads the deployment's one secret from Secrets Manager. It keeps the value in memory for a few
// minutes, and shows it to nobody: no error, log line or formatted value holds it. It does not judge whether a key
// works, and it writes no secret.
package secret

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/clock"
)

// ttl is how long a value that was read is used without asking again.
const ttl = 5 * time.Minute

const (
	// retryAfter is how long a value that could not be read again is used before the next try.
	retryAfter = 30 * time.Second
	// maxAgain bounds reading again while there is a value to fall back on.
	maxAgain = 2 * time.Second
)

type getSecretValueAPI interface {
	GetSecretValue(
		context.Context,
		*secretsmanager.GetSecretValueInput,
		...func(*secretsmanager.Options),
	) (*secretsmanager.GetSecretValueOutput, error)
}

// Reader reads one secret. It is safe for concurrent use.
type Reader struct {
	client getSecretValueAPI
	id     string
	clock  clock.Clock
	any    bool // a secret without Slack's keys will do

	mu     sync.Mutex
	value  Value
	readAt time.Time // zero: never read
}

// New returns a reader of the secret with this name or ARN. The client's own retries are to be off.
func New(client getSecretValueAPI, id string, clk clock.Clock) *Reader {
	return &Reader{client: client, id: id, clock: clk}
}

// NewOfAny is New for a caller that needs a key of its own: a secret without Slack's keys is no error.
func NewOfAny(client getSecretValueAPI, id string, clk clock.Clock) *Reader {
	return &Reader{client: client, id: id, clock: clk, any: true}
}

// Format prints no more than which secret is read, whatever the verb.
func (r *Reader) Format(s fmt.State, _ rune) { fmt.Fprint(s, "reader of "+Named(r.id)) }

// Get returns the secret, read at most ttl ago. Where Secrets Manager fails but the secret was read before, that value
// is returned: an old key that may still work is better than none. The error is one sentence that names the secret and
// what to do.
func (r *Reader) Get(ctx context.Context) (Value, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.readAt.IsZero() && r.clock.Now().Sub(r.readAt) < ttl {
		return r.value, nil
	}
	if r.readAt.IsZero() {
		return r.read(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, maxAgain)
	defer cancel()
	v, err := r.read(ctx)
	if err != nil {
		r.readAt = r.clock.Now().Add(retryAfter - ttl)
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
		return Value{}, r.fail(r.explain(err), awscall.Passing(err))
	}
	v, err := parse(out)
	if err != nil {
		return Value{}, r.fail(err.Error(), false)
	}
	if v.Empty() && !r.any {
		return Value{}, r.fail(`it has neither of the keys "webhook" and "bot_token"; add one`, false)
	}
	r.value, r.readAt = v, r.clock.Now()
	return v, nil
}

func (r *Reader) fail(why string, passing bool) error {
	return &unread{"read " + Named(r.id) + ": " + why, passing}
}

// unread is why a secret could not be read.
type unread struct {
	why     string
	passing bool
}

// Error is one sentence.
func (u *unread) Error() string { return u.why }

// Passing reports whether an error of Get or Refresh says that the secret may be read a moment later: the service or
// the network failed. Of any other somebody must correct the secret, its policy or the settings.
func Passing(err error) bool {
	u, ok := errors.AsType[*unread](err)
	return ok && u.passing
}

// errForm never wraps the decoder's error, which can quote the value.
var errForm = errors.New(
	`it is not a JSON object; store {"webhook": "https://…"} or {"bot_token": "xoxb-…"} as its text`,
)

// parse reads every key that has a text. What else is there is for other uses, but under our own keys.
func parse(out *secretsmanager.GetSecretValueOutput) (Value, error) {
	if out == nil || out.SecretString == nil {
		return Value{}, errForm
	}
	var keys map[string]json.RawMessage
	if json.Unmarshal([]byte(*out.SecretString), &keys) != nil || keys == nil {
		return Value{}, errForm
	}
	texts := make(map[string]string, len(keys))
	for name, raw := range keys {
		var text string
		if json.Unmarshal(raw, &text) == nil {
			texts[name] = text
		}
	}
	var errs []string
	for _, name := range []string{KeyWebhook, keyBotToken} {
		if _, isText := texts[name]; keys[name] != nil && !isText {
			errs = append(errs, fmt.Sprintf("its key %q is not a text", name))
		}
	}
	if len(errs) > 0 {
		return Value{}, errors.New(strings.Join(errs, "; "))
	}
	return NewValue(texts), nil
}

// explain turns an error of GetSecretValue into one sentence (Secrets Manager API reference, GetSecretValue, Errors).
func (r *Reader) explain(err error) string {
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
	if code := awscall.Code(err); code != "" && !nameable(r.id) {
		return "Secrets Manager refused the call with " + code // its own words may repeat the name
	}
	return awscall.Other("Secrets Manager", err)
}
