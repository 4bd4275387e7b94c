package check

import (
	"cmp"
	"strings"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/structure"
)

// Handled wants the guard to have handled every event in one run.
func Handled() []Check {
	return never("the guard handled it in one run", func(e localcloud.Entry) string {
		if e.Kind == localcloud.KindInvoked {
			return e.Err
		}
		return ""
	})
}

// Calm wants no alarm to go off while everything works.
func Calm() []Check {
	return One("no alarm went off", func(r *Run) string {
		for _, e := range r.Timeline.Alarms() {
			return e.Subject + " went off"
		}
		return ""
	})
}

func notLost() []Check {
	return never("nothing was lost", func(e localcloud.Entry) string {
		if e.Kind == localcloud.KindLost {
			return e.Subject + ": " + e.Err
		}
		return ""
	})
}

func notLeaked() []Check {
	return One("no secret was shown", func(r *Run) string {
		emitted := r.Cloud.Emitted()
		for _, secret := range structure.Leaks {
			if strings.Contains(emitted, secret) {
				return "a log, a message or a queue holds " + strings.TrimSuffix(strings.TrimPrefix(secret, "made-up-"), "-secret")
			}
		}
		return ""
	})
}

// Safe wants the template to have a place for everything that cannot be delivered, and to keep what is remembered.
func Safe() []Check {
	return One("nothing can get lost", func(r *Run) string {
		s, err := structure.Of(r.Template)
		if err != nil {
			return "the template cannot be read: " + err.Error()
		}
		return s.Gap(r.deployment.Topic)
	})
}

// ToldToNobody wants no message about an event that is none of the deployment's business.
func ToldToNobody() []Check {
	return never("nobody was told", func(e localcloud.Entry) string {
		if e.Kind == localcloud.KindSlack || e.Kind == localcloud.KindSNS {
			return "a message was sent: " + cmp.Or(e.Text, e.Subject)
		}
		return ""
	})
}

// NotDelivered wants no rule to match.
func NotDelivered() []Check {
	return never("the forged event reached nobody", func(e localcloud.Entry) string {
		if e.Kind == localcloud.KindMatched && e.Subject != "" {
			return "rule " + e.Subject + " matched it"
		}
		return ""
	})
}
