package simulate

import (
	"strings"

	"trailkeeper/lambda/internal/localcloud"
)

// parked wants a copy of what each failed way was to carry in a queue, and an alarm on every queue that holds
// something.
func parked() []check {
	return one(CheckParked, func(r *Result) string {
		found := false
		for _, messages := range r.cloud.Queued() {
			for _, m := range messages {
				found = found || strings.Contains(m.Body, r.attack.EventID)
			}
		}
		if !found {
			return "no queue holds the event"
		}
		for _, e := range r.Timeline {
			failed := e.Err != "" &&
				(e.Kind == localcloud.KindSlack || e.Kind == localcloud.KindSNS && e.Via != localcloud.ViaAlarm)
			if failed && !r.parkedBy(e.Via) {
				return "what the " + e.Via + " could not deliver is in no queue"
			}
		}
		return r.alarmForEveryQueue()
	})
}

func (r *Result) parkedBy(via string) bool {
	return len(r.where(func(e localcloud.Entry) bool { return e.Kind == localcloud.KindParked && e.Via == via })) > 0
}

func (r *Result) alarmForEveryQueue() string {
	for _, e := range r.Timeline {
		if e.Kind != localcloud.KindParked {
			continue
		}
		if !r.anyAlarm(func(a localcloud.Entry) bool { return a.Via == e.Subject }) {
			return "no alarm went off for the queue " + e.Subject
		}
	}
	return ""
}

func (r *Result) anyAlarm(is func(localcloud.Entry) bool) bool {
	return len(
		r.where(func(e localcloud.Entry) bool { return e.Kind == localcloud.KindAlarm && e.Text == "ALARM" && is(e) }),
	) > 0
}

// calm wants no alarm to go off while everything works.
func calm() []check {
	return one(CheckCalm, func(r *Result) string {
		for _, e := range r.Timeline {
			if e.Kind == localcloud.KindAlarm && e.Text == "ALARM" {
				return e.Subject + " went off"
			}
		}
		return ""
	})
}

// alarmed wants alarms on both channels.
func alarmed() []check { return checks(alarmedByTopic(), alarmedBySlack()) }

func alarmedByTopic() []check {
	return where(needsTopic, CheckAlarmTopic, func(r *Result) string {
		return r.everyAlarm("SNS", func(e localcloud.Entry) bool {
			return e.Kind == localcloud.KindSNS && e.Via == localcloud.ViaAlarm && e.Recipients > 0
		})
	})
}

func alarmedBySlack() []check {
	return where(needsDestination, CheckAlarmSlack, func(r *Result) string {
		return r.everyAlarm("Slack", func(e localcloud.Entry) bool {
			return e.Kind == localcloud.KindSlack && e.Via == localcloud.ViaDestination
		})
	})
}

// everyAlarm wants each alarm that went off to be named in a message that the channel showed.
func (r *Result) everyAlarm(channel string, shows func(localcloud.Entry) bool) string {
	if !r.anyAlarm(func(localcloud.Entry) bool { return true }) {
		return "no alarm went off"
	}
	for _, alarm := range r.Timeline {
		if alarm.Kind != localcloud.KindAlarm || alarm.Text != "ALARM" {
			continue
		}
		told := r.where(func(e localcloud.Entry) bool {
			return shows(e) && e.Err == "" && e.EventID == alarm.EventID && strings.Contains(e.Subject+e.Text, alarm.Subject)
		})
		if len(told) == 0 {
			return channel + " shows nothing of the alarm " + alarm.Subject
		}
	}
	return ""
}

// sound is what must hold whatever happens: nothing is lost, and no secret is shown.
func sound() []check {
	return checks(
		one(CheckNotLost, func(r *Result) string {
			for _, e := range r.Timeline {
				if e.Kind == localcloud.KindLost {
					return e.Subject + ": " + e.Err
				}
			}
			return ""
		}),
		one(CheckNotLeaked, func(r *Result) string {
			emitted := r.cloud.Emitted()
			for _, secret := range leaks {
				if strings.Contains(emitted, secret) {
					return "a log, a message or a queue holds " + strings.TrimSuffix(strings.TrimPrefix(secret, "made-up-"), "-secret")
				}
			}
			return ""
		}),
	)
}
