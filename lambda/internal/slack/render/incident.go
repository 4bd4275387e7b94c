package render

import (
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/sanitize"

	blockkit "github.com/slack-go/slack"
)

// Incident is what the first message of the notification's incident, the one with this ts, is to show.
func Incident(n finding.Finding, ts string) Draft {
	m := message.OfIncident(n)
	return Draft{
		body:   body{TS: ts, Text: escape(m.State.Icon()+" "+m.Title, maxSection)},
		blocks: func(s sizes) []block { return parentBlocks(m, *n.Incident, s) },
	}
}

// parentBlocks shows an incident: how it began, how it stands, the first event's facts, and who was the last to do
// what.
func parentBlocks(m message.Message, i finding.Incident, s sizes) []block {
	all := []block{
		blockkit.NewHeaderBlock(plainText(m.State.Icon()+" "+m.Title, maxHeader)),
		section("*" + escape(m.Status, 200) + "*"),
	}
	if steps := stepsBlock(m, s); steps != "" {
		all = append(all, section(steps))
	}
	if last := sanitize.Bound(message.LastTitle(i), s.value); last != "" {
		all = append(all, section("*Last message*\n"+code(last, s.value+2)))
	}
	if f := fieldBlocks(m, s); len(f) > 0 {
		all = append(all, blockkit.NewSectionBlock(nil, f, nil))
	}
	if l := links(m); l != "" {
		all = append(all, section(l))
	}
	id := footer(m)
	if first := sanitize.Bound(i.First.EventID, finding.MaxName); first != "" {
		id += " · began with " + first
	}
	return append(all, contextLine(id, s.value))
}
