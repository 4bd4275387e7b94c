package sweep

import (
	"context"
	"maps"
	"slices"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sweep/look"
)

// Evidence compares the buckets and keys of trails with their baselines, and reports what differs by itself. What it could
// not read it returns by Region. Untold counts its messages that no channel accepted. Reported is what was reported
// before, by subject.
type Evidence interface {
	Sweep(ctx context.Context, id string, reported map[string]string) (unseen map[string][]string, untold int, err error)
}

// checkEvidence notes what of buckets and keys could not be read: not among what could not be seen of trails, as none of
// it says whether a trail records.
func (r *run) checkEvidence(ctx context.Context) {
	if r.sweeper.Evidence == nil || r.event {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, max(leastPerAct, r.until.Sub(r.sweeper.Clock.Now())))
	defer cancel()
	unseen, untold, err := r.sweeper.Evidence.Sweep(ctx, r.id, r.reported)
	r.errs = append(r.errs, err)
	r.untold += untold
	for _, region := range slices.Sorted(maps.Keys(unseen)) {
		var reasons []finding.Note
		for _, why := range unseen[region] {
			reasons = append(reasons, finding.Say(finding.NoteText, why))
		}
		if len(reasons) > 0 {
			r.unread = append(r.unread, look.Finding{Kind: finding.KindCannotSee, Region: region, Reasons: reasons})
		}
	}
}

// skipsEvidence reports whether buckets and keys were not looked at, so that nothing is known of what could not be seen of
// them.
func (r *run) skipsEvidence() bool { return r.sweeper.Evidence != nil && r.event }
