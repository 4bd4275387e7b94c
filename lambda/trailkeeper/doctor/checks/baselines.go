package checks

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/trail"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// baselines judges whether the trails have declared baselines, and are as these say. What the guard carries is what was
// in the folder when it was deployed.
func baselines(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "baselines"
	capture := verdict.Command("trailkeeper", "baseline", "capture", "--region", d.Region(), "--dir", d.Folder)
	files, err := baseline.ReadAll(d.Baselines)
	switch {
	case err != nil:
		return one(verdict.Bad(name, "The folder "+d.Folder+" has files that are no baselines: "+oneLine(err)+".",
			"Correct or remove them, and deploy."))
	case len(files) == 0 && d.Guard.Settings.Mode.AtLeast(config.ModeRestore):
		return one(verdict.Warn(name, "The mode is "+string(d.Guard.Settings.Mode)+", and "+d.Folder+
			" has no baseline: the guard reverts only what the sweep recorded.", "Capture one, review it and deploy.", capture))
	case len(files) == 0:
		return one(verdict.Warn(name, d.Folder+" has no baseline, so that no weakened trail is told from a changed one.",
			"Capture one, review it and deploy.", capture))
	}
	var weak, gone, unread, changed []string
	for _, f := range files {
		b := f.Baseline
		now, err := d.Trail(ctx, b.Trail.ARN)
		switch changes := trail.Diff(b.Trail, now); {
		case errors.Is(err, trail.ErrNotFound):
			gone = append(gone, f.Name)
		case err != nil, len(now.Unseen) > 0:
			unread = append(unread, f.Name)
		case len(trail.Weakened(changes)) > 0:
			weak = append(weak, f.Name)
		case len(changes) > 0:
			changed = append(changed, f.Name)
		}
	}
	diff := verdict.Command("trailkeeper", "baseline", "diff", "--dir", d.Folder)
	switch {
	case len(weak)+len(gone) > 0:
		return one(verdict.Bad(name, "Trails are weaker than their baselines, or gone: "+names(append(weak, gone...))+".",
			"Look at what differs; then let the guard restore it (mode restore), or capture what is meant.", diff))
	case len(unread) > 0:
		return one(verdict.Unseen(name, "Trails could not be read as a whole: "+names(unread)+".",
			"Allow the CloudTrail reads of baseline diff to these credentials, and run it again."))
	case len(changed) > 0:
		return one(verdict.Warn(name, "Trails differ from their baselines without being weaker: "+names(changed)+".",
			"Look at what differs, capture what is meant, and deploy.", diff))
	}
	return one(verdict.Good(name, fmt.Sprintf("The trails are as their baselines in %s say (%d).", d.Folder, len(files))))
}

// names are at most three of them.
func names(all []string) string {
	const most = 3
	var shown []string
	for i, n := range all {
		if i == most {
			return strings.Join(shown, ", ") + fmt.Sprintf(" and %d more", len(all)-most)
		}
		shown = append(shown, sanitize.Bound(n, 80))
	}
	return strings.Join(shown, ", ")
}
