// Package attacks is the table of what an attacker would try: of each technique of the catalogue (package guardrail), who
// reports it where the guard, the warden or both are gone, who repairs it, whether the guardrail prevents it, and which
// scenarios of `trailkeeper simulate` play it.
//
// What follows from the event patterns and the policies is computed from them: which rules match a record of the call,
// and what the service control policy denies. What the functions find when they look is declared; the tests of the
// scenarios hold both against what is played. It evaluates no policy and plays nothing.
package attacks

import (
	"slices"

	"trailkeeper/rules/guardrail"
)

// Reporter is a part of the deployment that reports a technique.
type Reporter string

// The reporters.
const (
	// Rule is EventBridge by itself, with the rules of protect.enabled: to the topic, and to Slack by an API destination of
	// its own.
	Rule Reporter = "rule"
	// SlackRule is EventBridge by itself, with the rules on trails and their evidence: to Slack.
	SlackRule Reporter = "Slack rule"
	// Guard is the guard, by an event or by its sweep.
	Guard Reporter = "guard"
	// Warden is the warden, by what it reads every few minutes.
	Warden Reporter = "warden"
	// Alarm is CloudWatch: by the topic, and by EventBridge's rule on alarms to Slack.
	Alarm Reporter = "alarm"
)

// Answer is what the functions do about a technique, in mode restore with every switch on.
type Answer struct {
	Of string // the ID of the technique in the catalogue
	// Found are those who find what the technique leaves behind, whether or not its event arrives: the warden on what is
	// the guard's, the guard on trails, their evidence and what is the warden's. Who gets the event need not be here.
	Found []Reporter
	// Repaired are those who undo it; none: nobody does.
	Repaired []Reporter
	// Unseen says what of it this deployment cannot see, or prevent, and why.
	Unseen string
	// Played are the scenarios of `trailkeeper simulate` that play it.
	Played []string
}

// Row is a technique with everything that is known about it.
type Row struct {
	guardrail.Technique
	Answer

	// Rules are EventBridge's own reporters, which need no code of the deployment.
	Rules []Reporter
	// Tested is a test of the package lambda/internal/simulate/techniques that plays it, and shows that it is undone, where no
	// scenario does.
	Tested string
	// CallsAlone is why the scenarios play its calls alone, so that nobody finds anything there; empty: they play it.
	CallsAlone string
}

// Rows are the catalogue's techniques, in its order. One that has no answer has an empty one.
func Rows() []Row {
	given := map[string]Answer{}
	for _, a := range Answers() {
		given[a.Of] = a
	}
	var all []Row
	for _, t := range guardrail.Techniques() {
		r := Row{Technique: t, Answer: given[t.ID], Rules: rulesOn(t), Tested: tested[t.ID], CallsAlone: callsAlone[t.ID]}
		if slices.Contains(r.Rules, SlackRule) && !slices.Contains(r.Found, Guard) {
			r.Found = slices.Concat(byGuard, r.Found) // such a rule has the guard for a target as well
		}
		all = append(all, r)
	}
	return all
}

// GuardGone are those who report it while the guard does not run.
func (r Row) GuardGone() []Reporter { return r.without(Guard) }

// WardenGone are those who report it while the warden does not run.
func (r Row) WardenGone() []Reporter { return r.without(Warden) }

// BothGone are those who report it while neither runs.
func (r Row) BothGone() []Reporter { return r.without(Guard, Warden) }

func (r Row) without(gone ...Reporter) []Reporter {
	all := slices.Concat(r.Rules, r.Found)
	return slices.DeleteFunc(all, func(by Reporter) bool { return slices.Contains(gone, by) })
}

// Seen reports whether somebody reports it while every part runs.
func (r Row) Seen() bool { return len(r.without()) > 0 }
