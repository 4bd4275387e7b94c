package notes

import "trailkeeper/lambda/internal/finding"

// evidenceWords are those on calls that take a trail's evidence away.
func evidenceWords() map[finding.NoteID]string {
	return map[finding.NoteID]string{
		finding.NoteLifecycleExpires: "The new lifecycle deletes what begins with %s, days after it was written: %s. S3 " +
			"applies a lifecycle at midnight UTC.",
		finding.NoteLifecycleDated: "The new lifecycle deletes what begins with %s on a date that it names, or sooner. S3 " +
			"applies a lifecycle at midnight UTC.",
		finding.NoteLifecycleNoncurrent: "The new lifecycle deletes older versions of what begins with %s, days after they were " +
			"replaced or deleted: %s.",
		finding.NoteLifecycleKeeps:  "No enabled rule of the new lifecycle deletes what begins with %s.",
		finding.NoteLifecycleUnread: "The record does not show the new lifecycle, which may delete log files within a day.",
		finding.NoteLifecycleGone:   "The bucket has no lifecycle any more: nothing in it expires or moves to another class.",
		finding.NoteBucketPolicyReplaced: "The bucket's policy was replaced. CloudTrail may be kept from delivering, or others let " +
			"in to read and delete log files.",
		finding.NoteBucketPolicyGone: "The bucket has no policy any more, and CloudTrail cannot deliver to it.",
		finding.NoteBucketDeleted: "The bucket is gone. Its name is free for every AWS account, and CloudTrail delivers to " +
			"whoever takes it, if that bucket's policy lets it in.",
		finding.NoteBucketCreated: "A bucket with the name of the trail's was created: the one before may be gone, with all " +
			"that was in it. In us-east-1 S3 accepts this call also for a bucket that is there and the caller's own, and resets its ACL.",
		finding.NoteVersioningOff: "Versioning is not enabled any more: what is deleted or overwritten from now on is gone.",
		finding.NoteVersioningOn:  "Versioning is enabled. The call may have changed MFA delete.",
		finding.NoteBucketEncryption: "The default encryption of the bucket was changed. With a key of somebody else's, that " +
			"account can make new files unreadable.",
		finding.NoteObjectLock:  "The default retention of Object Lock was changed. Files that are there keep theirs.",
		finding.NoteReplication: "The replication of the bucket was changed. Copies may be missing from now on, or go elsewhere.",
		finding.NoteBucketAccess: "Who may reach what is in the bucket was changed: its ACL, ownership or Block Public " +
			"Access.",
		finding.NoteBucketNotification: "The bucket's notifications were changed. Whatever reads new log files may not be " +
			"told of them any more.",
		finding.NoteLogFileDeleted: "A log file was deleted: %s.",
		finding.NoteDigestDeleted: "A digest file was deleted: %s. Without it nobody can prove that the log files of its " +
			"hour are whole.",
		finding.NoteVersionDeleted: "The call named one version, %s, which no delete marker keeps: unless it was itself a delete " +
			"marker, that version is gone for good.",
		finding.NoteFilesDeleted: "Objects of the bucket were deleted together, and the record does not say which: they may " +
			"be log files.",
		finding.NoteKeyDisabled: "The key is disabled. CloudTrail cannot deliver, and nobody can read the files encrypted " +
			"with it.",
		finding.NoteKeyDoomed: "The key is to be deleted after a number of days: %s. Until then it is of no use; " +
			"afterwards no file encrypted with it can ever be read.",
		finding.NoteKeyMaterial: "The key's imported material was deleted. No file encrypted with it can be read until the " +
			"same material is imported again.",
		finding.NoteKeyPolicyReplaced: "The key's policy was replaced. CloudTrail may be kept from encrypting, and readers from " +
			"decrypting.",
		finding.NoteKeyGrant:        "A grant on the key was taken away. Whoever used it may not read or write any more.",
		finding.NoteKeyRotation:     "The key's material is not rotated any more.",
		finding.NoteKeyAlias:        "An alias of the key was deleted, or given to it. The trail names the key by its ARN and is not affected.",
		finding.NoteLogGroupDeleted: "The log group is gone, with all that was in it, and CloudTrail cannot deliver to it.",
		finding.NoteLogStreamDeleted: "A log stream is gone, with all that was in it. CloudTrail makes a new one with its " +
			"next delivery.",
		finding.NoteRetention: "The retention of the log group was changed. Days that it keeps events: %s.",
		finding.NoteConsumers: "Who gets the events of the log group, or counts them, was changed. Alarms and detections " +
			"that rest on it may say nothing from now on.",
		finding.NoteLogGroupKey:        "The key of the log group was changed or taken away.",
		finding.NoteLogGroupProtection: "The deletion protection of the log group was changed.",
		finding.NoteMasked:             "How the log group shows its events was changed: fields of them may be masked or rewritten.",
		finding.NoteLakeStopped:        "The event data store takes no events in.",
		finding.NoteLakeDeleted: "The event data store is to be deleted within seven days. Until then it can be brought " +
			"back.",
		finding.NoteLakeChanged: "The event data store was changed. It may keep events for a shorter time, of fewer Regions, " +
			"accounts or callers, or be deleted without protection.",
		finding.NoteLakeAccess: "Who may query events, or send them in, was changed.",
		finding.NoteEventConfiguration: "The event configuration was changed: the size of events, what they are enriched " +
			"with, or what is aggregated.",
		finding.NoteAdministrator: "Another account may now do, for the whole organization, what the service lets an " +
			"administrator do.",
		finding.NoteNoAdministrator: "An account does not administer the service for the organization any more.",
		finding.NoteTrustedAccess: "The service has no access to the organization any more. Without it CloudTrail cannot " +
			"keep an organization trail in its member accounts.",
		finding.NoteOrgPolicy: "A policy of the organization was changed, detached or deleted. What it denied may be allowed.",
		finding.NoteAccountMoved: "The account was moved, and has the policies of its new place: what denied stopping a " +
			"trail may not hold there.",
		finding.NoteAccountLeft: "The account leaves the organization or is closed, and its organization trail records it " +
			"no more.",
		finding.NoteRegionEnabled: "A Region was enabled. A trail of one Region does not record it, and no rule of this " +
			"deployment is there.",
		finding.NoteServiceRole:   "CloudTrail's service-linked role was to be deleted. An organization trail needs it.",
		finding.NoteKeyEnabled:    "The key was %s. It is enabled again, as DescribeKey says.",
		finding.NoteKeyIsEnabled:  "The key is enabled, as DescribeKey says.",
		finding.NoteKeyNotEnabled: "The key could not be enabled: %s",
		finding.NoteEvidenceFound: "A sweep compared it with the baseline.",
		finding.NoteEvidenceOver:  "It is as its baseline has it, and not by Trailkeeper's doing.",
		finding.NoteEvidenceTried: "It is as its baseline has it. Trailkeeper had tried to restore it, and did not see that this worked.",

		finding.NextCompareByHand: "Compare what it is now with what it should be, and restore it.\n$ aws %s %s --region %s --%s %s",
		finding.NextUndo:          "Undo it.\n$ aws %s %s --region %s --%s %s",
		finding.NextOwnerOf: "Find out who owns the bucket now. If it is not yours, point the trail at another one at once." +
			"\n$ aws s3api head-bucket --bucket %s --expected-bucket-owner %s",
		finding.NextVersionsOf: "Find the file's versions. A bucket with versions gives it back once the delete marker is " +
			"removed; otherwise take it from a copy.\n$ aws s3api list-object-versions --bucket %s --prefix %s",
		finding.NextReview: "Find out who is behind this and whether it was authorized: review the event, and what else the " +
			"caller did.\n$ aws cloudtrail lookup-events --region %s --lookup-attributes AttributeKey=EventId,AttributeValue=%s",
		finding.NextEvidenceMeant: "If it was meant, write it into the baseline of the trail, and deploy.\n$ trailkeeper baseline capture --evidence --force --trail %s",
		finding.NextMeantFurther:  "Do the same with the other trails that use it and have it otherwise: %s.",
		finding.NextReviewData: "Find out who is behind this and whether it was authorized. CloudTrail's event history has " +
			"no data events: look for it in the log files of the trail that records them.",
	}
}
