package detection

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/state/claims"
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

// by reports what a rule found. What the guard reports is not reported again.
func (m *match) by(ctx context.Context, rule *detect.Rule) error {
	d := m.run.detector
	if m.wrong == nil && d.Scope.covers(m.event, rule) {
		d.Log.DebugContext(ctx, "left to the guard", "event_id", m.event.Record.EventID, "rule_id", rule.ID)
		return nil
	}
	how, err := m.counted(ctx, rule)
	if how == nil {
		return err
	}
	n, hit := m.described(rule)
	n.Notes = append(n.Notes, how...)
	var errs []error
	for _, failure := range hit.failures {
		errs = append(errs, m.failed(ctx, failure))
	}
	if m.wrong != nil {
		return errors.Join(append(errs, m.foreign(ctx, n))...)
	}
	if d.Matters != nil && hit.Within > 0 {
		within := time.Duration(hit.Within) * time.Second
		n = d.Matters.Note(ctx, n, rule.ID+"\n"+hit.Dedupe, within)
	}
	m.run.found++
	_, err = d.Reporter.Report(ctx, n, m.raw)
	return errors.Join(append(errs, err)...)
}

// said is what a rule says of the record.
type said struct {
	detect.Hit
	failures []detect.RuleError
}

// described is the finding of a rule, with what the rule says of the record.
func (m *match) described(rule *detect.Rule) (finding.Finding, said) {
	n := m.finding(rule)
	hit, failures := rule.Describe(m.record)
	n.Title, n.Severity, n.Rule.Route = hit.Title, finding.Severity(hit.Severity), hit.Route
	facts := n.Notes
	n.Notes = nil
	n.Note(finding.NoteText, cmp.Or(hit.Summary, rule.Description))
	n.Notes = append(n.Notes, facts...)
	return n, said{hit, failures}
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

// counted says how often a rule with a threshold has matched, and nil where that is not worth a message: it always is
// where the rule has no threshold. A record that may not be this deployment's is not counted.
func (m *match) counted(ctx context.Context, rule *detect.Rule) (how []finding.Note, err error) {
	d := m.run.detector
	if counts := rule.Threshold != nil && m.wrong == nil; !counts {
		return []finding.Note{}, nil
	}
	key, e, err := rule.Count(m.record)
	if err != nil {
		return nil, m.failed(ctx, detect.RuleError{Rule: rule.ID, Reason: err.Error()})
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
	switch {
	case errors.Is(err, errContended):
		return nil, err // it is run again: the table answers, and knows how many there are
	case err != nil:
		d.Log.WarnContext(ctx, "state table", "event_id", e.ID, "rule_id", rule.ID, "error", err.Error())
		if !m.isFirstUncounted(ctx, rule.ID+" "+digest(key)) {
			return nil, nil
		}
		return []finding.Note{finding.Say(finding.NoteUncounted, limit.Count, limit.Within)}, nil
	case !reached:
		return nil, nil
	case limit.Distinct:
		return []finding.Note{finding.Say(finding.NoteDistinct, limit.Count, limit.Within)}, nil
	}
	return []finding.Note{finding.Say(finding.NoteThreshold, limit.Count, limit.Within)}, nil
}

// isFirstUncounted reports whether, within this hour, this process has not yet reported of the same that it could not
// be counted.
func (m *match) isFirstUncounted(ctx context.Context, what string) bool {
	d := m.run.detector
	subject, hour := "uncounted "+what, hourOf(d.Clock.Now())
	if d.Once.Claim(ctx, subject, hour) != claims.Claimed {
		return false
	}
	d.Once.Reported(ctx, subject, hour)
	return true
}

func hourOf(t time.Time) string { return t.UTC().Format("2006-01-02T15") }

// foreign reports a record that does not agree with this deployment, whichever rule it matches.
func (m *match) foreign(ctx context.Context, n finding.Finding) error {
	n.Outcome, n.Minor, n.Next = finding.OutcomeNotOurs, finding.MinorNone, nil
	n.Note(finding.NoteNotThisStack, strings.ReplaceAll(m.wrong.Error(), "\n", "; "))
	n.Advise(finding.NextAddWatched)
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
