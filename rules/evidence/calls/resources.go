package calls

// onBucket are the calls of S3 on a bucket (Amazon S3 User Guide, "Amazon S3 CloudTrail events", bucket-level actions).
func onBucket() []Call {
	call := func(event string, s Severity, action string) Call {
		return Call{Source: S3, Event: event, Of: Bucket, Severity: s, At: "bucketName", Action: action}
	}
	return []Call{
		call("PutBucketLifecycle", high, "s3:PutLifecycleConfiguration"),
		call("DeleteBucketLifecycle", medium, "s3:PutLifecycleConfiguration"),
		call("PutBucketPolicy", high, ""),
		call("DeleteBucketPolicy", critical, ""),
		call("DeleteBucket", critical, ""),
		call("CreateBucket", high, ""),
		call("PutBucketVersioning", high, ""),
		call("PutBucketEncryption", high, "s3:PutEncryptionConfiguration"),
		call("DeleteBucketEncryption", medium, "s3:PutEncryptionConfiguration"),
		call("PutBucketObjectLockConfiguration", high, ""),
		call("PutBucketReplication", high, "s3:PutReplicationConfiguration"),
		call("DeleteBucketReplication", high, "s3:PutReplicationConfiguration"),
		call("PutBucketAcl", medium, ""),
		call("PutBucketOwnershipControls", medium, ""),
		call("DeleteBucketOwnershipControls", medium, "s3:PutBucketOwnershipControls"),
		call("PutBucketNotification", medium, ""),
		call("PutBucketPublicAccessBlock", medium, ""),
		call("DeleteBucketPublicAccessBlock", high, "s3:PutBucketPublicAccessBlock"),
	}
}

// onLogFiles are data events: they arrive where a trail logs S3 data events of the bucket. DeleteObjects names no key
// (Amazon S3 User Guide, "Amazon S3 CloudTrail events").
func onLogFiles() []Call {
	return []Call{
		{Source: S3, Event: "DeleteObject", Of: LogFile, Severity: critical, At: "key"},
		{Source: S3, Event: "DeleteObjects", Of: LogFile, Severity: critical, At: "bucketName", Action: "s3:DeleteObject"},
	}
}

// onKey are the calls of KMS. A record names the key by whatever the caller gave, and by its ARN in resources (AWS KMS
// Developer Guide, "Examples of AWS KMS log entries"); of UpdateAlias that is the key that the alias is given to.
func onKey() []Call {
	call := func(event string, s Severity) Call { return Call{Source: KMS, Event: event, Of: Key, Severity: s} }
	return []Call{
		call("DisableKey", critical),
		call("ScheduleKeyDeletion", critical),
		call("DeleteImportedKeyMaterial", critical),
		call("PutKeyPolicy", high),
		call("RevokeGrant", medium),
		call("RetireGrant", medium),
		call("DisableKeyRotation", medium),
		call("DeleteAlias", medium),
		call("UpdateAlias", medium),
	}
}

// onLogGroup are the calls of CloudWatch Logs (Amazon CloudWatch Logs API reference, the request of each).
func onLogGroup() []Call {
	call := func(event string, s Severity, at string) Call {
		return Call{Source: Logs, Event: event, Of: LogGroup, Severity: s, At: at}
	}
	const name, identifier = "logGroupName", "logGroupIdentifier"
	keyed := func(event string) Call { // of a log group by its name or, as resourceIdentifier, its ARN
		c := call(event, medium, name)
		c.Or = "resourceIdentifier"
		return c
	}
	return []Call{
		call("DeleteLogGroup", critical, name),
		call("DeleteLogStream", high, name),
		call("PutRetentionPolicy", medium, name),
		call("DeleteSubscriptionFilter", high, name),
		call("PutSubscriptionFilter", medium, name),
		call("DeleteMetricFilter", high, name),
		call("PutMetricFilter", medium, name),
		keyed("AssociateKmsKey"),
		keyed("DisassociateKmsKey"),
		call("PutDataProtectionPolicy", high, identifier),
		call("PutTransformer", medium, identifier),
		call("PutLogGroupDeletionProtection", medium, identifier),
	}
}
