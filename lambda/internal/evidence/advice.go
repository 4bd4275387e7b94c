package evidence

import (
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/rules/evidence/calls"
)

// advice is what a call means, and the command of the AWS CLI with which a human compares or undoes what it did.
type advice struct {
	note finding.NoteID
	// service, verb and option are those of the command. Undoes says that it undoes the call; otherwise it shows how things
	// are.
	service, verb, option string
	undoes                bool
}

// adviceOn is that for a call. The note of a call whose parameters say more is worked out; see weigh.
func adviceOn(c calls.Call) advice {
	switch c.Of {
	case calls.Bucket:
		return onBucket(c.Event)
	case calls.Key:
		return onKey(c.Event)
	case calls.LogGroup:
		return onLogGroup(c.Event)
	case calls.Lake, calls.Configuration:
		return onLake(c.Event)
	}
	return around(c)
}

func onBucket(event string) advice {
	s3 := func(note finding.NoteID, verb string) advice { return advice{note, "s3api", verb, "bucket", false} }
	switch event {
	case "PutBucketLifecycle", "DeleteBucketLifecycle":
		return s3(finding.NoteLifecycleGone, "get-bucket-lifecycle-configuration")
	case "PutBucketPolicy":
		return s3(finding.NoteBucketPolicyReplaced, "get-bucket-policy")
	case "DeleteBucketPolicy":
		return s3(finding.NoteBucketPolicyGone, "get-bucket-policy-status")
	case "DeleteBucket":
		return s3(finding.NoteBucketDeleted, "")
	case "CreateBucket":
		return s3(finding.NoteBucketCreated, "")
	case "PutBucketVersioning":
		return s3(finding.NoteVersioningOff, "get-bucket-versioning")
	case "PutBucketEncryption", "DeleteBucketEncryption":
		return s3(finding.NoteBucketEncryption, "get-bucket-encryption")
	case "PutBucketObjectLockConfiguration":
		return s3(finding.NoteObjectLock, "get-object-lock-configuration")
	case "PutBucketReplication", "DeleteBucketReplication":
		return s3(finding.NoteReplication, "get-bucket-replication")
	case "PutBucketNotification":
		return s3(finding.NoteBucketNotification, "get-bucket-notification-configuration")
	case "PutBucketAcl":
		return s3(finding.NoteBucketAccess, "get-bucket-acl")
	case "PutBucketOwnershipControls", "DeleteBucketOwnershipControls":
		return s3(finding.NoteBucketAccess, "get-bucket-ownership-controls")
	}
	return s3(finding.NoteBucketAccess, "get-public-access-block")
}

func onKey(event string) advice {
	kms := func(note finding.NoteID, verb string, undoes bool) advice {
		return advice{note, "kms", verb, "key-id", undoes}
	}
	switch event {
	case "DisableKey":
		return kms(finding.NoteKeyDisabled, "enable-key", true)
	case "ScheduleKeyDeletion":
		return kms(finding.NoteKeyDoomed, "cancel-key-deletion", true)
	case "DeleteImportedKeyMaterial":
		return kms(finding.NoteKeyMaterial, "describe-key", false)
	case "PutKeyPolicy":
		return kms(finding.NoteKeyPolicyReplaced, "get-key-policy", false)
	case "RevokeGrant", "RetireGrant":
		return kms(finding.NoteKeyGrant, "list-grants", false)
	case "DisableKeyRotation":
		return kms(finding.NoteKeyRotation, "enable-key-rotation", true)
	}
	return kms(finding.NoteKeyAlias, "list-aliases", false)
}

func onLogGroup(event string) advice {
	logs := func(note finding.NoteID, verb, option string) advice {
		return advice{note, "logs", verb, option, false}
	}
	const name, prefix = "log-group-name", "log-group-name-prefix"
	switch event {
	case "DeleteLogGroup":
		return advice{finding.NoteLogGroupDeleted, "logs", "create-log-group", name, true}
	case "DeleteLogStream":
		return logs(finding.NoteLogStreamDeleted, "describe-log-streams", name)
	case "PutRetentionPolicy":
		return logs(finding.NoteRetention, "describe-log-groups", prefix)
	case "DeleteSubscriptionFilter", "PutSubscriptionFilter":
		return logs(finding.NoteConsumers, "describe-subscription-filters", name)
	case "DeleteMetricFilter", "PutMetricFilter":
		return logs(finding.NoteConsumers, "describe-metric-filters", name)
	case "PutDataProtectionPolicy":
		return logs(finding.NoteMasked, "get-data-protection-policy", "log-group-identifier")
	case "PutTransformer":
		return logs(finding.NoteMasked, "get-transformer", "log-group-identifier")
	case "PutLogGroupDeletionProtection":
		return logs(finding.NoteLogGroupProtection, "describe-log-groups", prefix)
	}
	return logs(finding.NoteLogGroupKey, "describe-log-groups", prefix)
}

func onLake(event string) advice {
	const store = "event-data-store"
	switch event {
	case "StopEventDataStoreIngestion":
		return advice{finding.NoteLakeStopped, "cloudtrail", "start-event-data-store-ingestion", store, true}
	case "DeleteEventDataStore":
		return advice{finding.NoteLakeDeleted, "cloudtrail", "restore-event-data-store", store, true}
	case "UpdateEventDataStore":
		return advice{finding.NoteLakeChanged, "cloudtrail", "get-event-data-store", store, false}
	case "DisableFederation":
		return advice{finding.NoteLakeAccess, "cloudtrail", "get-event-data-store", store, false}
	case "PutResourcePolicy", "DeleteResourcePolicy":
		return advice{finding.NoteLakeAccess, "cloudtrail", "get-resource-policy", "resource-arn", false}
	case "PutEventConfiguration":
		return advice{finding.NoteEventConfiguration, "cloudtrail", "get-event-configuration", "trail-name", false}
	case "DeleteDashboard":
		return advice{finding.NoteLakeAccess, "cloudtrail", "get-dashboard", "dashboard-id", false}
	}
	return advice{finding.NoteLakeAccess, "cloudtrail", "get-channel", "channel", false}
}

func around(c calls.Call) advice {
	organizations := func(note finding.NoteID, verb, option string) advice {
		return advice{note, "organizations", verb, option, false}
	}
	switch c.Event {
	case "RegisterDelegatedAdministrator":
		return organizations(finding.NoteAdministrator, "list-delegated-administrators", "service-principal")
	case "DeregisterDelegatedAdministrator":
		return organizations(finding.NoteNoAdministrator, "list-delegated-administrators", "service-principal")
	case "RegisterOrganizationDelegatedAdmin":
		return organizations(finding.NoteAdministrator, "list-delegated-services-for-account", "account-id")
	case "DeregisterOrganizationDelegatedAdmin":
		return organizations(finding.NoteNoAdministrator, "list-delegated-services-for-account", "account-id")
	case "DisableAWSServiceAccess":
		return organizations(finding.NoteTrustedAccess, "", "")
	case "DetachPolicy", "UpdatePolicy", "DeletePolicy":
		return organizations(finding.NoteOrgPolicy, "list-targets-for-policy", "policy-id")
	case "DisablePolicyType":
		return organizations(finding.NoteOrgPolicy, "", "")
	case "MoveAccount":
		return organizations(finding.NoteAccountMoved, "list-parents", "child-id")
	case "EnableRegion":
		return advice{finding.NoteRegionEnabled, "account", "get-region-opt-status", "region-name", false}
	case "DeleteServiceLinkedRole":
		return advice{finding.NoteServiceRole, "iam", "get-role", "role-name", false}
	case "RemoveAccountFromOrganization", "CloseAccount":
		return organizations(finding.NoteAccountLeft, "describe-account", "account-id")
	}
	return organizations(finding.NoteAccountLeft, "", "")
}
