package settings

import (
	"trailkeeper/lambda/config"
)

// Heartbeat is the sign of life for a service outside of AWS, which alerts where it stays away.
type Heartbeat struct {
	Guard  string // JSON key of the secret with the URL that the guard pings; empty: none
	Warden string // the same of the warden
	Method string // of the ping, one of config.HeartbeatMethods
}

func heartbeatSettings() []setting {
	key := func(name, doc string) setting {
		return hidden(text(name, "",
			func(v string) bool { return v == "" || config.ValidSecretKey(v) },
			"the name of a key of the secret, of 1 to 64 letters, digits, hyphens and underscores, and not the URL itself",
			doc))
	}
	methods := config.HeartbeatMethods()
	return []setting{
		key("heartbeat.guard", "Key of the secret with the https URL that the guard pings after a sweep that saw everything; see "+
			"[Heartbeat](#heartbeat). Empty: none."),
		key("heartbeat.warden", "The same of the warden, with a URL of its own."),
		oneOf("heartbeat.method", methods[0], methods, "`GET` or `POST`, as the service of the URL expects."),
	}
}

func heartbeatContradictions(s Settings, p *problems) {
	for _, one := range [][2]string{{"heartbeat.guard", s.Heartbeat.Guard}, {"heartbeat.warden", s.Heartbeat.Warden}} {
		key, value := one[0], one[1]
		p.add(value != "" && s.Secret == "", key+" secret",
			"secret is empty; %s names a key of the secret with the URL", key)
		p.add(value == "webhook" || value == "bot_token", key,
			"%s is %s, which is Slack's; want a key of its own", key, show(value))
	}
	p.add(s.Heartbeat.Guard != "" && s.Heartbeat.Guard == s.Heartbeat.Warden, "heartbeat.guard heartbeat.warden",
		"heartbeat.guard and heartbeat.warden are both %s; one would hide that the other is silent: want two keys",
		show(s.Heartbeat.Guard))
	p.add(s.Heartbeat.Warden != "" && !s.Warden.Enabled, "heartbeat.warden warden.enabled",
		"heartbeat.warden is set but warden.enabled is false; there is no warden that pings")
	p.add(s.Heartbeat.Guard != "" && !s.Sweep.Enabled, "heartbeat.guard sweep.enabled",
		"heartbeat.guard is set but sweep.enabled is false; the guard pings after a sweep")
}
