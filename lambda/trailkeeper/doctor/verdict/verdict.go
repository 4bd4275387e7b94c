// Package verdict is what a check of a deployment says: how it stands, in one sentence, and what to do about it. It knows
// no check, no AWS client and no form of output.
package verdict

import (
	"strings"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/trailkeeper/cli"
)

// Status is how something stands. The values are part of the command's JSON.
type Status string

// The statuses. What could not be read is unknown, and never ok.
const (
	OK      Status = "ok"
	Unknown Status = "unknown"
	Warning Status = "warning"
	Error   Status = "error"
)

// Statuses lists them, the best first.
func Statuses() []Status { return []Status{OK, Unknown, Warning, Error} }

// Verdict is what one check says.
type Verdict struct {
	Check  string `json:"check"`
	Status Status `json:"status"`
	// Says is one sentence. It may hold names that AWS gave, and no secret.
	Says string `json:"says"`
	// Do is what to do; empty where there is nothing to do.
	Do string `json:"do,omitempty"`
	// Fix are commands for a shell that do it, or a part of it; none where only a human can.
	Fix []string `json:"fix,omitempty"`
}

// Good says that a check found nothing wrong.
func Good(check, says string) Verdict { return Verdict{Check: check, Status: OK, Says: says} }

// Warn says that something should be put right.
func Warn(check, says, do string, fix ...string) Verdict {
	return Verdict{Check: check, Status: Warning, Says: says, Do: do, Fix: fix}
}

// Bad says that the deployment does not do what it is for.
func Bad(check, says, do string, fix ...string) Verdict {
	return Verdict{Check: check, Status: Error, Says: says, Do: do, Fix: fix}
}

// Unseen says that a check could not tell.
func Unseen(check, says, do string) Verdict {
	return Verdict{Check: check, Status: Unknown, Says: says, Do: do}
}

// Refused says that a call failed on which a check rests: doing is what was being done, such as "list the alarms", and
// permission the IAM action that it needs. Words are for the codes that the check knows, without "Exception".
func Refused(check, doing, permission string, err error, words map[string]string) Verdict {
	do := "Run it again; if it lasts, look the error up in the service's API reference."
	switch {
	case awscall.Denied(err):
		do = "Allow " + permission + " to these credentials, and run it again."
	case awscall.Code(err) == notImplemented:
		return Unseen(check, "This endpoint, which is not AWS's, does not have "+permission+".", "Look at it in AWS.")
	}
	says := sanitize.Bound(cli.Explain(doing, permission, err, words).Error(), 300)
	return Unseen(check, strings.ToUpper(says[:1])+strings.TrimRight(says[1:], ".")+".", do)
}

// notImplemented is what emulators answer to an operation that they do not have.
const notImplemented = "NotImplemented"

// Command is a command with its arguments quoted for a POSIX shell.
func Command(args ...string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		quoted[i] = quote(a)
	}
	return strings.Join(quoted, " ")
}

// quote is an argument as a POSIX shell takes it: as it is where no character means anything to it, else in single
// quotes.
func quote(arg string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-"
	if arg != "" && strings.Trim(arg, plain) == "" {
		return arg
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}
