package settings

import (
	"errors"
	"fmt"
	"slices"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
)

// CheckBaselines reports the baselines that this deployment could not act on, each with what is wrong: a trail of an account that is not
// configured, one whose home Region is neither the stack's nor one of the sweep's, and one that is declared twice. No event about a trail of
// another Region than the stack's arrives: there the sweep alone puts it back. What the settings leave open is not checked.
func (s Settings) CheckBaselines(all []baseline.Baseline) error {
	ours := s.ours()
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
			errs = append(errs, fmt.Errorf("%s: trail.arn names account %s, which is not among the configured ones; add it to accounts or remove the file",
				name, account))
		case s.Env.Region != "" && region != s.Env.Region && !slices.Contains(s.Sweep.Regions, region):
			errs = append(errs, fmt.Errorf("%s: trail.arn names Region %s, and the stack is in %s, where no event about the trail arrives; "+
				"deploy a stack there, add the Region to sweep.regions or remove the file", name, region, s.Env.Region))
		}
		if b.Trail.Settings.Organization && !s.OrganizationTrail && s.Mode.AtLeast(config.ModeRestart) {
			errs = append(errs, fmt.Errorf("%s: trail.settings.isOrganizationTrail is true, and organizationTrail is false; set it, or CloudTrail refuses "+
				"what would put the trail back", name))
		}
		if seen[b.Trail.ARN] {
			errs = append(errs, fmt.Errorf("%s: trail.arn is %s, which another file declares as well", name, b.Trail.ARN))
		}
		seen[b.Trail.ARN] = true
	}
	return errors.Join(errs...)
}
