// Package check holds what must come of a scenario, as people and programs would see it: a check says why it did not
// pass. It does nothing to what it judges, and knows no scenario.
package check

import (
	"slices"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/simulate/stage"
)

// Check is something that must come of a scenario.
type Check struct {
	name string // as it is shown, such as "logging was restored"
	// verify says why it did not hold; empty: it held.
	verify func(*Run) string
	needs  need.Need
	// restart says that it does not hold unless the guard restarts the trail.
	restart bool
}

// WantRestart reports whether one of the checks does not hold unless the guard restarts the trail.
func WantRestart(checks []Check) bool {
	return slices.ContainsFunc(checks, func(c Check) bool { return c.restart })
}

// Run is what was played, as checks see it: what happened, and the cloud as it is at the end.
type Run struct {
	*stage.Stage
	Timeline   result.Timeline
	Attack     localcloud.Entry // the first call of the attacker, or the event that is played
	deployment localcloud.Deployment
}

// Of is what was played on a stage until now.
func Of(s *stage.Stage) *Run {
	return &Run{Stage: s, Timeline: s.Cloud.Entries(), deployment: s.Deployed}
}

// Result judges what was played by the checks that the deployment can pass.
func (r *Run) Result(checks []Check) result.Result {
	res := result.Result{
		Assumptions: r.deployment.Assumptions,
		Start:       r.Cloud.Began(),
		Timeline:    r.Timeline,
		Trail:       stage.PastOf(r.Cloud, r.Declared),
		End:         r.Cloud.Now(),
		Metrics:     r.Cloud.Metrics(),
	}
	for _, f := range r.Faults {
		if f.Reached() == 0 {
			res.Unmet = append(res.Unmet, f.Service+" "+string(f.Kind))
		}
	}
	for _, c := range checks {
		if c.needs == nil || c.needs(r.deployment) {
			res.Checks = append(res.Checks, result.Verdict{Check: c.name, Why: c.verify(r)})
		}
	}
	return res
}

// All puts groups of checks into one.
func All(groups ...[]Check) []Check { return slices.Concat(groups...) }

// One is a check by itself.
func One(name string, verify func(*Run) string) []Check {
	return []Check{{name: name, verify: verify}}
}

// byRestart is a check by itself that does not hold unless the guard restarts the trail.
func byRestart(name string, verify func(*Run) string) []Check {
	return []Check{{name: name, verify: verify, restart: true}}
}

// where limits a check to the deployments that have what it needs.
func where(needs need.Need, name string, verify func(*Run) string) []Check {
	return []Check{{name: name, verify: verify, needs: needs}}
}

// never wants no entry of the timeline to be wrong.
func never(name string, wrong func(localcloud.Entry) string) []Check {
	return One(name, func(r *Run) string {
		for _, e := range r.Timeline {
			if why := wrong(e); why != "" {
				return why
			}
		}
		return ""
	})
}

// onChannels checks each channel of the guard that the deployment has.
func onChannels(onSlack, onSNS string, verify func(*Run, localcloud.Kind) string) []Check {
	on := func(kind localcloud.Kind) func(*Run) string {
		return func(r *Run) string { return verify(r, kind) }
	}
	return All(
		where(need.Secret, onSlack, on(localcloud.KindSlack)),
		where(need.Topic, onSNS, on(localcloud.KindSNS)),
	)
}

// RestartedAndTold is what follows when a trail is stopped and everything works.
func RestartedAndTold() []Check {
	return All(Restored(), RestartedFirst(), Told("and restored"), Outcome("restored"))
}

// PutBackAndTold is what follows when a trail with a baseline is weakened, in mode recreate; writes are what the guard
// does about it.
func PutBackAndTold(writes ...string) []Check {
	return All(PutBack(), Told("and restored"), Outcome("restored"), WritesOnly(writes...))
}

// Quiet is what holds where nothing is wrong with the deployment itself.
func Quiet() []Check { return All(Handled(), Calm(), Safe(), Sound()) }

// Sound is what must hold whatever happens: nothing is lost, and no secret is shown.
func Sound() []Check { return All(notLost(), notLeaked()) }

// channelName is what people call a channel.
func channelName(kind localcloud.Kind) string {
	return map[localcloud.Kind]string{localcloud.KindSlack: "Slack", localcloud.KindSNS: "SNS"}[kind]
}
