// Package need says what a deployment must have for a scenario or a check to be meant. It knows the deployment's
// features, and neither scenarios nor checks.
package need

import (
	"slices"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/rules/filterpattern"
)

// Need is what a deployment must have for a scenario or a check to be meant; nil is nothing.
type Need func(localcloud.Deployment) bool

// Guard is the environment of the guard.
func Guard(d localcloud.Deployment) map[string]string { return d.With(config.EnvMode).Environment }

// Watch means that there is a watch, with rules over records.
func Watch(d localcloud.Deployment) bool { return d.With(config.EnvGuardedRegions).Name != "" }

// Destination means that Slack is told by an API destination.
func Destination(d localcloud.Deployment) bool { return d.Destination }

// Publishing means that EventBridge itself publishes to a topic.
func Publishing(d localcloud.Deployment) bool { return d.Publishes }

// Protect means that EventBridge itself tells a topic, and Slack, of calls on the deployment.
func Protect(d localcloud.Deployment) bool { return d.Protects && d.Destination }

// OwnSecret means that the secret has the stack's name, by which attacks on it call it.
func OwnSecret(d localcloud.Deployment) bool {
	return Guard(d)[config.EnvSlackSecret] == Guard(d)[config.EnvStack]
}

// Evidence means that a rule has the guard, and Slack, told of calls on the bucket of a trail.
func Evidence(d localcloud.Deployment) bool {
	return d.Destination && slices.Contains(d.With(config.EnvMode).EventNames, "PutBucketLifecycle")
}

// Warden means that there is a warden in the stack, which checks the guard; one in another Region is in another stack.
func Warden(d localcloud.Deployment) bool { return d.With(config.EnvFunction).Name != "" }

// WardenRestores means that the warden restores what it checks.
func WardenRestores(d localcloud.Deployment) bool {
	return d.With(config.EnvFunction).Environment[config.EnvWardenMode] == string(config.ModeRestore)
}

// BothHeartbeats means that guard and warden ping it, each at a URL of its own.
func BothHeartbeats(d localcloud.Deployment) bool {
	return Heartbeat(d) && d.With(config.EnvFunction).Environment[config.EnvHeartbeatKey] != ""
}

// Topic means that the guard tells a topic.
func Topic(d localcloud.Deployment) bool { return d.Topic }

// Table means that there is a state table.
func Table(d localcloud.Deployment) bool { return d.Table }

// Secret means that the guard tells Slack.
func Secret(d localcloud.Deployment) bool { return Guard(d)[config.EnvSlackSecret] != "" }

// Heartbeat means that the guard pings a service outside of AWS.
func Heartbeat(d localcloud.Deployment) bool { return Guard(d)[config.EnvHeartbeatKey] != "" }

// Slack means that somebody tells Slack.
func Slack(d localcloud.Deployment) bool { return Secret(d) || d.Destination }

// Sweep means that a schedule runs the guard, or is meant to.
func Sweep(d localcloud.Deployment) bool {
	return d.Schedule || Guard(d)[config.EnvSweepMinutes] != ""
}

// Threads means that a Slack bot posts into a channel, and the table remembers which message opened a thread.
func Threads(d localcloud.Deployment) bool {
	return Secret(d) && d.Table && Guard(d)[config.EnvSlackChannel] != ""
}

// Redrive means that the sweep sends later what was parked, and the table says what was sent.
func Redrive(d localcloud.Deployment) bool {
	return Sweep(d) && d.Table && Guard(d)[config.EnvFailureQueue] != ""
}

// OwnAccount means that it acts on no other account's trails than its own.
func OwnAccount(d localcloud.Deployment) bool { return !d.OtherAccounts }

// Organization means that it is meant for organization trails, as its role may do something with AWS Organizations.
func Organization(d localcloud.Deployment) bool { return d.Organization }

// Rule means that it has a rule on one of the calls.
func Rule(calls ...string) Need {
	return func(d localcloud.Deployment) bool {
		return slices.ContainsFunc(calls, func(call string) bool {
			return slices.Contains(d.With(config.EnvMode).EventNames, call)
		})
	}
}

// InMode means that it does at least what a mode does.
func InMode(m config.Mode) Need {
	return func(d localcloud.Deployment) bool { return config.Mode(Guard(d)[config.EnvMode]).AtLeast(m) }
}

// NotInMode means that it does less than a mode does.
func NotInMode(m config.Mode) Need {
	return func(d localcloud.Deployment) bool { return !InMode(m)(d) }
}

// Counted means that a metric filter of a log group counts an event, which is a record as JSON.
func Counted(event string) Need {
	return func(d localcloud.Deployment) bool {
		return slices.ContainsFunc(d.Filters, func(f localcloud.MetricFilter) bool {
			p, err := filterpattern.Parse(f.Pattern)
			return err == nil && p.Matches(filterpattern.Read([]byte(event)))
		})
	}
}

// All wants what each of several needs wants.
func All(needs ...Need) Need {
	return func(d localcloud.Deployment) bool {
		return !slices.ContainsFunc(needs, func(n Need) bool { return !n(d) })
	}
}
