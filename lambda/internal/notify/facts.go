package notify

import "time"

// Fact is one line of what is known about an event. Its Value is as hostile as the caller made it, but for its length and its
// characters: it has been through Bound.
type Fact struct {
	Label string
	Value string
	// More is a second line, such as the ARN of what Value names.
	More string
}

// Facts lists what is known, in the order in which it is read: at most ten, none empty. Every value has at most most runes.
func (n Notification) Facts(most int) []Fact {
	what, id := Fact{"What", n.EventName, ""}, "Event ID"
	if n.Finding != "" {
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
		{"Time", Time(n.EventTime), ""},
		{id, n.EventID, ""},
		{"Refused with", n.ErrorCode, n.ErrorMessage},
	}
	facts := all[:0]
	for _, f := range all {
		f.Value, f.More = Bound(f.Value, most), Bound(f.More, most)
		if f.Value == "" {
			f.Value, f.More = f.More, ""
		}
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	return facts
}

// Time writes a time for people, in UTC; the zero time is "".
func Time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}
