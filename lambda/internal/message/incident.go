package message

import (
	"fmt"
	"strings"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
)

// OfIncident words a finding's incident as a whole: how it stands, how it began, and what came last. The finding must
// have one.
func OfIncident(f finding.Finding) Message {
	i := *f.Incident
	m := Message{
		State:    incidentState(i),
		Title:    incidentTitle(i),
		Severity: SeverityWord(f.Severity),
		Status:   capital(IncidentStanding(i)) + count(i),
		Fields:   incidentFields(f),
		ID:       Field{Label: "Incident", Value: sanitize.Bound(i.ID, finding.MaxName)},
		Source:   source(f),
	}
	if i.State == finding.IncidentHuman || i.State == finding.IncidentContested {
		m.Steps = steps(f)
	}
	for _, l := range linksOf(f) {
		if l.URL != EventLink(f) { // the event is one of several
			m.Links = append(m.Links, l)
		}
	}
	return m
}

// LastTitle is that of an incident's last message, where it is not the first; "" otherwise.
func LastTitle(i finding.Incident) string {
	if i.Last.Headline == i.First.Headline {
		return ""
	}
	return sanitize.Clean(i.Last.Headline)
}

func incidentState(i finding.Incident) State {
	switch i.State {
	case finding.IncidentRestored:
		return stateRestored
	case finding.IncidentHuman, finding.IncidentContested:
		return stateHuman
	case finding.IncidentDetected:
		return stateDetected
	}
	return stateOpen
}

// incidentTitle says how it stands and how it began. What became of the first event is left out, because it may not
// hold any more.
func incidentTitle(i finding.Incident) string {
	state := ""
	switch i.State {
	case finding.IncidentDetected:
		return sanitize.Bound(i.First.Headline, maxHeadline)
	case finding.IncidentRestored:
		if state = "Restored: "; i.Absent {
			state = "No such trail: "
		}
	case finding.IncidentHuman:
		state = needsHuman
	case finding.IncidentContested:
		state = "Contested: "
	}
	first := strings.TrimPrefix(sanitize.Bound(i.First.Headline, maxHeadline), needsHuman)
	for _, end := range []string{"; ", ". ", " and restored"} {
		first, _, _ = strings.Cut(first, end)
	}
	if first == "" {
		first = "CloudTrail incident"
	}
	return state + first
}

// incidentFields are two columns: what began it, and what came last.
func incidentFields(f finding.Finding) []Field {
	first, last := f.Incident.First, f.Incident.Last
	pairs := []Field{
		{Label: "First event", Value: eventOf(first), More: finding.Time(first.Time)},
		{Label: "First actor", Value: first.Actor, More: first.SourceIP},
	}
	if f.Incident.Count > 1 {
		pairs = []Field{
			pairs[0],
			{Label: "Last event", Value: eventOf(last), More: finding.Time(last.Time)},
			pairs[1],
			{Label: "Last actor", Value: last.Actor, More: last.SourceIP},
		}
	}
	about := Field{Label: capital(noun(f)), Value: f.Subject.Name, More: f.Subject.ARN}
	if byRule(f) {
		about = Field{Label: "Rule", Value: finderOf(f)}
	}
	pairs = append(pairs, about, Field{Label: "Account", Value: account(f), More: f.Region})
	for n, p := range pairs {
		if pairs[n].Value, pairs[n].More = sanitize.Bound(
			p.Value,
			maxField,
		), sanitize.Bound(
			p.More,
			maxField,
		); pairs[n].Value == "" {
			pairs[n].Value = "not known"
		}
	}
	return pairs
}

// eventOf names what happened: the call, or that the sweep found it.
func eventOf(s finding.EventSummary) string {
	if s.EventName == "" {
		return "found by the sweep"
	}
	return s.EventName
}

// IncidentLine says in a line which incident it is and how it stands: "inc-… · ×3 · needs a human, open since
// 2026-03-02 09:15:30 UTC".
func IncidentLine(i finding.Incident) string {
	return sanitize.Bound(i.ID, finding.MaxName) + count(i) + " · " + IncidentStanding(i)
}

// count is how often it has happened, where that is more than once.
func count(i finding.Incident) string {
	if i.Count < 2 {
		return ""
	}
	return fmt.Sprintf(" · ×%d", i.Count)
}

// IncidentStanding is the state with its times: "open since …", "restored after 34 s, dark time 34 s", "contested since
// …, dark time 1 min 20 s".
func IncidentStanding(i finding.Incident) string {
	if i.Dark > 0 {
		return standing(i) + ", dark time " + finding.Duration(i.Dark)
	}
	return standing(i)
}

func standing(i finding.Incident) string {
	since := ""
	if !i.Opened.IsZero() {
		since = " since " + finding.Time(i.Opened)
	}
	began := i.Opened
	if !i.Since.IsZero() {
		began = i.Since
	}
	switch i.State {
	case finding.IncidentRestored:
		if i.Absent {
			return "closed: there is no such trail"
		}
		if began.IsZero() || i.Closed.Before(began) {
			return "restored"
		}
		return "restored after " + finding.Duration(i.Closed.Sub(began))
	case finding.IncidentHuman:
		return "needs a human, open" + since
	case finding.IncidentContested:
		return "contested" + since
	case finding.IncidentDetected:
		return strings.TrimSpace("detected" + since)
	}
	return "open" + since
}
