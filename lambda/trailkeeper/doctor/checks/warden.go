package checks

import (
	"context"

	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// warden judges whether the function that checks the guard is there, and whether it would take its settings.
func warden(_ context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "warden"
	switch {
	case d.Guard.Err != nil && d.Warden.Name == "":
		return one(verdict.Unseen(name, "Whether there is a warden is not known, as the guard's settings are not.",
			"Allow lambda:GetFunctionConfiguration to these credentials, and run it again."))
	case d.Warden.Name == "" && d.Guard.Settings.WardenMode == "":
		return one(verdict.Warn(name, "There is no warden: nobody checks the guard's own parts.", "Set warden.enabled and deploy."))
	case d.Warden.Name == "":
		return one(verdict.Unseen(name, "The warden is in another Region, as the stack "+d.Stack+"-warden, and was not looked at.",
			"Look at its stack there (warden.region); the guard's sweep checks it."))
	}
	if v, wrong := function(name, d.Warden); wrong {
		return one(v)
	}
	return one(verdict.Good(name, "The warden's function is there, in mode "+string(d.Warden.Settings.Mode)+"."))
}
