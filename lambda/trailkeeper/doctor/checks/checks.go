// Package checks lists what is asked of a deployment. The packages below it ask: package own about the stack and its
// parts, package trails about what the guard keeps, package channels about who is told, and package account about what is
// around the deployment.
//
// A check reads with the operator's credentials and gives a verdict; what it may not read, or not as a whole, is unknown,
// never ok. It changes nothing, shows no secret, and prints nothing.
package checks

import (
	"context"

	"trailkeeper/lambda/trailkeeper/doctor/checks/account"
	"trailkeeper/lambda/trailkeeper/doctor/checks/channels"
	"trailkeeper/lambda/trailkeeper/doctor/checks/own"
	"trailkeeper/lambda/trailkeeper/doctor/checks/parts"
	"trailkeeper/lambda/trailkeeper/doctor/checks/trails"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// Check asks one thing of a deployment. It gives no verdict where the deployment has nothing of the kind.
type Check func(ctx context.Context, d *deployed.Deployment) []verdict.Verdict

// All lists the checks in the order in which their verdicts are shown.
func All() []Check {
	return []Check{
		own.Stack, own.Guard, own.Warden, account.Concurrency, trails.Trails, trails.Baselines, trails.Evidence, own.Rules,
		channels.Secret, channels.Webhook, channels.BotToken, channels.Destinations, channels.Subscriptions,
		own.Alarms, own.Queues, channels.Heartbeat,
		account.Guardrail, account.Delegated, account.Lake, account.Telemetry, parts.Parts,
	}
}
