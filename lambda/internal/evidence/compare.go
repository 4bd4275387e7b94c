package evidence

import (
	"fmt"
	"maps"
	"slices"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/finding"
)

// The fields of a bucket or key that are compared, as changes name them.
const (
	fieldExists     = "exists"
	fieldOwner      = "owner"
	fieldPolicy     = "policy"
	fieldLifecycle  = "lifecycle"
	fieldNoncurrent = "noncurrent"
	fieldVersioning = "versioning"
	fieldEnabled    = "enabled"
)

// worse is a change that leaves a bucket or key worse than its baseline.
func worse(field, before, after, sentence string) finding.Change {
	return finding.Change{Field: field, Before: before, After: after, Effect: finding.EffectWeakens, Sentence: sentence}
}

// partsOf are the parts of a bucket that baselines ask for, each once. Whether it is the owner's, each of them says.
func partsOf(of []baseline.Baseline) (all []Part) {
	asks := func(is func(b *baseline.Bucket) bool) bool {
		return slices.ContainsFunc(of, func(b baseline.Baseline) bool { return is(b.Bucket) })
	}
	if asks(func(b *baseline.Bucket) bool { return b.PolicySHA256 != "" }) {
		all = append(all, PartPolicy)
	}
	if asks(func(b *baseline.Bucket) bool { return b.Lifecycle != nil }) {
		all = append(all, PartLifecycle)
	}
	if asks(func(b *baseline.Bucket) bool { return b.Versioning != "" }) || len(all) == 0 {
		all = append(all, PartVersioning)
	}
	return all
}

// compareBucket compares a bucket with what the baseline of a trail says of it, and says how bad it is. What could not be
// read is not compared.
func compareBucket(want baseline.Bucket, is Bucket, trail baseline.State) (changes []finding.Change, severity finding.Severity) {
	switch {
	case is.Gone:
		return []finding.Change{worse(fieldExists, "yes", "no", "There is no bucket of this name.")}, finding.SeverityCritical
	case is.Foreign:
		return []finding.Change{worse(fieldOwner, want.Owner, "another account", "S3 answers as it does for a bucket of another account.")},
			finding.SeverityCritical
	}
	seen := func(p Part) bool { return is.Unseen[p] == "" }
	severity = finding.SeverityHigh
	if want.PolicySHA256 != "" && seen(PartPolicy) && is.PolicySHA256 != want.PolicySHA256 {
		after := "another one"
		if is.PolicySHA256 == "" {
			after, severity = "none", finding.SeverityCritical
		}
		changes = append(changes, worse(fieldPolicy, "as captured", after, "The bucket's policy is not the one of the baseline."))
	}
	if want.Lifecycle != nil && seen(PartLifecycle) {
		deletes, soon := compareLifecycle(*want.Lifecycle, is.Lifecycle(trail))
		if changes = append(changes, deletes...); soon {
			severity = finding.SeverityCritical
		}
	}
	if want.Versioning == baseline.VersioningEnabled && seen(PartVersioning) && is.Versioning != want.Versioning {
		changes = append(changes, worse(fieldVersioning, want.Versioning, is.Versioning, "What is deleted or overwritten in the bucket is gone."))
	}
	return changes, severity
}

// compareLifecycle compares when files of a trail are deleted; soon says that it is sooner than a lifecycle should have
// it.
func compareLifecycle(want, is baseline.Lifecycle) (changes []finding.Change, soon bool) {
	compared := func(field string, want, is int, sentence string) {
		if is == 0 || want != 0 && is >= want { // 0 is never
			return
		}
		soon = soon || is < kept
		changes = append(changes, worse(field, after(want), after(is), sentence))
	}
	compared(fieldLifecycle, want.ExpirationDays, is.ExpirationDays,
		"The bucket's lifecycle deletes the trail's files sooner than the baseline has it.")
	compared(fieldNoncurrent, want.NoncurrentDays, is.NoncurrentDays,
		"The bucket's lifecycle deletes older versions of the trail's files sooner than the baseline has it, also of files that are deleted.")
	return changes, soon
}

func after(n int) string {
	switch n {
	case 0:
		return "never"
	case 1:
		return "after a day"
	}
	return fmt.Sprintf("after %d days", n)
}

// compareKey compares a key with its baseline.
func compareKey(want baseline.Key, is Key) (changes []finding.Change, severity finding.Severity) {
	if is.Gone {
		return []finding.Change{worse(fieldExists, "yes", "no", "There is no such key: no file encrypted with it can be read.")},
			finding.SeverityCritical
	}
	severity = finding.SeverityHigh
	if want.Enabled && is.State != "" && is.State != stateEnabled {
		severity = finding.SeverityCritical
		changes = append(changes, worse(fieldEnabled, stateEnabled, is.State, "CloudTrail cannot deliver, and no file encrypted with the key can be read."))
	}
	if want.PolicySHA256 != "" && is.PolicySHA256 != "" && is.PolicySHA256 != want.PolicySHA256 {
		changes = append(changes, worse(fieldPolicy, "as captured", "another one", "The key's policy is not the one of the baseline."))
	}
	return changes, severity
}

// unseenOf are the reasons for what of a bucket could not be read, in order.
func unseenOf(name string, unseen map[Part]string) (all []string) {
	for _, part := range slices.Sorted(maps.Keys(unseen)) {
		all = append(all, fmt.Sprintf("The %s of the bucket %s could not be read: %s", part, name, unseen[part]))
	}
	return all
}
