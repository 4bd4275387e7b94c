package render

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

// Plain is the same message without blocks, in the same place: for a Slack that refuses their form, for the reason that
// it names.
func (d Draft) Plain(n finding.Finding, reason string) Draft {
	d.Text, d.Markdown, d.blocks = plainLines(n, reason), new(false), nil
	return d
}

// plainLines says what the blocks would, but for the request and the changes, in the order of what must be read first.
// A line for which there is no room is left out.
func plainLines(n finding.Finding, reason string) string {
	text := ""
	add := func(label, line string, limit int) {
		if line = sanitize.Clean(line); line == "" {
			return
		}
		line = escape(label+line, limit) + "\n"
		if size(text+line) <= maxPlain {
			text += line
		}
	}
	m := message.Of(n)
	add("", m.State.Icon()+" "+m.Title, maxPlainProse)
	add("", m.Severity+" · "+m.Status, maxPlainLine)
	add("", m.Detail, maxPlainProse)
	for _, step := range m.Steps {
		add("What to do: ", step.Text+" "+step.Command, maxPlainProse)
	}
	add("Incident ", m.Incident, maxPlainLine)
	add(
		"",
		"Slack refused the blocks of this message ("+reason+"), so it is sent as plain text. This is a defect of "+
			"Trailkeeper: report it.",
		maxPlainLine,
	)
	for _, f := range m.Fields {
		line := f.Value
		if f.More != "" {
			line += " (" + f.More + ")"
		}
		add(f.Label+": ", line, maxPlainLine)
	}
	add("", footer(m), maxPlainLine)
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
