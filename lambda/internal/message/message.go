// Package message holds the words: a finding goes in; a title, a status, what to do, facts, changes and links come out,
// for any channel. It is the one place to edit the voice.
//
// It escapes nothing for any format, decides nothing and knows no channel's limits but those that its callers pass.
package message

import (
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
)

// Message is a finding in words. Every text is plain: cleaned, and as hostile as what it was made of. A renderer bounds
// and escapes it.
type Message struct {
	State    State
	Title    string // one line of at most 147 runes: what happened, and how it stands
	Severity string // "High"
	Status   string // how it stands, with the times: "Restored 34 s after the event (812 ms after StartLogging)"
	Detail   string // one or a few sentences; ""
	Incident string // which incident it belongs to, and how that stands; ""
	Steps    []Step // what a human does next; empty only where nothing is known
	Changes  Changes
	Fields   []Field // what is known, in the order in which it is read, none empty
	// Subject is the ARN of what it is about, where nothing else can be in it; "" otherwise.
	Subject string
	// ID names the event or the finding. A channel shows it once.
	ID     Field
	Links  []Link
	Source string // which deployment speaks
}

// Of words a finding.
func Of(f finding.Finding) Message {
	m := Message{
		State:    stateOf(f),
		Title:    Headline(f),
		Severity: SeverityWord(f.Severity),
		Status:   Status(f),
		Detail:   sanitize.Clean(Detail(f)),
		Steps:    steps(f),
		Changes:  changesOf(f),
		Subject:  trailARN(f),
		ID:       idOf(f),
		Links:    linksOf(f),
		Source:   source(f),
	}
	if f.Incident != nil {
		m.Incident = IncidentLine(*f.Incident)
	}
	m.Fields = fieldsOf(f)
	return m
}

// Step is one thing to do, as an imperative sentence, with the command that does it; "" where there is none. A
// command's values come from a caller of AWS, and no shell reads anything in them.
type Step struct{ Text, Command string }

// Field is one line of what is known.
type Field struct {
	Label string
	Value string
	More  string    // a second line, such as the ARN of what Value names
	Time  time.Time // of which Value is the text in UTC; zero: Value is no time
}

// Link is an address of ours; without a URL, what is to be looked up by its name.
type Link struct{ Label, URL string }

func source(f finding.Finding) string {
	text := "Trailkeeper"
	if stack := sanitize.Bound(f.Stack, maxSource); stack != "" {
		text += ", stack " + stack
	}
	return text
}

// maxSource bounds the stack's name, in runes: CloudFormation takes 128 characters.
const maxSource = 128
