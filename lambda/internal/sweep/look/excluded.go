package look

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/trail"
)

// Excluded is a trail that an override leaves alone: it is judged by nothing and acted upon by nobody, and yet it may
// be what records.
type Excluded struct {
	ARN   string
	State trail.State // means nothing where it is unread
	// Unread says why the trail could not be read, in a sentence; empty: it was, or it is gone.
	Unread string
}

// maxExcluded bounds the excluded trails that are read.
const maxExcluded = 10

// readExcluded reads the trails that are left alone, where trails were looked for: whether anything records is asked
// then. Those that record nothing of the guard's Region because they are another's are read as well: only reading says
// so.
func (l *looking) readExcluded(ctx context.Context) {
	all := slices.Sorted(maps.Keys(l.excluded))
	for i, arn := range all {
		e := Excluded{ARN: arn, Unread: "The trail " + arn + " is excluded and was not looked at."}
		if t, err := events.ParseTrailARN(
			arn,
		); err == nil && l.report.Discovered && i < maxExcluded &&
			slices.Contains(l.looker.regions(), t.Region) {
			e.State, e.Unread = l.readOne(ctx, arn)
		}
		l.report.Excluded = append(l.report.Excluded, e)
	}
}

func (l *looking) readOne(ctx context.Context, arn string) (trail.State, string) {
	state, err := l.looker.Trails.Read(ctx, arn)
	if err != nil && !errors.Is(err, trail.ErrNotFound) {
		return trail.State{}, "The trail " + arn + ", which is excluded, could not be read: " + strings.TrimSuffix(
			err.Error(), ".",
		) + "."
	}
	for _, p := range []trail.Part{trail.PartSettings, trail.PartLogging, trail.PartSelectors} {
		if why := state.Unseen[p]; why != "" {
			return state, "Of the trail " + arn + ", which is excluded, not everything could be read. " + why
		}
	}
	return state, ""
}
