package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/need"
)

// Parked wants a copy of what each failed way was to carry in a queue, and an alarm on every queue that holds
// something.
func Parked() []Check {
	return One("what was refused was parked", func(r *Run) string {
		found := false
		for _, messages := range r.Cloud.Queued() {
			for _, m := range messages {
				found = found || strings.Contains(m.Body, r.Attack.EventID)
			}
		}
		if !found {
			return "no queue holds the event"
		}
		for _, e := range r.Timeline {
			failed := e.Err != "" &&
				(e.Kind == localcloud.KindSlack || e.Kind == localcloud.KindSNS && e.Via != localcloud.ViaAlarm)
			if failed && !parkedBy(r, e.Via) {
				return "what the " + e.Via + " could not deliver is in no queue"
			}
		}
		return alarmForEveryQueue(r)
	})
}

// GuardParked wants the failure queue to have what the guard could not deliver, and an alarm on every queue that holds
// something.
func GuardParked() []Check {
	return One("what was refused was parked", func(r *Run) string {
		if !parkedBy(r, localcloud.ViaFunction) {
			return "no queue holds what the guard could not deliver"
		}
		return alarmForEveryQueue(r)
	})
}

func parkedBy(r *Run, via string) bool {
	return slices.ContainsFunc(r.Timeline, func(e localcloud.Entry) bool {
		return e.Kind == localcloud.KindParked && e.Via == via
	})
}

func alarmForEveryQueue(r *Run) string {
	alarms := r.Timeline.Alarms()
	for _, e := range r.Timeline {
		watches := func(a localcloud.Entry) bool { return a.Via == e.Subject }
		if e.Kind == localcloud.KindParked && !slices.ContainsFunc(alarms, watches) {
			return "no alarm went off for the queue " + e.Subject
		}
	}
	return ""
}

// Alarmed wants alarms on both channels.
func Alarmed() []Check { return All(AlarmedByTopic(), AlarmedBySlack()) }

// AlarmedByTopic wants SNS to show every alarm that went off.
func AlarmedByTopic() []Check {
	return where(need.Topic, "an alarm told SNS", everyAlarm(localcloud.KindSNS))
}

// AlarmedBySlack wants Slack to show every alarm that went off.
func AlarmedBySlack() []Check {
	return where(need.Destination, "an alarm told Slack", everyAlarm(localcloud.KindSlack))
}

// everyAlarm wants each alarm that went off to be named in a message that the channel showed.
func everyAlarm(kind localcloud.Kind) func(*Run) string {
	return func(r *Run) string {
		alarms := r.Timeline.Alarms()
		if len(alarms) == 0 {
			return "no alarm went off"
		}
		for _, alarm := range alarms {
			if !showsAlarm(r, kind, alarm) {
				return channelName(kind) + " shows nothing of the alarm " + alarm.Subject
			}
		}
		return ""
	}
}

// showsAlarm reports whether somebody got an alarm on a channel, by the way that alarms go there.
func showsAlarm(r *Run, kind localcloud.Kind, alarm localcloud.Entry) bool {
	return slices.ContainsFunc(r.Timeline, func(e localcloud.Entry) bool {
		ours := e.Via == localcloud.ViaDestination
		if kind == localcloud.KindSNS {
			ours = e.Via == localcloud.ViaAlarm && e.Recipients > 0
		}
		return ours && e.Kind == kind && e.Err == "" && e.EventID == alarm.EventID &&
			strings.Contains(e.Subject+e.Text, alarm.Subject)
	})
}

// HeartbeatMissed wants an alarm on the heartbeat to go off, and both channels to show it.
func HeartbeatMissed() []Check {
	return where(need.Sweep, "an alarm tells of the missing heartbeat", alarmOn(metric.Heartbeat))
}

// TestMissed wants an alarm on test alerts that did not come through, and both channels to show it.
func TestMissed() []Check {
	return One("an alarm tells of the missing test alert", alarmOn(metric.TestAlertsSent, metric.TestAlerts))
}

func alarmOn(metrics ...string) func(*Run) string {
	return func(r *Run) string {
		of := r.Timeline.Alarms().Where(func(e localcloud.Entry) bool { return slices.Contains(metrics, e.Op) })
		switch {
		case len(of) == 0:
			return "no alarm on " + strings.Join(metrics, " or ") + " went off"
		case r.deployment.Topic && !showsAlarm(r, localcloud.KindSNS, of[len(of)-1]):
			return "SNS shows nothing of it"
		case r.deployment.Destination && !showsAlarm(r, localcloud.KindSlack, of[len(of)-1]):
			return "Slack shows nothing of it"
		}
		return ""
	}
}

// ruleAlarm is how the names of the alarms of metric filters go on behind the stack's.
const ruleAlarm = "/rule-"

// Counted wants an alarm of a metric filter to tell the topic 5 to 15 minutes after the run began, when its record had
// reached the log group and the period was over, and to say later that it is OK again.
func Counted() []Check {
	return One("a metric filter's alarm told SNS", func(r *Run) string {
		of := r.Timeline.Where(func(e localcloud.Entry) bool {
			return e.Kind == localcloud.KindAlarm && strings.Contains(e.Subject, ruleAlarm)
		})
		raised := of.Where(func(e localcloud.Entry) bool { return e.Text == "ALARM" })
		if len(raised) == 0 {
			return "no alarm of a metric filter went off"
		}
		for _, alarm := range raised {
			after := alarm.At.Sub(r.Cloud.Began())
			over := of.Where(func(e localcloud.Entry) bool {
				return e.Subject == alarm.Subject && e.Text == "OK" && e.At.After(alarm.At)
			})
			switch {
			case after < 5*time.Minute || after > 15*time.Minute:
				return fmt.Sprintf("the alarm %s went off after %s", alarm.Subject, after)
			case len(over) == 0:
				return "the alarm " + alarm.Subject + " is not over"
			case !showsAlarm(r, localcloud.KindSNS, alarm) || !showsAlarm(r, localcloud.KindSNS, over[0]):
				return "SNS shows nothing of the alarm " + alarm.Subject
			}
		}
		return ""
	})
}

// Tested wants EventBridge's message and the guard's to say TEST, on every channel.
func Tested() []Check {
	const name = "the test alert arrived on both paths"
	says := func(way string, kind localcloud.Kind, via string) func(*Run) string {
		return func(r *Run) string {
			if !slices.ContainsFunc(r.Timeline, func(e localcloud.Entry) bool {
				return e.Kind == kind && e.Via == via && e.Err == "" && strings.Contains(e.Subject+e.Text, "TEST")
			}) {
				return way + " shows no message that says TEST"
			}
			return ""
		}
	}
	return All(
		where(need.Destination, name, says("Slack, by EventBridge,", localcloud.KindSlack, localcloud.ViaDestination)),
		where(need.Secret, name, says("Slack, by the guard,", localcloud.KindSlack, localcloud.ViaFunction)),
		where(need.Topic, name, says("SNS", localcloud.KindSNS, localcloud.ViaFunction)),
	)
}
