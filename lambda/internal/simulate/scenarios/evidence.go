package scenarios

import (
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/stage"
)

// onEvidence are attacks on what a trail has recorded, and on the bucket and key that it needs for more.
func onEvidence() []Scenario {
	all := []Scenario{
		{
			Name:   "bucket-lifecycle-swept",
			Title:  "the trail's bucket is given such a lifecycle, and no event of it arrives",
			Act:    act.ThenSweep(act.Lost(act.ShortLifecycle)),
			Sweeps: true,
			Checks: check.All(check.SaidByGuard("deletes the trail's files sooner"), check.Sound()),
		},
		{
			Name:   "bucket-lifecycle",
			Title:  "the trail's bucket is given a lifecycle that deletes everything after a day",
			Act:    act.ShortLifecycle,
			Checks: check.All(check.ToldOfEvidence("days after it was written: 1"), check.Quiet()),
		},
		{
			Name:   "digest-deleted",
			Title:  "a digest of the trail is deleted from its bucket",
			Act:    act.DeleteDigest,
			Checks: check.All(check.ToldOfEvidence("a digest file was deleted"), check.Quiet()),
		},
		{
			Name:   "bucket-sniped",
			Title:  "the trail's bucket is emptied and deleted, and another account takes its name",
			Act:    act.ThenSweep(act.SnipeBucket),
			Sweeps: true,
			Checks: check.All(
				check.ToldOfEvidence("name is free for every aws account"), check.SaidByGuard("belongs to another account"), check.NeverSaid("as its baseline has it"), check.Sound(),
			),
		},
		{
			Name:   "key-disabled",
			Title:  "the trail's key is disabled",
			Act:    act.DisableKey,
			Checks: check.All(check.ToldOfEvidence("the key was disabled. it is enabled again"), check.Outcome("restored"), check.KeyEnabled(act.EvidenceKey()), check.Handled()),
		},
		{
			Name:   "key-doomed",
			Title:  "the trail's key is scheduled for deletion",
			Act:    act.DoomKey,
			Checks: check.All(check.ToldOfEvidence("the key was pendingdeletion. it is enabled again"), check.Outcome("restored"), check.KeyEnabled(act.EvidenceKey()), check.Handled()),
		},
	}
	for i := range all {
		all[i].Evidence, all[i].Needs, all[i].Setup = true, need.Evidence, stage.Setup{
			State:  act.EvidenceTrail,
			Bucket: &baseline.Bucket{Owner: stage.Account, Region: stage.Region, Lifecycle: &baseline.Lifecycle{ExpirationDays: 400}},
			Key:    &baseline.Key{Enabled: true},
		}
	}
	return all
}
