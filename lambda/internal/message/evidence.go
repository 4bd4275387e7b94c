package message

import (
	"strings"
	"sync"
	"unicode"

	"trailkeeper/lambda/internal/finding"
)

// evidenceCall is the words of a call that takes a trail's evidence away, around the name of what it was about.
type evidenceCall struct{ before, after, short string }

// words are those of a call. One that is as bad as a stop needs a human, as nothing is restored by itself.
func (e evidenceCall) words() words {
	return words{
		title: func(f finding.Finding) string { return e.before + subjectName(f) + e.after },
		short: short(e.short),
		state: func(f finding.Finding) State {
			if f.Severity == finding.SeverityCritical || f.Severity == finding.SeverityHigh {
				return stateHuman
			}
			return stateChange
		},
	}
}

// onEvidence is what a sweep found of a bucket or key.
func onEvidence(f finding.Finding) string {
	text := "the trail's " + subjectName(f) + " was found changed"
	for _, c := range f.Changes {
		switch c.Field {
		case "exists":
			return "the trail's " + subjectName(f) + " was found deleted"
		case "owner":
			return "the trail's " + subjectName(f) + " belongs to another account"
		case "enabled":
			return "the trail's " + subjectName(f) + " was found unusable"
		}
	}
	return text
}

func shortOfEvidence(f finding.Finding) string { return "A trail's " + noun(f) + " found changed" }

func evidenceOver(f finding.Finding) string {
	return "the trail's " + subjectName(f) + " is as its baseline has it"
}

// apart is a type's name in words: "log group" of LogGroup.
func apart(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// evidenceCalls are the words by event source and name.
var evidenceCalls = sync.OnceValue(func() map[string]evidenceCall {
	const was, deleted = " was changed", " was deleted"
	all := map[string]evidenceCall{}
	of := func(source string, calls map[string]evidenceCall) {
		for event, e := range calls {
			all[source+".amazonaws.com "+event] = e
		}
	}
	of("s3", map[string]evidenceCall{
		"PutBucketLifecycle":               {"the lifecycle of ", was, "Lifecycle of a trail's bucket changed"},
		"DeleteBucketLifecycle":            {"the lifecycle of ", deleted, "Lifecycle of a trail's bucket deleted"},
		"PutBucketPolicy":                  {"the policy of ", " was replaced", "Policy of a trail's bucket replaced"},
		"DeleteBucketPolicy":               {"the policy of ", deleted, "Policy of a trail's bucket deleted"},
		"DeleteBucket":                     {"the trail's ", deleted, "A trail's bucket deleted"},
		"CreateBucket":                     {"the trail's ", " was created, where there was one", "A trail's bucket created"},
		"PutBucketVersioning":              {"the versioning of ", was, "Versioning of a trail's bucket changed"},
		"PutBucketEncryption":              {"the encryption of ", was, "Encryption of a trail's bucket changed"},
		"DeleteBucketEncryption":           {"the encryption of ", " was reset", "Encryption of a trail's bucket reset"},
		"PutBucketObjectLockConfiguration": {"the Object Lock of ", was, "Object Lock of a trail's bucket changed"},
		"PutBucketReplication":             {"the replication of ", was, "Replication of a trail's bucket changed"},
		"DeleteBucketReplication":          {"the replication of ", " was stopped", "Replication of a trail's bucket stopped"},
		"PutBucketAcl":                     {"the ACL of ", was, "ACL of a trail's bucket changed"},
		"PutBucketOwnershipControls":       {"the object ownership of ", was, "Ownership in a trail's bucket changed"},
		"DeleteBucketOwnershipControls":    {"the object ownership of ", was, "Ownership in a trail's bucket changed"},
		"PutBucketNotification":            {"the notifications of ", " were changed", "Notifications of a trail's bucket changed"},
		"PutBucketPublicAccessBlock":       {"Block Public Access of ", was, "Block Public Access of a trail's bucket changed"},
		"DeleteBucketPublicAccessBlock":    {"Block Public Access of ", " was lifted", "Block Public Access of a trail's bucket lifted"},
		"DeleteObject":                     {"the trail's ", deleted, "A trail's file deleted"},
		"DeleteObjects":                    {"objects of the trail's ", " were deleted", "Objects of a trail's bucket deleted"},
	})
	of("kms", map[string]evidenceCall{
		"DisableKey":                {"the trail's ", " was disabled", "A trail's key disabled"},
		"ScheduleKeyDeletion":       {"the trail's ", " is to be deleted", "A trail's key is to be deleted"},
		"DeleteImportedKeyMaterial": {"the material of the trail's ", deleted, "Material of a trail's key deleted"},
		"PutKeyPolicy":              {"the policy of the trail's ", " was replaced", "Policy of a trail's key replaced"},
		"RevokeGrant":               {"a grant on the trail's ", " was revoked", "Grant on a trail's key revoked"},
		"RetireGrant":               {"a grant on the trail's ", " was retired", "Grant on a trail's key retired"},
		"DisableKeyRotation":        {"the rotation of the trail's ", " was stopped", "Rotation of a trail's key stopped"},
		"DeleteAlias":               {"an alias of the trail's ", deleted, "Alias of a trail's key deleted"},
		"UpdateAlias":               {"an alias was given to the trail's ", "", "Alias given to a trail's key"},
	})
	of("logs", map[string]evidenceCall{
		"DeleteLogGroup":                {"the trail's ", deleted, "A trail's log group deleted"},
		"DeleteLogStream":               {"a log stream of the trail's ", deleted, "A trail's log stream deleted"},
		"PutRetentionPolicy":            {"the retention of the trail's ", was, "Retention of a trail's log group changed"},
		"DeleteSubscriptionFilter":      {"a subscription filter of the trail's ", deleted, "Subscription of a trail's log group deleted"},
		"PutSubscriptionFilter":         {"a subscription filter of the trail's ", was, "Subscription of a trail's log group changed"},
		"DeleteMetricFilter":            {"a metric filter of the trail's ", deleted, "Metric filter of a trail's log group deleted"},
		"PutMetricFilter":               {"a metric filter of the trail's ", was, "Metric filter of a trail's log group changed"},
		"AssociateKmsKey":               {"the key of the trail's ", was, "Key of a trail's log group changed"},
		"DisassociateKmsKey":            {"the key of the trail's ", " was taken away", "Key of a trail's log group taken away"},
		"PutDataProtectionPolicy":       {"the data protection of the trail's ", was, "Data protection of a trail's log group changed"},
		"PutTransformer":                {"the transformer of the trail's ", was, "Transformer of a trail's log group changed"},
		"PutLogGroupDeletionProtection": {"the deletion protection of the trail's ", was, "Protection of a trail's log group changed"},
	})
	of("cloudtrail", map[string]evidenceCall{
		"StopEventDataStoreIngestion":          {"", " takes no events in any more", "CloudTrail Lake stopped"},
		"DeleteEventDataStore":                 {"", " is to be deleted", "CloudTrail Lake: event data store deleted"},
		"UpdateEventDataStore":                 {"", was, "CloudTrail Lake: event data store changed"},
		"DisableFederation":                    {"the federation of ", " was stopped", "CloudTrail Lake: federation stopped"},
		"DeleteChannel":                        {"", deleted, "CloudTrail Lake: channel deleted"},
		"UpdateChannel":                        {"", was, "CloudTrail Lake: channel changed"},
		"PutResourcePolicy":                    {"the resource policy of ", was, "CloudTrail Lake: resource policy changed"},
		"DeleteResourcePolicy":                 {"the resource policy of ", deleted, "CloudTrail Lake: resource policy deleted"},
		"DeleteDashboard":                      {"", deleted, "CloudTrail Lake: dashboard deleted"},
		"PutEventConfiguration":                {"the event configuration of ", was, "CloudTrail event configuration changed"},
		"RegisterOrganizationDelegatedAdmin":   {"", " was made an administrator of CloudTrail", "CloudTrail administrator added"},
		"DeregisterOrganizationDelegatedAdmin": {"", " administers CloudTrail no more", "CloudTrail administrator removed"},
	})
	of("organizations", map[string]evidenceCall{
		"DisableAWSServiceAccess":        {"the access to the organization was taken from ", "", "Trusted access ended"},
		"RegisterDelegatedAdministrator": {"an account was made an administrator of ", "", "Delegated administrator added"},
		"DeregisterDelegatedAdministrator": {
			"an account administers no more ", "", "Delegated administrator removed",
		},
		"DetachPolicy":                  {"the organization's ", " was detached", "Policy of the organization detached"},
		"UpdatePolicy":                  {"the organization's ", was, "Policy of the organization changed"},
		"DeletePolicy":                  {"the organization's ", deleted, "Policy of the organization deleted"},
		"DisablePolicyType":             {"the organization's ", " was disabled", "Policies of the organization disabled"},
		"MoveAccount":                   {"", " was moved in the organization", "Account moved in the organization"},
		"RemoveAccountFromOrganization": {"", " was removed from the organization", "Account removed from the organization"},
		"CloseAccount":                  {"", " was closed", "Account closed"},
		"LeaveOrganization":             {"", " left the organization", "Account left the organization"},
	})
	of("account", map[string]evidenceCall{"EnableRegion": {"", " was enabled", "Region enabled"}})
	of("iam", map[string]evidenceCall{
		"DeleteServiceLinkedRole": {"the deletion of ", " was asked for", "CloudTrail's role: deletion asked for"},
	})
	return all
})
