package simulate

import (
	"fmt"
	"strings"

	"trailkeeper/lambda/internal/localcloud"
)

// found wants both channels to be told of what a sweep found, with this outcome and phrase.
func found(kind, outcome, phrase string) []promise {
	return promises(
		where(needsSecret, PromiseSweepSlack, func(r *Result) string {
			return r.sweepSaid(localcloud.KindSlack, func(e localcloud.Entry) bool { return strings.Contains(e.Raw, "finding sweep-") }, phrase)
		}),
		where(needsTopic, PromiseSweepTopic, func(r *Result) string {
			return r.sweepSaid(localcloud.KindSNS, func(e localcloud.Entry) bool {
				return e.Attributes["outcome"] == outcome && e.Recipients > 0 && strings.Contains(strings.ReplaceAll(e.Raw, `\`, ""), `"finding":"`+kind+`"`)
			}, phrase)
		}),
	)
}

func (r *Result) sweepSaid(kind localcloud.Kind, about func(localcloud.Entry) bool, phrase string) string {
	why := "the guard sent no message about the finding"
	for _, e := range r.Timeline {
		switch {
		case e.Kind != kind || e.Via != localcloud.ViaFunction || e.Err != "" || !about(e):
		case strings.Contains(e.Subject+"\n"+e.Text+"\n"+e.Raw, phrase):
			return ""
		default:
			why = fmt.Sprintf("no message says %q", phrase)
		}
	}
	return why
}

// escalatedOnce wants exactly one message on each channel that calls for somebody at once.
func escalatedOnce() []promise {
	check := func(kind localcloud.Kind) func(*Result) string {
		return func(r *Result) string {
			n := len(r.where(func(e localcloud.Entry) bool {
				return e.Kind == kind && e.Via == localcloud.ViaFunction && strings.Contains(e.Raw, "Act now")
			}))
			if n != 1 {
				return fmt.Sprintf("%d messages", n)
			}
			return ""
		}
	}
	return promises(where(needsSecret, PromiseEscalated, check(localcloud.KindSlack)), where(needsTopic, PromiseEscalated, check(localcloud.KindSNS)))
}

// notRedirected wants the trail to write where it did before anything was played.
func notRedirected() []promise {
	return one(PromiseDestination, func(r *Result) string {
		now, ok := r.cloud.TrailTruth(r.trail)
		if !ok || now.Settings.S3Bucket != r.declared.Settings.S3Bucket {
			return "they go to bucket " + now.Settings.S3Bucket
		}
		return ""
	})
}
