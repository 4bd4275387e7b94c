package checks

import (
	"context"
	"strings"

	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// stack judges whether the last deployment went through, and whether the stack can be deleted by one call.
func stack(_ context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "stack"
	switch {
	case strings.HasSuffix(d.Status, "_FAILED"):
		return one(verdict.Bad(name, "The stack "+d.Stack+" is "+d.Status+".", "Read its events, correct what they name, and deploy.",
			verdict.Command("aws", "cloudformation", "describe-stack-events", "--stack-name", d.Stack)))
	case strings.HasSuffix(d.Status, "_IN_PROGRESS"):
		return one(verdict.Warn(name, "The stack "+d.Stack+" is "+d.Status+": what follows may change.", "Run it again afterwards."))
	case strings.Contains(d.Status, "ROLLBACK"):
		return one(verdict.Warn(name, "The last deployment of "+d.Stack+" was rolled back ("+d.Status+").",
			"Read its events, correct what they name, and deploy.",
			verdict.Command("aws", "cloudformation", "describe-stack-events", "--stack-name", d.Stack)))
	case !d.Protected:
		return one(verdict.Warn(name, "The stack "+d.Stack+" is "+d.Status+", and one call deletes it.",
			"Set terminationProtection in the settings and deploy, or protect it now.",
			verdict.Command("aws", "cloudformation", "update-termination-protection", "--enable-termination-protection",
				"--stack-name", d.Stack)))
	}
	return one(verdict.Good(name, "The stack "+d.Stack+" is "+d.Status+" and protected from deletion."))
}
