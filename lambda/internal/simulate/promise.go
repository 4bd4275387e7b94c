package simulate

import (
	"slices"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/localcloud"
)

// promise is one of the project's promises as a scenario can check it. The reason is empty where it held.
type promise struct {
	name  string
	check func(*Result) string
	needs need
}

// need is what a deployment must have for a promise to be meant; nil is nothing.
type need func(localcloud.Deployment) bool

func needsDestination(d localcloud.Deployment) bool { return d.Destination }

func needsPublishing(d localcloud.Deployment) bool { return d.Publishes }

func needsTopic(d localcloud.Deployment) bool { return d.Topic }

// needsRule wants a rule on one of the calls.
func needsRule(calls ...string) need {
	return func(d localcloud.Deployment) bool {
		return slices.ContainsFunc(calls, func(call string) bool { return slices.Contains(d.EventNames, call) })
	}
}

// inMode wants the deployment to do at least what a mode does; notInMode wants it to do less.
func inMode(m config.Mode) need {
	return func(d localcloud.Deployment) bool { return config.Mode(d.Environment[config.EnvMode]).AtLeast(m) }
}

func notInMode(m config.Mode) need {
	return func(d localcloud.Deployment) bool { return !inMode(m)(d) }
}

// needsOwnAccount wants the deployment to act on no other account's trails than its own.
func needsOwnAccount(d localcloud.Deployment) bool {
	return !d.OtherAccounts
}

// needsOrganization wants a deployment that is meant for organization trails: its role may do something with AWS
// Organizations.
func needsOrganization(d localcloud.Deployment) bool { return d.Organization }

// needsSweep: a schedule runs the guard, or is meant to.
func needsSweep(d localcloud.Deployment) bool {
	return d.Schedule || d.Environment[config.EnvSweepMinutes] != ""
}

func needsTable(d localcloud.Deployment) bool { return d.Table }

func needsSlack(d localcloud.Deployment) bool {
	return d.Environment[config.EnvSlackSecret] != "" || d.Destination
}

// needsThreads: a Slack bot posts into a channel, and the table remembers which message opened a thread.
func needsThreads(d localcloud.Deployment) bool {
	return needsSecret(d) && needsTable(d) && d.Environment[config.EnvSlackChannel] != ""
}

// needsRedrive: the sweep sends later what was parked, and the table says what was sent.
func needsRedrive(d localcloud.Deployment) bool {
	return needsSweep(d) && needsTable(d) && d.Environment[config.EnvFailureQueue] != ""
}

// both wants what two needs want.
func both(a, b need) need { return func(d localcloud.Deployment) bool { return a(d) && b(d) } }

func needsSecret(d localcloud.Deployment) bool { return d.Environment[config.EnvSlackSecret] != "" }

// The promises, in the order of their weight. The names are what a broken one is called by.
const (
	PromiseRestored      = "logging was restored"
	PromiseFirst         = "StartLogging was the first call"
	PromiseUntouched     = "the trail still logs"
	PromisePutBack       = "the trail is as its baseline has it"
	PromiseNoMore        = "nothing else was changed"
	PromiseHarmless      = "nothing was changed"
	PromiseNoCall        = "no call was made"
	PromiseByEventBridge = "Slack was told by EventBridge"
	PromiseByGuard       = "Slack was told by the guard"
	PromiseDirect        = "SNS was told by EventBridge"
	PromiseTopic         = "SNS was told"
	PromiseTruth         = "the outcome was true"
	PromiseSweepSlack    = "Slack was told what the sweep found"
	PromiseSweepTopic    = "SNS was told what the sweep found"
	PromiseEscalated     = "the fight was escalated once"
	PromiseSawAll        = "the sweep saw everything"
	PromiseAsOften       = "the sweep runs as often as the guard says"
	PromiseOftenEnough   = "the finding was told as often as it should be"
	PromiseNoNews        = "the last sweep told nothing"
	PromiseKept          = "the baseline is kept in the table"
	PromiseTable         = "the state table is the guard's alone"
	PromiseDestination   = "the logs go where they went"
	PromiseOnce          = "the guard told each channel once"
	PromiseArrived       = "every message arrived"
	PromiseNotTwice      = "no message arrived twice"
	PromiseOneRepeat     = "what Slack took without an answer came at most twice"
	PromiseOldestFirst   = "late messages came oldest first"
	PromiseEmptied       = "the queues are empty again"
	PromiseThread        = "the thread holds the incident"
	PromiseClosed        = "the first message says how the incident stands"
	PromiseSecondSeen    = "the second trail is seen in the channel"
	PromiseRouted        = "each trail was told in its own channel"
	PromiseBroadcast     = "the escalation is seen in the channel"
	PromiseHeartbeat     = "an alarm tells of the missing heartbeat"
	PromiseTestAlert     = "the test alert arrived on both paths"
	PromiseTestMissing   = "an alarm tells of the missing test alert"
	PromiseHandled       = "the guard handled it in one run"
	PromiseParked        = "what was refused was parked"
	PromiseAlarmTopic    = "an alarm told SNS"
	PromiseAlarmSlack    = "an alarm told Slack"
	PromiseCalm          = "no alarm went off"
	PromiseNotDelivered  = "the forged event reached nobody"
	PromiseQuiet         = "nobody was told"
	PromiseNotLost       = "nothing was lost"
	PromiseNotLeaked     = "no secret was shown"
)

func promises(groups ...[]promise) []promise { return slices.Concat(groups...) }

func one(name string, check func(*Result) string) []promise {
	return []promise{{name: name, check: check}}
}

// where limits a promise to the deployments that have what it needs.
func where(needs need, name string, check func(*Result) string) []promise {
	return []promise{{name, check, needs}}
}

func restored() []promise {
	return one(PromiseRestored, func(r *Result) string {
		if !r.cloud.Logging(r.trail) {
			return "the trail is not logging; the deployment's mode is " + r.deployment.Environment[config.EnvMode]
		}
		return ""
	})
}

func untouched() []promise {
	return one(PromiseUntouched, func(r *Result) string {
		if !r.cloud.Logging(r.trail) {
			return "the trail is not logging"
		}
		return ""
	})
}

// calls returns the function's calls.
func (r *Result) calls() []localcloud.Entry {
	return r.where(func(e localcloud.Entry) bool { return e.Kind == localcloud.KindCall && e.Function })
}

func (r *Result) where(keep func(localcloud.Entry) bool) []localcloud.Entry {
	var found []localcloud.Entry
	for _, e := range r.Timeline {
		if keep(e) {
			found = append(found, e)
		}
	}
	return found
}

func restartedFirst() []promise {
	return one(PromiseFirst, func(r *Result) string {
		calls := r.calls()
		switch {
		case len(calls) == 0:
			return "the guard made no call"
		case calls[0].Op != "StartLogging":
			return "the guard's first call was " + calls[0].Op
		}
		return ""
	})
}

func harmless() []promise {
	return one(PromiseHarmless, func(r *Result) string {
		for _, e := range r.calls() {
			if e.Write {
				return "the guard called " + e.Op
			}
		}
		return ""
	})
}

func silentTowardsCloudTrail() []promise {
	return one(PromiseNoCall, func(r *Result) string {
		if calls := r.calls(); len(calls) > 0 {
			return "the guard called " + calls[0].Op
		}
		return ""
	})
}
