package simulate

import (
	"strings"

	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/localcloud"
)

// heartbeatMissed wants an alarm on the heartbeat to go off, and both channels to show it.
func heartbeatMissed() []check {
	return where(needsSweep, CheckHeartbeat, func(r *Result) string { return r.alarmOn(metric.Heartbeat) })
}

// testMissed wants an alarm on test alerts that did not come through, and both channels to show it.
func testMissed() []check {
	return one(CheckTestMissing, func(r *Result) string { return r.alarmOn(metric.TestAlertsSent, metric.TestAlerts) })
}

func (r *Result) alarmOn(metrics ...string) string {
	var found *localcloud.Entry
	for i, e := range r.Timeline {
		for _, name := range metrics {
			if e.Kind == localcloud.KindAlarm && e.Text == "ALARM" && e.Op == name {
				found = &r.Timeline[i]
			}
		}
	}
	if found == nil {
		return "no alarm on " + strings.Join(metrics, " or ") + " went off"
	}
	shows := func(kind localcloud.Kind, via string) bool {
		return len(r.where(func(e localcloud.Entry) bool {
			return e.Kind == kind && e.Via == via && e.Err == "" && e.EventID == found.EventID &&
				strings.Contains(e.Subject+e.Text, found.Subject)
		})) > 0
	}
	switch {
	case r.deployment.Topic && !shows(localcloud.KindSNS, localcloud.ViaAlarm):
		return "SNS shows nothing of it"
	case r.deployment.Destination && !shows(localcloud.KindSlack, localcloud.ViaDestination):
		return "Slack shows nothing of it"
	}
	return ""
}

// tested wants EventBridge's message and the guard's to say TEST, on every channel.
func tested() []check {
	judge := func(channel string, is func(localcloud.Entry) bool) func(*Result) string {
		return func(r *Result) string {
			n := len(r.where(func(e localcloud.Entry) bool {
				return is(e) && e.Err == "" && strings.Contains(e.Subject+e.Text, "TEST")
			}))
			if n == 0 {
				return channel + " shows no message that says TEST"
			}
			return ""
		}
	}
	by := func(kind localcloud.Kind, via string) func(localcloud.Entry) bool {
		return func(e localcloud.Entry) bool { return e.Kind == kind && e.Via == via }
	}
	return checks(
		where(
			needsDestination,
			CheckTestAlert,
			judge("Slack, by EventBridge,", by(localcloud.KindSlack, localcloud.ViaDestination)),
		),
		where(needsSecret, CheckTestAlert, judge("Slack, by the guard,", by(localcloud.KindSlack, localcloud.ViaFunction))),
		where(needsTopic, CheckTestAlert, judge("SNS", by(localcloud.KindSNS, localcloud.ViaFunction))),
	)
}
