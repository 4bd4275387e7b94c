package rules

import (
	"embed"
	"encoding/json"
	"fmt"
	"sync"

	"trailkeeper/events"
)

// The EventBridge rules, by name. The names are part of the settings and of the deployed resources' identity.
const (
	RuleTampering = "tampering"  // a trail was stopped or deleted
	RuleChange    = "change"     // a trail was changed, and not by the guard
	RuleOwnRepair = "own-repair" // a trail was changed by the guard's role; see GuardRole
	RuleAttempt   = "attempt"    // a call of these, refused
	// A call of these by an actor whose ARN would break the Slack message of the others: its JSON, or its markup.
	// EventBridge does not admit all four characters in one rule.
	RuleOddActor         = "odd-actor"
	ruleOddMarkup        = "odd-markup"
	RuleOddAttempt       = "odd-attempt"
	ruleOddMarkupAttempt = "odd-markup-attempt"
	RuleActivity         = "activity" // quieter calls about trails; the guard only reports them
	RuleTest             = "test"     // a test alert of Trailkeeper's own; see TestRule
)

// EventRule is one EventBridge rule: what it matches, and what EventBridge itself notifies Slack.
type EventRule struct {
	Name        string
	Description string
	Pattern     Pattern
	// Wording is nil for a rule whose only target is the guard.
	Wording *Wording
	// SameWording is the rule whose Slack message this one has as well; empty where it has its own.
	SameWording string
	// SuccessOnly says that the pattern matches no refused call.
	SuccessOnly bool
}

// WordingName is the name of the rule's Slack message.
func (r EventRule) WordingName() string {
	if r.SameWording != "" {
		return r.SameWording
	}
	return r.Name
}

// What a test alert is sent with.
const (
	TestSource     = events.Source
	TestDetailType = events.TestAlert
)

//go:embed patterns/*.json templates/*.json
var files embed.FS

// GuardRole stands in the patterns of RuleChange and RuleOwnRepair for the ARN of the guard's role. Whoever deploys
// them puts that in its place, in both: a call that neither takes reaches no guard.
const GuardRole = "arn:aws:iam::111122223333:role/trailkeeper-GuardRole"

// EventRules returns the rules for CloudTrail's events, in the order in which they are deployed. The caller must not
// change what they point at.
func EventRules() []EventRule { return eventRules() }

// TestRule returns the rule for test alerts (events.TestAlert), which are no event of CloudTrail: anybody who may put
// events on the bus can send one. Whoever deploys it adds the account to its pattern. The caller must not change what
// it points at.
func TestRule() EventRule { return testRule() }

// FindEventRule returns the rule of that name.
func FindEventRule(name string) (EventRule, bool) {
	for _, r := range EventRules() {
		if r.Name == name {
			return r, true
		}
	}
	return EventRule{}, false
}

// MatchingRule returns the first rule that matches the event, as EventBridge would deliver it, and false where none
// does.
func MatchingRule(event []byte) (EventRule, bool) {
	for _, r := range EventRules() {
		if ok, err := r.Pattern.Match(event); err == nil && ok {
			return r, true
		}
	}
	return EventRule{}, false
}

var eventRules = sync.OnceValue(func() []EventRule {
	rules := []EventRule{
		{
			Name:        RuleTampering,
			SuccessOnly: true,
			Wording:     &Wording{},
			Description: "A call that stops or deletes a CloudTrail trail succeeded",
		},
		{
			Name:        RuleChange,
			SuccessOnly: true,
			Wording:     &Wording{},
			Description: "A call that changes a CloudTrail trail succeeded",
		},
		{
			Name:        RuleOwnRepair,
			SuccessOnly: true,
			Wording:     &Wording{},
			Description: "A call of the guard's role that changes a CloudTrail trail succeeded",
		},
		{
			Name: RuleAttempt, Wording: &Wording{},
			Description: "A call to stop, delete or change a CloudTrail trail was refused",
		},
		{
			Name:        RuleOddActor,
			SuccessOnly: true,
			Wording:     &Wording{},
			Description: "A call about a CloudTrail trail succeeded, by an actor whose ARN would break the Slack message",
		},
		{
			Name:        ruleOddMarkup,
			SameWording: RuleOddActor,
			SuccessOnly: true,
			Wording:     &Wording{},
			Description: "A call about a CloudTrail trail succeeded, by an actor whose ARN Slack would read as markup",
		},
		{
			Name:        RuleOddAttempt,
			SameWording: RuleOddActor,
			Wording:     &Wording{},
			Description: "A call about a CloudTrail trail was refused, by an actor whose ARN would break the Slack message",
		},
		{
			Name:        ruleOddMarkupAttempt,
			SameWording: RuleOddActor,
			Wording:     &Wording{},
			Description: "A call about a CloudTrail trail was refused, by an actor whose ARN Slack would read as markup",
		},
		{
			Name:        RuleActivity,
			Description: "Quieter calls about CloudTrail trails: started, created, tagged",
		},
	}
	for i := range rules {
		load(&rules[i])
	}
	return rules
})

var testRule = sync.OnceValue(func() EventRule {
	r := EventRule{
		Name:        RuleTest,
		Wording:     &Wording{},
		Description: "A test alert, which goes where an event of CloudTrail would go",
	}
	load(&r)
	return r
})

// load reads a rule's files. They are embedded and every test reads them, so a fault is a fault of the build.
func load(r *EventRule) {
	raw, err := files.ReadFile("patterns/" + r.Name + ".json")
	if err == nil {
		r.Pattern, err = ParsePattern(raw)
	}
	if err == nil && r.Wording != nil {
		if raw, err = files.ReadFile("templates/" + r.WordingName() + ".json"); err == nil {
			err = json.Unmarshal(raw, r.Wording)
		}
	}
	if err != nil {
		panic(fmt.Sprintf("rule %s: %v", r.Name, err))
	}
}
