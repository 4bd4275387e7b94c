package check

import (
	"fmt"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/result"
)

// Told wants both paths and both channels to tell of the attack; phrase is what the guard's messages say.
func Told(phrase string) []Check {
	return All(ToldByEventBridge(), ToldDirectly(), ToldByGuard(phrase), ToldByTopic(phrase))
}

// ToldOfAttempts is told for every call that the attacker made, each of which was refused.
func ToldOfAttempts() []Check { return ofEachCall(Told("refused")) }

// ToldOfQuietCalls wants both channels of the guard to tell of every call that the attacker made.
func ToldOfQuietCalls() []Check { return ofEachCall(All(ToldByGuard(""), ToldByTopic(""))) }

// ofEachCall wants of every call of the attacker what the checks want of the first.
func ofEachCall(each []Check) []Check {
	for i, p := range each {
		each[i].verify = func(r *Run) string {
			for _, call := range r.Timeline {
				one := *r
				if one.Attack = call; call.Kind != localcloud.KindCall || call.Function {
					continue
				}
				if why := p.verify(&one); why != "" {
					return call.Op + ": " + why
				}
			}
			return ""
		}
	}
	return each
}

// ToldByEventBridge wants one message of path 1 that says what its wording takes from the event.
func ToldByEventBridge() []Check {
	return where(need.Destination, "Slack was told by EventBridge", func(r *Run) string {
		shown := r.Timeline.Where(func(e localcloud.Entry) bool {
			return e.Kind == localcloud.KindSlack && e.Via == localcloud.ViaDestination && e.EventID == r.Attack.EventID &&
				e.Err == ""
		})
		if len(shown) != 1 {
			return fmt.Sprintf("the API destination posted %d messages about the event", len(shown))
		}
		text := shown[0].Text
		if r.Attack.Err != "" && strings.Contains(text, "succeeded") {
			return "the message says that the refused call succeeded"
		}
		if r.Attack.Err == "" && strings.Contains(text, "refused") && !strings.Contains(text, "whether it was refused") {
			return "the message says that the call was refused"
		}
		if i := slices.IndexFunc(shown[0].Empty, func(path string) bool { return !forSome(path) }); i >= 0 {
			return "the event has no " + shown[0].Empty[i]
		}
		want := wording(r, text)
		for _, path := range shown[0].Paths {
			want = append(want, value(r, path))
		}
		return missing(text, want...)
	})
}

// missing says what a message leaves out.
func missing(text string, want ...string) string {
	for _, w := range want {
		if !strings.Contains(text, w) {
			return "the message does not say " + w
		}
	}
	return ""
}

// forSome reports whether a path leads to what only some events have: one of a request's names of its trail, or who is
// behind a caller without an ARN.
func forSome(path string) bool {
	return strings.HasPrefix(path, "$.detail.requestParameters.") || path == "$.detail.userIdentity.invokedBy" ||
		path == "$.detail.userIdentity.onBehalfOf.userId" ||
		path == "$.detail.userIdentity.sessionContext.sourceIdentity"
}

// wording is what a message of path 1 must say: the call's name in any wording; in the built-in one the ID, the place
// and, where the rule's wording names them, the actor and the trail.
func wording(r *Run, text string) []string {
	want := []string{r.Attack.Op}
	if strings.Contains(text, "on CloudTrail") {
		want = append(want, "event "+r.Attack.EventID+"`", "`account: "+r.Attack.Account+", "+r.Region+", ")
	}
	if strings.Contains(text, "`caller: ") {
		at := r.Attack.At.UTC().Format("2006-01-02T15:04:05Z")
		want = append(want, ":iam::"+r.Attack.Account+":user/"+r.Attack.Who+"`", at+", event ")
		if r.Attack.Err == "" {
			want = append(want, result.NameOf(r.Trail)+"`")
		}
	}
	return want
}

// value is what the event has at a path, and "" where any value will do.
func value(r *Run, path string) string {
	if r.Attack.Err == "" && strings.HasPrefix(path, "$.detail.requestParameters.") {
		return result.NameOf(r.Trail)
	}
	return map[string]string{
		"$.detail.eventName":          r.Attack.Op,
		"$.detail.eventID":            r.Attack.EventID,
		"$.account":                   r.Attack.Account,
		"$.detail.recipientAccountId": r.Attack.Account,
		"$.region":                    r.Region,
		"$.detail.awsRegion":          r.Region,
		"$.detail.userIdentity.arn":   r.Attack.Who,
	}[path]
}

// ToldDirectly wants EventBridge itself to tell somebody through a topic, with the call, its error, the place and the
// event's ID.
func ToldDirectly() []Check {
	return where(need.Publishing, "SNS was told by EventBridge", func(r *Run) string {
		why := "EventBridge published nothing about the event"
		for _, e := range r.Timeline {
			if e.Kind != localcloud.KindSNS || e.Via != localcloud.ViaRule || e.EventID != r.Attack.EventID {
				continue
			}
			gap := missing(
				e.Text, r.Attack.Op+" was called", "error is '", "in account "+r.Attack.Account+", "+r.Region,
				"(event "+r.Attack.EventID+")",
			)
			switch {
			case e.Err != "":
				why = "the message was refused: " + e.Err
			case strings.Contains(e.Text, "error is ''") != (r.Attack.Err == ""):
				why = "the message does not say whether the call was refused"
			case gap != "":
				why = gap
			case e.Recipients == 0:
				why = "nobody is subscribed to the topic"
			default:
				return ""
			}
		}
		return why
	})
}

// ToldByGuard wants the guard to tell Slack of the attack, in a message that holds the phrase.
func ToldByGuard(phrase string) []Check {
	return where(need.Secret, "Slack was told by the guard", guardSaid(localcloud.KindSlack, phrase))
}

// ToldByTopic wants the guard to tell SNS of the attack, in a message that holds the phrase.
func ToldByTopic(phrase string) []Check {
	return where(need.Topic, "SNS was told", guardSaid(localcloud.KindSNS, phrase))
}

// ToldByBoth wants both channels to tell of the event, where the deployment listens to the call.
func ToldByBoth(call string) []Check {
	both := All(ToldByGuard(""), ToldByTopic(""))
	for i, c := range both {
		both[i].needs = need.All(c.needs, need.Rule(call))
	}
	return both
}

// guardSaid wants a message of the guard on the channel that holds the phrase and the event's id.
func guardSaid(kind localcloud.Kind, phrase string) func(*Run) string {
	return func(r *Run) string {
		why := "the guard sent no message about the event"
		for _, e := range r.Timeline {
			if e.Kind != kind || e.Via != localcloud.ViaFunction {
				continue
			}
			whole := e.Subject + "\n" + e.Text + "\n" + e.Raw
			switch {
			case e.Err != "":
				why = "the message was refused: " + e.Err
			case !result.About(e, r.Attack.EventID):
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
}

// ToldOnce wants the guard to tell each channel of the attack once.
func ToldOnce() []Check {
	return One("the guard told each channel once", func(r *Run) string {
		for _, kind := range []localcloud.Kind{localcloud.KindSlack, localcloud.KindSNS} {
			n := len(r.Timeline.Accepted(kind).Where(func(e localcloud.Entry) bool { return result.About(e, r.Attack.EventID) }))
			if n > 1 {
				return fmt.Sprintf("%s was told %d times", kind, n)
			}
		}
		return ""
	})
}

// Outcome wants the topic to be told one of these outcomes, and no "restored" of a trail that is not logging.
func Outcome(wants ...string) []Check {
	return where(need.Topic, "the outcome was true", func(r *Run) string {
		told := r.Timeline.Outcomes(r.Attack.EventID)
		says := func(o string) bool { return slices.Contains(told, o) }
		switch {
		case len(told) == 0:
			return "no outcome was told"
		case !slices.ContainsFunc(wants, says):
			return fmt.Sprintf("told %s; want %s", strings.Join(told, " and "), strings.Join(wants, " or "))
		case says("gave_up") && (slices.Index(told, "gave_up") != len(told)-1 || says("restored")):
			return "told " + strings.Join(told, " and ") + "; gave_up must come once, last and without restored"
		case !r.Cloud.Logging(r.Trail) && (says("restored") || says("already_logging")):
			return "told " + strings.Join(told, " and ") + ", but the trail is not logging"
		}
		return ""
	})
}
