package checks

import (
	"context"

	"trailkeeper/lambda/internal/heartbeat"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// heartbeatURL judges whether a service outside of AWS is pinged. It pings nobody: that would vouch for a sweep.
func heartbeatURL(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "heartbeat"
	h, s := d.Guard.Settings.Heartbeat, d.Secret(ctx)
	if d.Guard.Err != nil {
		return one(verdict.Unseen(name, "Whether a service outside of AWS is pinged is not known, as the guard's settings are not.",
			"Allow lambda:GetFunctionConfiguration to these credentials, and run it again."))
	}
	switch {
	case !h.Set():
		return one(verdict.Warn(name, "No service outside of AWS waits for the guard: nobody says so if the account is lost.",
			"Set heartbeat.guard; see Heartbeat in cdk/README.md."))
	case !s.Readable():
		return one(verdict.Unseen(name, "The URL is not known, as the secret could not be read.",
			"Allow secretsmanager:GetSecretValue to these credentials, and run it again."))
	case s.Value.Other(h.Key).Empty():
		return one(verdict.Bad(name, `The secret has no text under "`+h.Key+`": the guard pings nobody.`,
			"Store the heartbeat's URL under it."))
	}
	if why := heartbeat.Refused(s.Value.Other(h.Key)); why != "" {
		return one(verdict.Bad(name, `The text under "`+h.Key+`" `+why+".", "Correct the secret; the next sweep pings."))
	}
	return one(verdict.Good(name, `The guard pings the URL under "`+h.Key+`" after each sweep that saw everything.`))
}
