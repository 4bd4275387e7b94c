package verdict

import (
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/trailkeeper/cli"
)

// Refused says that a call failed on which a check rests: doing is what was being done, such as "list the alarms", and
// permission the IAM action that it needs. Words are for the codes that the check knows, without "Exception".
func Refused(check, doing, permission string, err error, words map[string]string) []Verdict {
	do := "Run it again; if it lasts, look the error up in the service's API reference."
	switch {
	case awscall.Denied(err), awscall.Code(err) == "AuthorizationError": // SNS's word for it
		do = Allow(permission)
	case awscall.Code(err) == notImplemented:
		return Unseen(check, "This endpoint, which is not AWS's, does not have "+permission+".", "Look at it in AWS.")
	}
	return Unseen(check, Sentence(sanitize.Bound(cli.Explain(doing, permission, err, words).Error(), 300)), do)
}

// notImplemented is what emulators answer to an operation that they do not have.
const notImplemented = "NotImplemented"

// Allow is what to do where a permission is missing.
func Allow(permission string) string {
	return "Allow " + permission + " to these credentials, and run it again."
}

// Rest says that a list of AWS's was longer than what is read of it, so that the check cannot tell. What names the list,
// such as "event data stores".
func Rest(check, what string) []Verdict {
	return Unseen(check, "There are more "+what+" than are looked at, and the rest may be otherwise.", "Look at the rest in AWS.")
}
