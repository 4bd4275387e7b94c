package simulate

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/localcloud"
)

// approvals are about changes that are announced, and about those who only claim that theirs are.
func approvals() []Scenario {
	list := deployMay("UpdateTrail", "PutEventSelectors", "StopLogging")
	return []Scenario{
		{
			Name:       "forged-approval",
			Title:      "somebody hands the guard a record of an approved change, and then makes that change; the event is lost",
			Recreate:   true,
			sweeps:     true,
			exceptions: list,
			act:        thenSweeps(5, forgedUpdate),
			checks: checks(
				putBack(),
				found("false_approval", "notified_only", "A record claimed an approval that CloudTrail does not know"),
				writesOnly("UpdateTrail"),
				noGoodNews(),
				swept(),
				safe(),
				sound(),
			),
		},
		{
			Name:       "raced-approval",
			Title:      "a second after an approved change somebody else changes more of the trail",
			Recreate:   true,
			sweeps:     true,
			exceptions: list,
			act:        thenSweeps(4, racedUpdate),
			checks: checks(
				approvedBucket(),
				found("true_approval", "notified_only", "CloudTrail's event history confirms UpdateTrail"),
				writesOnly("UpdateTrail"),
				swept(),
				safe(),
				sound(),
			),
		},
		{
			Name:       "forged-approved-stop",
			Title:      "somebody hands the guard a record of an approved stop, and then stops logging; the event is lost",
			sweeps:     true,
			exceptions: list,
			act:        timed(thenSweeps(5, forgedStop)),
			needs:      needsTable,
			checks: checks(
				restored(),
				darkFor(10*time.Minute),
				noGoodNews(),
				found(
					"false_approval",
					"notified_only",
					"A record claimed an approval that CloudTrail does not know",
				),
				swept(),
				safe(),
				sound(),
			),
		},
		{
			Name:       "approved-stop",
			Title:      "an approved stop, which the event history confirms late",
			sweeps:     true,
			exceptions: list,
			needs:      needsTable,
			act:        thenSweeps(5, late(12*time.Minute, asDeploy(stopLogging))),
			checks: checks(
				stillOff(),
				found("true_approval", "notified_only", "CloudTrail's event history confirms StopLogging"),
				harmless(),
				noGoodNews(),
				swept(),
				safe(),
				sound(),
			),
		},
		{
			Name:       "approved-deletion",
			Title:      "an approved deletion, which the event history confirms",
			Recreate:   true,
			sweeps:     true,
			exceptions: deployMay("DeleteTrail"),
			act:        thenSweeps(4, beside(asDeploy(deleteTrail))),
			checks: checks(
				found("true_approval", "notified_only", "CloudTrail's event history confirms DeleteTrail"),
				harmless(),
				swept(),
				safe(),
				sound(),
			),
		},
		{
			Name:       "deleted-again",
			Title:      "an approved deletion, the trail is created again, and somebody else deletes it; the event is lost",
			Recreate:   true,
			sweeps:     true,
			exceptions: deployMay("DeleteTrail"),
			act: thenSweeps(
				4,
				beside(inTurn(time.Minute, asDeploy(deleteTrail), asDeploy(createWeaker), lost(deleteTrail))),
			),
			checks: checks(
				putBack(),
				found("missing", "restored", "DeleteTrail by user mallory"),
				swept(),
				safe(),
				sound(),
			),
		},
		{
			Name:       "approval-never-confirmed",
			Title:      "an approved change that the event history never shows",
			Recreate:   true,
			sweeps:     true,
			exceptions: list,
			act:        thenSweeps(5, late(24*time.Hour, asDeploy(moveBucket))),
			checks: checks(
				putBack(),
				found("false_approval", "notified_only", "A record claimed an approval that CloudTrail does not know"),
				writesOnly("UpdateTrail"),
				swept(),
				safe(),
				sound(),
			),
		},
		{
			Name:       "alias-approved",
			Title:      "an approved change names a key by its alias, and covers the key that it stood for",
			Recreate:   true,
			sweeps:     true,
			exceptions: list,
			act:        thenSweeps(3, asDeploy(useAlias)),
			checks: checks(
				approvedKey(),
				found("true_approval", "notified_only", "CloudTrail's event history confirms UpdateTrail"),
				harmless(),
				swept(),
				safe(),
				sound(),
			),
		},
		{
			Name:       "alias-abused",
			Title:      "the same, and then somebody else sets another key",
			Recreate:   true,
			sweeps:     true,
			exceptions: list,
			act:        thenSweeps(3, inTurn(time.Minute, asDeploy(useAlias), exchangeKey)),
			checks:     checks(putBack(), writesOnly("UpdateTrail"), swept(), safe(), sound()),
		},
		{
			Name:     "two-calls-at-once",
			Title:    "settings and selectors are changed a moment apart, and the first restore undoes both",
			Recreate: true,
			act:      slowly(withoutDigests, halfBlind),
			checks: checks(
				putBack(),
				toldByBoth("PutEventSelectors"),
				saidByGuard("already restored with the previous change"),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
		{
			Name:   "actor-named",
			Title:  "the only trail is stopped, its event never arrives, and the event history knows who did it",
			sweeps: true,
			act:    lost(thenLaterSweep(stopLogging, 6*time.Minute)),
			checks: checks(
				restored(),
				found("not_logging", "restored", "StopLogging by user mallory"),
				found("not_logging", "restored", "found in the event history; no event arrived"),
				swept(),
				safe(),
				sound(),
			),
		},
		{
			Name:   "history-denied",
			Title:  "the only trail is stopped, its event never arrives, and the guard may not read the event history",
			sweeps: true,
			setup:  failing("cloudtrail", "LookupEvents", http.StatusBadRequest, "AccessDeniedException", "denied"),
			act:    lost(thenLaterSweep(stopLogging, 6*time.Minute)),
			checks: checks(
				restored(),
				found("not_logging", "restored", "Who did it could not be looked up"),
				swept(),
				safe(),
				sound(),
			),
		},
		{
			Name:   "actor-named-later",
			Title:  "the same, and the event history shows it only after the sweep has put logging back",
			sweeps: true,
			act:    lost(thenSweeps(2, stopLogging)),
			checks: checks(
				restored(),
				found("not_logging", "restored", "does not show who did it"),
				found("named", "notified_only", "StopLogging by user mallory"),
				swept(),
				safe(),
				sound(),
			),
		},
	}
}

// deployMay approves calls of the role Deploy on the one trail, and, before it, a change of somebody else.
func deployMay(calls ...string) exception.List {
	trail := Scenario{}.trail(localcloud.Options{Account: account, Region: region})
	return exception.List{Approvals: []exception.Approval{
		{
			Principal: in("", account).ARN("iam", "user/nobody"),
			Events:    []string{"UpdateTrail"},
			Trail:     trail,
			Reason:    "not this one",
			Expires:   localcloud.Start.Add(approvedFor),
		},
		{
			Principal: in("", account).ARN("iam", "role/"+deployRole),
			Events:    calls,
			Trail:     trail,
			Reason:    "move to the new bucket",
			Expires:   localcloud.Start.Add(approvedFor),
		},
	}}
}

// The checks about approvals.
const (
	CheckApproved    = "what was approved is left alone, and nothing else"
	CheckStillOff    = "the approved stop was left alone"
	CheckBoundedDark = "the trail was dark for a bounded time"
	CheckGoodNews    = "nothing was called confirmed, recovered or in order"
	CheckSaidGuard   = "the guard said what the call had asked for"
)

// approvedBucket wants the trail to be as its baseline has it, but for the bucket of the approved change.
func approvedBucket() []check {
	return one(CheckApproved, func(r *Result) string {
		now, _ := r.cloud.TrailTruth(r.trail)
		want := r.declared.Settings
		want.S3Bucket = newBucket
		if now.Settings != want {
			return fmt.Sprintf("the settings are %+v; want %+v", now.Settings, want)
		}
		return ""
	})
}

// approvedKey wants the trail to be as its baseline has it, but for the key of the approved change.
func approvedKey() []check {
	return one(CheckApproved, func(r *Result) string {
		now, _ := r.cloud.TrailTruth(r.trail)
		want := r.declared.Settings
		want.KMSKeyID = now.Settings.KMSKeyID
		if now.Settings != want || !strings.Contains(want.KMSKeyID, ":key/") {
			return fmt.Sprintf("the settings are %+v", now.Settings)
		}
		return ""
	})
}

func stillOff() []check {
	return one(CheckStillOff, func(r *Result) string {
		if r.cloud.Logging(r.trail) {
			return "the trail logs"
		}
		return ""
	})
}

// darkFor bounds the time that the trail recorded less than its baseline, all together.
func darkFor(most time.Duration) []check {
	return where(inMode(config.ModeRestart), CheckBoundedDark, func(r *Result) string {
		if dark, _ := r.dark(); dark > most {
			return "it was dark for " + finding.Duration(dark) + "; want at most " + finding.Duration(most)
		}
		return ""
	})
}

// noGoodNews wants no sweep to say that anything is confirmed or in order while a claim keeps the trail off or weaker.
func noGoodNews() []check {
	return one(CheckGoodNews, func(r *Result) string {
		for _, e := range r.Timeline {
			if tellsOf(e, "confirmed", "Verified: ") || tellsOf(e, "recovered", "has recovered") {
				return "it told " + firstOf(e.Subject, e.Text)
			}
		}
		return ""
	})
}

// saidByGuard wants the guard to say a phrase on each channel that it has.
func saidByGuard(phrase string) []check {
	said := func(kind localcloud.Kind) func(*Result) string {
		return func(r *Result) string {
			return r.sweepSaid(kind, func(localcloud.Entry) bool { return true }, phrase)
		}
	}
	return checks(
		where(needsSecret, CheckSaidGuard, said(localcloud.KindSlack)),
		where(needsTopic, CheckSaidGuard, said(localcloud.KindSNS)),
	)
}
