package respond

import (
	"context"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/signs"
	"trailkeeper/lambda/internal/state/claims"
)

// Escalates says once what a restore could not put back: that the attempt cap is reached, and what is left.
type Escalates struct {
	Once Once
	// SweepMinutes are those from one sweep to the next; 0: there is no sweep.
	SweepMinutes int
}

func capSubject(t events.Trail) string { return "cap " + t.ARN() }

// capped says once for a window of the attempt cap that it is reached: then it returns the sign under which that is
// noted, and otherwise nothing.
func (e *Escalates) capped(ctx context.Context, n *finding.Finding, t events.Trail, window string) (sign string) {
	n.Severity = finding.SeverityHigh
	if e.Once.Claim(ctx, capSubject(t), window) == claims.Delivered {
		return ""
	}
	n.Severity, n.Next = finding.SeverityCritical, nil
	n.Advise(finding.NextTakeAway, attemptCap)
	if e.SweepMinutes > 0 {
		n.Advise(finding.NextSweepGoesOn, e.SweepMinutes)
	} else {
		n.Advise(finding.NextGoesOn)
	}
	return window
}

// leftBefore reports whether it was reported before that exactly this could not be put back.
func (e *Escalates) leftBefore(ctx context.Context, t events.Trail, res remediate.Result) bool {
	return len(res.Left) > 0 && e.Once.All(ctx)[signs.Left(t)] == leftSign(res)
}

// reported notes what was reported: that the cap is reached, and what is left.
func (e *Escalates) reported(ctx context.Context, t events.Trail, window string, res remediate.Result) {
	if window != "" {
		e.Once.Reported(ctx, capSubject(t), window)
	}
	if len(res.Left) > 0 {
		e.Once.Claim(ctx, signs.Left(t), leftSign(res))
		e.Once.Reported(ctx, signs.Left(t), leftSign(res))
	}
}

// leftSign stands for what a restore has left.
func leftSign(res remediate.Result) string {
	parts := []string{string(finding.KindWeakened), ""}
	for _, l := range res.Left {
		parts = append(parts, string(l.Change.Field), string(l.Change.Effect), l.Change.Before, l.Change.After)
	}
	return signs.Open(append(parts, "")...)
}
