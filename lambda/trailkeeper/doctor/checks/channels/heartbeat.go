package channels

import (
	"context"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/heartbeat"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// Heartbeat judges whether a service outside of AWS is pinged by the guard, and by a warden of the stack. It pings
// nobody: that would vouch for a sweep.
func Heartbeat(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "heartbeat"
	if !d.Guard.Known() {
		return verdict.Unseen(name, "Whether a service outside of AWS is pinged is not known, as the guard's settings are not.",
			"Put right what the guard's line says, and run it again.")
	}
	h := d.Guard.Settings.Heartbeat
	if !h.Set() {
		return verdict.Warn(name, "No service outside of AWS waits for the guard: nobody says so if the account is lost.",
			"Set heartbeat.guard; see Heartbeat in cdk/README.md.")
	}
	s := d.Secret(ctx)
	all := pinged(name, "guard", h, s)
	if w := d.Warden; w.Known() && w.Settings.Heartbeat.Set() {
		all = append(all, pinged("warden's beat", "warden", w.Settings.Heartbeat, s)...)
	}
	return all
}

// pinged judges the URL of one function.
func pinged(name, who string, h config.Heartbeat, s deployed.Secret) []verdict.Verdict {
	text := s.Value.Other(h.Key)
	switch {
	case h.Secret != s.Name:
		return verdict.Bad(name, "The "+who+" is told another secret for its URL than the stack has.",
			"Deploy with --revert-drift, and find out who changed its environment (UpdateFunctionConfiguration).")
	case !s.Readable():
		return verdict.Unseen(name, "The "+who+"'s URL is not known, as the secret could not be read.", readSecret)
	case text.Empty():
		return verdict.Bad(name, `The secret has no text under "`+h.Key+`": the `+who+" pings nobody.",
			"Store the heartbeat's URL under it.")
	}
	if why := heartbeat.Refused(text); why != "" {
		return verdict.Bad(name, `The text under "`+h.Key+`" `+why+".", "Correct the secret; the next run pings.")
	}
	return verdict.Good(name, "The "+who+` is set to ping the URL under "`+h.Key+`" after each run that saw everything.`)
}
