package trail

func (d *changes) settings(b, n Settings) {
	d.dependency(FieldS3Bucket, b.S3Bucket, n.S3Bucket, "The trail has no bucket.", "Logs now go to bucket ", ".")
	d.dependency(FieldS3Prefix, b.S3Prefix, n.S3Prefix, "Logs now go to the top of the bucket, where their readers may not look.",
		"Logs now go below the prefix ", ", where their readers may not look.")
	d.dependency(FieldKMSKey, b.KMSKeyID, n.KMSKeyID, "Log files are no longer encrypted with a KMS key.",
		"Log files are now encrypted with key ", ": without it, nobody can read them.")
	d.dependency(FieldSNSTopic, b.SNSTopicARN, n.SNSTopicARN, "Deliveries are no longer announced to a topic.", "Deliveries are now announced to topic ", ".")
	d.dependency(FieldLogGroup, b.LogGroupARN, n.LogGroupARN, "Events no longer go to CloudWatch Logs.", "Events now go to log group ", ".")
	d.dependency(FieldLogRole, b.LogRoleARN, n.LogRoleARN, "CloudTrail no longer has a role to write to CloudWatch Logs with.",
		"CloudTrail now writes to CloudWatch Logs as ", ".")
	d.toggle(FieldMultiRegion, b.MultiRegion, n.MultiRegion, "Only the home Region is recorded now.", "All Regions are recorded now.")
	d.toggle(FieldGlobalEvents, b.GlobalEvents, n.GlobalEvents,
		"Events of global services such as IAM are no longer recorded.", "Events of global services such as IAM are recorded now.")
	switch {
	case b.LogValidation && !n.LogValidation:
		d.add(FieldLogValidation, "true", "false", Weakens, "No digests are written: log files can be changed unnoticed.")
	case !b.LogValidation && n.LogValidation: // no event more is recorded
		d.add(FieldLogValidation, "false", "true", Neutral, "Digests are written now: changed log files can be told.")
	}
	switch {
	case b.Organization && !n.Organization:
		d.add(FieldOrganization, "true", "false", Weakens, "The organization's member accounts are no longer recorded by this trail.")
	case !b.Organization && n.Organization:
		d.add(FieldOrganization, "false", "true", NewDependency,
			"The trail is the organization's now: it records the member accounts, and a delegated administrator may change and delete it.")
	}
}

// dependency compares what a trail needs in order to be delivered and read. It belongs to somebody: whoever holds the key of the log files can
// make them unreadable, and whoever holds the bucket, the topic, the log group or the role can have deliveries or the next UpdateTrail refused
// (CloudTrail user guide, "Encrypting CloudTrail log files", and the errors of UpdateTrail in the API reference). So one that the baseline does
// not have is never an improvement, not even in the trail's own account.
func (d *changes) dependency(f Field, before, after, gone, now, end string) {
	switch {
	case before == after:
	case after == "":
		d.add(f, before, after, Weakens, gone)
	default:
		d.add(f, before, after, NewDependency, now+after+end)
	}
}
