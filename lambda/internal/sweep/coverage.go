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

// overview is what a sweep says of all trails together: what could not be seen, and whether any records what the guard
// lives on.
type overview struct{ run *run }

// reportUncovered reports when no trail records the write management events of the guard's Region: then no event of a
// call arrives either. It does not hang on what is excluded or could not be seen; the message says that beside it.
func (o overview) reportUncovered(ctx context.Context) {
	f := look.Finding{Kind: finding.KindNoTrail, Region: o.run.sweeper.Reports.Region}
	if !o.run.seen.Discovered {
		return
	}
	if o.covered() {
		if sign, was := o.run.reported[f.Subject()]; was {
			o.run.clear(ctx, f.Subject(), sign)
		}
		return
	}
	unseen := o.unseen()
	if len(unseen) > 0 {
		f.Sign = "not all was seen" // seen to be so, it is reported again
	}
	n := o.run.finding(f)
	o.blame(ctx, &n)
	switch {
	case len(o.run.seen.Foreign) > 0:
		n.Severity = finding.SeverityMedium
		n.Note(finding.NoteNoOwnTrail, o.run.seen.Foreign[0])
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
	o.run.report(ctx, f, n)
}

// covered reports whether a trail records the write management events of the guard's Region. One that is excluded
// counts as well: only acting upon it is ruled out.
func (o overview) covered() bool {
	region := o.run.sweeper.Reports.Region
	for i := range o.run.seen.Sights {
		s := &o.run.seen.Sights[i]
		if look.Covers(s.State, region) || o.run.restored[s.Trail.ARN()] && look.Covers(s.Baseline, region) {
			return true
		}
	}
	return slices.ContainsFunc(o.run.seen.Excluded, func(e look.Excluded) bool { return look.Covers(e.State, region) })
}

// maxUnseen bounds the reasons that are named.
const maxUnseen = 5

// unseen says what could not be seen of the trails that may record.
func (o overview) unseen() []finding.Note {
	var all []finding.Note
	for _, f := range o.run.seen.Blind {
		all = append(all, f.Reasons...)
	}
	for _, e := range o.run.seen.Excluded {
		if e.Unread != "" {
			all = append(all, finding.Say(finding.NoteText, e.Unread))
		}
	}
	if more := len(all) - maxUnseen; more > 0 {
		all = append(all[:maxUnseen:maxUnseen], finding.Say(finding.NoteMoreUnseen, more))
	}
	return all
}

// reportBlind reports what could not be seen, once for each Region and reason. A run that looks at no bucket or key knows
// only a part of the reasons: it reports a Region of which nothing was reported yet, and ends nothing.
func (o overview) reportBlind(ctx context.Context) {
	blind := map[string]bool{}
	for _, f := range o.allBlind() {
		blind[f.Subject()] = true
		if _, was := o.run.reported[f.Subject()]; was && o.run.skipsEvidence() {
			continue
		}
		n := o.run.finding(f)
		n.Advise(finding.NextBlind)
		o.run.report(ctx, f, n)
	}
	o.run.blind = len(blind)
	if o.run.skipsEvidence() {
		return
	}
	for _, subject := range slices.Sorted(maps.Keys(o.run.reported)) {
		if isBlind(subject) && !blind[subject] && o.run.seen.Discovered {
			o.run.clear(ctx, subject, o.run.reported[subject])
		}
	}
}

// blindBefore reports whether an earlier sweep could not see everything.
func blindBefore(reported map[string]string) bool {
	for subject := range reported {
		if isBlind(subject) {
			return true
		}
	}
	return false
}

func isBlind(subject string) bool {
	return strings.HasPrefix(subject, string(finding.KindCannotSee)+" ")
}

// allBlind is all that the sweep could not see: trails, what it could not read to begin with, buckets and keys.
func (o overview) allBlind() []look.Finding {
	all := slices.Clone(o.run.seen.Blind)
	add := func(region string, reasons ...finding.Note) {
		for i := range all {
			if all[i].Region == region {
				all[i].Reasons = append(slices.Clone(all[i].Reasons), reasons...)
				return
			}
		}
		all = append(all, look.Finding{Kind: finding.KindCannotSee, Region: region, Reasons: reasons})
	}
	region := o.run.sweeper.Reports.Region
	if err := o.run.seen.MemoryErr; err != nil {
		add(region, finding.Say(finding.NoteText, sanitize.Sentence(err)), finding.Say(finding.NoteBlindTable))
	}
	if err := o.run.seen.BaselineErr; err != nil {
		add(region, finding.Say(finding.NoteText, sanitize.Sentence(err)))
	}
	for _, f := range o.run.unread {
		add(f.Region, f.Reasons...)
	}
	return all
}

// blame makes a finding that no trail records here one of the incident that explains it: of a trail that recorded here,
// and is known to be gone, stopped or weaker. Of several it is the one that was found wrong last. What one call has
// caused is one incident.
func (o overview) blame(ctx context.Context, n *finding.Finding) {
	open, region := o.run.sweeper.Ends.open(ctx), o.run.sweeper.Reports.Region
	var latest incident.Unsettled
	for i := range o.run.seen.Sights {
		s := &o.run.seen.Sights[i]
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
