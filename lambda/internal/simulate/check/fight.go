package check

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/simulate/stage"
)

var summaries = sync.OnceValue(
	func() *regexp.Regexp { return regexp.MustCompile(`(\d+) times more since|once more since`) },
)

// ToldOrCounted wants each channel to be told of every call of the attacker, in a message of its own or in a summary
// that counts it.
func ToldOrCounted() []Check {
	return onGuards("every call was told or counted", func(r *Run, told result.Timeline) string {
		counted := 0
		for _, e := range told {
			for _, m := range summaries().FindAllStringSubmatch(cmp.Or(e.Subject+e.Raw, e.Text), 1) {
				n, err := strconv.Atoi(m[1])
				if err != nil {
					n = 1
				}
				counted += n
			}
		}
		attacks := r.Timeline.Attacks()
		for _, attack := range attacks {
			if slices.ContainsFunc(told, func(e localcloud.Entry) bool { return result.About(e, attack.EventID) }) {
				counted++
			}
		}
		if counted != len(attacks) {
			return fmt.Sprintf("%d of %d", counted, len(attacks))
		}
		return ""
	})
}

// ToldAtMost wants no channel to get more messages of the guard than that.
func ToldAtMost(most int) []Check {
	return onGuards("no channel was flooded", func(_ *Run, told result.Timeline) string {
		if len(told) > most {
			return fmt.Sprintf("%d messages; want at most %d", len(told), most)
		}
		return ""
	})
}

// onGuards checks the guard's messages that each channel took.
func onGuards(name string, verify func(*Run, result.Timeline) string) []Check {
	return onChannels(name, name, func(r *Run, kind localcloud.Kind) string {
		if why := verify(r, r.Timeline.Accepted(kind)); why != "" {
			return string(kind) + ": " + why
		}
		return ""
	})
}

// ContestedThenOver wants the topic to be told that the incident is contested, never after that that it is restored
// before its end, and its end.
func ContestedThenOver() []Check {
	return where(need.Topic, "the incident was contested, and its end was told", func(r *Run) string {
		var states []string
		for _, e := range r.Timeline.Accepted(localcloud.KindSNS) {
			if s := e.Attributes["state"]; s != "" {
				states = append(states, s)
			}
		}
		got := strings.Join(slices.Compact(states), " ")
		if got != "restored contested restored" && got != "contested restored" {
			return "the states that were told are: " + got
		}
		return ""
	})
}

// maxDark is how much of a fight the trail may be dark, in percent.
const maxDark = 10

// DarkAtMost wants the trail to be dark for at most maxDark of the time, from the beginning to the end of the run.
func DarkAtMost() []Check {
	return One("the trail was dark for a small part of the time", func(r *Run) string {
		if _, share := stage.FightDark(r.Cloud, r.Declared); share > maxDark {
			return fmt.Sprintf("%.1f %%", share)
		}
		return ""
	})
}
