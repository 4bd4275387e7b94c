package check

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/simulate/stage"
)

// NoForgery wants no message of the guard to hold any of the forger's words.
func NoForgery(words ...string) []Check {
	return never("nothing was told in the forger's words", func(e localcloud.Entry) string {
		for _, w := range words {
			if len((result.Timeline{e}).Accepted(e.Kind)) > 0 && strings.Contains(e.Raw, w) {
				return string(e.Kind) + " says: " + cmp.Or(e.Subject, e.Text)
			}
		}
		return ""
	})
}

// ClosedNothing wants no message to say that an incident is over, and no thread's first message.
func ClosedNothing() []Check {
	return never("the forged message closed nothing", func(e localcloud.Entry) string {
		restored := strings.Contains(e.Text, "Restored") || strings.Contains(e.Text, "and restored")
		switch {
		case e.Via != localcloud.ViaFunction || e.Err != "":
		case e.Kind == localcloud.KindSNS && stage.DocumentOf(e.Raw).State == string(finding.IncidentRestored):
			return "SNS is told that the incident is over: " + e.Subject
		case e.Kind == localcloud.KindSlack && restored:
			return "Slack is told: " + e.Text
		}
		return ""
	})
}

// ToldAsHistory wants the channel to be told how the trail stands, beside what the forged message is about.
func ToldAsHistory(now string) []Check {
	return shownOnce("the forged message was told as what was", func(raw string) bool {
		return strings.Contains(raw, "; now: "+now) && strings.Contains(raw, lateWord)
	})
}

// FoundThough wants the finding on every channel, as it is, and not as what was.
func FoundThough() []Check {
	return shownOnce("the finding was told, though its name was taken", func(raw string) bool {
		return strings.Contains(raw, "was found not logging and restored") && !strings.Contains(raw, "; now: ")
	})
}

// shownOnce wants every channel of the guard to show one such message.
func shownOnce(name string, is func(raw string) bool) []Check {
	return onChannels(name, name, func(r *Run, kind localcloud.Kind) string {
		shown := r.Timeline.Accepted(kind).Where(func(e localcloud.Entry) bool { return is(e.Raw) })
		if len(shown) != 1 {
			return fmt.Sprintf("%s shows it %d times", kind, len(shown))
		}
		return ""
	})
}

// SentByNextSweep wants what was parked to come within one sweep of Slack's return.
func SentByNextSweep() []Check {
	return where(need.Secret, "the next sweep sent what was parked", func(r *Run) string {
		var back time.Time
		for _, e := range r.Timeline {
			if e.Kind == localcloud.KindNote && e.Who == "operator" {
				back = e.At
			}
		}
		for _, e := range r.Timeline.Accepted(localcloud.KindSlack) {
			late := e.At.Sub(back)
			switch {
			case !strings.Contains(e.Raw, lateWord) || !result.About(e, r.Attack.EventID):
			case late > 5*time.Minute:
				return "it came after " + late.String()
			default:
				return ""
			}
		}
		return "it never came"
	})
}

// LaidAside wants so many messages in the last queue, one message about each run that put some there, and the alarm.
func LaidAside(n int) []Check {
	return One("the forged events are in the last queue, and were told once", func(r *Run) string {
		for queue, want := range map[string]int{"LastQueue": n, "GuardFailures": 0, "GuardDeadLetters": 0} {
			if got := len(r.Cloud.Queued()[queue]); got != want {
				return fmt.Sprintf("the queue %s holds %d messages; want %d", queue, got, want)
			}
		}
		told := r.Timeline.Accepted(localcloud.KindSNS).Where(func(e localcloud.Entry) bool {
			return stage.DocumentOf(e.Raw).Finding == string(finding.KindLastQueue)
		})
		if r.deployment.Topic && len(told) != 1 {
			return fmt.Sprintf("SNS is told %d times", len(told))
		}
		for _, e := range r.Timeline {
			if e.Kind == localcloud.KindAlarm && strings.Contains(e.Subject, "/last-queue") {
				return ""
			}
		}
		return "no alarm tells of the last queue"
	})
}
