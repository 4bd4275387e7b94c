package check

import (
	"fmt"

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
