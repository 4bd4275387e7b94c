package scenarios

import (
	"time"

	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/stage"
)

// approvals are about changes that are announced, and about those who only claim that theirs are.
func approvals() []Scenario {
	list := act.DeployMay("UpdateTrail", "PutEventSelectors", "StopLogging")
	return []Scenario{
		{
			Name:     "forged-approval",
			Title:    "somebody hands the guard a record of an approved change, and then makes that change; the event is lost",
			Recreate: true,
			Sweeps:   true,
			Setup:    stage.Setup{Exceptions: list},
			Act:      act.ThenSweeps(5, act.ForgedUpdate()),
			Checks: check.All(
				check.PutBack(),
				check.Found("false_approval", "notified_only", "A record claimed an approval that CloudTrail does not know"),
				check.WritesOnly("UpdateTrail"), check.NoGoodNews(), check.Swept(), check.Safe(), check.Sound(),
			),
		},
		{
			Name:     "raced-approval",
			Title:    "a second after an approved change somebody else changes more of the trail",
			Recreate: true,
			Sweeps:   true,
			Setup:    stage.Setup{Exceptions: list},
			Act:      act.ThenSweeps(4, act.RacedUpdate()),
			Checks: check.All(
				check.ApprovedBucket(act.NewBucket),
				check.Found("true_approval", "notified_only", "CloudTrail's event history confirms UpdateTrail"),
				check.WritesOnly("UpdateTrail"), check.Swept(), check.Safe(), check.Sound(),
			),
		},
		{
			Name:   "forged-approved-stop",
			Title:  "somebody hands the guard a record of an approved stop, and then stops logging; the event is lost",
			Sweeps: true,
			Setup:  stage.Setup{Exceptions: list},
			Act:    act.Timed(act.ThenSweeps(5, act.ForgedStop())),
			Needs:  need.Table,
			Checks: check.All(
				check.Restored(), check.DarkFor(10*time.Minute), check.NoGoodNews(),
				check.Found("false_approval", "notified_only", "A record claimed an approval that CloudTrail does not know"),
				check.Swept(), check.Safe(), check.Sound(),
			),
		},
		{
			Name:   "approved-stop",
			Title:  "an approved stop, which the event history confirms late",
			Sweeps: true,
			Setup:  stage.Setup{Exceptions: list},
			Needs:  need.Table,
			Act:    act.ThenSweeps(5, act.Late(12*time.Minute, act.AsDeploy(act.StopLogging))),
			Checks: check.All(
				check.StillOff(),
				check.Found("true_approval", "notified_only", "CloudTrail's event history confirms StopLogging"),
				check.Harmless(), check.NoGoodNews(), check.Swept(), check.Safe(), check.Sound(),
			),
		},
		{
			Name:     "approved-deletion",
			Title:    "an approved deletion, which the event history confirms",
			Recreate: true,
			Sweeps:   true,
			Setup:    stage.Setup{Exceptions: act.DeployMay("DeleteTrail")},
			Act:      act.ThenSweeps(4, act.Beside(act.AsDeploy(act.DeleteTrail))),
			Checks: check.All(
				check.Found("true_approval", "notified_only", "CloudTrail's event history confirms DeleteTrail"),
				check.Harmless(), check.Swept(), check.Safe(), check.Sound(),
			),
		},
		{
			Name:     "deleted-again",
			Title:    "an approved deletion, the trail is created again, and somebody else deletes it; the event is lost",
			Recreate: true,
			Sweeps:   true,
			Setup:    stage.Setup{Exceptions: act.DeployMay("DeleteTrail")},
			Act: act.ThenSweeps(
				4,
				act.Beside(act.ApprovedThenDeleted()),
			),
			Checks: check.All(
				check.PutBack(), check.Found("missing", "restored", "DeleteTrail by user mallory"), check.Swept(), check.Safe(),
				check.Sound(),
			),
		},
		{
			Name:     "approval-never-confirmed",
			Title:    "an approved change that the event history never shows",
			Recreate: true,
			Sweeps:   true,
			Setup:    stage.Setup{Exceptions: list},
			Act:      act.ThenSweeps(5, act.Late(24*time.Hour, act.AsDeploy(act.MoveBucket))),
			Checks: check.All(
				check.PutBack(),
				check.Found("false_approval", "notified_only", "A record claimed an approval that CloudTrail does not know"),
				check.WritesOnly("UpdateTrail"), check.Swept(), check.Safe(), check.Sound(),
			),
		},
		{
			Name:     "alias-approved",
			Title:    "an approved change names a key by its alias, and covers the key that it stood for",
			Recreate: true,
			Sweeps:   true,
			Setup:    stage.Setup{Exceptions: list},
			Act:      act.ThenSweeps(3, act.AsDeploy(act.UseAlias)),
			Checks: check.All(
				check.ApprovedKey(),
				check.Found("true_approval", "notified_only", "CloudTrail's event history confirms UpdateTrail"),
				check.Harmless(), check.Swept(), check.Safe(), check.Sound(),
			),
		},
		{
			Name:     "alias-abused",
			Title:    "the same, and then somebody else sets another key",
			Recreate: true,
			Sweeps:   true,
			Setup:    stage.Setup{Exceptions: list},
			Act:      act.ThenSweeps(3, act.InTurn(time.Minute, act.AsDeploy(act.UseAlias), act.ExchangeKey)),
			Checks:   check.All(check.PutBack(), check.WritesOnly("UpdateTrail"), check.Swept(), check.Safe(), check.Sound()),
		},
		{
			Name:     "two-calls-at-once",
			Title:    "settings and selectors are changed a moment apart, and the first restore undoes both",
			Recreate: true,
			Act:      act.Slowly(act.WithoutDigests, act.HalfBlind),
			Checks: check.All(
				check.PutBack(), check.ToldByBoth("PutEventSelectors"),
				check.SaidByGuard("already restored with the previous change"), check.Quiet(),
			),
		},
		{
			Name:   "actor-named",
			Title:  "the only trail is stopped, its event never arrives, and the event history knows who did it",
			Sweeps: true,
			Act:    act.Lost(act.ThenLaterSweep(act.StopLogging, 6*time.Minute)),
			Checks: check.All(
				check.Restored(), check.Found("not_logging", "restored", "StopLogging by user mallory"),
				check.Found("not_logging", "restored", "found in the event history; no event arrived"), check.Swept(),
				check.Safe(), check.Sound(),
			),
		},
		{
			Name:   "history-denied",
			Title:  "the only trail is stopped, its event never arrives, and the guard may not read the event history",
			Sweeps: true,
			Setup:  stage.Setup{Cloud: act.HistoryDenied},
			Act:    act.Lost(act.ThenLaterSweep(act.StopLogging, 6*time.Minute)),
			Checks: check.All(
				check.Restored(), check.Found("not_logging", "restored", "Who did it could not be looked up"), check.Swept(),
				check.Safe(), check.Sound(),
			),
		},
		{
			Name:   "actor-named-later",
			Title:  "the same, and the event history shows it only after the sweep has put logging back",
			Sweeps: true,
			Act:    act.Lost(act.ThenSweeps(2, act.StopLogging)),
			Checks: check.All(
				check.Restored(), check.Found("not_logging", "restored", "does not show who did it"),
				check.Found("named", "notified_only", "StopLogging by user mallory"), check.Swept(), check.Safe(), check.Sound(),
			),
		},
	}
}
