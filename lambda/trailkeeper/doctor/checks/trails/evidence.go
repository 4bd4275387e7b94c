package trails

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/evidence"
	"trailkeeper/lambda/trailkeeper/cli/reader"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// Evidence judges whether the buckets and keys of the trails are as the baselines say that describe them.
func Evidence(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "evidence"
	files, err := baseline.ReadAll(d.Baselines)
	var described []baseline.Baseline
	for _, f := range files {
		if f.Baseline.Bucket != nil || f.Baseline.Key != nil {
			described = append(described, f.Baseline)
		}
	}
	if err != nil || len(described) == 0 { // what is wrong with the files, Baselines says
		return nil
	}
	r, err := reader.Evidence(d.AWS, d.Account)
	if err != nil {
		return verdict.Unseen(name, verdict.Sentence(verdict.OneLine(err)), "Correct AWS_CA_BUNDLE, and run it again.")
	}
	all := r.Compare(ctx, described)
	var worse, unseen []string
	for _, c := range all {
		if len(c.Changes) > 0 {
			worse = append(worse, changed(c))
		}
		unseen = append(unseen, c.Unseen...)
	}
	switch {
	case len(worse) > 0:
		return verdict.Bad(name, "What trails deliver to, or encrypt with, is worse than the baselines say: "+verdict.Names(worse)+".",
			"Look at what differs, undo it, and find out who changed it; or capture what is meant (baseline capture --evidence), and deploy.",
			d.Command("baseline", "diff", "--dir", d.Folder))
	case len(unseen) > 0:
		return verdict.Unseen(name, "Buckets and keys of trails could not be read as a whole. "+verdict.Sentence(unseen[0]), allow(described))
	}
	return verdict.Good(name, fmt.Sprintf("The buckets and keys of the trails are as their baselines say (%d).", len(all)))
}

// changed is a bucket or key, and what of it is worse.
func changed(c evidence.Compared) string {
	var fields []string
	for _, change := range c.Changes {
		fields = append(fields, change.Field)
	}
	return c.Subject.Name + " (" + strings.Join(fields, ", ") + ")"
}

// allow is what to do where something could not be read.
func allow(described []baseline.Baseline) string {
	var actions []string
	for _, b := range described {
		if b.Bucket != nil {
			actions = append(actions, b.Bucket.Reads()...)
		}
		if b.Key != nil {
			actions = append(actions, b.Key.Reads()...)
		}
	}
	slices.Sort(actions)
	return verdict.Allow(strings.Join(slices.Compact(actions), ", "))
}
