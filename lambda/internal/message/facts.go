package message

import (
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
)

// Fact is one line of what is known about an event. Its Value is as hostile as the caller made it, but for its length and its
// characters: it has been through Bound.
type Fact struct {
	Label string
	Value string
	// More is a second line, such as the ARN of what Value names.
	More string
}

// Facts lists what is known, in the order in which it is read: at most ten, none empty. Every value has at most most runes.
func Facts(n finding.Finding, most int) []Fact {
	what, id := Fact{"What", n.EventName, ""}, "Event ID"
	if n.Kind != "" {
		what, id = Fact{"Found by", "the sweep", ""}, "Finding ID"
	}
	all := []Fact{
		{"Who", n.Actor, n.ActorARN},
		what,
		{"Trail", n.TrailName, n.TrailARN},
		{"Account", n.Account, ""},
		{"Region", n.Region, ""},
		{"Source address", n.SourceIP, ""},
		{"User agent", n.UserAgent, ""},
		{"Time", finding.Time(n.EventTime), ""},
		{id, n.EventID, ""},
		{"Refused with", n.ErrorCode, n.ErrorMessage},
	}
	facts := all[:0]
	for _, f := range all {
		f.Value, f.More = sanitize.Bound(f.Value, most), sanitize.Bound(f.More, most)
		if f.Value == "" {
			f.Value, f.More = f.More, ""
		}
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	return facts
}
