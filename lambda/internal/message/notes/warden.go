package notes

import "trailkeeper/lambda/internal/finding"

// wardenWords are those on what the deployment itself looks like.
func wardenWords() map[finding.NoteID]string {
	return map[finding.NoteID]string{
		finding.NoteDeploymentGone: "Somebody has deleted it.",
		finding.NoteManyDiffer:     "%s resources of the deployment were not as they were deployed.",
		finding.NoteManyRestored:   "%s of them are restored, as reading them again shows.",
		finding.NoteAsDeployed:     "It is as it was deployed.",
		finding.NoteManyRecovered:  "%s resources that were reported are as they were deployed.",
		finding.NoteSeesAll:        "All %s resources were checked.",
		finding.NoteUnseenPart:     "Not checked: %s, because %s.",

		finding.NoteReadAgain:     "Reading it again shows it as it was deployed.",
		finding.NoteNotReadAgain:  "It could not be read again: %s.",
		finding.NoteStillDiffers:  "AWS accepted the restore, and reading it again still shows the difference.",
		finding.NoteNeverRestored: "This is not restored automatically.",
		finding.NoteWardenNotify:  "Mode notify changes nothing; warden.mode restore would restore it.",
		finding.NoteInDoubt:       "Nothing is restored that needs more than the resource's own name: %s.",
		finding.NoteNoTimeLeft:    "No time was left in this run; the next one tries again.",
		finding.NoteRepairFailed:  "The restore failed: %s.",

		finding.NextRunByHand: "Restore it by hand.\n$ %s",
		finding.NextAsTemplate: "Restore it as the template has it; a deployment without a change of the template restores " +
			"nothing.\n$ aws cloudformation detect-stack-drift --stack-name %s",
		finding.NextWhoChanged: "Find out who changed it: review the calls on it.\n$ aws cloudtrail lookup-events --region " +
			"%s --lookup-attributes AttributeKey=ResourceName,AttributeValue=%s",
		finding.NextUnseenPart: "Find out what keeps Trailkeeper from reading it. Where it is the function's role, deploy " +
			"again. What cannot be read is reported as unknown, never as healthy.",
	}
}
