// Package replay says what the deployed app would do with events that somebody kept: which EventBridge rule matches,
// what the guard decides, and which message EventBridge itself would send to Slack.
//
// It says which rules over CloudTrail match as well, and counts no threshold of theirs.
//
// It makes no call, opens no file and prints nothing. It does not know what became of a trail, only what an event asks
// for.
package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"

	"trailkeeper/events"
	"trailkeeper/events/read"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/rules"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/expression"
)

// Result is what would happen to one record. Every text in it but Decision, Pattern and Severity may be hostile.
type Result struct {
	Place    read.Place
	Decision assess.Decision
	Pattern  string // name of the EventBridge rule that matches; empty where none does
	Severity finding.Severity
	Trail    events.Trail    // the trail that the decision is about; zero where there is none
	Outcome  finding.Outcome // what the guard's message would say if it did no more than decide
	Detail   string          // the reason, in plain sentences; empty where the decision says it all
	Event    events.Event    // zero where Decision is unreadable or skipped, or ignored without a look
	Err      error           // why it is unreadable, or skipped

	Rules      []Match  // the rules over CloudTrail that match, by ID
	IgnoredBy  string   // the ID of the ignore rule that matches; empty where none does
	RuleErrors []string // "rule: reason" of rules that could not be applied
}

// Match is a rule over CloudTrail that matches a record, with what it says of it.
type Match struct {
	Rule string
	detect.Hit
}

// skipped is the decision about what stands beside records and is none, such as a digest file.
const skipped assess.Decision = "skipped"

// Reason says why the record is unreadable or skipped; it is empty where it is neither.
func (r Result) Reason() string {
	if r.Err == nil {
		return ""
	}
	// The part before ErrUnknown says what the payload is instead.
	return strings.TrimSuffix(r.Err.Error(), ": "+events.ErrUnknown.Error())
}

// Options are what records are judged by.
type Options struct {
	Scope assess.Scope
	// Rules are the rules over CloudTrail that are asked as well; nil for none.
	Rules *detect.Set
	// Whole decodes every record. Without it, the result of a record that no pattern and no rule asks for has no event.
	Whole bool
}

// Read yields a result for every record, in order.
func Read(records iter.Seq2[read.Record, error], o Options) iter.Seq[Result] {
	return func(yield func(Result) bool) {
		for record, err := range records {
			r := Result{Decision: assess.Ignored}
			if err != nil || o.Whole || !isQuiet(record) || !o.passes(record) {
				r = o.result(record, err)
			}
			r.Place = record.Place
			if !yield(r) {
				return
			}
		}
	}
}

// passes reports whether the rules have nothing to do with a record.
func (o Options) passes(record read.Record) bool {
	if o.Rules == nil {
		return true
	}
	h, known := record.Head()
	return known && !o.Rules.Concerns(h)
}

// ask asks the rules. What is no record for them, such as an alarm of CloudWatch in an event, matches none.
func (r *Result) ask(set *detect.Set, record read.Record) {
	parsed, err := expression.Parse(record.JSON())
	if err != nil {
		return
	}
	decision := set.Decide(parsed)
	r.IgnoredBy = decision.IgnoredBy
	for _, e := range decision.Errors {
		r.RuleErrors = append(r.RuleErrors, e.Error())
	}
	for _, rule := range decision.Rules {
		hit, errs := rule.Describe(parsed)
		for _, e := range errs {
			r.RuleErrors = append(r.RuleErrors, e.Error())
		}
		r.Rules = append(r.Rules, Match{rule.ID, hit})
	}
}

// isQuiet reports whether a record names, in plain letters, a call that no rule asks for. It is not decoded for that.
func isQuiet(record read.Record) bool {
	calls, name := concerned(), record.Name()
	return calls != nil && name != nil && !calls[string(name)]
}

// result decodes a record and judges it.
func (o Options) result(record read.Record, err error) Result {
	if _, ok := errors.AsType[read.SkippedError](err); ok {
		return Result{Decision: skipped, Err: err}
	}
	var ev events.Event
	if err == nil {
		ev, err = record.Event()
	}
	if err != nil {
		return Result{Decision: assess.Unreadable, Err: err}
	}
	r := Result{Decision: assess.Ignored, Event: ev}
	if !isQuiet(record) {
		r = decide(ev, o.Scope)
	}
	if o.Rules != nil {
		r.ask(o.Rules, record)
	}
	if r.Pattern == "" && len(r.Rules) == 0 && isInsight(ev) {
		return Result{Decision: skipped, Err: read.SkippedError{What: "a record of CloudTrail Insights"}}
	}
	return r
}

// isInsight tells a record of CloudTrail Insights, bare or as an event. Where a rule matches, EventBridge sends it on.
func isInsight(ev events.Event) bool {
	return ev.Record.EventType == "AwsCloudTrailInsight" || ev.DetailType == "AWS Insight via CloudTrail"
}

// concerned are the calls that the EventBridge rules ask for, and nil where one of them does not name its calls: then
// every record has to be asked about.
var concerned = sync.OnceValue(func() map[string]bool {
	calls := map[string]bool{}
	for _, rule := range rules.EventRules() {
		var pattern struct {
			Detail struct {
				EventName []any `json:"eventName"`
			} `json:"detail"`
		}
		if err := json.Unmarshal(rule.Pattern.JSON(), &pattern); err != nil || len(pattern.Detail.EventName) == 0 {
			return nil
		}
		for _, call := range pattern.Detail.EventName {
			name, ok := call.(string)
			if !ok {
				return nil
			}
			calls[name] = true
		}
	}
	return calls
})

// decide asks the EventBridge rules first: what none of them matches never reaches the guard.
func decide(ev events.Event, scope assess.Scope) Result {
	res := Result{Decision: assess.Ignored, Event: ev}
	if ev.Source != "aws.cloudtrail" {
		return res // every pattern pins the source; a test proves it
	}
	rule, ok := rules.MatchingRule(ev.JSON())
	if !ok {
		return res
	}
	a := assess.Assess(ev, scope)
	res.Pattern, res.Decision, res.Trail = rule.Name, a.Decision, a.Trail
	if a.Decision != assess.Ignored {
		res.Severity, res.Outcome, res.Detail = a.Severity, a.Outcome, message.Detail(finding.Finding{Notes: a.Notes})
	}
	return res
}

// SlackText returns the text that EventBridge itself would send to Slack for the result, in Slack's mrkdwn. It is empty
// for a rule whose only target is the guard, and for a record that no rule matches. The error says that the message
// would not arrive.
func (r Result) SlackText() (string, error) {
	rule, ok := rules.FindEventRule(r.Pattern)
	if !ok || rule.Wording == nil {
		return "", nil
	}
	body, err := rule.Wording.Transformer("").Render(r.Event.JSON(), rules.Reserved{RuleName: rule.Name})
	if err != nil {
		return "", fmt.Errorf("render the Slack message of rule %s: %w", rule.Name, err)
	}
	var message struct {
		Text string `json:"text"`
	}
	if err := json.Unmarshal(body, &message); err != nil {
		return "", fmt.Errorf("read the Slack message of rule %s: %w", rule.Name, err)
	}
	return message.Text, nil
}
