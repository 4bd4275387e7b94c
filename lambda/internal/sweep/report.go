package sweep

import (
	"cmp"
	"context"
	"slices"
	"time"

	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/state/claims"
	"trailkeeper/lambda/internal/sweep/look"
)

// Reports reports what a sweep finds, once as long as it is the same.
type Reports struct {
	Scope    assess.Scope
	Region   string // the guard's own
	Reporter report.Reporter
	Once     *report.Once
	Measure  func(context.Context, ...metrics.Metric)
}

// report reports a finding, unless it was reported before and nothing has changed since.
func (r *run) report(ctx context.Context, f look.Finding, n finding.Finding) {
	r.reportOf(ctx, nil, f, n)
}

// reportOf is report of a trail, whose message says who is behind it.
func (r *run) reportOf(ctx context.Context, s *look.Sight, f look.Finding, n finding.Finding) {
	r.found[f.Kind]++
	sign := f.Open(string(n.Outcome))
	if n.Outcome == finding.OutcomeRestored || n.Outcome == finding.OutcomePartlyRestored {
		// A repair is reported every time that it was made, but for two runs of one schedule at once; the schedule's time is
		// the invoker's to choose.
		minute := r.at.UTC().Truncate(time.Minute).Format(time.RFC3339)
		n.EventID = "sweep-" + f.Signed(string(n.Outcome), r.id, minute)
		sign = f.Done(string(n.Outcome), r.id, minute)
	}
	reports := r.sweeper.Reports
	turn := reports.Once.Claim(ctx, f.Subject(), sign)
	r.sweeper.Log.InfoContext(
		ctx, "found", "kind", string(f.Kind), "trail", f.Trail.ARN(), "region", f.Region, "outcome", string(n.Outcome),
		"finding_id", n.EventID, "news", turn == claims.Claimed,
	)
	if turn != claims.Claimed {
		reports.Measure(ctx, report.Figures(n, false)...) // what fails again is reported once, and counts each time
		return
	}
	if s != nil {
		r.sweeper.Names.name(ctx, r, s, f, &n)
	}
	sent, err := reports.Reporter.Report(ctx, n, nil)
	if !sent.Told() {
		r.untold++
	}
	if err != nil {
		r.errs = append(r.errs, err)
		return
	}
	reports.Once.Reported(ctx, f.Subject(), sign)
}

// reportWhole reports, and reports whether that went well.
func (r *run) reportWhole(ctx context.Context, f look.Finding, n finding.Finding) bool {
	failed := len(r.errs)
	r.report(ctx, f, n)
	return len(r.errs) == failed
}

// finding starts a finding.
func (r *run) finding(f look.Finding) finding.Finding {
	scope := r.sweeper.Reports.Scope
	n := finding.Finding{
		EventID:   "sweep-" + f.Signed(r.id),
		Kind:      f.Kind,
		EventTime: r.at.UTC(),
		Severity:  finding.SeverityHigh,
		Outcome:   finding.OutcomeNotified,
		Subject: finding.Subject{
			ARN:       f.Trail.ARN(),
			Name:      f.Trail.Name,
			Account:   cmp.Or(append([]string{f.Trail.Account}, scope.Accounts...)...),
			Region:    f.Region,
			Partition: scope.Partition,
		},
		Stack: scope.Stack,
	}
	n.Notes = slices.Clone(f.Reasons)
	return n
}
