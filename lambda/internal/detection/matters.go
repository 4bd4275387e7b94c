package detection

import (
	"context"
	"encoding/hex"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"trailkeeper/lambda/internal/circuit"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/state"
)

const (
	// keepingMatters is how long a matter is remembered after it was last touched: its thread is as long.
	keepingMatters = 90 * 24 * time.Hour
	// maxEvents bounds the events of a matter by which one that comes again is known.
	maxEvents = 40
	// matterPrefix begins the ID of a matter.
	matterPrefix = "mat-"
)

// Matters keeps together what a rule takes for one matter: the records with the same key within a time that begins with
// the first of them. It is safe for concurrent use.
//
// What the table has may be forged: it adds to a message, and keeps none back.
type Matters struct {
	Documents state.Documents
	Breaker   *circuit.Breaker
	Clock     clock.Clock
	Log       *slog.Logger
}

// matter is a document.
type matter struct {
	finding.Incident
	Events   []string         `json:"events"` // those that count already, in short
	Severity finding.Severity `json:"severity"`
	TurnedBy string           `json:"turned_by,omitempty"` // the event that was more severe than all before, in short
	Rule     string           `json:"rule"`
}

func (m *Matters) of() state.Of[matter] {
	return state.Of[matter]{
		Documents: m.Documents,
		Kind:      "matter",
		Clock:     m.Clock,
		Keep:      keepingMatters,
	}
}

// Note adds a finding to its matter, and returns it with that as it then stands. Where the table does not answer in
// time, the finding stands for itself.
func (m *Matters) Note(ctx context.Context, n finding.Finding, key string, within time.Duration) finding.Finding {
	noted, id := n, digest(key)
	err := m.Breaker.Insist(ctx, state.ErrChanged, func(ctx context.Context) error {
		return m.of().Change(ctx, "note what is the same matter", id, func(e *state.Entry[matter]) bool {
			now := m.Clock.Now().UTC()
			next := e.Value
			if !next.read(id) || now.Sub(next.Opened) >= within || next.Opened.After(now) {
				next = matter{Rule: n.Source, Incident: finding.Incident{
					ID:     matterPrefix + id + "-" + strconv.FormatInt(now.Unix(), 36),
					State:  finding.IncidentDetected,
					Opened: now,
					First:  message.Summarize(n),
				}}
			}
			next.add(n)
			e.Value, noted = next, n
			noted.Incident = &next.Incident
			return true
		})
	})
	if err != nil {
		m.Log.WarnContext(ctx, "state table", "event_id", n.EventID, "error", err.Error())
		return n
	}
	return noted
}

// Matter returns a matter by its ID as the table has it, and its rule; nil: it has none, or does not answer.
func (m *Matters) Matter(ctx context.Context, id string) (found *finding.Incident, rule string) {
	key, _, _ := strings.Cut(strings.TrimPrefix(id, matterPrefix), "-")
	var kept matter
	err := m.Breaker.Ask(ctx, func(ctx context.Context) (err error) {
		kept, err = m.of().Get(ctx, "read a matter", key)
		return err
	})
	if err != nil || !kept.read(key) || kept.ID != id {
		return nil, ""
	}
	kept.Flags = finding.Flags{}
	return &kept.Incident, kept.Rule
}

// add counts a finding. What is more severe than anything before is to be seen by those who do not follow the thread,
// also when it comes again, because its message was lost.
func (m *matter) add(n finding.Finding) {
	short := digest(n.EventID)
	if !slices.Contains(m.Events, short) {
		m.Count++
		m.Events = append(slices.Clone(m.Events), short)
		m.Events = m.Events[max(0, len(m.Events)-maxEvents):]
		m.Last = message.Summarize(n)
	}
	if highest := finding.Higher(m.Severity, n.Severity); highest != m.Severity && m.Severity != "" {
		m.TurnedBy = short
	}
	m.Severity = finding.Higher(m.Severity, n.Severity)
	m.Flags = finding.Flags{Turned: m.TurnedBy == short && n.Severity == m.Severity}
	if by := n.RouteKey(); !slices.Contains(m.RouteKeys, by) && len(m.RouteKeys) < maxEvents {
		m.RouteKeys = append(slices.Clone(m.RouteKeys), by)
	}
}

// read reports whether the document is one that this package wrote under a key, and bounds its texts.
func (m *matter) read(key string) bool {
	id, isID := strings.CutPrefix(m.ID, matterPrefix+key+"-")
	_, err := strconv.ParseInt(id, 36, 64)
	raw, bad := hex.DecodeString(key)
	if !isID || err != nil || bad != nil || len(raw) != 8 || m.State != finding.IncidentDetected || m.Count < 1 ||
		len(m.Events) > maxEvents || len(m.RouteKeys) > maxEvents {
		return false
	}
	m.First, m.Last = m.First.Bounded(), m.Last.Bounded()
	m.Rule = sanitize.Bound(m.Rule, finding.MaxName)
	return true
}
