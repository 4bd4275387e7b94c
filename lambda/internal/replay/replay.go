// Package replay says what the deployed app would do with events that somebody kept: which EventBridge rule matches,
// what the guard decides, and which message EventBridge itself would send to Slack.
//
// It makes no call, opens no file and prints nothing. It does not know what became of a trail, only what an event asks
// for.
package replay

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/rules"
)

// Result is what would happen to one record. Every text in it but Decision, Pattern and Severity may be hostile.
type Result struct {
	Position string // where it stood in its input, as events.Entry.Where says it
	Decision assess.Decision
	Pattern  string // name of the EventBridge rule that matches; empty where none does
	Severity finding.Severity
	Trail    events.Trail    // the trail that the decision is about; zero where there is none
	Outcome  finding.Outcome // what the guard's message would say if it did no more than decide
	Detail   string          // the reason, in plain sentences; empty where the decision says it all
	Event    events.Event    // zero where Decision is unreadable
	Err      error           // why it is unreadable
}

// Reason says why the record is unreadable; it is empty where it is not.
func (r Result) Reason() string {
	if r.Err == nil {
		return ""
	}
	return strings.TrimSuffix(
		r.Err.Error(),
		": "+events.ErrUnknown.Error(),
	) // the part before it says what the payload is instead
}

// Read yields a result for every record in r, in order; r may hold whatever events.Read takes. One JSON value is held
// in memory at a time.
func Read(r io.Reader, scope assess.Scope) iter.Seq[Result] {
	return func(yield func(Result) bool) {
		for entry := range events.Read(r) {
			res := Result{Position: entry.Where(), Decision: assess.Unreadable, Err: entry.Err}
			if entry.Err == nil {
				res = decide(entry.Event, scope)
				res.Position = entry.Where()
			}
			if !yield(res) {
				return
			}
		}
	}
}

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
