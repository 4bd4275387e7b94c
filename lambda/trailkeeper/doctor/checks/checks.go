// Package checks is what is asked of a deployment, one check a file. A check reads with the operator's credentials and
// gives a verdict; what it may not read is unknown, never ok. It changes nothing, shows no secret, and prints nothing.
package checks

import (
	"context"

	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// Check asks one thing of a deployment. It gives no verdict where the deployment has nothing of the kind.
type Check func(ctx context.Context, d *deployed.Deployment) []verdict.Verdict

// All lists the checks in the order in which their verdicts are shown.
func All() []Check {
	return []Check{
		stack, guard, warden, concurrency, trails, baselines, rules, secret, webhook, botToken, destinations, topic, alarms, queues,
		heartbeatURL, guardrail, organization, lake, telemetry,
	}
}

// one is a single verdict.
func one(v verdict.Verdict) []verdict.Verdict { return []verdict.Verdict{v} }

// mostPages bounds how many pages of a list are asked for.
const mostPages = 20
