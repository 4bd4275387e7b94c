package evidence

import (
	"sync"

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

// advices are those for the calls, by event source and name: all but those on log files, of which the record says more.
// The note of a call whose parameters say more is worked out; see weigh.
var advices = sync.OnceValue(func() map[string]advice {
	all := map[string]advice{}
	for source, of := range map[string]map[string]advice{
		calls.S3: onBucket(), calls.KMS: onKey(), calls.Logs: onLogGroup(), calls.CloudTrail: onCloudTrail(),
		calls.Organizations: onOrganization(),
		calls.AccountAPI: {
			"EnableRegion": {finding.NoteRegionEnabled, "account", "get-region-opt-status", "region-name", false},
		},
		calls.IAM: {
			"DeleteServiceLinkedRole": {finding.NoteServiceRole, "iam", "get-role", "role-name", false},
		},
	} {
		for event, a := range of {
			all[source+" "+event] = a
		}
	}
	return all
})

// adviceOn is that for a call; empty for one on log files.
func adviceOn(c calls.Call) advice { return advices()[c.Source+" "+c.Event] }

func onBucket() map[string]advice {
	s3 := func(note finding.NoteID, verb string) advice { return advice{note, "s3api", verb, "bucket", false} }
	const block = "get-public-access-block"
	return map[string]advice{
		"PutBucketLifecycle":               s3(finding.NoteLifecycleGone, "get-bucket-lifecycle-configuration"),
		"DeleteBucketLifecycle":            s3(finding.NoteLifecycleGone, "get-bucket-lifecycle-configuration"),
		"PutBucketPolicy":                  s3(finding.NoteBucketPolicyReplaced, "get-bucket-policy"),
		"DeleteBucketPolicy":               s3(finding.NoteBucketPolicyGone, "get-bucket-policy-status"),
		"DeleteBucket":                     s3(finding.NoteBucketDeleted, ""),
		"CreateBucket":                     s3(finding.NoteBucketCreated, ""),
		"PutBucketVersioning":              s3(finding.NoteVersioningOff, "get-bucket-versioning"),
		"PutBucketEncryption":              s3(finding.NoteBucketEncryption, "get-bucket-encryption"),
		"DeleteBucketEncryption":           s3(finding.NoteBucketEncryption, "get-bucket-encryption"),
		"PutBucketObjectLockConfiguration": s3(finding.NoteObjectLock, "get-object-lock-configuration"),
		"PutBucketReplication":             s3(finding.NoteReplication, "get-bucket-replication"),
		"DeleteBucketReplication":          s3(finding.NoteReplication, "get-bucket-replication"),
		"PutBucketNotification":            s3(finding.NoteBucketNotification, "get-bucket-notification-configuration"),
		"PutBucketAcl":                     s3(finding.NoteBucketAccess, "get-bucket-acl"),
		"PutBucketOwnershipControls":       s3(finding.NoteBucketAccess, "get-bucket-ownership-controls"),
		"DeleteBucketOwnershipControls":    s3(finding.NoteBucketAccess, "get-bucket-ownership-controls"),
		"PutBucketPublicAccessBlock":       s3(finding.NoteBucketAccess, block),
		"DeleteBucketPublicAccessBlock":    s3(finding.NoteBucketAccess, block),
	}
}

func onKey() map[string]advice {
	kms := func(note finding.NoteID, verb string, undoes bool) advice {
		return advice{note, "kms", verb, "key-id", undoes}
	}
	return map[string]advice{
		"DisableKey":                kms(finding.NoteKeyDisabled, "enable-key", true),
		"ScheduleKeyDeletion":       kms(finding.NoteKeyDoomed, "cancel-key-deletion", true),
		"DeleteImportedKeyMaterial": kms(finding.NoteKeyMaterial, "describe-key", false),
		"PutKeyPolicy":              kms(finding.NoteKeyPolicyReplaced, "get-key-policy", false),
		"RevokeGrant":               kms(finding.NoteKeyGrant, "list-grants", false),
		"RetireGrant":               kms(finding.NoteKeyGrant, "list-grants", false),
		"DisableKeyRotation":        kms(finding.NoteKeyRotation, "enable-key-rotation", true),
		"DeleteAlias":               kms(finding.NoteKeyAlias, "list-aliases", false),
		"UpdateAlias":               kms(finding.NoteKeyAlias, "list-aliases", false),
	}
}

func onLogGroup() map[string]advice {
	const name, prefix, identifier = "log-group-name", "log-group-name-prefix", "log-group-identifier"
	logs := func(note finding.NoteID, verb, option string) advice {
		return advice{note, "logs", verb, option, false}
	}
	return map[string]advice{
		"DeleteLogGroup":                {finding.NoteLogGroupDeleted, "logs", "create-log-group", name, true},
		"DeleteLogStream":               logs(finding.NoteLogStreamDeleted, "describe-log-streams", name),
		"PutRetentionPolicy":            logs(finding.NoteRetention, "describe-log-groups", prefix),
		"DeleteSubscriptionFilter":      logs(finding.NoteConsumers, "describe-subscription-filters", name),
		"PutSubscriptionFilter":         logs(finding.NoteConsumers, "describe-subscription-filters", name),
		"DeleteMetricFilter":            logs(finding.NoteConsumers, "describe-metric-filters", name),
		"PutMetricFilter":               logs(finding.NoteConsumers, "describe-metric-filters", name),
		"PutDataProtectionPolicy":       logs(finding.NoteMasked, "get-data-protection-policy", identifier),
		"PutTransformer":                logs(finding.NoteMasked, "get-transformer", identifier),
		"PutLogGroupDeletionProtection": logs(finding.NoteLogGroupProtection, "describe-log-groups", prefix),
		"AssociateKmsKey":               logs(finding.NoteLogGroupKey, "describe-log-groups", prefix),
		"DisassociateKmsKey":            logs(finding.NoteLogGroupKey, "describe-log-groups", prefix),
	}
}

// onCloudTrail is of CloudTrail Lake and of administrators, which Organizations lists.
func onCloudTrail() map[string]advice {
	const store, services = "event-data-store", "list-delegated-services-for-account"
	lake := func(note finding.NoteID, verb, option string) advice {
		return advice{note, "cloudtrail", verb, option, false}
	}
	return map[string]advice{
		"StopEventDataStoreIngestion":          {finding.NoteLakeStopped, "cloudtrail", "start-event-data-store-ingestion", store, true},
		"DeleteEventDataStore":                 {finding.NoteLakeDeleted, "cloudtrail", "restore-event-data-store", store, true},
		"UpdateEventDataStore":                 lake(finding.NoteLakeChanged, "get-event-data-store", store),
		"DisableFederation":                    lake(finding.NoteLakeAccess, "get-event-data-store", store),
		"PutResourcePolicy":                    lake(finding.NoteLakeAccess, "get-resource-policy", "resource-arn"),
		"DeleteResourcePolicy":                 lake(finding.NoteLakeAccess, "get-resource-policy", "resource-arn"),
		"PutEventConfiguration":                lake(finding.NoteEventConfiguration, "get-event-configuration", "trail-name"),
		"DeleteDashboard":                      lake(finding.NoteLakeAccess, "", ""),
		"DeleteChannel":                        lake(finding.NoteLakeAccess, "", ""),
		"UpdateChannel":                        lake(finding.NoteLakeAccess, "get-channel", "channel"),
		"RegisterOrganizationDelegatedAdmin":   {finding.NoteAdministrator, "organizations", services, "account-id", false},
		"DeregisterOrganizationDelegatedAdmin": {finding.NoteNoAdministrator, "organizations", services, "account-id", false},
	}
}

func onOrganization() map[string]advice {
	organizations := func(note finding.NoteID, verb, option string) advice {
		return advice{note, "organizations", verb, option, false}
	}
	const administrators, service = "list-delegated-administrators", "service-principal"
	return map[string]advice{
		"RegisterDelegatedAdministrator":   organizations(finding.NoteAdministrator, administrators, service),
		"DeregisterDelegatedAdministrator": organizations(finding.NoteNoAdministrator, administrators, service),
		"DisableAWSServiceAccess":          organizations(finding.NoteTrustedAccess, "", ""),
		"DetachPolicy":                     organizations(finding.NoteOrgPolicy, "list-targets-for-policy", "policy-id"),
		"UpdatePolicy":                     organizations(finding.NoteOrgPolicy, "describe-policy", "policy-id"),
		"DeletePolicy":                     organizations(finding.NoteOrgPolicy, "", ""),
		"DisablePolicyType":                organizations(finding.NoteOrgPolicy, "", ""),
		"MoveAccount":                      organizations(finding.NoteAccountMoved, "list-parents", "child-id"),
		"RemoveAccountFromOrganization":    organizations(finding.NoteAccountLeft, "describe-account", "account-id"),
		"CloseAccount":                     organizations(finding.NoteAccountLeft, "describe-account", "account-id"),
		"LeaveOrganization":                organizations(finding.NoteAccountLeft, "", ""),
	}
}
