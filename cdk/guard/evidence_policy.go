package guard

import (
	"cmp"
	"slices"

	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
)

// evidenceStatements let the sweep read what the baselines describe of buckets and keys, each bucket and key for itself;
// and the guard enable the keys of its own account where the settings ask for it. Without a sweep nothing is read.
func evidenceStatements(s settings.Settings, partition string, baselines []baseline.Baseline) (many []policy.Long) {
	var reads, writes []group
	for _, b := range baselines {
		if s.Sweep.Enabled && b.Bucket != nil {
			arn := config.Place{Partition: partition}.ARN("s3", b.Trail.Settings.S3Bucket)
			for _, action := range b.Bucket.Reads() {
				reads = joinOne(reads, action, arn)
			}
		}
		if b.Key == nil {
			continue
		}
		enables := s.Evidence.EnableKeys && b.Key.Enabled && ownKey(s, b)
		for _, action := range b.Key.Reads() {
			if s.Sweep.Enabled || enables && action == baseline.DescribeKey {
				reads = joinOne(reads, action, b.Trail.Settings.KMSKeyID)
			}
		}
		if enables {
			for _, action := range []string{"kms:CancelKeyDeletion", "kms:EnableKey"} {
				writes = joinOne(writes, action, b.Trail.Settings.KMSKeyID)
			}
		}
	}
	for i, g := range byResources(reads) {
		many = append(many, policy.LongAllow(policy.Numbered("ReadEvidence", i), g.actions, g.trails))
	}
	for i, g := range byResources(writes) {
		many = append(many, policy.LongAllow(policy.Numbered("EnableKeys", i), g.actions, g.trails))
	}
	return many
}

// ownKey reports whether the key of a baseline is of the stack's account; where the settings name none, of the trail's.
func ownKey(s settings.Settings, b baseline.Baseline) bool {
	home, _, _ := b.Trail.Home()
	key, ok := config.FormKey.Parse(b.Trail.Settings.KMSKeyID)
	return ok && key.Account == cmp.Or(s.Env.Account, home)
}

// joinOne adds a resource to the group of an action.
func joinOne(groups []group, action, arn string) []group {
	i := slices.IndexFunc(groups, func(g group) bool { return g.actions[0] == action })
	if i < 0 {
		return append(groups, group{[]string{action}, []string{arn}})
	}
	if !slices.Contains(groups[i].trails, arn) {
		groups[i].trails = append(groups[i].trails, arn)
	}
	return groups
}

// byResources makes one group of those that are for the same resources.
func byResources(groups []group) (all []group) {
	for _, g := range groups {
		all = join(all, g.actions[0], g.trails)
	}
	return all
}
