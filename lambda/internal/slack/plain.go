package slack

import (
	"strings"
	"unicode/utf16"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/sanitize"
)

// The longest parts of a message without blocks, in UTF-16 units of escaped text, so that one cannot push out the rest.
const (
	maxPlainProse = 600
	maxPlainLine  = 250
)

// plain is the same message without blocks, in the same place: for a Slack that refuses their form, for the reason that it names.
func (d draft) plain(n finding.Finding, reason string) draft {
	d.Text, d.Markdown, d.blocks = plainLines(n, reason), new(false), nil
	return d
}

// plainLines says what the blocks would, but for the request and the changes, in the order of what must be read first. A line for which there
// is no room is left out.
func plainLines(n finding.Finding, reason string) string {
	text := ""
	add := func(label, line string, most int) {
		if line = sanitize.Clean(line); line == "" {
			return
		}
		line = escape(label+line, most) + "\n"
		if size(text+line) <= maxPlain {
			text += line
		}
	}
	add("", emoji(n)+" "+headline(n), maxPlainProse)
	add("", message.SeverityWord(n.Severity)+" · "+message.OutcomeText(n), maxPlainLine)
	add("", message.Detail(n), maxPlainProse)
	add("What to do: ", message.NextStep(n), maxPlainProse)
	if n.Incident != nil {
		add("", incidentLine(*n.Incident), maxPlainLine)
	}
	add("", "Slack refused the form of this message ("+reason+"), so that it comes as plain text: a fault of Trailkeeper. Report it.", maxPlainLine)
	for _, f := range message.Facts(n, maxPlainLine) {
		line := f.Value
		if f.More != "" {
			line += " (" + f.More + ")"
		}
		add(f.Label+": ", line, maxPlainLine)
	}
	add("", footer(n), maxPlainLine)
	return strings.TrimSuffix(text, "\n")
}

// size is what a text takes in UTF-16 units.
func size(s string) int {
	n := 0
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}
