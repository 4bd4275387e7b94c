package guard

import (
	"strings"

	"trailkeeper/events"
)

// principal is who made a call, without anything that a caller may choose for each one.
func principal(rec events.Record) string {
	id := rec.Identity
	arn := id.ARN
	if a, err := events.ParseARN(arn); err == nil {
		arn = a.WithoutSession().String()
	}
	who, _, _ := strings.Cut(id.PrincipalID, ":")
	return first(id.IssuerARN, arn, who, id.InvokedBy, id.AccountID)
}
