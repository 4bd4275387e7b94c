package sweep

import (
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

// noteFound says that no event arrived, or when the last one did.
func noteFound(r *run, n *finding.Finding, s *look.Sight, f look.Finding) {
	if f.Kind == finding.KindDeliveryError || f.Kind == finding.KindStale {
		return
	}
	switch {
	case r.event:
		n.Note(finding.NoteUnnamedTrail)
	case r.sweeper.Records.Table == nil || r.seen.MemoryErr != nil:
		n.Note(finding.NoteSwept)
	case s.Known.Tampered(r.at, time.Hour):
		n.Note(finding.NoteSweptAfter, s.Known.TamperedAt)
	default:
		n.Note(finding.NoteNoEvent)
	}
}

// noteExpired says that a change was made under approvals that are over.
func noteExpired(n *finding.Finding, all []known.Approved) {
	if len(all) > 0 {
		a := all[len(all)-1]
		n.Note(finding.NoteApprovalExpired, sanitize.Bound(a.Principal, 200), sanitize.Bound(a.Reason, 200), a.Expires)
	}
}

// noteDoubts says of what is to be put back that an approval was claimed for it and does not count, and why.
func noteDoubts(n *finding.Finding, s *look.Sight, fields []trail.Field) {
	for _, d := range s.Claims.Doubted {
		for _, f := range fields {
			for _, claimed := range d.Note.Fields {
				if claimed == string(f) {
					n.Note(finding.NoteDoubted, sanitize.Bound(d.Note.Principal, 200))
					n.Notes = append(n.Notes, d.Why)
					return
				}
			}
		}
	}
}

// darkAsFound is since when it is dark with a finding, where nothing is done about it.
func darkAsFound(r *run, s *look.Sight, f look.Finding) *finding.Dark {
	switch f.Kind {
	case finding.KindNotLogging:
		if stopped := s.State.Delivery.Stopped; !stopped.IsZero() && !stopped.After(r.at) {
			return &finding.Dark{From: stopped}
		}
		return &finding.Dark{From: r.at}
	case finding.KindMissing:
		return &finding.Dark{From: r.changedAt(s)}
	case finding.KindWeakened:
		if len(trail.Dark(s.Baseline, s.State, f.Changes)) > 0 {
			return &finding.Dark{From: r.changedAt(s)}
		}
	}
	return nil
}

// fieldsOf are those that a finding is about.
func fieldsOf(f look.Finding) []trail.Field {
	if f.Kind == finding.KindNotLogging {
		return []trail.Field{trail.FieldLogging}
	}
	return weakFields(f)
}

// weakFields are the fields of a finding that are weaker than in the baseline.
func weakFields(f look.Finding) []trail.Field {
	var all []trail.Field
	for _, c := range trail.Weakened(f.Changes) {
		all = append(all, c.Field)
	}
	return all
}
