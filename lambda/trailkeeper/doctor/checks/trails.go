package checks

import (
	"context"
	"fmt"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// mostTrails bounds the trails that are read: five have their home in a Region, and as many more may reach it from each
// other Region.
const mostTrails = 30

// seen is what the stack's Region shows of trails.
type seen struct {
	covering []events.Trail // log the write management events of the stack's Region
	unread   []string       // why a trail could not be read as a whole
	all      int
}

// trails judges whether a trail logs here what the guard lives on, and whether the stack is in its home Region: the calls
// on a trail are made, and so their events arrive, in its home Region.
func trails(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name, home = "trail", "home Region"
	found, err := readTrails(ctx, d)
	switch {
	case err != nil:
		return one(verdict.Unseen(name, capital(oneLine(err))+".", "Allow cloudtrail:DescribeTrails to these credentials, and run it again."))
	case len(found.covering) == 0 && len(found.unread) > 0:
		return one(verdict.Unseen(name, "Whether a trail logs write management events here cannot be told: "+found.unread[0],
			"Allow the CloudTrail reads that it names to these credentials, and run it again."))
	case len(found.covering) == 0:
		return one(verdict.Bad(name, fmt.Sprintf("No trail logs the write management events of %s (%d are there), so no event reaches the guard.",
			d.Region(), found.all), "Start or repair a trail, or set firstTrail.enabled and deploy."))
	}
	of := found.covering[0]
	for _, t := range found.covering {
		if t.Region == d.Region() {
			of = t
			break
		}
	}
	verdicts := one(verdict.Good(name, "The trail "+sanitize.Bound(of.Name, 60)+" logs the write management events of "+d.Region()+"."))
	if of.Region == d.Region() {
		return append(verdicts, verdict.Good(home, "The stack is in the home Region of "+sanitize.Bound(of.Name, 60)+"."))
	}
	return append(verdicts, verdict.Bad(home,
		"The home Region of "+sanitize.Bound(of.Name, 60)+" is "+of.Region+": calls on it are made there, and no rule of this stack sees them.",
		"Deploy in "+of.Region+" as well, or instead."))
}

// readTrails reads every trail that the stack's Region shows.
func readTrails(ctx context.Context, d *deployed.Deployment) (seen, error) {
	arns, err := d.Trails(ctx)
	found := seen{all: len(arns)}
	for i, arn := range arns {
		t, wrong := events.ParseTrailARN(arn)
		if wrong != nil || i >= mostTrails {
			continue
		}
		state, wrong := d.Trail(ctx, arn)
		if wrong != nil {
			found.unread = append(found.unread, "the trail "+t.Name+" could not be read: "+oneLine(wrong)+".")
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

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
