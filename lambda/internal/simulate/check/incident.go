package check

import (
	"fmt"
	"strings"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/result"
)

// posts are the guard's messages about events in the deployment's Slack channel, as they are at the end.
func posts(r *Run) []localcloud.Posted {
	var own []localcloud.Posted
	for _, p := range r.Cloud.Channels()[need.Guard(r.deployment)[config.EnvSlackChannel]] {
		if p.Via == localcloud.ViaFunction && p.Who != result.WatchRole && !strings.Contains(p.Raw, "· finding ") {
			own = append(own, p)
		}
	}
	return own
}

// Threaded wants one message of the guard in the channel, and the later ones of the incident in its thread.
func Threaded(messages int) []Check {
	return where(need.Threads, "the thread holds the incident", func(r *Run) string {
		posts := posts(r)
		if len(posts) != messages {
			return fmt.Sprintf("the channel holds %d messages of the guard; want %d", len(posts), messages)
		}
		for _, p := range posts[1:] {
			if p.Thread != posts[0].TS {
				return "not in the thread of the first message: " + p.Text
			}
		}
		return ""
	})
}

// Standing wants the first message to be changed with each later one, and to say these at the end.
func Standing(says ...string) []Check {
	return where(need.Threads, "the first message says how the incident stands", func(r *Run) string {
		posts := posts(r)
		if len(posts) == 0 {
			return "there is none"
		}
		if posts[0].Updates < len(posts)-1 {
			return fmt.Sprintf("it was changed %d times after %d later messages", posts[0].Updates, len(posts)-1)
		}
		for _, s := range says {
			if !strings.Contains(posts[0].Raw, s) {
				return fmt.Sprintf("it does not say %q", s)
			}
		}
		return ""
	})
}

// SecondSeen wants the first message about another trail, of that name, to be one of its own in the channel.
func SecondSeen(name string) []Check {
	return where(need.Secret, "the second trail is seen in the channel", func(r *Run) string {
		for _, e := range r.Timeline.Accepted(localcloud.KindSlack) {
			switch {
			case !strings.Contains(e.Text, name):
			case e.Thread != "":
				return "it is in the thread of the first trail"
			default:
				return ""
			}
		}
		return "no message names it"
	})
}

// RoutedApart wants the guard's messages about another trail in its channel alone, and none of the first trail's there.
func RoutedApart(name, channel string) []Check {
	return where(need.Secret, "each trail was told in its own channel", func(r *Run) string {
		found := map[bool]bool{}
		for _, e := range r.Timeline.Accepted(localcloud.KindSlack) {
			second := strings.Contains(e.Text, name)
			if second != (e.Channel == channel) {
				return fmt.Sprintf("%q is in the channel %s", e.Text, e.Channel)
			}
			found[second] = true
		}
		for _, e := range r.Timeline.Accepted(localcloud.KindSNS) {
			if strings.Contains(e.Subject, name) {
				return fmt.Sprintf("SNS, which the route does not name, was told %q", e.Subject)
			}
		}
		if !found[true] || !found[false] {
			return "a trail was told in no channel"
		}
		return ""
	})
}

// Broadcast wants what calls for a human to be seen by those who do not follow the thread.
func Broadcast(phrase string) []Check {
	return where(need.Secret, "the escalation is seen in the channel", func(r *Run) string {
		for _, e := range r.Timeline.Accepted(localcloud.KindSlack) {
			if strings.Contains(e.Text, phrase) && (e.Thread == "" || e.Broadcast) {
				return ""
			}
		}
		return fmt.Sprintf("no message in the channel says %q", phrase)
	})
}
