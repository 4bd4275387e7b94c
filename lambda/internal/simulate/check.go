package simulate

import (
	"slices"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/localcloud"
)

// check is one of the project's checks as a scenario can check it. The reason is empty where it held.
type check struct {
	name   string
	verify func(*Result) string
	needs  need
}

// need is what a deployment must have for a check to be meant; nil is nothing.
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

// The checks, in the order of their weight. The names are what a broken one is called by.
const (
	CheckRestored      = "logging was restored"
	CheckFirst         = "StartLogging was the first call"
	CheckUntouched     = "the trail still logs"
	CheckPutBack       = "the trail is as its baseline has it"
	CheckNoMore        = "nothing else was changed"
	CheckHarmless      = "nothing was changed"
	CheckNoCall        = "no call was made"
	CheckByEventBridge = "Slack was told by EventBridge"
	CheckByGuard       = "Slack was told by the guard"
	CheckDirect        = "SNS was told by EventBridge"
	CheckTopic         = "SNS was told"
	CheckTruth         = "the outcome was true"
	CheckSweepSlack    = "Slack was told what the sweep found"
	CheckSweepTopic    = "SNS was told what the sweep found"
	CheckEscalated     = "the fight was escalated once"
	CheckSawAll        = "the sweep saw everything"
	CheckAsOften       = "the sweep runs as often as the guard says"
	CheckOftenEnough   = "the finding was told as often as it should be"
	CheckNoNews        = "the last sweep told nothing"
	CheckKept          = "the baseline is kept in the table"
	CheckTable         = "the state table is the guard's alone"
	CheckDestination   = "the logs go where they went"
	CheckOnce          = "the guard told each channel once"
	CheckArrived       = "every message arrived"
	CheckNotTwice      = "no message arrived twice"
	CheckOneRepeat     = "what Slack took without an answer came at most twice"
	CheckOldestFirst   = "late messages came oldest first"
	CheckEmptied       = "the queues are empty again"
	CheckThread        = "the thread holds the incident"
	CheckClosed        = "the first message says how the incident stands"
	CheckSecondSeen    = "the second trail is seen in the channel"
	CheckRouted        = "each trail was told in its own channel"
	CheckBroadcast     = "the escalation is seen in the channel"
	CheckHeartbeat     = "an alarm tells of the missing heartbeat"
	CheckTestAlert     = "the test alert arrived on both paths"
	CheckTestMissing   = "an alarm tells of the missing test alert"
	CheckHandled       = "the guard handled it in one run"
	CheckParked        = "what was refused was parked"
	CheckAlarmTopic    = "an alarm told SNS"
	CheckAlarmSlack    = "an alarm told Slack"
	CheckCalm          = "no alarm went off"
	CheckNotDelivered  = "the forged event reached nobody"
	CheckQuiet         = "nobody was told"
	CheckNotLost       = "nothing was lost"
	CheckNotLeaked     = "no secret was shown"
)

func checks(groups ...[]check) []check { return slices.Concat(groups...) }

func one(name string, verify func(*Result) string) []check {
	return []check{{name: name, verify: verify}}
}

// where limits a check to the deployments that have what it needs.
func where(needs need, name string, verify func(*Result) string) []check {
	return []check{{name, verify, needs}}
}

func restored() []check {
	return one(CheckRestored, func(r *Result) string {
		if !r.cloud.Logging(r.trail) {
			return "the trail is not logging; the deployment's mode is " + r.deployment.Environment[config.EnvMode]
		}
		return ""
	})
}

func untouched() []check {
	return one(CheckUntouched, func(r *Result) string {
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

func restartedFirst() []check {
	return one(CheckFirst, func(r *Result) string {
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

func harmless() []check {
	return one(CheckHarmless, func(r *Result) string {
		for _, e := range r.calls() {
			if e.Write {
				return "the guard called " + e.Op
			}
		}
		return ""
	})
}

func silentTowardsCloudTrail() []check {
	return one(CheckNoCall, func(r *Result) string {
		if calls := r.calls(); len(calls) > 0 {
			return "the guard called " + calls[0].Op
		}
		return ""
	})
}
