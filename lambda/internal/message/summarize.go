package message

import "trailkeeper/lambda/internal/finding"

// Summarize is a finding in short.
func Summarize(n finding.Finding) finding.EventSummary {
	return finding.EventSummary{
		EventID: n.EventID, EventName: n.EventName, Time: n.EventTime.UTC(), Actor: n.Actor, SourceIP: n.SourceIP, Headline: Headline(n), Outcome: n.Outcome,
	}.Bounded()
}
