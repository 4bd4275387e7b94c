package scenarios

import (
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/stage"
)

// sweeps are what the scheduled sweep finds, and what it leaves alone.
func sweeps() []Scenario {
	return []Scenario{
		{
			Name:   "event-lost",
			Title:  "the only trail is stopped, and its event never arrives",
			Sweeps: true,
			Setup:  stage.Setup{State: stage.WithInsights},
			Act:    act.Unseen(act.StopLogging),
			Checks: check.All(
				check.Restored(), check.Found("not_logging", "restored", "no event arrived"), check.WritesOnly("StartLogging"),
				check.Swept(), check.Quiet(),
			),
		},
		{
			Name:     "weakened-unseen",
			Title:    "seven fields are weakened, and the event never arrives",
			Recreate: true,
			Sweeps:   true,
			Act:      act.Unseen(act.WeakenSevenFields),
			Checks: check.All(
				check.PutBack(), check.Found("weakened", "restored", "no event arrived"), check.WritesOnly("UpdateTrail"),
				check.Swept(), check.Quiet(),
			),
		},
		{
			Name:     "deleted-unseen",
			Title:    "a trail with a baseline is deleted, and the event never arrives",
			Recreate: true,
			Sweeps:   true,
			Act:      act.Unseen(act.DeleteTrail),
			Checks: check.All(
				check.PutBack(), check.Found("missing", "restored", "created again"),
				check.WritesOnly("CreateTrail", "StartLogging"), check.Swept(), check.Quiet(),
			),
		},
		{
			Name:   "delivery-broken",
			Title:  "a bucket policy keeps CloudTrail from delivering; no call concerns the trail",
			Sweeps: true,
			Act:    act.DenyBucket,
			Checks: check.All(
				check.Untouched(), check.Found("delivery_error", "notified_only", "AccessDenied"), check.Harmless(),
				check.Swept(), check.Quiet(),
			),
		},
		{
			Name:     "approved-change",
			Title:    "a change that was approved is made, and a sweep follows",
			Recreate: true,
			Sweeps:   true,
			Setup:    stage.Setup{Exceptions: act.ApprovedChange()},
			Act:      act.ThenSweep(act.UpdateTrail),
			Checks: check.All(
				check.Told("approved"), check.Outcome("approved"), check.Harmless(), check.Swept(), check.Quiet(),
			),
		},
		{
			Name:     "approval-expired",
			Title:    "a change that was approved is still there when the approval is over",
			Recreate: true,
			Sweeps:   true,
			Setup:    stage.Setup{Exceptions: act.ApprovedChange()},
			Act:      act.ThenLaterSweep(act.UpdateTrail, act.ApprovedFor),
			Checks: check.All(
				check.PutBack(), check.Told("approved"), check.Found("weakened", "restored", "expired at"),
				check.WritesOnly("UpdateTrail"), check.Swept(), check.Quiet(),
			),
		},
		{
			Name:  "fight-of-stops",
			Title: "the trail is stopped thirty times in a row",
			Act:   act.Again(30, act.StopLogging),
			Checks: check.All(
				check.Restored(), check.Told("and restored"), check.StartedEachTime(30), check.Safe(), check.Sound(),
			),
		},
		{
			Name:     "fight-of-updates",
			Title:    "digests are turned off thirty times in a row, which the attempt cap ends; then a sweep follows",
			Recreate: true,
			Sweeps:   true,
			Act:      act.ThenSweep(act.Again(30, act.WithoutDigests)),
			Checks: check.All(
				check.PutBack(), check.EscalatedOnce(), check.Found("weakened", "restored", ""), check.CappedAt(10),
				check.Swept(), check.Safe(), check.Sound(),
			),
		},
		{
			Name:     "poisoned-baseline",
			Title:    "the recorded baseline of a trail is forged so that a restore would redirect its logs",
			Recreate: true,
			Sweeps:   true,
			Records:  true,
			Setup:    stage.Setup{Undeclared: true},
			Act:      act.Poison,
			Checks: check.All(
				check.NotRedirected(), check.GuardedTable(), check.Told("Only a declared baseline may set or remove it"),
				check.Outcome("partly_restored"), check.WritesOnly("UpdateTrail"), check.Swept(), check.Handled(),
				check.Alarmed(), check.Safe(), check.Sound(),
			),
		},
		{
			Name:  "table-write",
			Title: "somebody who may do everything in the account writes into the state table",
			Needs: need.Table,
			Act:   act.ReplaceItem,
			Checks: check.All(
				check.GuardedTable(), check.Untouched(), check.ToldToNobody(), check.SilentTowardsCloudTrail(), check.Calm(),
				check.Safe(), check.Sound(),
			),
		},
		{
			Name:    "baseline-recorded",
			Title:   "a sweep records a healthy trail that no baseline declares, and another follows",
			Sweeps:  true,
			Records: true,
			Setup:   stage.Setup{Undeclared: true},
			Act:     act.SweepTwice(),
			Checks: check.All(
				check.Found("recorded", "notified_only", "was recorded"), check.KeptVersion(), check.NoNews(), check.Harmless(),
				check.Swept(), check.Quiet(),
			),
		},
		{
			Name:     "two-sweeps",
			Title:    "seven fields are weakened, the event never arrives, and two sweeps start at the same moment",
			Recreate: true,
			Sweeps:   true,
			Act:      act.TwoSweepsAfter(act.WeakenSevenFields),
			Checks: check.All(
				check.PutBack(), check.Found("weakened", "restored", "no event arrived"),
				check.FoundTimes(1, 2, "weakened", "was found weaker than its baseline"), check.Swept(), check.Quiet(),
			),
		},
		{
			Name:     "table-gone",
			Title:    "the state table is deleted, then a trail with a baseline is weakened",
			Recreate: true,
			Act:      act.WithoutTable(act.WeakenSevenFields),
			Checks: check.All(
				check.PutBack(), check.Told("the state table"), check.Outcome("restored"), check.WritesOnly("UpdateTrail"),
				check.Quiet(),
			),
		},
	}
}

// unreadables are attacks by somebody who has used up the account's reads of CloudTrail.
func unreadables() []Scenario {
	return []Scenario{
		{
			Name: "reads-exhausted",
			Title: "seven fields are weakened while every read of the trail is throttled; a sweep follows when reads work " +
				"again",
			Recreate: true,
			Sweeps:   true,
			Act:      act.ThenSweep(act.WhileThrottled(act.WeakenSevenFields)),
			Checks: check.All(
				check.PutBack(), check.Told("accepted, verification pending"), check.Outcome("accepted"),
				check.Found("confirmed", "notified_only", "was not confirmed then"), check.WritesOnly("UpdateTrail"),
				check.Swept(), check.Quiet(),
			),
		},
		{
			Name:     "reads-exhausted-selectors",
			Title:    "a trail is set to read-only events while every read of the trail is throttled",
			Recreate: true,
			Sweeps:   true,
			Act:      act.ThenSweep(act.WhileThrottled(act.HalfBlind)),
			Checks: check.All(
				check.PutBack(), check.Told("accepted, verification pending"), check.Outcome("accepted"),
				check.WritesOnly("PutEventSelectors"), check.Swept(), check.Quiet(),
			),
		},
	}
}
