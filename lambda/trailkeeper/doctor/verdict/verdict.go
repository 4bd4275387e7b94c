// Package verdict is what a check of a deployment says: how it stands, in one sentence, and what to do about it. It knows
// no check, no AWS client and no form of output.
package verdict

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
func Good(check, says string) []Verdict { return []Verdict{{Check: check, Status: OK, Says: says}} }

// Warn says that something should be put right.
func Warn(check, says, do string, fix ...string) []Verdict {
	return []Verdict{{Check: check, Status: Warning, Says: says, Do: do, Fix: fix}}
}

// Bad says that the deployment does not do what it is for.
func Bad(check, says, do string, fix ...string) []Verdict {
	return []Verdict{{Check: check, Status: Error, Says: says, Do: do, Fix: fix}}
}

// Unseen says that a check could not tell.
func Unseen(check, says, do string) []Verdict {
	return []Verdict{{Check: check, Status: Unknown, Says: says, Do: do}}
}
