package finding

import (
	"time"

	"trailkeeper/lambda/internal/sanitize"
)

// EventSummary is one event or finding of an incident in short. Its texts are bounded, and as hostile as those of a
// finding.
type EventSummary struct {
	EventID   string    `json:"event_id"`
	EventName string    `json:"event_name,omitempty"`
	Time      time.Time `json:"time,omitzero"`
	Actor     string    `json:"actor,omitempty"`
	SourceIP  string    `json:"source_ip,omitempty"`
	Headline  string    `json:"headline"`
	Outcome   Outcome   `json:"outcome"`
}

// The longest texts of a glance, in runes.
const (
	maxSummaryID   = 128
	maxSummaryText = 200
)

// Bounded cleans and bounds the texts: those of a glance that was kept may be forged.
func (g EventSummary) Bounded() EventSummary {
	g.EventID = sanitize.Bound(g.EventID, maxSummaryID)
	g.EventName = sanitize.Bound(g.EventName, maxSummaryID)
	g.SourceIP = sanitize.Bound(g.SourceIP, maxSummaryID)
	g.Actor, g.Headline = sanitize.Bound(g.Actor, maxSummaryText), sanitize.Bound(g.Headline, maxSummaryText)
	g.Outcome = Outcome(sanitize.Bound(string(g.Outcome), maxSummaryID))
	return g
}
