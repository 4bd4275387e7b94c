// Package trails is what is asked about the trails: that one logs what the guard lives on, and that they are as their
// baselines say.
package trails

import (
	"context"
	"fmt"
	"slices"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// mostTrails bounds the trails that are read, those of the stack's Region first: a Region has five (CloudTrail User Guide,
// "Quotas"), and as many more may reach it from each other Region.
const mostTrails = 30

// seen is what the stack's Region shows of trails.
type seen struct {
	covering []events.Trail // log the write management events of the stack's Region
	unread   []string       // why a trail could not be read as a whole
	all      int
}

// Trails judges whether a trail logs here what the guard lives on, and whether the stack is in its home Region: the calls
// on a trail are made, and so their events arrive, in its home Region.
func Trails(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	found, err := read(ctx, d)
	return judge(found, err, d.Region())
}

// judge judges what a Region shows of trails; the error is that it could not be asked.
func judge(found seen, err error, region string) []verdict.Verdict {
	const name, home = "trail", "home Region"
	switch {
	case err != nil:
		return verdict.Unseen(name, verdict.Sentence(verdict.OneLine(err)), verdict.Allow("cloudtrail:DescribeTrails"))
	case len(found.covering) == 0 && len(found.unread) > 0:
		return verdict.Unseen(name, "Whether a trail logs write management events here cannot be told: "+found.unread[0],
			"Allow the CloudTrail reads that it names to these credentials, and run it again.")
	case len(found.covering) == 0 && found.all > mostTrails:
		return verdict.Rest(name, "trails")
	case len(found.covering) == 0:
		return verdict.Bad(name, fmt.Sprintf("No trail logs the write management events of %s (%d are there), so no event reaches the guard.",
			region, found.all), "Start or repair a trail, or set firstTrail.enabled and deploy.")
	}
	of := found.covering[0] // of the stack's Region, where there is one
	called := sanitize.Bound(of.Name, 60)
	logs := verdict.Good(name, "The trail "+called+" logs the write management events of "+region+".")
	if of.Region == region {
		return append(logs, verdict.Good(home, "The stack is in the home Region of "+called+".")...)
	}
	return append(logs, verdict.Bad(home,
		"The home Region of "+called+" is "+of.Region+": calls on it are made there, and no rule of this stack sees them.",
		"Deploy in "+of.Region+" as well, or instead.")...)
}

// read reads the trails that the stack's Region shows, those first that have their home there.
func read(ctx context.Context, d *deployed.Deployment) (seen, error) {
	arns, err := d.Trails(ctx)
	found := seen{all: len(arns)}
	for _, arn := range chosen(arns, d.Region()) {
		t, _ := events.ParseTrailARN(arn) // they are listed as such
		state, wrong := d.Trail(ctx, arn)
		if wrong != nil {
			found.unread = append(found.unread, "the trail "+t.Name+" could not be read: "+verdict.OneLine(wrong)+".")
			continue
		}
		if look.Covers(state, d.Region()) {
			found.covering = append(found.covering, t)
			continue
		}
		for _, part := range []trail.Part{trail.PartLogging, trail.PartSelectors} {
			if why := state.Unseen[part]; why != "" {
				found.unread = append(found.unread, sanitize.Bound(why, 300))
			}
		}
	}
	return found, err
}

// chosen are the trails that are read: those of the Region first, and no more than mostTrails.
func chosen(arns []string, region string) []string {
	abroad := func(arn string) int {
		if t, err := events.ParseTrailARN(arn); err == nil && t.Region == region {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(arns, func(a, b string) int { return abroad(a) - abroad(b) })
	return arns[:min(len(arns), mostTrails)]
}
