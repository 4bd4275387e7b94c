package repeat

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/repeats"
)

// betweenSummaries is how long after a message or a summary the next summary of a contested incident comes: a sweep's
// minute is not exact.
const betweenSummaries = 50 * time.Second

type summed interface {
	Repeats(ctx context.Context) ([]repeats.Repeat, error)
	Summed(ctx context.Context, r repeats.Repeat) error
}

type incidents interface {
	Open(ctx context.Context) map[string]incident.Unsettled
}

// Summaries sends what Limiter has left to them.
type Summaries struct {
	Table     summed
	Reporter  report.Reporter
	Incidents incidents
	// Matter returns what a rule takes for one matter, by its ID, and which rule that is; nil, and where it returns nil:
	// it is not known.
	Matter func(ctx context.Context, id string) (m *finding.Incident, rule string)
	// Base is what every summary has: who speaks, and for which account and Region.
	Base  finding.Finding
	Clock clock.Clock
	Log   *slog.Logger
}

// Send reports what has happened again and again, and was kept from a destination, once its window is over: of what
// rules found, the most severe first, as a channel that hangs takes of the time. Untold counts those that no channel
// accepted; the error says what was neither accepted nor parked.
func (s *Summaries) Send(ctx context.Context) (untold int, err error) {
	all, err := s.Table.Repeats(ctx)
	if err != nil {
		state.Log(ctx, s.Log, err)
		return 0, nil
	}
	slices.SortStableFunc(all, func(a, b repeats.Repeat) int {
		switch x, y := severityIn(a.Key), severityIn(b.Key); {
		case x == y:
			return 0
		case finding.Higher(x, y) == x:
			return -1
		}
		return 1
	})
	var open map[string]incident.Unsettled
	var errs []error
	for _, r := range all {
		if !s.isDue(r) {
			continue
		}
		if open == nil {
			open = s.Incidents.Open(ctx)
		}
		told, err := s.summary(ctx, r, open)
		if !told {
			untold++
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		state.Log(ctx, s.Log, s.Table.Summed(ctx, r))
	}
	return untold, errors.Join(errs...)
}

// isDue reports whether a summary is to be reported now. A time to come is forged, and puts nothing off.
func (s *Summaries) isDue(r repeats.Repeat) bool {
	age, after := s.Clock.Now().Sub(r.Since), window
	switch {
	case strings.HasSuffix(r.Key, " "+fought):
		age, after = s.Clock.Now().Sub(r.Delivered), betweenSummaries
	case daily(r.Key):
		after = expiryWindow - time.Hour // before the window ends, and the next file begins another
	case strings.HasPrefix(r.Key, ofExpired):
		after = earlyWindow - window
	}
	return age >= after || age < -time.Minute
}

// summary sends one. That of an incident belongs to it, and says how it stands. Told says that a channel accepted it, or
// that there is nothing to tell.
func (s *Summaries) summary(ctx context.Context, r repeats.Repeat, open map[string]incident.Unsettled) (told bool, err error) {
	parts, last, ok := repeated(r)
	if !ok {
		s.Log.WarnContext(ctx, "state table", "error", "what happened again cannot be read", "count", r.Count)
		return true, nil
	}
	n := s.Base
	n.EventID, n.EventName, n.EventTime = summaryID(r), last.EventName, last.Time
	n.Severity, n.Outcome, n.Destination = finding.SeverityHigh, finding.OutcomeRepeated, parts[1]
	n.Actor, n.SourceIP = last.Actor, last.SourceIP
	n.Notes = []finding.Note{often(r, last), of(parts[0], last), pace(parts)}
	s.ofRule(ctx, &n, parts[0])
	for arn, u := range open {
		if subject, ok := finding.SubjectOf(arn); ok && u.ID == parts[0] && u.Contested() {
			n.Subject, n.Incident = subject, &u.Incident
			n.Severity = finding.SeverityCritical
			n.Advise(finding.NextEndFight)
		}
	}
	sent, err := s.Reporter.Report(ctx, n, nil)
	return sent.Told(), err
}

// daily reports whether a counter is of files that expire as they should.
func daily(key string) bool {
	return strings.HasPrefix(key, ofExpired) && severityIn(key) == finding.SeverityLow
}

// ofRule adds to the summary of what a rule found what the rule says: how severe it is, and the matter, whose thread it
// belongs to.
func (s *Summaries) ofRule(ctx context.Context, n *finding.Finding, what string) {
	id, _, ok := strings.Cut(strings.TrimPrefix(what, ofDetected), "/")
	if !ok {
		return
	}
	if strings.HasPrefix(what, ofExpired) {
		n.Severity, n.Source = cmp.Or(severityIn(what), n.Severity), "S3"
		return
	}
	n.Rule = &finding.Rule{}
	if severity := severityIn(what); severity != "" { // what nobody here has written leaves it high
		n.Severity = severity
	}
	if strings.HasPrefix(what, ofDetected) {
		n.Source = id
	} else if s.Matter != nil {
		n.Incident, n.Source = s.Matter(ctx, id)
	}
}

// severityIn is that of what a rule found, by the key of its counter, and empty where that is none; critical of
// anything else.
func severityIn(key string) finding.Severity {
	what, _, _ := strings.Cut(key, " ")
	_, severity, ok := strings.Cut(what, "/")
	if !ok {
		return finding.SeverityCritical
	}
	return finding.Higher("", finding.Severity(severity))
}

// often says how often it has happened, and what it was.
func often(r repeats.Repeat, last finding.EventSummary) finding.Note {
	if r.Count == 1 {
		return finding.Say(finding.NoteRepeatedOnce, r.Since, last.Headline)
	}
	return finding.Say(finding.NoteRepeated, r.Count, r.Since, last.Headline)
}

// pace says how often a destination is notified.
func pace(parts []string) finding.Note {
	switch {
	case parts[3] == fought:
		return finding.Say(finding.NotePaceFight)
	case daily(parts[0]):
		return finding.Say(finding.NotePaceDay)
	case strings.HasPrefix(parts[0], ofExpired):
		return finding.Say(finding.NotePace, int(earlyWindow.Minutes()))
	}
	return finding.Say(finding.NotePace, int(window.Minutes()))
}

// repeated reads what collapse wrote: what it is about, the destination, what happened and its outcome; and the last of
// it.
func repeated(r repeats.Repeat) (parts []string, last finding.EventSummary, ok bool) {
	parts = strings.SplitN(r.Key, " ", 4)
	err := json.Unmarshal([]byte(r.Text), &last)
	return parts, last.Bounded(), err == nil && len(parts) == 4
}

// summaryID is the same however often one summary is tried, and that of no other.
func summaryID(r repeats.Repeat) string {
	sum := sha256.Sum256([]byte(r.Key))
	return fmt.Sprintf("repeat-%s-%d", hex.EncodeToString(sum[:6]), r.All)
}

// of says which event was the last, and what it was one of: of an incident, or of what stands for one.
func of(what string, last finding.EventSummary) finding.Note {
	kind, who, isKind := strings.Cut(what, "#")
	if !isKind {
		id, _, _ := strings.Cut(what, "/")
		return finding.Say(finding.NoteLastOfIncident, last.EventID, id)
	}
	if kind+"#" == ofDetected {
		rule, _, _ := strings.Cut(who, "/")
		return finding.Say(finding.NoteLastOfRule, last.EventID, rule)
	}
	id, ok := map[string]finding.NoteID{
		ofTests:      finding.NoteLastOfTests,
		ofGone:       finding.NoteLastOfGone,
		ofQuiet:      finding.NoteLastOfQuiet,
		ofUnproven:   finding.NoteLastOfUnproven,
		ofUnreadable: finding.NoteLastOfUnreadable,
		ofExpired:    finding.NoteLastOfExpired,
	}[kind+"#"]
	switch {
	case ok:
	case who == "":
		id = finding.NoteLastOfMany
	default:
		id = finding.NoteLastOfOne
	}
	return finding.Say(id, last.EventID)
}
