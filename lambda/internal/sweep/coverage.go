package sweep

import (
	"context"
	"maps"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/bearing"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/sweep/look"
)

// reportUncovered reports when no trail records the write management events of the guard's Region: then no event of a
// call arrives either. It does not hang on what is excluded or could not be seen; the message says that beside it.
func (r *run) reportUncovered(ctx context.Context) {
	f := look.Finding{Kind: finding.KindNoTrail, Region: r.sweeper.Reports.Region}
	if !r.seen.Discovered {
		return
	}
	if r.covered() {
		if sign, was := r.told[f.Subject()]; was {
			r.clear(ctx, f.Subject(), sign)
		}
		return
	}
	unseen := r.unseen()
	if len(unseen) > 0 {
		f.Sign = "not all was seen" // seen to be so, it is told again
	}
	n := r.finding(f)
	r.blame(ctx, &n)
	switch {
	case len(r.seen.Foreign) > 0:
		n.Severity = finding.SeverityMedium
		n.Note(finding.NoteNoOwnTrail, r.seen.Foreign[0])
		n.Advise(finding.NextLookThere)
	case len(unseen) > 0:
		n.Severity = finding.SeverityHigh
		n.Note(finding.NoteNoTrailSeen)
		n.Advise(finding.NextRecordSomewhere)
	default:
		n.Severity = finding.SeverityCritical
		n.Note(finding.NoteNoTrail)
		n.Advise(finding.NextRecordSomewhere)
	}
	if len(unseen) > 0 {
		n.Partial = true
		n.Note(finding.NoteNotAllSeen)
		n.Notes = append(n.Notes, unseen...)
	}
	r.report(ctx, f, n)
}

// covered reports whether a trail records the write management events of the guard's Region. One that is excluded
// counts as well: only acting upon it is ruled out.
func (r *run) covered() bool {
	region := r.sweeper.Reports.Region
	for i := range r.seen.Sights {
		s := &r.seen.Sights[i]
		if look.Covers(s.State, region) || r.restored[s.Trail.ARN()] && look.Covers(s.Baseline, region) {
			return true
		}
	}
	return slices.ContainsFunc(r.seen.Excluded, func(e look.Excluded) bool { return look.Covers(e.State, region) })
}

// maxUnseen bounds the reasons that are named.
const maxUnseen = 5

// unseen says what could not be seen of the trails that may record.
func (r *run) unseen() []finding.Note {
	var all []finding.Note
	for _, f := range r.seen.Blind {
		all = append(all, f.Reasons...)
	}
	for _, e := range r.seen.Excluded {
		if e.Unread != "" {
			all = append(all, finding.Say(finding.NoteText, e.Unread))
		}
	}
	if more := len(all) - maxUnseen; more > 0 {
		all = append(all[:maxUnseen:maxUnseen], finding.Say(finding.NoteMoreUnseen, more))
	}
	return all
}

// reportBlind reports what could not be seen, once for each Region and reason.
func (r *run) reportBlind(ctx context.Context) {
	blind := map[string]bool{}
	for _, f := range r.allBlind() {
		blind[f.Subject()] = true
		n := r.finding(f)
		n.Advise(finding.NextBlind)
		r.report(ctx, f, n)
	}
	r.blind = len(blind)
	for _, subject := range slices.Sorted(maps.Keys(r.told)) {
		if isBlind(subject) && !blind[subject] && r.seen.Discovered {
			r.clear(ctx, subject, r.told[subject])
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

// allBlind adds to what the sweep could not see what it could not read to begin with.
func (r *run) allBlind() []look.Finding {
	all := slices.Clone(r.seen.Blind)
	region := r.sweeper.Reports.Region
	own := func(reasons ...finding.Note) {
		for i := range all {
			if all[i].Region == region {
				all[i].Reasons = append(slices.Clone(all[i].Reasons), reasons...)
				return
			}
		}
		all = append(all, look.Finding{Kind: finding.KindCannotSee, Region: region, Reasons: reasons})
	}
	if err := r.seen.MemoryErr; err != nil {
		own(finding.Say(finding.NoteText, sanitize.Sentence(err)), finding.Say(finding.NoteBlindTable))
	}
	if err := r.seen.BaselineErr; err != nil {
		own(finding.Say(finding.NoteText, sanitize.Sentence(err)))
	}
	return all
}

// blame makes a finding that no trail records here one of the incident that explains it: of a trail that recorded here, and is known to be gone, stopped
// or weaker. Of several it is the one that was found wrong last. What one call has caused is one incident.
func (r *run) blame(ctx context.Context, n *finding.Finding) {
	open, region := r.sweeper.Ends.open(ctx), r.sweeper.Reports.Region
	var latest incident.Unsettled
	for i := range r.seen.Sights {
		s := &r.seen.Sights[i]
		u, ok := open[s.Trail.ARN()]
		if !ok || !u.Closed.IsZero() || !explains(u) || s.Trail.Region != region && !look.Covers(s.Baseline, region) {
			continue
		}
		if n.Subject.ARN == "" || u.Noted.After(latest.Noted) {
			latest, n.Subject.ARN, n.Subject.Name = u, s.Trail.ARN(), s.Trail.Name
		}
	}
}

// explains reports whether a trail of this incident may not record any more.
func explains(u incident.Unsettled) bool {
	return slices.ContainsFunc(u.Aspects, func(a finding.Aspect) bool {
		return a == bearing.Exists || a == bearing.Logging || a == bearing.Settings
	})
}
