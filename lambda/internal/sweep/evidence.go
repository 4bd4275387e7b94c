package sweep

import (
	"context"
	"maps"
	"slices"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sweep/look"
)

// Evidence compares the buckets and keys of trails with their baselines, and reports what differs by itself. What it could
// not read it returns by Region. Reported is what was reported before, by subject.
type Evidence interface {
	Sweep(ctx context.Context, id string, reported map[string]string) (unseen map[string][]string, err error)
}

// checkEvidence adds to what the sweep could not see what of buckets and keys could not be read.
func (r *run) checkEvidence(ctx context.Context) {
	if r.sweeper.Evidence == nil || r.event {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, max(leastPerAct, r.until.Sub(r.sweeper.Clock.Now())))
	defer cancel()
	unseen, err := r.sweeper.Evidence.Sweep(ctx, r.id, r.reported)
	r.errs = append(r.errs, err)
	for _, region := range slices.Sorted(maps.Keys(unseen)) {
		if len(unseen[region]) == 0 {
			continue
		}
		var reasons []finding.Note
		for _, why := range unseen[region] {
			reasons = append(reasons, finding.Say(finding.NoteText, why))
		}
		i := slices.IndexFunc(r.seen.Blind, func(f look.Finding) bool { return f.Region == region })
		if i < 0 {
			r.seen.Blind = append(r.seen.Blind, look.Finding{Kind: finding.KindCannotSee, Region: region, Reasons: reasons})
			continue
		}
		r.seen.Blind[i].Reasons = append(slices.Clone(r.seen.Blind[i].Reasons), reasons...)
	}
}
