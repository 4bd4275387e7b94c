// Package own is what is asked about the stack and its parts: functions, rules, alarms and queues. What its code does, and
// what its rules match, it does not ask: the warden compares them.
package own

import (
	"context"
	"slices"
	"strings"

	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// whole are the statuses of a stack whose last deployment went through (CloudFormation User Guide, "Stack status codes").
var whole = []string{"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}

// Stack judges whether the last deployment went through, and whether the stack can be deleted by one call.
func Stack(_ context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name, read = "stack", "Read its events, correct what they name, and deploy."
	is := "The stack " + d.Stack + " is " + d.Status
	events := d.AWSCommand("cloudformation", "describe-stack-events", "--stack-name", d.Stack)
	switch {
	case strings.HasSuffix(d.Status, "_FAILED"):
		return verdict.Bad(name, is+".", read, events)
	case strings.HasSuffix(d.Status, "_IN_PROGRESS"):
		return verdict.Warn(name, is+": what follows may change.", "Run it again afterwards.")
	case d.Status == "ROLLBACK_COMPLETE":
		return verdict.Bad(name, is+": its first deployment failed, and there is nothing of it.",
			"Read its events, correct what they name, delete the stack and deploy.", events)
	case strings.Contains(d.Status, "ROLLBACK"):
		return verdict.Warn(name, "The last deployment of "+d.Stack+" was rolled back ("+d.Status+").", read, events)
	case !slices.Contains(whole, d.Status):
		return verdict.Unseen(name, is+", which says nothing of its last deployment.", "Look at the stack in CloudFormation.")
	case !d.Protected:
		return verdict.Warn(name, is+", and one call deletes it.",
			"Set terminationProtection in the settings and deploy, or protect it now.",
			d.AWSCommand("cloudformation", "update-termination-protection", "--enable-termination-protection", "--stack-name", d.Stack))
	}
	return verdict.Good(name, is+" and protected from deletion.")
}
