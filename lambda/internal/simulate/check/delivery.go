package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/result"
)

// Arrived wants each channel to have a message of the guard about every event, late or not.
func Arrived() []Check {
	const name = "every message arrived"
	return onChannels(name, name, func(r *Run, kind localcloud.Kind) string {
		taken := r.Timeline.Accepted(kind)
		for _, attack := range r.Timeline.Attacks() {
			if !slices.ContainsFunc(taken, func(e localcloud.Entry) bool { return result.About(e, attack.EventID) }) {
				return string(kind) + " shows no message about " + attack.Op + " (event " + attack.EventID + ")"
			}
		}
		return ""
	})
}

// NotTwice wants no channel to show the same message about the same event twice.
func NotTwice() []Check { return One("no message arrived twice", shownAtMost(1)) }

// OneRepeat is notTwice where the far end takes a message and its answer is lost.
func OneRepeat() []Check {
	return One("what Slack took without an answer came at most twice", shownAtMost(2))
}

func shownAtMost(most int) func(*Run) string {
	return func(r *Run) string {
		for _, kind := range []localcloud.Kind{localcloud.KindSlack, localcloud.KindSNS} {
			shown := map[string]int{}
			for _, e := range r.Timeline.Accepted(kind) {
				said, id := cmp.Or(e.Subject, e.Text), messageID(e)
				if shown[id+said]++; id != "" && shown[id+said] > most {
					return fmt.Sprintf("%s shows %d times: %s", kind, shown[id+said], said)
				}
			}
		}
		return ""
	}
}

// messageID is the ID of the event or finding that a message of the guard is about.
func messageID(e localcloud.Entry) string {
	text := e.Raw
	marks := []string{"· event ", "· finding "}
	if e.Kind == localcloud.KindSNS {
		text, marks = result.Plain(e.Raw), []string{`"event_id":"`}
	}
	for _, mark := range marks {
		if _, rest, ok := strings.Cut(text, mark); ok {
			id, _, _ := strings.Cut(rest, `"`)
			return id
		}
	}
	return ""
}

// lateWord is what every message says that comes out of a queue.
const lateWord = "This message is late"

// OldestFirst wants the messages that came late to come in the order of what they are about.
func OldestFirst() []Check {
	return where(need.Secret, "late messages came oldest first", func(r *Run) string {
		var late []int
		attacks := r.Timeline.Attacks()
		for _, e := range r.Timeline.Accepted(localcloud.KindSlack) {
			i := slices.IndexFunc(attacks, func(a localcloud.Entry) bool { return result.About(e, a.EventID) })
			if i >= 0 && strings.Contains(e.Raw, lateWord) {
				late = append(late, i)
			}
		}
		switch {
		case len(late) < 2:
			return fmt.Sprintf("%d messages came late", len(late))
		case !slices.IsSorted(late):
			return "a younger message came before an older one"
		}
		return ""
	})
}

// Emptied wants no queue to hold anything at the end.
func Emptied() []Check {
	return One("the queues are empty again", func(r *Run) string {
		for queue, messages := range r.Cloud.Queued() {
			if len(messages) > 0 {
				return fmt.Sprintf("%s holds %d messages", queue, len(messages))
			}
		}
		return ""
	})
}
