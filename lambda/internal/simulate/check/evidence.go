package check

import (
	"fmt"
	"strings"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/need"
)

// ToldOfEvidence wants EventBridge itself to tell Slack of the attack, and the guard to tell both channels, in a message
// that holds the phrase.
func ToldOfEvidence(phrase string) []Check {
	return All(
		where(need.Destination, "Slack was told by EventBridge", func(r *Run) string {
			n := 0
			for _, e := range r.Timeline {
				if e.Kind == localcloud.KindSlack && e.Via == localcloud.ViaDestination && e.EventID == r.Attack.EventID && e.Err == "" {
					n++
				}
			}
			if n != 1 {
				return fmt.Sprintf("the API destination posted %d messages about the event", n)
			}
			return ""
		}),
		ToldByGuard(phrase), ToldByTopic(phrase),
	)
}

// KeyEnabled wants a key to be enabled at the end.
func KeyEnabled(arn string) []Check {
	return One("the key is enabled", func(r *Run) string {
		if state := r.Cloud.KeyState(arn); state != "Enabled" {
			return "the key is " + state
		}
		return ""
	})
}

// NeverSaid wants no message of the guard to hold a phrase.
func NeverSaid(phrase string) []Check {
	return One("nothing was said to be in order", func(r *Run) string {
		for _, e := range r.Timeline {
			if e.Via == localcloud.ViaFunction && strings.Contains(strings.ToLower(e.Subject+"\n"+e.Text), phrase) {
				return "a message says: " + phrase
			}
		}
		return ""
	})
}
