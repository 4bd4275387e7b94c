package scenarios

import (
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/stage"
)

// onEvidence are attacks on what a trail has recorded, and on the bucket and key that it needs for more.
func onEvidence() []Scenario {
	all := []Scenario{
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
			Act:    act.SnipeBucket,
			Checks: check.All(check.ToldOfEvidence("name is free for every aws account"), check.Quiet()),
		},
		{
			Name:   "key-disabled",
			Title:  "the trail's key is disabled",
			Act:    act.DisableKey,
			Checks: check.All(check.ToldOfEvidence("the key is disabled"), check.Handled()),
		},
		{
			Name:   "key-doomed",
			Title:  "the trail's key is scheduled for deletion",
			Act:    act.DoomKey,
			Checks: check.All(check.ToldOfEvidence("the key is to be deleted"), check.Handled()),
		},
	}
	for i := range all {
		all[i].Evidence, all[i].Needs, all[i].Setup = true, need.Evidence, stage.Setup{State: act.EvidenceTrail}
	}
	return all
}
