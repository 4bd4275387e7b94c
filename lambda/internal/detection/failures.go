package detection

import (
	"context"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/state/claims"
	"trailkeeper/rules/detect"
)

// Failures reports the rules that could not be applied, each once an hour.
type Failures struct {
	Once     *report.Once
	Reporter report.Reporter
	// Base is what every finding has: who speaks.
	Base  finding.Finding
	Clock clock.Clock
}

func (f *Failures) report(ctx context.Context, ev events.Event, failure detect.RuleError) error {
	now := f.Clock.Now().UTC()
	subject, hour := "rule error "+failure.Rule, hourOf(now)
	if f.Once.Claim(ctx, subject, hour) == claims.Delivered {
		return nil // another run that has it in hand may have been cut off: of two, the claims on the message let one send it
	}
	about := finding.OfRecord(ev)
	n := f.Base
	n.EventID, n.EventTime = "rule-error-"+failure.Rule+"-"+hour, now
	n.Kind, n.Severity, n.Outcome = finding.KindRuleError, finding.SeverityMedium, finding.OutcomeNotified
	n.Title = "The rule " + failure.Rule + " could not be applied to a record"
	n.Source, n.Rule = failure.Rule, &finding.Rule{}
	n.Account, n.Recipient, n.Region = about.Account, about.Recipient, about.Region
	n.Note(
		finding.NoteRuleFailed,
		sanitize.Bound(about.EventName, finding.MaxName),
		sanitize.Bound(about.EventID, finding.MaxName),
		sanitize.Bound(failure.Reason, finding.MaxReason),
	)
	n.Note(finding.NoteRuleGoesOn)
	n.Advise(finding.NextCorrectRule, failure.Rule)
	_, err := f.Reporter.Report(ctx, n, nil)
	if err == nil {
		f.Once.Reported(ctx, subject, hour)
	}
	return err
}
