// Package calls is the one list of the calls that take a trail's evidence away or let it be taken away: those on its
// bucket, log files, key and log group, on CloudTrail Lake, and on the organization and account around them. The
// EventBridge rules are made of it (package evidence), and the guard judges records by it.
//
// It is data: it matches no event, words no message, and knows no baseline. Calls that stop, delete or change a trail are
// not in it; package rules has them.
package calls

import "slices"

// Of is what a call is about.
type Of string

// What calls are about. Those on a resource count only where a declared baseline names the resource.
const (
	Bucket        Of = "bucket"        // a trail's bucket
	LogFile       Of = "log file"      // an object below the prefix of a trail's files
	Key           Of = "key"           // a trail's KMS key
	LogGroup      Of = "log group"     // a trail's log group
	Lake          Of = "Lake"          // an event data store, channel or dashboard
	Configuration Of = "configuration" // what PutEventConfiguration sets, of a trail or an event data store
	Administrator Of = "administrator" // who administers CloudTrail or the stack sets of the organization
	Organization  Of = "organization"  // its policies, and the accounts in it
	Account       Of = "account"       // the account's Regions
	ServiceRole   Of = "service role"  // CloudTrail's service-linked role
)

// Named reports whether calls on it count only where a declared baseline names it.
func (o Of) Named() bool { return slices.Contains([]Of{Bucket, LogFile, Key, LogGroup}, o) }

// Severity is how bad a call is that succeeded: "low", "medium", "high" or "critical".
type Severity string

const (
	low      Severity = "low"
	medium   Severity = "medium"
	high     Severity = "high"
	critical Severity = "critical"
)

// Attempt is the severity of the call where AWS refused it: one less, and low at the least.
func (s Severity) Attempt() Severity {
	switch s {
	case critical:
		return high
	case high:
		return medium
	}
	return low
}

// Call is one call as CloudTrail records it. Its name there is not always that of the action in IAM.
type Call struct {
	Source string // eventSource, such as "s3.amazonaws.com"
	Event  string // eventName, such as "PutBucketLifecycle"
	Of     Of
	// Severity is that of a call that succeeded, as far as its name says. What its parameters say may make it less or more.
	Severity Severity
	// At is where the parameters name the resource: a member of requestParameters. Empty: they do not, or resources does.
	At string
	// Or is another member of requestParameters that may name it in the place of At; empty: there is none.
	Or string
	// Action is what IAM calls it, where that differs: "s3:PutLifecycleConfiguration".
	Action string
}

// The event sources.
const (
	S3            = "s3.amazonaws.com"
	KMS           = "kms.amazonaws.com"
	Logs          = "logs.amazonaws.com"
	CloudTrail    = "cloudtrail.amazonaws.com"
	Organizations = "organizations.amazonaws.com"
	IAM           = "iam.amazonaws.com"
	AccountAPI    = "account.amazonaws.com"
)

// Global reports whether the calls of a source are recorded in one Region of the partition alone: us-east-1 of aws,
// cn-north-1 or cn-northwest-1 of aws-cn, us-gov-west-1 of aws-us-gov (CloudTrail User Guide, "CloudTrail concepts",
// global service events).
func Global(source string) bool {
	return slices.Contains([]string{Organizations, IAM, AccountAPI}, source)
}

// ServiceRoleName is that of CloudTrail's service-linked role (CloudTrail User Guide, "Using service-linked roles").
const ServiceRoleName = "AWSServiceRoleForCloudTrail"

// Principals are the services whose trusted access and delegated administrators concern a trail: CloudTrail, and the
// stack sets that deploy into other accounts (AWS Organizations User Guide, "AWS services that you can use with AWS
// Organizations").
func Principals() []string {
	return []string{
		"cloudtrail.amazonaws.com",
		"member.org.stacksets.cloudformation.amazonaws.com",
		"stacksets.cloudformation.amazonaws.com",
	}
}

// Find is the call of an event source and name.
func Find(source, event string) (Call, bool) {
	for _, list := range lists() {
		if i := slices.IndexFunc(list, func(c Call) bool { return c.Source == source && c.Event == event }); i >= 0 {
			return list[i], true
		}
	}
	return Call{}, false
}

// All are the calls, in the order of the documentation.
func All() []Call { return slices.Concat(lists()...) }

func lists() [][]Call {
	return [][]Call{onBucket(), onLogFiles(), onKey(), onLogGroup(), onLake(), around()}
}
