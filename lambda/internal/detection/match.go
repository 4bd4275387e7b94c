package detection

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/claims"
	"trailkeeper/rules/count"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/expression"
)

// match is a record that rules are applied to.
type match struct {
	run    *run
	event  events.Event
	record expression.Record
	raw    json.RawMessage
	wrong  error // why the record cannot be this deployment's; nil: it can
}

// hit is what a rule says of the record.
type hit struct {
	detect.Hit
	rule     *detect.Rule
	failures []detect.RuleError
}

// hits are what these rules say, the most severe first: the time of a run is bounded, and a channel that hangs takes of
// it.
func (m *match) hits(rules []*detect.Rule) []hit {
	all := make([]hit, len(rules))
	for i, rule := range rules {
		all[i] = m.hit(rule)
	}
	slices.SortStableFunc(all, func(a, b hit) int {
		switch x, y := finding.Severity(a.Severity), finding.Severity(b.Severity); {
		case x == y:
			return 0
		case finding.Higher(x, y) == x:
			return -1
		}
		return 1
	})
	return all
}

func (m *match) hit(rule *detect.Rule) hit {
	said, failures := rule.Describe(m.record)
	return hit{said, rule, failures}
}

// report reports what a rule found. What the guard reports is not reported again.
func (m *match) report(ctx context.Context, hit hit) error {
	d := m.run.detector
	if m.wrong == nil && d.Scope.covers(m.event, hit.rule) {
		d.Log.DebugContext(ctx, "left to the guard", "event_id", m.event.Record.EventID, "rule_id", hit.rule.ID)
		return nil
	}
	how, err := m.counted(ctx, hit.rule)
	if !how.enough {
		return err
	}
	n := m.described(hit)
	n.Notes = append(n.Notes, how.notes...)
	if m.wrong != nil {
		err = m.foreign(ctx, n)
	} else {
		err = m.ours(ctx, n, hit)
	}
	if err == nil && how.once != "" {
		d.Once.Reported(ctx, how.once, how.hour)
	}
	errs := []error{err}
	for _, failure := range hit.failures {
		errs = append(errs, m.failed(ctx, failure))
	}
	return errors.Join(errs...)
}

// ours reports a finding of this deployment's, with the matter that it belongs to.
func (m *match) ours(ctx context.Context, n finding.Finding, hit hit) error {
	d := m.run.detector
	if d.Matters != nil && hit.Within > 0 {
		within := time.Duration(hit.Within) * time.Second
		n = d.Matters.Note(ctx, n, hit.rule.ID+"\n"+hit.Dedupe, within)
	}
	m.run.found++
	_, err := d.Reporter.Report(ctx, n, m.raw)
	return err
}

// described is the finding of a rule, with what the rule says of the record.
func (m *match) described(hit hit) finding.Finding {
	n := m.finding(hit.rule)
	n.Title, n.Severity, n.Rule.Route = hit.Title, finding.Severity(hit.Severity), hit.Route
	facts := n.Notes
	n.Notes = nil
	n.Note(finding.NoteText, cmp.Or(hit.Summary, hit.rule.Description))
	n.Notes = append(n.Notes, facts...)
	return n
}

// eventID is the record's, or stands for one that has none.
func (m *match) eventID() string {
	return cmp.Or(m.event.Record.EventID, m.event.ID, "record-"+digest(string(m.raw)))
}

// finding is what is said of the record whichever rule matches it.
func (m *match) finding(rule *detect.Rule) finding.Finding {
	d, ev := m.run.detector, m.event
	n := finding.OfRecord(ev)
	n.EventID, n.EventSource = m.eventID(), ev.Record.EventSource
	n.Partition, n.Stack = d.Base.Partition, d.Base.Stack
	n.Source, n.Rule = rule.ID, &finding.Rule{Runbook: rule.Runbook, References: rule.References}
	n.Outcome, n.Minor = finding.OutcomeDetected, finding.MinorDetected
	if age := d.Clock.Now().Sub(n.EventTime); !n.EventTime.IsZero() && age > 0 {
		n.Age = age.Round(time.Millisecond)
	}
	category := ev.Record.EventCategory
	n.Unlisted = category != "" && category != "Management"
	n.Unconfirmed = category == "NetworkActivity" || ev.Record.EventType == "AwsVpceEvent"
	switch {
	case ev.Record.EventType == events.Aggregated:
		window := func(name string) string { return sanitize.Bound(m.record.Text("timeWindow", name), finding.MaxName) }
		n.Note(finding.NoteAggregated, window("windowStart"), window("windowEnd"))
	case n.Unconfirmed:
		n.Note(finding.NoteNetworkActivity)
	}
	if n.Unlisted {
		n.Advise(finding.NextUnlisted)
	}
	return n
}

// tallied is what counting says of a match.
type tallied struct {
	enough bool // for a message
	notes  []finding.Note
	// once and hour: what is noted when it was reported, so that of the same nothing more is within the hour.
	once, hour string
}

// counted says how often a rule with a threshold has matched. It is always enough where the rule has no threshold. A
// record that may not be this deployment's is not counted.
func (m *match) counted(ctx context.Context, rule *detect.Rule) (tallied, error) {
	d := m.run.detector
	if counts := rule.Threshold != nil && m.wrong == nil; !counts {
		return tallied{enough: true}, nil
	}
	key, e, err := rule.Count(m.record)
	if err != nil {
		return tallied{}, m.failed(ctx, detect.RuleError{Rule: rule.ID, Reason: err.Error()})
	}
	limit := rule.Threshold.Limit()
	e.ID = m.eventID()
	if now := d.Clock.Now(); e.Time.After(now) {
		e.Time = now // a time to come is forged, and would make all others too old
	}
	reached, err := false, errNoTable
	if d.Counts != nil {
		reached, err = d.Counts.Add(ctx, rule.ID, key, limit, e)
	}
	said := finding.NoteThreshold
	switch {
	case errors.Is(err, state.ErrChanged):
		return tallied{}, err // it is run again: the table answers, and knows how many there are
	case err != nil:
		d.Log.WarnContext(ctx, "state table", "event_id", e.ID, "rule_id", rule.ID, "error", err.Error())
		return m.uncounted(ctx, rule.ID+" "+digest(key), limit), nil
	case limit.Distinct:
		said = finding.NoteDistinct
	}
	return tallied{enough: reached, notes: []finding.Note{finding.Say(said, limit.Count, limit.Within)}}, nil
}

// uncounted is of a match that could not be counted: enough for a message unless, within this hour, one went out of the
// same.
func (m *match) uncounted(ctx context.Context, what string, limit count.Limit) tallied {
	d := m.run.detector
	once, hour := "uncounted "+what, hourOf(d.Clock.Now())
	return tallied{
		enough: d.Once.Claim(ctx, once, hour) != claims.Delivered,
		notes:  []finding.Note{finding.Say(finding.NoteUncounted, limit.Count, limit.Within)},
		once:   once,
		hour:   hour,
	}
}

func hourOf(t time.Time) string { return t.UTC().Format("2006-01-02T15") }

// foreign reports a record that does not agree with this deployment, whichever rule it matches.
func (m *match) foreign(ctx context.Context, n finding.Finding) error {
	n.Outcome, n.Minor, n.Next = finding.OutcomeNotOurs, finding.MinorNone, nil
	n.Note(finding.NoteNotThisStack, strings.ReplaceAll(m.wrong.Error(), "\n", "; "))
	if misplaced(m.event) != nil {
		n.Advise(finding.NextWhoWroteLog)
	} else {
		n.Advise(finding.NextAddWatched)
	}
	_, err := m.run.detector.Reporter.Report(ctx, n, m.raw)
	return err
}

// failed counts and reports a rule that could not be applied, or could not say all of what it found.
func (m *match) failed(ctx context.Context, failure detect.RuleError) error {
	d := m.run.detector
	m.run.failed++
	d.Log.ErrorContext(ctx, "rule failed", "event_id", m.event.Record.EventID, "rule_id", failure.Rule,
		"error", sanitize.Bound(failure.Reason, finding.MaxReason))
	if d.Failures == nil {
		return nil
	}
	return d.Failures.report(ctx, m.event, failure)
}

// log writes the one line of a record. What no rule is about is no news.
func (m *match) log(ctx context.Context, decision detect.Decision) {
	level := slog.LevelDebug
	if len(decision.Rules) > 0 || decision.IgnoredBy != "" {
		level = slog.LevelInfo
	}
	ids := make([]string, len(decision.Rules))
	for i, rule := range decision.Rules {
		ids[i] = rule.ID
	}
	m.run.detector.Log.LogAttrs(
		ctx, level, "decided", slog.String("event_id", m.event.Record.EventID),
		slog.String("event_name", sanitize.Bound(m.event.Record.EventName, finding.MaxName)),
		slog.Any("rule_ids", ids), slog.String("ignored_by", decision.IgnoredBy),
	)
}
