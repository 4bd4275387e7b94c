package message

import (
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
)

// maxField bounds a field, in runes: longer than any ARN. A renderer cuts it further.
const maxField = 2 << 10

// fieldsOf lists what is known, in the order in which it is read: at most ten, as a section in Slack has, none empty.
func fieldsOf(f finding.Finding) []Field {
	var what, found Field
	if f.Kind == "" {
		what = Field{Label: "What", Value: f.EventName, More: f.EventSource}
	}
	if f.Kind != "" || f.Source != "" {
		found = Field{Label: "Found by", Value: finderOf(f)}
		if byRule(f) {
			found.Label = "Rule"
		}
	}
	return filled(
		Field{Label: "Who", Value: f.Actor, More: f.ActorARN},
		what,
		found,
		Field{Label: capital(noun(f)), Value: f.Subject.Name, More: f.Subject.ARN},
		Field{Label: "Account", Value: account(f)},
		Field{Label: "Region", Value: f.Region},
		Field{Label: "Source address", Value: f.SourceIP},
		Field{Label: "User agent", Value: f.UserAgent},
		at("Time", f.EventTime),
		Field{Label: "Refused with", Value: f.ErrorCode, More: f.ErrorMessage},
	)
}

// byRule reports whether a rule over records found it, or could not be applied.
func byRule(f finding.Finding) bool {
	return f.Rule != nil || f.Outcome == finding.OutcomeDetected || f.Kind == finding.KindRuleError
}

// idOf names the event, or what was found.
func idOf(f finding.Finding) Field {
	label := "Event ID"
	if f.Kind != "" {
		label = "Finding ID"
	}
	return Field{Label: label, Value: sanitize.Clean(f.EventID)}
}

// account is an account's ID, and its name where that is known: "111122223333 (production)".
func account(f finding.Finding) string {
	if f.AccountName == "" {
		return f.Account
	}
	return f.Account + " (" + sanitize.Bound(f.AccountName, maxAccount) + ")"
}

// maxAccount bounds an account's name, in runes: AWS Organizations takes 50.
const maxAccount = 50

func at(label string, t time.Time) Field { return Field{Label: label, Value: finding.Time(t), Time: t} }

// filled cleans the fields and leaves out those without a value.
func filled(all ...Field) []Field {
	var kept []Field
	for _, f := range all {
		f.Value, f.More = sanitize.Bound(f.Value, maxField), sanitize.Bound(f.More, maxField)
		if f.Value == "" {
			f.Value, f.More = f.More, ""
		}
		if f.Value != "" {
			kept = append(kept, f)
		}
	}
	return kept
}
