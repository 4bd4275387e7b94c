package settings

import (
	"trailkeeper/lambda/config"
)

// Heartbeat is the sign of life for a service outside of AWS, which alerts where it stays away.
type Heartbeat struct {
	Guard  string // JSON key of the secret with the URL that the guard pings; empty: none
	Method string // of the ping, one of config.HeartbeatMethods
}

func heartbeatSettings() []setting {
	key := hidden(text("heartbeat.guard", "",
		func(v string) bool { return v == "" || config.ValidSecretKey(v) },
		"the name of a key of the secret, of 1 to 64 letters, digits, hyphens and underscores, and not the URL itself",
		"Key of the secret with the https URL that the guard pings after a sweep that saw everything; see "+
			"[Heartbeat](#heartbeat). Empty: none."))
	methods := config.HeartbeatMethods()
	return []setting{
		key,
		oneOf("heartbeat.method", methods[0], methods, "`GET` or `POST`, as the service of the URL expects."),
	}
}

func heartbeatContradictions(s Settings, p *problems) {
	if s.Heartbeat.Guard == "" {
		return
	}
	p.add(s.Secret == "", "heartbeat.guard secret",
		"secret is empty; heartbeat.guard names a key of the secret with the URL")
	p.add(!s.Sweep.Enabled, "heartbeat.guard sweep.enabled",
		"heartbeat.guard is set but sweep.enabled is false; the guard pings after a sweep")
	p.add(s.Heartbeat.Guard == "webhook" || s.Heartbeat.Guard == "bot_token", "heartbeat.guard",
		"heartbeat.guard is %s, which is Slack's; want a key of its own", show(s.Heartbeat.Guard))
}
