package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/simulate/stage"
	"trailkeeper/lambda/internal/simulate/structure"
)

// Found wants both channels to be told of what a sweep found, with this outcome and phrase.
func Found(kind, outcome, phrase string) []Check {
	return onChannels("Slack was told what the sweep found", "SNS was told what the sweep found",
		func(r *Run, channel localcloud.Kind) string {
			return sweepSaid(r, channel, func(e localcloud.Entry) bool {
				if channel == localcloud.KindSlack {
					return strings.Contains(e.Raw, "finding sweep-")
				}
				return e.Attributes["outcome"] == outcome && e.Recipients > 0 &&
					strings.Contains(result.Plain(e.Raw), `"finding":"`+kind+`"`)
			}, phrase)
		})
}

func sweepSaid(r *Run, kind localcloud.Kind, about func(localcloud.Entry) bool, phrase string) string {
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

// EscalatedOnce wants exactly one message on each channel that calls for somebody at once.
func EscalatedOnce() []Check {
	return toldTimes("the fight was escalated once", 1, 1, func(e localcloud.Entry) bool {
		return e.Via == localcloud.ViaFunction && strings.Contains(e.Raw, "Act now")
	})
}

// FoundTimes wants each channel to be told of a finding at least and at most so often; the phrase is what Slack shows
// of it.
func FoundTimes(least, most int, finding, phrase string) []Check {
	return toldTimes("the finding was told as often as it should be", least, most, func(e localcloud.Entry) bool {
		return tellsOf(e, finding, phrase)
	})
}

func toldTimes(name string, least, most int, is func(localcloud.Entry) bool) []Check {
	return onChannels(name, name, func(r *Run, kind localcloud.Kind) string {
		n := len(r.Timeline.Where(func(e localcloud.Entry) bool { return e.Kind == kind && is(e) }))
		if n < least || n > most {
			return fmt.Sprintf("%d messages; want %d to %d", n, least, most)
		}
		return ""
	})
}

// Swept is what must hold of every sweep that nothing keeps from its work: it runs as often as the guard says, and sees
// everything.
func Swept() []Check {
	return All(asOften(), never("the sweep saw everything", func(e localcloud.Entry) string {
		if tellsOf(e, "cannot_see", "The sweep cannot read") {
			return "it told of what it cannot see"
		}
		return ""
	}))
}

// tellsOf reports whether a message of the guard that was taken is about a finding; the phrase is what Slack shows of
// it.
func tellsOf(e localcloud.Entry, finding, phrase string) bool {
	switch {
	case e.Via != localcloud.ViaFunction || e.Err != "":
		return false
	case e.Kind == localcloud.KindSNS:
		return strings.Contains(result.Plain(e.Raw), `"finding":"`+finding+`"`)
	default:
		return e.Kind == localcloud.KindSlack && strings.Contains(e.Text, phrase)
	}
}

// NoNews wants the last sweep to tell nothing.
func NoNews() []Check {
	return One("the last sweep told nothing", func(r *Run) string {
		for _, e := range slices.Backward(r.Timeline) {
			switch {
			case e.Kind == localcloud.KindFired:
				return ""
			case (e.Kind == localcloud.KindSlack || e.Kind == localcloud.KindSNS) && e.Via == localcloud.ViaFunction:
				return "it told " + cmp.Or(e.Subject, e.Text)
			}
		}
		return ""
	})
}

// KeptVersion wants the table to hold a version of the trail's baseline that no later one overwrites.
func KeptVersion() []Check {
	return One("the baseline is kept in the table", func(r *Run) string {
		for _, item := range r.Cloud.Items() {
			if stage.ItemText(item, "pk") == "baseline#"+r.Trail && strings.Contains(stage.ItemText(item, "document"), r.Trail) {
				return ""
			}
		}
		return "the table holds no version of it"
	})
}

// GuardedTable wants the attacker's write into the state table to be refused.
func GuardedTable() []Check {
	return where(need.Table, "the state table is the guard's alone", func(r *Run) string {
		if !slices.ContainsFunc(r.Timeline, func(e localcloud.Entry) bool {
			return e.Kind == localcloud.KindCall && !e.Function && e.Op == "PutItem" && e.Err != ""
		}) {
			return "nothing shows that an item of the attacker was refused"
		}
		return ""
	})
}

// asOften wants the guard to know the schedule's interval, which its messages name.
func asOften() []Check {
	needsSchedule := func(d localcloud.Deployment) bool { return d.Schedule }
	return where(needsSchedule, "the sweep runs as often as the guard says", func(r *Run) string {
		s, err := structure.Of(r.Template)
		if err != nil {
			return "the template cannot be read: " + err.Error()
		}
		told := need.Guard(r.deployment)[config.EnvSweepMinutes]
		for _, rate := range s.SweepRates() {
			if rate != "rate("+told+" minutes)" && rate != "rate("+told+" minute)" {
				return fmt.Sprintf("the schedule's rate is %s, and the guard is told %q minutes", rate, told)
			}
		}
		return ""
	})
}
