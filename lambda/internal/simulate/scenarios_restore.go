package simulate

import "time"

// restores are attacks on a trail that has a declared baseline, in mode recreate.
func restores() []Scenario {
	return []Scenario{
		{
			Name:     "seven-fields-restored",
			Title:    "one UpdateTrail weakens seven fields of a trail with a baseline",
			Recreate: true,
			act:      weakenSevenFields,
			checks: checks(
				putBack(),
				told("and restored"),
				outcome("restored"),
				writesOnly("UpdateTrail"),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
		{
			Name:     "selectors-restored",
			Title:    "the selectors of a trail with a baseline are replaced by ones without management events",
			Recreate: true,
			act:      putSelectors,
			checks: checks(
				putBack(),
				told("and restored"),
				outcome("restored"),
				writesOnly("PutEventSelectors"),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
		{
			Name:     "half-blind-restored",
			Title:    "a trail with a baseline is set to read-only events",
			Recreate: true,
			act:      halfBlind,
			checks: checks(
				putBack(),
				told("and restored"),
				outcome("restored"),
				writesOnly("PutEventSelectors"),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
		{
			Name:     "source-excluded-restored",
			Title:    "advanced selectors hide one service from a trail with a baseline",
			Recreate: true,
			act:      excludeSource,
			checks: checks(
				putBack(),
				told("and restored"),
				outcome("restored"),
				writesOnly("PutEventSelectors"),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
		{
			Name:     "selectors-rewritten",
			Title:    "basic selectors are replaced by advanced ones that record the same",
			Recreate: true,
			act:      rewriteSelectors,
			checks:   checks(told("no weakening drift"), outcome("no_drift"), harmless(), handled(), calm(), safe(), sound()),
		},
		{
			Name:     "trail-strengthened",
			Title:    "Insights are turned on for a trail whose baseline has none",
			Recreate: true,
			act:      strengthen,
			checks:   checks(told("no weakening drift"), outcome("no_drift"), harmless(), handled(), calm(), safe(), sound()),
		},
		{
			Name:     "trail-recreated",
			Title:    "a trail with a baseline is deleted",
			Recreate: true,
			act:      deleteTrail,
			checks: checks(
				putBack(),
				told("and restored"),
				outcome("restored"),
				writesOnly("CreateTrail", "StartLogging"),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
		{
			Name: "created-weaker",
			Title: "of two trails the one with a baseline is deleted, the event never arrives, and a weaker one takes its " +
				"name",
			Recreate: true,
			act:      beside(inTurn(time.Minute, lost(deleteTrail), createWeaker)),
			checks: checks(
				putBack(),
				saidByGuard("created and restored"),
				writesOnly("StartLogging", "UpdateTrail"),
				safe(),
				sound(),
			),
		},
		{
			Name:     "bucket-gone",
			Title:    "a trail with a baseline is deleted by somebody who first deleted its bucket",
			Recreate: true,
			act:      withoutBucket(deleteTrail),
			checks:   checks(told("bucket does not exist"), outcome("cannot_restore"), handled(), alarmed(), safe(), sound()),
		},
	}
}
