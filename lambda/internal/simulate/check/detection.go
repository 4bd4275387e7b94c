package check

import (
	"fmt"
	"strings"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/result"
)

// Detected wants the watch to tell both channels of a record, by its event ID, in a message that holds the phrase.
func Detected(eventID, phrase string) []Check {
	return onChannels("Slack was told by the watch", "SNS was told by the watch",
		func(r *Run, kind localcloud.Kind) string {
			told := saying(r.Timeline.Accepted(kind), phrase)
			switch about := told.Where(func(e localcloud.Entry) bool { return result.About(e, eventID) }); {
			case len(told) == 0:
				return fmt.Sprintf("no message says %q", phrase)
			case len(about) == 0:
				return fmt.Sprintf("no message that says %q is about event %s", phrase, eventID)
			case kind == localcloud.KindSNS && about[0].Recipients == 0:
				return "nobody is subscribed to the topic"
			}
			return ""
		})
}

// ToldByTopicOf wants SNS to be told of a record in a message that holds the phrase.
func ToldByTopicOf(eventID, phrase string) []Check {
	return where(need.Topic, "SNS was told that Slack was not", func(r *Run) string {
		told := saying(r.Timeline.Accepted(localcloud.KindSNS), phrase)
		if len(told.Where(func(e localcloud.Entry) bool { return result.About(e, eventID) })) == 0 {
			return fmt.Sprintf("no message that says %q is about event %s", phrase, eventID)
		}
		return ""
	})
}

// DetectedTimes wants that many messages on each channel that hold the phrase.
func DetectedTimes(times int, phrase string) []Check {
	name := fmt.Sprintf("the watch said %q %d times", phrase, times)
	return onChannels(name, name, func(r *Run, kind localcloud.Kind) string {
		if n := len(saying(r.Timeline.Accepted(kind), phrase)); n != times {
			return fmt.Sprintf("%s shows %d messages that say %q; want %d", channelName(kind), n, phrase, times)
		}
		return ""
	})
}

// AtMost wants no more messages than that on a channel, and one at least.
func AtMost(messages int) []Check {
	const name = "a flood makes few messages"
	return onChannels(name, name, func(r *Run, kind localcloud.Kind) string {
		if n := len(r.Timeline.Accepted(kind)); n == 0 || n > messages {
			return fmt.Sprintf("%s shows %d messages; want 1 to %d", channelName(kind), n, messages)
		}
		return ""
	})
}

// Undetected wants no message of any function.
func Undetected() []Check {
	return never("nobody was told", func(e localcloud.Entry) string {
		if told := e.Kind == localcloud.KindSlack || e.Kind == localcloud.KindSNS; told {
			return string(e.Kind) + " was told: " + e.Subject + " " + e.Text
		}
		return ""
	})
}

func saying(t result.Timeline, phrase string) result.Timeline {
	return t.Where(func(e localcloud.Entry) bool {
		return strings.Contains(strings.ToLower(e.Subject+"\n"+e.Text+"\n"+e.Raw), strings.ToLower(phrase))
	})
}
