package simulate

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/sns"
)

// The checks about what somebody writes into the queues.
const (
	CheckForged    = "nothing was told in the forger's words"
	CheckOpen      = "the forged message closed nothing"
	CheckHistory   = "the forged message was told as what was"
	CheckUnclaimed = "the finding was told, though its name was taken"
	CheckNext      = "the next sweep sent what was parked"
	CheckAside     = "the forged events are in the last queue, and were told once"
)

// noForgery wants no message of the guard to hold the attacker's words or links.
func noForgery() []check {
	return one(CheckForged, func(r *Result) string {
		for _, kind := range []localcloud.Kind{localcloud.KindSlack, localcloud.KindSNS} {
			for _, e := range r.accepted(kind) {
				if strings.Contains(e.Raw, forgedWords) || strings.Contains(e.Raw, "mallory.example.com") {
					return string(kind) + " says: " + firstOf(e.Subject, e.Text)
				}
			}
		}
		return ""
	})
}

// closedNothing wants no message to say that an incident is over, and no thread's first message.
func closedNothing() []check {
	return one(CheckOpen, func(r *Result) string {
		for _, e := range r.where(func(e localcloud.Entry) bool { return e.Via == localcloud.ViaFunction && e.Err == "" }) {
			switch {
			case e.Kind == localcloud.KindSNS && documentOf(e.Raw).State == string(finding.IncidentRestored):
				return "SNS is told that the incident is over: " + e.Subject
			case e.Kind == localcloud.KindSlack && (strings.Contains(e.Text, "Restored") || strings.Contains(e.Text, "and restored")):
				return "Slack is told: " + e.Text
			}
		}
		return ""
	})
}

// toldAsHistory wants the channel to be told how the trail stands, beside what the forged message is about.
func toldAsHistory(now string) []check {
	return one(CheckHistory, func(r *Result) string {
		for _, kind := range []localcloud.Kind{localcloud.KindSlack, localcloud.KindSNS} {
			if kind == localcloud.KindSlack && !needsSecret(r.deployment) ||
				kind == localcloud.KindSNS && !needsTopic(r.deployment) {
				continue
			}
			shown := 0
			for _, e := range r.accepted(kind) {
				if strings.Contains(e.Raw, "; now: "+now) && strings.Contains(e.Raw, lateWord) {
					shown++
				}
			}
			if shown != 1 {
				return fmt.Sprintf("%s shows %d messages that end with how the trail stands", kind, shown)
			}
		}
		return ""
	})
}

// foundThough wants the finding on every channel, as it is, and not as what was.
func foundThough() []check {
	return one(CheckUnclaimed, func(r *Result) string {
		for _, kind := range []localcloud.Kind{localcloud.KindSlack, localcloud.KindSNS} {
			if kind == localcloud.KindSlack && !needsSecret(r.deployment) ||
				kind == localcloud.KindSNS && !needsTopic(r.deployment) {
				continue
			}
			shown := 0
			for _, e := range r.accepted(kind) {
				if strings.Contains(e.Raw, "was found not logging and restored") && !strings.Contains(e.Raw, "; now: ") {
					shown++
				}
			}
			if shown != 1 {
				return fmt.Sprintf("%s shows the finding %d times", kind, shown)
			}
		}
		return ""
	})
}

// sentByNextSweep wants what was parked to come within one sweep of Slack's return.
func sentByNextSweep() []check {
	return where(needsSecret, CheckNext, func(r *Result) string {
		var back time.Time
		for _, e := range r.where(func(e localcloud.Entry) bool { return e.Kind == localcloud.KindNote && e.Who == "operator" }) {
			back = e.At
		}
		for _, e := range r.accepted(localcloud.KindSlack) {
			if strings.Contains(e.Raw, lateWord) && about(e, r.attack.EventID) {
				if late := e.At.Sub(back); late > 5*time.Minute {
					return "it came after " + late.String()
				}
				return ""
			}
		}
		return "it never came"
	})
}

// laidAside wants so many messages in the last queue, one message about each run that put some there, and the alarm.
func laidAside(n int) []check {
	return one(CheckAside, func(r *Result) string {
		queued := r.cloud.Queued()
		if got := len(queued["LastQueue"]); got != n {
			return fmt.Sprintf("the last queue holds %d messages; want %d", got, n)
		}
		for _, queue := range []string{"GuardFailures", "GuardDeadLetters"} {
			if got := len(queued[queue]); got > 0 {
				return fmt.Sprintf("%s still holds %d messages", queue, got)
			}
		}
		told := 0
		for _, e := range r.accepted(localcloud.KindSNS) {
			if documentOf(e.Raw).Finding == string(finding.KindLastQueue) {
				told++
			}
		}
		if needsTopic(r.deployment) && told != 1 {
			return fmt.Sprintf("SNS is told %d times", told)
		}
		for _, e := range r.where(func(e localcloud.Entry) bool { return e.Kind == localcloud.KindAlarm }) {
			if strings.Contains(e.Subject, "/last-queue") {
				return ""
			}
		}
		return "no alarm tells of the last queue"
	})
}

// documentOf is what programs get of a message of SNS; of another form is a message that is none of ours.
func documentOf(raw string) (d sns.Document) {
	var byProtocol struct{ HTTPS string }
	if json.Unmarshal([]byte(raw), &byProtocol) == nil {
		_ = json.Unmarshal([]byte(byProtocol.HTTPS), &d) // what does not decode is empty
	}
	return d
}
