package eventrule

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"trailkeeper/cdk/convert"
	"trailkeeper/rules"
)

// relay is a rule that notifies Slack of the stack's own alarms, and without code of ours: it works when the guard does
// not.
type relay struct {
	name, state, description string
	from                     []any // the states before; none: any
	wording                  rules.Wording
}

// relays lists the states of an alarm that Slack is notified of. The paths lead to values that AWS chose, and to the
// alarm's name, which Relay pins (CloudWatch User Guide, "Alarm events and EventBridge"); the reason of the state
// is not among them, because it can hold anything. Only what was raised is over: a new alarm, which has no data yet,
// becomes OK as well.
func relays() []relay {
	paths := map[string]string{
		"alarm":   "$.detail.alarmName",
		"account": "$.account",
		"region":  "$.region",
		"time":    "$.time",
	}
	return []relay{
		{
			name:        "alarm-raised",
			state:       "ALARM",
			description: "An alarm of Trailkeeper was raised",
			wording: rules.Wording{Paths: paths, Text: ":warning: Alarm *<alarm>* of Trailkeeper was raised\nin account " +
				"<account>, <region>, at <time>. The alarm's description in CloudWatch says what it means and what to do."},
		},
		{
			name:        "alarm-cleared",
			state:       "OK",
			from:        []any{"ALARM"},
			description: "An alarm of Trailkeeper was cleared",
			wording: rules.Wording{Paths: paths, Text: ":white_check_mark: Alarm *<alarm>* of Trailkeeper is OK again\n" +
				"in account <account>, <region>, at <time>."},
		},
	}
}

// Relay makes the rules that notify Slack of the alarms of these names: of all when they are raised, and of some when
// they are over. They match these names and no other: an alarm's name may hold quotes and newlines, EventBridge does
// not escape what it puts into a template, and whoever may make an alarm could otherwise write any message. They are
// on the default bus, where CloudWatch sends its events. No alarm watches them: it would be reported by the rule that
// it watches. What they could not post is in the dead-letter queue, which is watched.
//
// The alarms that are not the guard's are in rules of their own, whose names end in what the alarms are of: one pattern
// has no room for all.
func (r *Rules) Relay(scope constructs.Construct, of string, raised, cleared []string) {
	for _, one := range relays() {
		if of != "" {
			one.name += "-" + of
		}
		names := raised
		if one.state == "OK" {
			names = cleared
		}
		detail := map[string]any{"alarmName": names, "state": map[string]any{"value": []any{one.state}}}
		if len(one.from) > 0 {
			detail["previousState"] = map[string]any{"value": one.from}
		}
		to := []target{toSlack(r.props, one.wording, r.props.Slack.Rest)}
		made := r.add(scope, convert.ConstructID(one.name), one.name, one.description, map[string]any{
			"source":      []any{"aws.cloudwatch"},
			"detail-type": []any{"CloudWatch Alarm State Change"},
			"account":     []any{*awscdk.Stack_Of(scope).Account()},
			"detail":      detail,
		}, to, "")
		r.relays = append(r.relays, made)
	}
}
