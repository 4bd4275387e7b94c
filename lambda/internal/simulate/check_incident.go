package simulate

import (
	"fmt"
	"strings"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/localcloud"
)

// posts are the guard's messages about events in the deployment's Slack channel, as they are at the end.
func (r *Result) posts() []localcloud.Posted {
	var own []localcloud.Posted
	for _, p := range r.cloud.Channels()[r.deployment.Environment[config.EnvSlackChannel]] {
		if p.Via == localcloud.ViaFunction && !strings.Contains(p.Raw, "· finding ") {
			own = append(own, p)
		}
	}
	return own
}

// threaded wants one message of the guard in the channel, and the later ones of the incident in its thread.
func threaded(messages int) []check {
	return where(needsThreads, CheckThread, func(r *Result) string {
		posts := r.posts()
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

// standing wants the first message to be changed with each later one, and to say these at the end.
func standing(says ...string) []check {
	return where(needsThreads, CheckClosed, func(r *Result) string {
		posts := r.posts()
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

// secondSeen wants the first message about the second trail to be one of its own in the channel.
func secondSeen() []check {
	return where(needsSecret, CheckSecondSeen, func(r *Result) string {
		for _, e := range r.accepted(localcloud.KindSlack) {
			if !strings.Contains(e.Text, secondTrail) {
				continue
			}
			if e.Thread != "" {
				return "it is in the thread of the first trail"
			}
			return ""
		}
		return "no message names it"
	})
}

// routedApart wants the guard's messages about the second trail in its channel alone, and none of the first trail's
// there.
func routedApart() []check {
	return where(needsSecret, CheckRouted, func(r *Result) string {
		found := map[bool]bool{}
		for _, e := range r.accepted(localcloud.KindSlack) {
			if e.Via != localcloud.ViaFunction {
				continue
			}
			second := strings.Contains(e.Text, secondTrail)
			if second != (e.Channel == secondChannel) {
				return fmt.Sprintf("%q is in the channel %s", e.Text, e.Channel)
			}
			found[second] = true
		}
		for _, e := range r.accepted(localcloud.KindSNS) {
			if e.Via == localcloud.ViaFunction && strings.Contains(e.Subject, secondTrail) {
				return fmt.Sprintf("SNS, which the route does not name, was told %q", e.Subject)
			}
		}
		if !found[true] || !found[false] {
			return "a trail was told in no channel"
		}
		return ""
	})
}

// broadcast wants what calls for a human to be seen by those who do not follow the thread.
func broadcast(phrase string) []check {
	return where(needsSecret, CheckBroadcast, func(r *Result) string {
		for _, e := range r.accepted(localcloud.KindSlack) {
			if strings.Contains(e.Text, phrase) && (e.Thread == "" || e.Broadcast) {
				return ""
			}
		}
		return fmt.Sprintf("no message in the channel says %q", phrase)
	})
}
