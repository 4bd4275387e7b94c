package scenarios

import (
	"time"

	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/stage"
)

// restores are attacks on a trail that has a declared baseline, in mode recreate.
func restores() []Scenario {
	return []Scenario{
		{
			Name:     "seven-fields-restored",
			Title:    "one UpdateTrail weakens seven fields of a trail with a baseline",
			Recreate: true,
			Act:      act.WeakenSevenFields,
			Checks:   check.All(check.PutBackAndTold("UpdateTrail"), check.Quiet()),
		},
		{
			Name:     "selectors-restored",
			Title:    "the selectors of a trail with a baseline are replaced by ones without management events",
			Recreate: true,
			Act:      act.PutSelectors,
			Checks:   check.All(check.PutBackAndTold("PutEventSelectors"), check.Quiet()),
		},
		{
			Name:     "half-blind-restored",
			Title:    "a trail with a baseline is set to read-only events",
			Recreate: true,
			Act:      act.HalfBlind,
			Checks:   check.All(check.PutBackAndTold("PutEventSelectors"), check.Quiet()),
		},
		{
			Name:     "source-excluded-restored",
			Title:    "advanced selectors hide one service from a trail with a baseline",
			Recreate: true,
			Act:      act.ExcludeSource,
			Checks:   check.All(check.PutBackAndTold("PutEventSelectors"), check.Quiet()),
		},
		{
			Name:     "selectors-rewritten",
			Title:    "basic selectors are replaced by advanced ones that record the same",
			Recreate: true,
			Act:      act.RewriteSelectors,
			Checks:   check.All(check.Told("no weakening drift"), check.Outcome("no_drift"), check.Harmless(), check.Quiet()),
		},
		{
			Name:     "trail-strengthened",
			Title:    "Insights are turned on for a trail whose baseline has none",
			Recreate: true,
			Act:      act.Strengthen,
			Checks:   check.All(check.Told("no weakening drift"), check.Outcome("no_drift"), check.Harmless(), check.Quiet()),
		},
		{
			Name:     "trail-recreated",
			Title:    "a trail with a baseline is deleted",
			Recreate: true,
			Act:      act.DeleteTrail,
			Checks:   check.All(check.PutBackAndTold("CreateTrail", "StartLogging"), check.Quiet()),
		},
		{
			Name: "created-weaker",
			Title: "of two trails the one with a baseline is deleted, the event never arrives, and a weaker one takes its " +
				"name",
			Recreate: true,
			Act:      act.Beside(act.InTurn(time.Minute, act.Lost(act.DeleteTrail), act.CreateWeaker)),
			Checks: check.All(
				check.PutBack(), check.SaidByGuard("created and restored"), check.WritesOnly("StartLogging", "UpdateTrail"),
				check.Safe(), check.Sound(),
			),
		},
		{
			Name:     "bucket-gone",
			Title:    "a trail with a baseline is deleted by somebody who first deleted its bucket",
			Recreate: true,
			Act:      act.WithoutBucket(act.DeleteTrail),
			Checks: check.All(
				check.Told("bucket does not exist"), check.Outcome("cannot_restore"), check.Handled(), check.Alarmed(),
				check.Safe(), check.Sound(),
			),
		},
	}
}

// dependencies are changes that weaken nothing today and make a trail depend on what somebody else holds.
func dependencies() []Scenario {
	return []Scenario{
		{
			Name:     "key-added",
			Title:    "a KMS key, a topic and a prefix are added to a trail whose baseline has none",
			Recreate: true,
			Act:      act.AddDependencies,
			Checks: check.All(
				check.PutBack(), check.Told("and restored"), check.Told("without it, nobody can read them"),
				check.Outcome("restored"), check.WritesOnly("UpdateTrail"), check.Quiet(),
			),
		},
		{
			Name:     "key-exchanged",
			Title:    "the KMS key of a trail is exchanged for another of the same account",
			Recreate: true,
			Setup:    stage.Setup{State: stage.Encrypted},
			Act:      act.ExchangeKey,
			Checks:   check.All(check.PutBackAndTold("UpdateTrail"), check.Quiet()),
		},
	}
}
