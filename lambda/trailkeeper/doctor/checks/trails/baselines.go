package trails

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/trail"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// compared are trails by how they differ from their baselines, by the names of the files.
type compared struct{ weak, gone, unread, changed []string }

// Baselines judges whether the trails have declared baselines, and are as these say. What the guard carries is what was in
// the folder when it was deployed.
func Baselines(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "baselines"
	_, absent := fs.Stat(d.Baselines, ".")
	files, err := baseline.ReadAll(d.Baselines)
	switch {
	case absent != nil:
		return verdict.Unseen(name, "There is no folder "+d.Folder+" here, or it cannot be read.", "Name the folder of the baselines with --dir.")
	case err != nil:
		return verdict.Bad(name, "The folder "+d.Folder+" has files that are no baselines: "+verdict.OneLine(err)+".",
			"Correct or remove them, and deploy.")
	case len(files) == 0:
		return none(name, d)
	}
	var c compared
	for _, f := range files {
		c.compare(ctx, d, f)
	}
	diff := d.Command("baseline", "diff", "--dir", d.Folder)
	switch bare := undeclared(ctx, d, files); {
	case len(c.weak)+len(c.gone) > 0:
		return verdict.Bad(name, "Trails are weaker than their baselines, or gone: "+verdict.Names(slices.Concat(c.weak, c.gone))+".",
			"Look at what differs; then let the guard restore it (mode restore), or capture what is meant.", diff)
	case bare != "":
		return verdict.Warn(name, "The trail "+bare+", on which the guard lives, has no baseline in "+d.Folder+".",
			"Capture it, review it and deploy.", capture(d))
	case len(c.changed) > 0:
		return verdict.Warn(name, "Trails differ from their baselines without being weaker: "+verdict.Names(c.changed)+".",
			"Look at what differs, capture what is meant, and deploy.", diff)
	case len(c.unread) > 0:
		return verdict.Unseen(name, "Trails could not be read as a whole: "+verdict.Names(c.unread)+".",
			"Allow the CloudTrail reads of baseline diff to these credentials, and run it again.")
	}
	return verdict.Good(name, fmt.Sprintf("The trails are as their baselines in %s say (%d).", d.Folder, len(files)))
}

// none says that there is no baseline, and what that means in the guard's mode.
func none(name string, d *deployed.Deployment) []verdict.Verdict {
	says := d.Folder + " has no baseline, so that no weakened trail is told from a changed one."
	if g := d.Guard; g.Known() && g.Settings.Mode.AtLeast(config.ModeRestore) {
		says = "The mode is " + string(g.Settings.Mode) + ", and " + d.Folder + " has no baseline: the guard reverts only what the sweep recorded."
	}
	return verdict.Warn(name, says, "Capture one, review it and deploy.", capture(d))
}

// capture is the command that writes baselines anew.
func capture(d *deployed.Deployment) string {
	return d.Command("baseline", "capture", "--region", d.Region(), "--dir", d.Folder)
}

// compare compares a trail with its baseline.
func (c *compared) compare(ctx context.Context, d *deployed.Deployment, f baseline.File) {
	now, err := d.Trail(ctx, f.Baseline.Trail.ARN)
	changes := trail.Diff(f.Baseline.Trail, now)
	switch {
	case errors.Is(err, trail.ErrNotFound):
		c.gone = append(c.gone, f.Name)
	case err != nil:
		c.unread = append(c.unread, f.Name)
	case len(trail.Weakened(changes)) > 0:
		c.weak = append(c.weak, f.Name)
	case len(now.Unseen) > 0:
		c.unread = append(c.unread, f.Name)
	case len(changes) > 0:
		c.changed = append(c.changed, f.Name)
	}
}

// undeclared is the trail that logs what the guard lives on, where none that does so has a baseline; empty: one has, or
// there is none of the deployment's account and Region. The canary trail is bait, and none of those.
func undeclared(ctx context.Context, d *deployed.Deployment, files []baseline.File) string {
	found, err := read(ctx, d)
	if err != nil {
		return ""
	}
	first := ""
	for _, t := range found.covering {
		if slices.ContainsFunc(files, func(f baseline.File) bool { return f.Baseline.Trail.ARN == t.ARN() }) {
			return ""
		}
		if first == "" && t.Account == d.Account && t.Region == d.Region() && t.Name != d.Outputs["CanaryTrailName"] {
			first = t.Name
		}
	}
	return first
}
