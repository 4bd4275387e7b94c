package simulate

import (
	"fmt"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/localcloud"
)

// told wants both paths and both channels to tell of the attack; phrase is what the guard's messages say.
func told(phrase string) []check {
	return checks(toldByEventBridge(), toldDirectly(), toldByGuard(phrase), toldByTopic(phrase))
}

// toldByEventBridge wants one message of path 1 that says what its wording takes from the event.
func toldByEventBridge() []check {
	return where(needsDestination, CheckByEventBridge, func(r *Result) string {
		shown := r.where(func(e localcloud.Entry) bool {
			return e.Kind == localcloud.KindSlack && e.Via == localcloud.ViaDestination && e.EventID == r.attack.EventID &&
				e.Err == ""
		})
		if len(shown) != 1 {
			return fmt.Sprintf("the API destination posted %d messages about the event", len(shown))
		}
		text := shown[0].Text
		if r.attack.Err != "" && strings.Contains(text, "succeeded") {
			return "the message says that the refused call succeeded"
		}
		if r.attack.Err == "" && strings.Contains(text, "refused") && !strings.Contains(text, "whether it was refused") {
			return "the message says that the call was refused"
		}
		if why := r.wording(text); why != "" {
			return why
		}
		for _, path := range shown[0].Empty {
			if !forSome(path) {
				return "the event has no " + path
			}
		}
		for _, path := range shown[0].Paths {
			if value := r.value(path); !strings.Contains(text, value) {
				return "the message does not say " + value
			}
		}
		return ""
	})
}

// forSome reports whether a path leads to what only some events have: one of a request's names of its trail, or who is
// behind a caller without an ARN.
func forSome(path string) bool {
	return strings.HasPrefix(path, "$.detail.requestParameters.") || path == "$.detail.userIdentity.invokedBy" ||
		path == "$.detail.userIdentity.onBehalfOf.userId" ||
		path == "$.detail.userIdentity.sessionContext.sourceIdentity"
}

// toldDirectly wants EventBridge itself to tell somebody through a topic, with the call, its error, the place and the
// event's ID.
func toldDirectly() []check {
	return where(needsPublishing, CheckDirect, func(r *Result) string {
		why := "EventBridge published nothing about the event"
		for _, e := range r.Timeline {
			if e.Kind != localcloud.KindSNS || e.Via != localcloud.ViaRule || e.EventID != r.attack.EventID {
				continue
			}
			missing := slices.DeleteFunc([]string{
				r.attack.Op + " was called",
				"error is '",
				"in account " + r.attack.Account + ", " + r.region,
				"(event " + r.attack.EventID + ")",
			}, func(want string) bool { return strings.Contains(e.Text, want) })
			switch {
			case e.Err != "":
				why = "the message was refused: " + e.Err
			case strings.Contains(e.Text, "error is ''") != (r.attack.Err == ""):
				why = "the message does not say whether the call was refused"
			case len(missing) > 0:
				why = "the message does not say " + missing[0]
			case e.Recipients == 0:
				why = "nobody is subscribed to the topic"
			default:
				return ""
			}
		}
		return why
	})
}

// wording says what a message of path 1 leaves out: the call's name in any wording; in the built-in one the ID, the
// place and, where the rule's wording names them, the actor and the trail.
func (r *Result) wording(text string) string {
	want := []string{r.attack.Op}
	if strings.Contains(text, "on CloudTrail") {
		want = append(want, "event "+r.attack.EventID+"`", "`account: "+r.attack.Account+", "+r.region+", ")
	}
	if strings.Contains(text, "`caller: ") {
		want = append(
			want,
			":iam::"+r.attack.Account+":user/"+r.attack.Who+"`",
			r.attack.At.UTC().Format("2006-01-02T15:04:05Z")+", event ",
		)
		if r.attack.Err == "" {
			want = append(want, trailOf(r.trail)+"`")
		}
	}
	for _, w := range want {
		if !strings.Contains(text, w) {
			return "the message does not say " + w
		}
	}
	return ""
}

// value is what the event has at a path, and "" where any value will do.
func (r *Result) value(path string) string {
	switch path {
	case "$.detail.eventName":
		return r.attack.Op
	case "$.detail.eventID":
		return r.attack.EventID
	case "$.account", "$.detail.recipientAccountId":
		return r.attack.Account
	case "$.region", "$.detail.awsRegion":
		return r.region
	case "$.detail.userIdentity.arn":
		return r.attack.Who
	}
	if r.attack.Err == "" && strings.HasPrefix(path, "$.detail.requestParameters.") {
		return trailOf(r.trail)
	}
	return ""
}

func trailOf(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }

func toldByGuard(phrase string) []check {
	return where(needsSecret, CheckByGuard, func(r *Result) string {
		return r.guardSaid(localcloud.KindSlack, phrase)
	})
}

func toldByTopic(phrase string) []check {
	return where(needsTopic, CheckTopic, func(r *Result) string {
		return r.guardSaid(localcloud.KindSNS, phrase)
	})
}

// about reports whether a message of the guard is about the event, and not merely about an incident that began with it.
func about(e localcloud.Entry, eventID string) bool {
	if e.Kind == localcloud.KindSNS {
		return strings.Contains(strings.ReplaceAll(e.Raw, `\`, ""), `"event_id":"`+eventID+`"`)
	}
	return !e.Update && strings.Contains(e.Raw, "· event "+eventID)
}

// guardSaid wants a message of the guard on the channel that holds the phrase and the event's id.
func (r *Result) guardSaid(kind localcloud.Kind, phrase string) string {
	why := "the guard sent no message about the event"
	for _, e := range r.Timeline {
		if e.Kind != kind || e.Via != localcloud.ViaFunction {
			continue
		}
		whole := e.Subject + "\n" + e.Text + "\n" + e.Raw
		switch {
		case e.Err != "":
			why = "the message was refused: " + e.Err
		case !about(e, r.attack.EventID):
		case !strings.Contains(strings.ToLower(whole), strings.ToLower(phrase)):
			why = fmt.Sprintf("no message says %q", phrase)
		case kind == localcloud.KindSNS && e.Recipients == 0:
			why = "nobody is subscribed to the topic"
		default:
			return ""
		}
	}
	return why
}

// outcome wants the topic to be told one of these outcomes, and no "restored" of a trail that is not logging.
func outcome(wants ...string) []check {
	return where(needsTopic, CheckTruth, func(r *Result) string {
		told := r.outcomes()
		logging := r.cloud.Logging(r.trail)
		switch {
		case len(told) == 0:
			return "no outcome was told"
		case !slices.ContainsFunc(wants, func(want string) bool { return slices.Contains(told, want) }):
			return fmt.Sprintf("told %s; want %s", strings.Join(told, " and "), strings.Join(wants, " or "))
		case slices.Contains(told, "gave_up") && (slices.Index(told, "gave_up") != len(told)-1 || slices.Contains(told, "restored")):
			return "told " + strings.Join(told, " and ") + "; gave_up must come once, last and without restored"
		case !logging && (slices.Contains(told, "restored") || slices.Contains(told, "already_logging")):
			return "told " + strings.Join(told, " and ") + ", but the trail is not logging"
		}
		return ""
	})
}

// outcomes are those that the topic was told of the attack, in order.
func (r *Result) outcomes() []string {
	var told []string
	for _, e := range r.Timeline {
		o := e.Attributes["outcome"]
		if e.Kind == localcloud.KindSNS && o != "" && o != "undelivered" && about(e, r.attack.EventID) {
			told = append(told, o)
		}
	}
	return told
}

// handled wants the guard to have handled every event in one run.
func handled() []check {
	return one(CheckHandled, func(r *Result) string {
		for _, e := range r.Timeline {
			if e.Kind == localcloud.KindInvoked && e.Err != "" {
				return e.Err
			}
		}
		return ""
	})
}

// toldOfQuietCalls wants both channels to tell of every call that the attacker made.
func toldOfQuietCalls() []check {
	judge := func(kind localcloud.Kind) func(*Result) string {
		return func(r *Result) string {
			for _, call := range r.where(func(e localcloud.Entry) bool { return e.Kind == localcloud.KindCall && !e.Function }) {
				one := Result{Timeline: r.Timeline, attack: call}
				if why := one.guardSaid(kind, ""); why != "" {
					return call.Op + ": " + why
				}
			}
			return ""
		}
	}
	return checks(
		where(needsSecret, CheckByGuard, judge(localcloud.KindSlack)),
		where(needsTopic, CheckTopic, judge(localcloud.KindSNS)),
	)
}

func notDelivered() []check {
	return one(CheckNotDelivered, func(r *Result) string {
		for _, e := range r.Timeline {
			if e.Kind == localcloud.KindMatched && e.Subject != "" {
				return "rule " + e.Subject + " matched it"
			}
		}
		return ""
	})
}

// toldByBoth wants both channels to tell of the event, where the deployment listens to the call.
func toldByBoth(call string) []check {
	judge := func(kind localcloud.Kind) func(*Result) string {
		return func(r *Result) string { return r.guardSaid(kind, "") }
	}
	return checks(
		where(both(needsSecret, needsRule(call)), CheckByGuard, judge(localcloud.KindSlack)),
		where(both(needsTopic, needsRule(call)), CheckTopic, judge(localcloud.KindSNS)),
	)
}

// toldToNobody wants no message about an event that is none of the deployment's business.
func toldToNobody() []check {
	return one(CheckQuiet, func(r *Result) string {
		said := r.where(
			func(e localcloud.Entry) bool { return e.Kind == localcloud.KindSlack || e.Kind == localcloud.KindSNS },
		)
		if len(said) > 0 {
			return "a message was sent: " + firstOf(said[0].Text, said[0].Subject)
		}
		return ""
	})
}

// toldOnce wants the guard to tell each channel of the attack once.
func toldOnce() []check {
	return one(CheckOnce, func(r *Result) string {
		for _, kind := range []localcloud.Kind{localcloud.KindSlack, localcloud.KindSNS} {
			n := len(r.where(func(e localcloud.Entry) bool {
				return e.Kind == kind && e.Via == localcloud.ViaFunction && e.Err == "" && about(e, r.attack.EventID)
			}))
			if n > 1 {
				return fmt.Sprintf("%s was told %d times", kind, n)
			}
		}
		return ""
	})
}
