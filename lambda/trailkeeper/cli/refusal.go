package cli

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/aws/smithy-go"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/sanitize"
)

// Explain makes one sentence of an AWS call's error: what was being done, and what to do. Words are for the codes that
// the caller knows, without "Exception".
func Explain(doing, permission string, err error, words map[string]string) error {
	return errors.New(doing + ": " + explain(permission, err, words))
}

func explain(permission string, err error, words map[string]string) string {
	code, status := awscall.Code(err), awscall.Status(err)
	message := ""
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		message = strings.TrimRight(sanitize.Bound(api.ErrorMessage(), 300), ". ")
	}
	has := func(part string) bool { return strings.Contains(code, part) }
	switch {
	case words[code] != "":
		return words[code]
	case code == "" && status != 0:
		return fmt.Sprintf("the endpoint answered with status %d and nothing that AWS would say; "+
			"check the network and AWS_ENDPOINT_URL", status)
	case awscall.Unconnected(err):
		return "no connection could be made (" + lastWords(err) + "); check the network, the Region and AWS_ENDPOINT_URL"
	case code == "":
		return strings.TrimRight(sanitize.Bound(err.Error(), 400), ". ") +
			"; check the network, the Region and the credentials"
	case has("AccessDenied"):
		return "the permission " + permission + " is missing, or a policy denies it (" + cmp.Or(message, code) + ")"
	case has("ExpiredToken"), has("UnrecognizedClient"), has("InvalidClientTokenId"):
		return "AWS does not take the credentials (" + code + "); log in again, or name another profile with --profile"
	}
	return "AWS answered " + code + Choose(message != "", ": "+message, "") +
		"; look the code up in the service's API reference"
}

// lastWords is the reason that the network gave, without what each layer of the SDK put in front.
func lastWords(err error) string {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		err = op
	}
	return sanitize.Bound(err.Error(), 200)
}
