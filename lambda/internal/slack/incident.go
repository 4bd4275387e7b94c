package slack

import (
	"strconv"
	"strings"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/sanitize"

	blockkit "github.com/slack-go/slack"
)

// incidentLine says in a line which incident a message belongs to and how it stands: "Incident inc-… · ×3 · open since …".
func incidentLine(i finding.Incident) string {
	return "Incident " + sanitize.Bound(i.ID, 128) + times(i) + " · " + message.IncidentStanding(i)
}

// standing is the incident's state with its times, as a sentence begins.
func standing(i finding.Incident) string {
	s := message.IncidentStanding(i)
	return strings.ToUpper(s[:1]) + s[1:]
}

// times is how often it has happened, where that is more than once.
func times(i finding.Incident) string {
	if i.Count < 2 {
		return ""
	}
	return " · ×" + strconv.Itoa(i.Count)
}

// parentTitle is the header of an incident's first message: how it stands and how it began. What became of the first event is left out, because
// it may not hold any more.
func parentTitle(n finding.Finding) string {
	state := "🔴 "
	switch n.Incident.State {
	case finding.IncidentRestored:
		if state = "✅ Restored: "; n.Incident.Absent {
			state = "✅ No such trail: "
		}
	case finding.IncidentHuman:
		state = "🚨 Needs a human: "
	case finding.IncidentContested:
		state = "🚨 Contested: "
	}
	first, _, _ := strings.Cut(sanitize.Bound(n.Incident.First.Headline, maxHeader), "; ")
	first, _, _ = strings.Cut(first, " and restored")
	if first == "" {
		first = "CloudTrail incident"
	}
	return state + first
}

// parentOf is what the first message of the notification's incident, the one with this ts, is to show.
func parentOf(n finding.Finding, ts string) draft {
	return draft{
		body:   body{TS: ts, Text: escape(parentTitle(n), maxSection)},
		blocks: func(s sizes) []block { return parentBlocks(n, s) },
	}
}

// parentBlocks shows an incident: how it began, how it stands, the first event's facts, and who was the last to do what.
func parentBlocks(n finding.Finding, s sizes) []block {
	i := *n.Incident
	all := []block{
		blockkit.NewHeaderBlock(plainText(parentTitle(n), maxHeader)),
		section("*" + escape(standing(i), 200) + "*" + times(i)),
	}
	if (i.State == finding.IncidentHuman || i.State == finding.IncidentContested) && message.NextStep(n) != "" {
		all = append(all, section("*What to do*\n"+escape(unquoted(sanitize.Clean(message.NextStep(n))), s.prose)))
	}
	if last := sanitize.Bound(i.Last.Headline, s.value); last != "" && i.Last.Headline != i.First.Headline {
		all = append(all, section("*Last message*\n"+code(last, s.value+2)))
	}
	if f := parentFields(n, s); len(f) > 0 {
		all = append(all, blockkit.NewSectionBlock(nil, f, nil))
	}
	if l := trailLink(n); l != "" {
		all = append(all, section(l))
	}
	id := deployment(n) + " · incident " + sanitize.Bound(i.ID, 128)
	if first := sanitize.Bound(i.First.EventID, 128); first != "" {
		id += " · began with " + first
	}
	return append(all, contextLine(id, s.value))
}

// parentFields are two columns: what began it, and what came last.
func parentFields(n finding.Finding, s sizes) []*blockkit.TextBlockObject {
	first, last := n.Incident.First, n.Incident.Last
	pairs := []message.Fact{
		{Label: "First event", Value: event(first), More: finding.Time(first.Time)},
		{Label: "First actor", Value: first.Actor, More: first.SourceIP},
	}
	if n.Incident.Count > 1 {
		pairs = []message.Fact{
			pairs[0],
			{Label: "Last event", Value: event(last), More: finding.Time(last.Time)},
			pairs[1],
			{Label: "Last actor", Value: last.Actor, More: last.SourceIP},
		}
	}
	pairs = append(pairs, message.Fact{Label: "Trail", Value: n.TrailName, More: n.TrailARN}, message.Fact{Label: "Account", Value: n.Account, More: n.Region})
	var fields []*blockkit.TextBlockObject
	for _, f := range pairs {
		value, more := code(sanitize.Bound(f.Value, s.value), s.value+2), code(sanitize.Bound(f.More, s.value), s.value+2)
		if value == "" {
			value = "not known"
		}
		fields = append(fields, mrkdwn("*"+f.Label+"*\n"+value+below(more)))
	}
	return fields
}

// event names what happened: the call, or that the sweep found it.
func event(g finding.EventSummary) string {
	if g.EventName == "" {
		return "found by the sweep"
	}
	return g.EventName
}

func below(more string) string {
	if more == "" {
		return ""
	}
	return "\n" + more
}
