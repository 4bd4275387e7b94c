package reading

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/smithy-go"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/trail"
)

// maxReason bounds what is said about a part that cannot be read, in runes.
const maxReason = 400

// whyUnseen is one plain sentence about a part that could not be read. It is the same for the same reason, so that
// "cannot see" can be reported once: it names no request and counts no tries.
func whyUnseen(part trail.Part, err error) string {
	verb := "could not be read: "
	if awscall.Denied(err) {
		verb = "may not be read: "
	}
	return sanitize.Bound("The "+string(part)+" "+verb+why(permission(part), err)+".", maxReason)
}

// readError says in plain words why something could not be read.
type readError struct {
	sentence string
	err      error
}

// Error is one plain sentence.
func (e *readError) Error() string { return sanitize.Bound(e.sentence, maxReason) }

// Unwrap returns the error of the call.
func (e *readError) Unwrap() error { return e.err }

// permission is the IAM action that shows a part; its name is that of the call.
func permission(part trail.Part) string {
	call, _ := trail.ShownBy(part)
	return "cloudtrail:" + call
}

// why puts the error of a call in words.
func why(action string, err error) string {
	code, call := awscall.Code(err), strings.TrimPrefix(action, "cloudtrail:")
	message := ""
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		message = strings.TrimRight(sanitize.Bound(api.ErrorMessage(), 200), ". ")
	}
	switch {
	case awscall.Denied(err) && strings.Contains(message, "explicit deny"):
		return "a policy denies " + action
	case awscall.Denied(err):
		return "the permission " + action + " is missing"
	case code == "":
		return unanswered(call, err)
	case code == "TrailNotFound" || code == "ResourceNotFound":
		return call + " knows no such trail"
	case awscall.Throttled(err):
		return "CloudTrail throttled " + call + "; others in the account use up its ten calls a second"
	case awscall.Passing(err):
		return "CloudTrail failed " + call + " with " + code
	case message != "":
		return "CloudTrail refused " + call + " with " + code + ": " + message
	}
	return "CloudTrail refused " + call + " with " + code
}

// unanswered words an error that holds no answer of CloudTrail. It shows no address.
func unanswered(call string, err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return call + " was canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return "CloudTrail did not answer " + call + " in time"
	case awscall.Status(err) != 0:
		return "the endpoint answered " + call + " with what is no CloudTrail answer; check the endpoint settings"
	case awscall.Passing(err):
		return "CloudTrail could not be reached for " + call + "; check the network and the endpoint settings"
	default:
		return call + " could not be made; check the credentials and the endpoint settings"
	}
}
