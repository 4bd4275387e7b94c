package settings

import (
	"errors"
	"fmt"
	"slices"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
)

// CheckBaselines reports the baselines that this deployment could not act on, each with what is wrong: a trail of an
// account that is not configured, one whose home Region is neither the stack's nor one of the sweep's, and one that is
// declared twice. No event about a trail of another Region than the stack's arrives: there the sweep alone puts it
// back. What the settings leave open is not checked.
func CheckBaselines(s Settings, all []baseline.Baseline) error {
	ours := ours(s)
	var errs []error
	seen := map[string]bool{}
	for _, b := range all {
		account, region, err := b.Trail.Home()
		name := "baseline " + baseline.FileName(b.Trail.ARN)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("%s: trail.arn: %w", name, err))
			continue
		case len(ours) > 0 && !slices.Contains(ours, account):
			errs = append(
				errs,
				fmt.Errorf(
					"%s: trail.arn names account %s, which is not among the configured ones; add it to accounts or remove the file",
					name,
					account,
				),
			)
		case s.Env.Region != "" && region != s.Env.Region && !slices.Contains(s.Sweep.Regions, region):
			errs = append(
				errs,
				fmt.Errorf("%s: trail.arn names Region %s, and the stack is in %s, where no event about the trail arrives; "+
					"deploy a stack there, add the Region to sweep.regions or remove the file", name, region, s.Env.Region),
			)
		}
		if b.Trail.Settings.Organization && !s.OrganizationTrail && s.Mode.AtLeast(config.ModeRestart) {
			errs = append(
				errs,
				fmt.Errorf(
					"%s: trail.settings.isOrganizationTrail is true, and organizationTrail is false; set it, or CloudTrail refuses "+
						"what would put the trail back",
					name,
				),
			)
		}
		if seen[b.Trail.ARN] {
			errs = append(errs, fmt.Errorf("%s: trail.arn is %s, which another file declares as well", name, b.Trail.ARN))
		}
		seen[b.Trail.ARN] = true
	}
	return errors.Join(errs...)
}

// BaselineNotes says, one text for each, what will not work for lack of a baseline, and which trails a baseline leaves
// off. Folder says whether that of the baselines exists. None is an error: a first deployment has no baselines yet, and
// a trail may be meant to be off.
func BaselineNotes(s Settings, all []baseline.Baseline, folder bool) []string {
	var notes []string
	where := "the folder " + s.Baselines + " holds no baseline"
	if !folder {
		where = "the folder " + s.Baselines + " does not exist"
	}
	restores := s.Mode.AtLeast(config.ModeRestore)
	switch {
	case len(all) == 0 && restores:
		notes = append(
			notes,
			fmt.Sprintf(
				"mode is %s, and %s: %s. Write baselines with trailkeeper baseline capture, commit them, and deploy again",
				s.Mode,
				where,
				withoutBaselines(s),
			),
		)
	case !folder && s.Baselines != Defaults().Baselines:
		notes = append(
			notes,
			"baselines is "+s.Baselines+", and "+where+": no baseline is deployed. Correct the path, or write baselines there "+
				"with trailkeeper baseline capture --dir "+s.Baselines,
		)
	}
	for _, b := range all {
		if !b.Trail.Logging {
			notes = append(
				notes,
				"baseline "+baseline.FileName(
					b.Trail.ARN,
				)+` says "logging": false: Trailkeeper does not restart the trail when somebody stops it. `+
					"If it is to log, set that to true and deploy again",
			)
		}
	}
	return notes
}

// withoutBaselines says what modes restore and recreate come to where no trail has a declared baseline.
func withoutBaselines(s Settings) string {
	if !s.Recorded() {
		return "a stopped trail is started again, and nothing else is put back; a deleted trail stays deleted"
	}
	return "a stopped trail is started again, and what weakens a trail is put back only as far as the sweep has " +
		"recorded its state before, which only strengthens it and takes no new key, bucket or topic away; a deleted trail " +
		"stays deleted"
}
