package secret

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// anyName is a Secrets Manager that knows every name.
type anyName func() (*secretsmanager.GetSecretValueOutput, error)

func (f anyName) GetSecretValue(
	context.Context,
	*secretsmanager.GetSecretValueInput,
	...func(*secretsmanager.Options),
) (
	*secretsmanager.GetSecretValueOutput, error,
) {
	return f()
}

// TestNoErrorShowsTheSecret: neither what was read, nor a name that is a credential, nor what a cause quotes, whatever
// goes wrong with reading, the first time and again.
func TestNoErrorShowsTheSecret(t *testing.T) {
	const said = "https://hooks.slack.com/services/T0/B0/SECRET xoxb-1-SECRET"
	leaky := errors.New(said)
	answered := func(status int) error {
		return &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}},
			Err:      leaky,
		}
	}
	var failures []error
	for _, code := range []string{
		"ResourceNotFoundException", "AccessDeniedException", "DecryptionFailure",
		"InvalidRequestException", "InvalidParameterException", "InternalServiceError",
		"ThrottlingException", "Unknown",
	} {
		failures = append(failures, &smithy.GenericAPIError{Code: code, Message: "there is no xoxb-1-SECRET"})
	}
	wire := []error{
		leaky,
		&url.Error{Op: "Post", URL: said, Err: leaky},
		&net.OpError{Op: "dial", Err: leaky},
		&smithy.OperationError{ServiceID: "S", Err: leaky},
		fmt.Errorf(
			"%s: %w",
			said,
			context.DeadlineExceeded,
		),
		fmt.Errorf("%s: %w", said, context.Canceled),
		fmt.Errorf("%s: %w", said, io.EOF),
		answered(200),
		answered(403),
		answered(500),
	}
	texts := []*string{
		nil,
		new(""),
		new(said),
		new(`"` + said + `"`),
		new(`{"webhook":"` + said),
		new(`{"webhook":["` + said + `"]}`),
		new(`{"bot_token":{"x":"` + said + `"}}`),
		new(`{"other":"` + said + `"}`),
		new(`["` + said + `"]`),
	}
	check := func(id string, out *string, err error) {
		t.Helper()
		r := New(anyName(func() (*secretsmanager.GetSecretValueOutput, error) {
			return &secretsmanager.GetSecretValueOutput{SecretString: out}, err
		}), id, at(new(time.Unix(0, 0))))
		for _, read := range []func(context.Context) (Value, error){r.Get, r.Refresh} {
			v, got := read(t.Context())
			if got == nil || strings.Contains(got.Error(), "SECRET") || errors.Is(got, leaky) || !v.Empty() ||
				strings.Contains(got.Error(), "\n") {
				t.Errorf("%q, %v: %v", id, err, got)
			}
		}
	}
	for _, id := range []string{"xoxb-1-SECRET", "https://hooks.slack.com/services/T0/B0/SECRET"} {
		for _, err := range append(failures, wire...) {
			check(id, nil, err)
		}
	}
	for _, id := range []string{name, "xoxb-1-SECRET"} {
		for _, err := range wire {
			check(id, nil, err)
		}
		for _, text := range texts {
			check(id, text, nil)
		}
	}
}
