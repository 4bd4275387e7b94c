package simulate

import (
	"time"

	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/localcloud"
)

// approvedChange lets the attacker, who is no attacker then, change the trail's settings for two hours.
func approvedChange() exception.List {
	return exception.List{Approvals: []exception.Approval{{
		Principal: in("", account).ARN("iam", "user/mallory"),
		Events:    []string{"UpdateTrail"},
		Trail:     exception.AnyTrail,
		Reason:    "move to the new bucket",
		Expires:   localcloud.Start.Add(approvedFor),
	}}}
}

const approvedFor = 2 * time.Hour

// sweeps are what the scheduled sweep finds, and what it leaves alone.
func sweeps() []Scenario {
	return []Scenario{
		{
			Name:   "event-lost",
			Title:  "the only trail is stopped, and its event never arrives",
			sweeps: true,
			state:  withInsights,
			act:    unseen(stopLogging),
			checks: checks(
				restored(),
				found("not_logging", "restored", "no event arrived"),
				writesOnly("StartLogging"),
				swept(),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
		{
			Name:     "weakened-unseen",
			Title:    "seven fields are weakened, and the event never arrives",
			Recreate: true,
			sweeps:   true,
			act:      unseen(weakenSevenFields),
			checks: checks(
				putBack(),
				found("weakened", "restored", "no event arrived"),
				writesOnly("UpdateTrail"),
				swept(),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
		{
			Name:     "deleted-unseen",
			Title:    "a trail with a baseline is deleted, and the event never arrives",
			Recreate: true,
			sweeps:   true,
			act:      unseen(deleteTrail),
			checks: checks(
				putBack(),
				found("missing", "restored", "created again"),
				writesOnly("CreateTrail", "StartLogging"),
				swept(),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
		{
			Name:   "delivery-broken",
			Title:  "a bucket policy keeps CloudTrail from delivering; no call concerns the trail",
			sweeps: true,
			act:    denyBucket,
			checks: checks(
				untouched(),
				found("delivery_error", "notified_only", "AccessDenied"),
				harmless(),
				swept(),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
		{
			Name:       "approved-change",
			Title:      "a change that was approved is made, and a sweep follows",
			Recreate:   true,
			sweeps:     true,
			exceptions: approvedChange(),
			act:        thenSweep(updateTrail),
			checks:     checks(told("approved"), outcome("approved"), harmless(), swept(), handled(), calm(), safe(), sound()),
		},
		{
			Name:       "approval-expired",
			Title:      "a change that was approved is still there when the approval is over",
			Recreate:   true,
			sweeps:     true,
			exceptions: approvedChange(),
			act:        thenLaterSweep(updateTrail, approvedFor),
			checks: checks(
				putBack(),
				told("approved"),
				found("weakened", "restored", "expired at"),
				writesOnly("UpdateTrail"),
				swept(),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
		{
			Name:   "fight-of-stops",
			Title:  "the trail is stopped thirty times in a row",
			act:    again(30, stopLogging),
			checks: checks(restored(), told("and restored"), startedEachTime(30), safe(), sound()),
		},
		{
			Name:     "fight-of-updates",
			Title:    "digests are turned off thirty times in a row, which the attempt cap ends; then a sweep follows",
			Recreate: true,
			sweeps:   true,
			act:      thenSweep(again(30, withoutDigests)),
			checks: checks(
				putBack(),
				escalatedOnce(),
				found("weakened", "restored", ""),
				cappedAt(10),
				swept(),
				safe(),
				sound(),
			),
		},
		{
			Name:       "poisoned-baseline",
			Title:      "the recorded baseline of a trail is forged so that a restore would redirect its logs",
			Recreate:   true,
			sweeps:     true,
			records:    true,
			undeclared: true,
			act:        poison,
			checks: checks(
				notRedirected(),
				guardedTable(),
				told("Only a declared baseline may set or remove it"),
				outcome("partly_restored"),
				writesOnly("UpdateTrail"),
				swept(),
				handled(),
				alarmed(),
				safe(),
				sound(),
			),
		},
		{
			Name:   "table-write",
			Title:  "somebody who may do everything in the account writes into the state table",
			needs:  needsTable,
			act:    replaceItem,
			checks: checks(guardedTable(), untouched(), toldToNobody(), silentTowardsCloudTrail(), calm(), safe(), sound()),
		},
		{
			Name:       "baseline-recorded",
			Title:      "a sweep records a healthy trail that no baseline declares, and another follows",
			sweeps:     true,
			records:    true,
			undeclared: true,
			act:        sweepTwice,
			checks: checks(
				found("recorded", "notified_only", "was recorded"),
				keptVersion(),
				noNews(),
				harmless(),
				swept(),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
		{
			Name:     "two-sweeps",
			Title:    "seven fields are weakened, the event never arrives, and two sweeps start at the same moment",
			Recreate: true,
			sweeps:   true,
			act:      twoSweepsAfter(weakenSevenFields),
			checks: checks(
				putBack(),
				found("weakened", "restored", "no event arrived"),
				toldTimes(1, 2, "weakened", "was found weaker than its baseline"),
				swept(),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
		{
			Name:     "table-gone",
			Title:    "the state table is deleted, then a trail with a baseline is weakened",
			Recreate: true,
			act:      withoutTable(weakenSevenFields),
			checks: checks(
				putBack(),
				told("the state table"),
				outcome("restored"),
				writesOnly("UpdateTrail"),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
	}
}
