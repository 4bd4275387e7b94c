package guard

import (
	"strings"

	"trailkeeper/events"
)

// principal is who made a call, without anything that a caller may choose for each one.
func principal(rec events.Record) string {
	id := rec.Identity
	arn := id.ARN
	for _, session := range []string{":assumed-role/", ":federated-user/"} {
		if before, after, ok := strings.Cut(arn, session); ok {
			role, _, _ := strings.Cut(after, "/")
			if arn = before + session + role; session == ":federated-user/" {
				arn = before + session // the name is the caller's own
			}
		}
	}
	who, _, _ := strings.Cut(id.PrincipalID, ":")
	return first(id.IssuerARN, arn, who, id.InvokedBy, id.AccountID)
}
