package history

import (
	"errors"
	"fmt"

	"trailkeeper/lambda/internal/awscall"
)

// failed words the error of a call. The sentence is the same for the same reason.
func failed(region string, err error) error {
	code := awscall.Code(err)
	switch {
	case awscall.Denied(err):
		return &callError{
			ErrRefused,
			"the event history of " + region + " may not be read: the permission cloudtrail:LookupEvents is missing, or a " +
				"policy denies it",
		}
	case awscall.Throttled(err):
		return &callError{
			ErrUnanswered,
			"CloudTrail throttled LookupEvents in " + region + "; others in the account use up its two calls a second",
		}
	case code != "" && !awscall.Passing(err):
		return &callError{ErrRefused, fmt.Sprintf("CloudTrail refused LookupEvents in %s with %.60s", region, code)}
	case code != "":
		return &callError{ErrUnanswered, fmt.Sprintf("CloudTrail failed LookupEvents in %s with %.60s", region, code)}
	}
	return &callError{
		ErrUnanswered,
		"the event history of " + region + " could not be read: " + awscall.Unreached("CloudTrail", err),
	}
}

// callError is one of the reasons for no answer, in a sentence.
type callError struct {
	kind     error
	sentence string
}

// Error is the sentence.
func (e *callError) Error() string { return e.sentence }

// Is says of which kind it is.
func (e *callError) Is(target error) bool { return errors.Is(e.kind, target) }
