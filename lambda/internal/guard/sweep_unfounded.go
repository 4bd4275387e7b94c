package guard

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

const (
	// mostUnfounded bounds the incidents of unknown trails that one sweep looks at.
	mostUnfounded = 5
	// mostAsking bounds the question whether there is such a trail, and longestUnknown is how long an incident stays open of a trail that nobody has
	// ever seen and that cannot be asked for.
	mostAsking     = 5 * time.Second
	longestUnknown = 24 * time.Hour
)

// closeUnfounded ends the incidents of trails that this sweep does not know, where CloudTrail does not know them either: a record alone opened them, which
// may be forged. One of which reading has ever shown anything stays, and so does one of a trail that is there: the next discovery finds it.
func (r *sweepRun) closeUnfounded(ctx context.Context, open map[string]incident.Unsettled) {
	asked := 0
	for _, arn := range slices.Sorted(maps.Keys(open)) {
		u := open[arn]
		t, err := events.ParseTrailARN(arn)
		if err != nil || !u.Closed.IsZero() || u.Noted.After(r.at) || everSeen(u.Incident) || r.there == nil ||
			r.exceptions.Mode(arn, "", r.cfg.Mode) == exception.ModeExclude {
			continue
		}
		if asked++; asked > mostUnfounded {
			return
		}
		why := r.unfounded(ctx, arn, u)
		if why == "" {
			continue
		}
		f := look.Finding{Kind: finding.KindRecovered, Trail: t, Region: t.Region, Sign: u.ID + r.id}
		n := r.finding(f)
		n.Severity, n.Absent = finding.SeverityLow, true
		n.Detail = why + " No sweep and no baseline ever knew it, so there is nothing to restore: the record that opened the incident was wrong, or the " +
			"trail came and went between two sweeps."
		n.NextStep = "Find out where that record came from: event " + sanitize.Bound(u.Incident.First.EventID, 64) + "."
		r.tell(ctx, f, n)
	}
}

// unfounded says why an incident is of no trail, or nothing where it may be of one.
func (r *sweepRun) unfounded(ctx context.Context, arn string, u incident.Unsettled) string {
	ctx, cancel := context.WithTimeout(ctx, mostAsking)
	defer cancel()
	switch err := r.there(ctx, arn); {
	case errors.Is(err, trail.ErrNotFound):
		return "CloudTrail knows no trail " + arn + "."
	case err != nil && r.at.Sub(u.Incident.Opened) > longestUnknown:
		return "For more than a day nobody could see a trail " + arn + "."
	}
	return ""
}

// everSeen reports whether reading a trail has shown anything of an incident: a sweep has found something, or it was dark.
func everSeen(i finding.Incident) bool {
	found := []finding.Kind{finding.KindNotLogging, finding.KindWeakened, finding.KindMissing, finding.KindDeliveryError, finding.KindStale}
	return i.Dark > 0 || slices.ContainsFunc(i.RouteKeys, func(h finding.RouteKey) bool { return slices.Contains(found, finding.Kind(h.Event)) })
}
