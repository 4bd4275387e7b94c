package check

import (
	"fmt"
	"strings"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/need"
)

// ToldByRules wants EventBridge itself, without any code of the deployment, to tell the topic and Slack of each record of
// the attacker's, once on each, by the call's name and the event's ID. It wants that many records at least.
func ToldByRules(atLeast int) []Check {
	return All(
		where(need.Protect, "SNS was told of every call by EventBridge", ofEachRecord(atLeast, localcloud.KindSNS, localcloud.ViaRule)),
		where(need.Protect, "Slack was told of every call by EventBridge",
			ofEachRecord(atLeast, localcloud.KindSlack, localcloud.ViaDestination)),
	)
}

func ofEachRecord(atLeast int, kind localcloud.Kind, via string) func(*Run) string {
	return func(r *Run) string {
		told := map[string][]localcloud.Entry{} // by event ID
		for _, e := range r.Timeline {
			if e.Kind == kind && e.Via == via && e.Err == "" {
				told[e.EventID] = append(told[e.EventID], e)
			}
		}
		records := 0
		for _, e := range r.Timeline {
			if e.Kind != localcloud.KindNote || e.Op == "" || e.EventID == "" {
				continue
			}
			records++
			switch of := told[e.EventID]; {
			case len(of) != 1:
				return fmt.Sprintf("%s: %s shows %d messages of EventBridge's", e.Op, channelName(kind), len(of))
			case !strings.Contains(of[0].Text, e.Op) || !strings.Contains(of[0].Text, e.EventID):
				return e.Op + ": the message on " + channelName(kind) + " does not name the call and its event"
			}
		}
		if records < atLeast {
			return fmt.Sprintf("there were %d calls; want %d at least", records, atLeast)
		}
		return ""
	}
}
