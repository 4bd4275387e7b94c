package guard

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sweep/look"
)

// tellBlind tells what could not be seen, once for each Region and reason.
func (r *sweepRun) tellBlind(ctx context.Context) {
	blind := map[string]bool{}
	for _, f := range r.blind() {
		blind[f.Subject()] = true
		n := r.finding(f)
		n.NextStep = "Find out what keeps the guard from it. Where it is the guard's role, deploy again. What cannot be seen is not taken for healthy."
		r.tell(ctx, f, n)
	}
	r.unseen = len(blind)
	for _, subject := range slices.Sorted(maps.Keys(r.told)) {
		if isBlind(subject) && !blind[subject] && r.report.Discovered {
			r.forget(ctx, subject, r.told[subject])
		}
	}
}

// blindBefore reports whether an earlier sweep could not see everything.
func blindBefore(told map[string]string) bool {
	for subject := range told {
		if isBlind(subject) {
			return true
		}
	}
	return false
}

func isBlind(subject string) bool {
	return strings.HasPrefix(subject, string(finding.KindCannotSee)+" ")
}

// blind adds to what the sweep could not see what it could not read to begin with.
func (r *sweepRun) blind() []look.Finding {
	all := slices.Clone(r.report.Blind)
	own := func(reason string) {
		for i := range all {
			if all[i].Region == r.region {
				all[i].Reasons = append(slices.Clone(all[i].Reasons), reason)
				return
			}
		}
		all = append(all, look.Finding{Kind: finding.KindCannotSee, Region: r.region, Reasons: []string{reason}})
	}
	if err := r.report.MemoryErr; err != nil {
		own(sentence(err) + " Without it the sweep looks for trails every time, knows no recorded baseline and no approved change, and may tell things again.")
	}
	if err := r.report.BaselineErr; err != nil {
		own(sentence(err))
	}
	return all
}

// tellUncovered tells when no trail records the write management events of the guard's Region: then no event of a call arrives either. It does not hang
// on what is excluded or could not be seen; the message says that beside it.
func (r *sweepRun) tellUncovered(ctx context.Context) {
	f := look.Finding{Kind: finding.KindNoTrail, Region: r.region}
	if !r.report.Discovered {
		return
	}
	if r.covered() {
		if sign, was := r.told[f.Subject()]; was {
			r.forget(ctx, f.Subject(), sign)
		}
		return
	}
	unseen := r.unseenForCoverage()
	if len(unseen) > 0 {
		f.Sign = "not all was seen" // seen to be so, it is told again
	}
	n := r.finding(f)
	n.Severity = finding.SeverityCritical
	n.Detail = "No trail that logs records write management events here, so EventBridge gets no events of API calls either: until that changes, only " +
		"the sweep sees anything."
	n.NextStep = "Start or repair a trail that records them, or create one; the setting firstTrail.enabled makes one."
	if len(r.report.Foreign) > 0 {
		n.Severity = finding.SeverityMedium
		n.Detail = "No trail of this account that logs records write management events here. The organization trail " + r.report.Foreign[0] +
			" is shown, and whether it logs cannot be seen from here."
		n.NextStep = "Look at that trail in its account, or run Trailkeeper there."
	}
	if len(unseen) > 0 {
		n.Partial = true
		if n.Severity == finding.SeverityCritical {
			n.Severity = finding.SeverityHigh
			n.Detail = "No trail is seen to log and to record write management events here. Where none does, EventBridge gets no events of API calls either."
		}
		n.Detail += " Not everything could be seen, so that a trail may record them after all: " + strings.Join(unseen, " ")
	}
	r.tell(ctx, f, n)
}

// covered reports whether a trail records the write management events of the guard's Region. One that is excluded counts as well: only acting upon it is
// ruled out.
func (r *sweepRun) covered() bool {
	for i := range r.report.Sights {
		s := &r.report.Sights[i]
		if look.Covers(s.State, r.region) || r.restored[s.Trail.ARN()] && look.Covers(s.Baseline, r.region) {
			return true
		}
	}
	return slices.ContainsFunc(r.report.Excluded, func(e look.Excluded) bool { return look.Covers(e.State, r.region) })
}

// mostUnseen bounds the reasons that are named.
const mostUnseen = 5

// unseenForCoverage says what could not be seen of the trails that may record.
func (r *sweepRun) unseenForCoverage() []string {
	var all []string
	for _, f := range r.report.Blind {
		all = append(all, f.Reasons...)
	}
	for _, e := range r.report.Excluded {
		if e.Unread != "" {
			all = append(all, e.Unread)
		}
	}
	if more := len(all) - mostUnseen; more > 0 {
		all = append(all[:mostUnseen:mostUnseen], fmt.Sprintf("And %d more.", more))
	}
	return all
}
