package check

import (
	"fmt"
	"strings"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/result"
)

// ToldByRules wants EventBridge itself, without any code of the deployment, to tell the topic and Slack of each call of
// the attacker's, once on each, by the call's name and the event's ID. It wants that many calls at least.
func ToldByRules(atLeast int) []Check {
	return All(RulesToldTopic(atLeast), RulesToldSlack(atLeast))
}

// RulesToldTopic is ToldByRules of the topic alone.
func RulesToldTopic(atLeast int) []Check {
	return where(need.Protect, "SNS was told of every call by EventBridge", func(r *Run) string {
		return ofEachCallBy(r, atLeast, ofProtection, localcloud.KindSNS)
	})
}

// RulesToldSlack is ToldByRules of Slack alone.
func RulesToldSlack(atLeast int) []Check {
	return where(need.Protect, "Slack was told of every call by EventBridge", func(r *Run) string {
		return ofEachCallBy(r, atLeast, ofProtection, localcloud.KindSlack)
	})
}

// EvidenceTold wants the rules on the evidence of trails to tell Slack of each call, once: the deployment's own
// protection may tell of it as well. It wants that many calls at least.
func EvidenceTold(atLeast int) []Check {
	return where(need.Evidence, "Slack was told of every call by EventBridge", func(r *Run) string {
		return ofEachCallBy(r, atLeast, ofEvidence, localcloud.KindSlack)
	})
}

// ToldByRulesBut is ToldByRules without the calls of a name, whose event no rule is left for.
func ToldByRulesBut(call string) []Check {
	without := func(r *Run) *Run {
		rest := *r
		rest.Timeline = r.Timeline.Where(func(e localcloud.Entry) bool { return e.Op != call })
		return &rest
	}
	return All(
		where(need.Protect, "SNS was told of every other call by EventBridge", func(r *Run) string {
			return ofEachCallBy(without(r), 1, ofProtection, localcloud.KindSNS)
		}),
		where(need.Protect, "Slack was told of every other call by EventBridge", func(r *Run) string {
			return ofEachCallBy(without(r), 1, ofProtection, localcloud.KindSlack)
		}),
	)
}

// AsDeployed is what PutBackAsDeployed is shown as.
const AsDeployed = "what was changed is as it was deployed"

// PutBackAsDeployed wants every part that was remembered to be as it was, in a deployment whose warden restores.
func PutBackAsDeployed() []Check {
	return where(need.WardenRestores, AsDeployed, func(r *Run) string {
		if len(r.Kept) == 0 {
			return "nothing was remembered"
		}
		for _, part := range r.Kept {
			now, err := part.Now()
			switch {
			case err != nil:
				return part.Name + " cannot be read: " + err.Error()
			case now != part.Before:
				return part.Name + " is " + now + "; it was " + part.Before
			}
		}
		return ""
	})
}

// ToldByWarden wants the warden to tell both channels, in messages that hold each of the phrases.
func ToldByWarden(phrases ...string) []Check {
	return toldBy(result.WardenRole, "warden", need.Warden, phrases)
}

// ToldByGuardOfWarden wants the guard to tell both channels of the warden, in messages that hold each of the phrases.
func ToldByGuardOfWarden(phrases ...string) []Check {
	return toldBy("GuardRole", "guard", need.Warden, phrases)
}

// RestoredByWarden is ToldByWarden where the warden restores.
func RestoredByWarden(phrases ...string) []Check {
	return toldBy(result.WardenRole, "warden", need.WardenRestores, phrases)
}

// RestoredByGuard is ToldByGuardOfWarden where guard and warden restore each other's parts.
func RestoredByGuard(phrases ...string) []Check {
	return toldBy("GuardRole", "guard", need.WardenRestores, phrases)
}

// WardenToldTopic is ToldByWarden of the topic alone.
func WardenToldTopic(phrases ...string) []Check {
	return toldBy(result.WardenRole, "warden", need.Warden, phrases, localcloud.KindSNS)
}

// WardenToldSlack is ToldByWarden of Slack alone.
func WardenToldSlack(phrases ...string) []Check {
	return toldBy(result.WardenRole, "warden", need.Warden, phrases, localcloud.KindSlack)
}

func toldBy(role, name string, needs need.Need, phrases []string, kinds ...localcloud.Kind) (all []Check) {
	if len(kinds) == 0 {
		kinds = []localcloud.Kind{localcloud.KindSlack, localcloud.KindSNS}
	}
	for _, kind := range kinds {
		also := map[localcloud.Kind]need.Need{localcloud.KindSlack: need.Secret, localcloud.KindSNS: need.Topic}[kind]
		all = append(all, where(need.All(needs, also), channelName(kind)+" was told by the "+name, func(r *Run) string {
			told := r.Timeline.Accepted(kind).Where(func(e localcloud.Entry) bool { return e.Who == role })
			for _, phrase := range phrases {
				if len(saying(told, phrase)) == 0 {
					return fmt.Sprintf("none of its %d messages says %q", len(told), phrase)
				}
			}
			return ""
		})...)
	}
	return all
}

// ofProtection are the messages of the rules of package protect, and ofEvidence those of other rules of EventBridge's.
func ofProtection(e localcloud.Entry) bool {
	return byEventBridge(e) && strings.Contains(e.Text, "Trailkeeper (stack ")
}

func ofEvidence(e localcloud.Entry) bool { return byEventBridge(e) && !ofProtection(e) }

func byEventBridge(e localcloud.Entry) bool {
	return e.Via == localcloud.ViaDestination || e.Via == localcloud.ViaRule
}

func ofEachCallBy(r *Run, atLeast int, ours func(localcloud.Entry) bool, kind localcloud.Kind) string {
	told := map[string][]localcloud.Entry{} // by event ID
	for _, e := range r.Timeline {
		if e.Kind == kind && e.Err == "" && ours(e) {
			told[e.EventID] = append(told[e.EventID], e)
		}
	}
	calls := 0
	for _, e := range r.Timeline {
		if e.Kind != localcloud.KindNote || e.Op == "" || e.EventID == "" || e.Function {
			continue
		}
		calls++
		switch of := told[e.EventID]; {
		case len(of) != 1:
			return fmt.Sprintf("%s: %s shows %d messages of these rules", e.Op, channelName(kind), len(of))
		case !strings.Contains(of[0].Text, e.Op) || !strings.Contains(of[0].Text, e.EventID):
			return e.Op + ": the message on " + channelName(kind) + " does not name the call and its event"
		}
	}
	if calls < atLeast {
		return fmt.Sprintf("there were %d calls; want %d at least", calls, atLeast)
	}
	return ""
}
