package simulate

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/localcloud"
)

// The checks about fights and storms.
const (
	CheckCounted   = "every call was told or counted"
	CheckFew       = "no channel was flooded"
	CheckContested = "the incident was contested, and its end was told"
	CheckDark      = "the trail was dark for a small part of the time"
)

var summaries = sync.OnceValue(
	func() *regexp.Regexp { return regexp.MustCompile(`(\d+) times more since|once more since`) },
)

// toldOrCounted wants each channel to be told of every call of the attacker, in a message of its own or in a summary
// that counts it.
func toldOrCounted() []check {
	return onEach(CheckCounted, func(r *Result, told []localcloud.Entry) string {
		counted := 0
		for _, e := range told {
			for _, m := range summaries().FindAllStringSubmatch(firstOf(e.Subject+e.Raw, e.Text), 1) {
				n, err := strconv.Atoi(m[1])
				if err != nil {
					n = 1
				}
				counted += n
			}
		}
		for _, attack := range r.attacks() {
			for _, e := range told {
				if about(e, attack.EventID) {
					counted++
					break
				}
			}
		}
		if want := len(r.attacks()); counted != want {
			return fmt.Sprintf("%d of %d", counted, want)
		}
		return ""
	})
}

// toldAtMost wants no channel to get more messages of the guard than that.
func toldAtMost(most int) []check {
	return onEach(CheckFew, func(_ *Result, told []localcloud.Entry) string {
		if len(told) > most {
			return fmt.Sprintf("%d messages; want at most %d", len(told), most)
		}
		return ""
	})
}

// contestedThenOver wants the topic to be told that the incident is contested, never after that that it is restored
// before its end, and its end.
func contestedThenOver() []check {
	return where(needsTopic, CheckContested, func(r *Result) string {
		var states []string
		for _, e := range r.accepted(localcloud.KindSNS) {
			if s := e.Attributes["state"]; s != "" && (len(states) == 0 || states[len(states)-1] != s) {
				states = append(states, s)
			}
		}
		if got := strings.Join(states, " "); got != "restored contested restored" && got != "contested restored" {
			return "the states that were told are: " + got
		}
		return ""
	})
}

// onEach checks the guard's messages that each channel took.
func onEach(name string, verify func(*Result, []localcloud.Entry) string) []check {
	of := func(kind localcloud.Kind) func(*Result) string {
		return func(r *Result) string {
			if why := verify(r, r.accepted(kind)); why != "" {
				return string(kind) + ": " + why
			}
			return ""
		}
	}
	return checks(where(needsSecret, name, of(localcloud.KindSlack)), where(needsTopic, name, of(localcloud.KindSNS)))
}

// darkTime adds up how long the trail recorded less than its baseline, from the calls that were made: each of the
// attacker's takes something away, and the guard's next of the kind gives it back.
func darkTime(writes []localcloud.Write, end time.Time) (dark time.Duration) {
	back := map[string]string{
		"StartLogging":      "StopLogging",
		"PutEventSelectors": "PutEventSelectors",
		"UpdateTrail":       "UpdateTrail",
	}
	since := map[string]time.Time{}
	var began time.Time // of the darkness, whatever it is made of
	for _, w := range writes {
		switch {
		case w.Err != "":
			continue
		case !w.Function:
			if len(since) == 0 {
				began = w.At
			}
			since[w.Op] = w.At
			continue
		}
		if delete(since, back[w.Op]); len(since) == 0 && !began.IsZero() {
			dark, began = dark+w.At.Sub(began), time.Time{}
		}
	}
	if len(since) > 0 {
		dark += end.Sub(began)
	}
	return dark
}

// darkAtMost wants the trail to be dark for at most mostDark of the time, from the beginning to the end of the run.
func darkAtMost() []check {
	return one(CheckDark, func(r *Result) string {
		if _, share := r.dark(); share > mostDark {
			return fmt.Sprintf("%.1f %%", share)
		}
		return ""
	})
}

// dark is the dark time and its share of the time from the first strike to the last, in percent.
func (r *Result) dark() (time.Duration, float64) {
	writes := r.cloud.Writes()
	var first, last time.Time
	for _, w := range writes {
		if w.Err == "" && !w.Function {
			if first.IsZero() {
				first = w.At
			}
			last = w.At
		}
	}
	dark := darkTime(writes, r.cloud.Now())
	return dark, 100 * dark.Seconds() / max(1, last.Sub(first).Seconds())
}

// noteDark prints the dark time.
func noteDark(s *stage) {
	r := Result{cloud: s.cloud}
	dark, share := r.dark()
	s.cloud.Note("stopwatch", fmt.Sprintf("the trail was dark for %s, %.1f %% of the time", finding.Duration(dark), share))
}
