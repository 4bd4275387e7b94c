package check

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/stage"
)

// approved wants the trail to be as its baseline has it, but for what an approved change changed.
func approved(change func(want *baseline.Settings, now baseline.Settings)) []Check {
	return One("what was approved is left alone, and nothing else", func(r *Run) string {
		now, _ := r.Cloud.TrailTruth(r.Trail)
		want := r.Declared.Settings
		if change(&want, now.Settings); now.Settings != want {
			return fmt.Sprintf("the settings are %+v; want %+v", now.Settings, want)
		}
		return ""
	})
}

// ApprovedBucket is approved where the bucket was to change.
func ApprovedBucket(bucket string) []Check {
	return approved(func(want *baseline.Settings, _ baseline.Settings) { want.S3Bucket = bucket })
}

// ApprovedKey is approved where the key was to change, whichever it is.
func ApprovedKey() []Check {
	return approved(func(want *baseline.Settings, now baseline.Settings) {
		want.KMSKeyID = "a key"
		if strings.Contains(now.KMSKeyID, ":key/") {
			want.KMSKeyID = now.KMSKeyID
		}
	})
}

// StillOff wants an approved stop to be left alone.
func StillOff() []Check {
	return One("the approved stop was left alone", func(r *Run) string {
		if r.Cloud.Logging(r.Trail) {
			return "the trail logs"
		}
		return ""
	})
}

// DarkFor bounds the time that the trail recorded less than its baseline, all together.
func DarkFor(most time.Duration) []Check {
	return where(need.InMode(config.ModeRestart), "the trail was dark for a bounded time", func(r *Run) string {
		if dark, _ := stage.FightDark(r.Cloud, r.Declared); dark > most {
			return "it was dark for " + finding.Duration(dark) + "; want at most " + finding.Duration(most)
		}
		return ""
	})
}

// NoGoodNews wants no sweep to say that anything is confirmed or in order while a claim keeps the trail off or weaker.
func NoGoodNews() []Check {
	return never("nothing was called confirmed, recovered or in order", func(e localcloud.Entry) string {
		if tellsOf(e, "confirmed", "Verified: ") || tellsOf(e, "recovered", "has recovered") {
			return "it told " + cmp.Or(e.Subject, e.Text)
		}
		return ""
	})
}

// SaidByGuard wants the guard to say a phrase on each channel that it has.
func SaidByGuard(phrase string) []Check {
	const name = "the guard said what the call had asked for"
	return onChannels(name, name, func(r *Run, kind localcloud.Kind) string {
		return sweepSaid(r, kind, func(localcloud.Entry) bool { return true }, phrase)
	})
}
