package stack

import (
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"trailkeeper/cdk/guard"
	"trailkeeper/cdk/owntrail"
	"trailkeeper/cdk/settings"
	"trailkeeper/cdk/table"
	"trailkeeper/cdk/watch"
)

// suppress tells cdk-nag (AwsSolutions) which of its findings are meant, and why. Each is bound to one construct, and a
// wildcard to the one action or resource that it is about, so that a further one is found.
func suppress(t *Trailkeeper, s settings.Settings) {
	const (
		deadLetters = "This queue is itself the last stop for what could not be handled or delivered; an alarm watches it."
		keyUse      = "SNS and SQS ask of a publisher kms:GenerateDataKey*, and the statement names the one key."
		trails      = "Trails come and go, in every Region; the statement allows the calls of the mode on trails of the " +
			"configured accounts."
		describing  = "cloudtrail:DescribeTrails takes no resource."
		tableKeyUse = "DynamoDB asks in the caller's name for kms:GenerateDataKey* and kms:ReEncrypt*; the statement names " +
			"the one key and service."
		everywhere = "These read-only calls of AWS Organizations take no resource."
	)
	for _, one := range slices.Concat(t.Queues.Own(), t.Queues.Watch.Own()) {
		if one != t.Queues.Watch.LogFiles {
			suppressOne(one, "AwsSolutions-SQS3", deadLetters)
		}
	}
	role := t.Guard.Role
	for _, on := range append(further(t.Guard.Further), role) {
		suppressOne(on, "AwsSolutions-IAM5", trails, regex(`/^Resource::arn:.*:cloudtrail:\*:.*:trail/\*$/`))
		suppressOne(on, "AwsSolutions-IAM5", keyUse, "Action::kms:GenerateDataKey*")
	}
	if guard.ReadsTrails(s) {
		suppressOne(role, "AwsSolutions-IAM5", describing, "Resource::*")
	}
	if s.OrganizationTrail {
		suppressOne(role, "AwsSolutions-IAM5", everywhere, "Resource::*")
	}
	for _, role := range t.Rules.Publishers {
		suppressOne(role, "AwsSolutions-IAM5", keyUse, "Action::kms:GenerateDataKey*")
	}
	if t.Sweep != nil && s.EncryptionKey != "" {
		suppressOne(t.Sweep.Role, "AwsSolutions-IAM5", keyUse, "Action::kms:GenerateDataKey*")
	}
	tables := []*table.Table{t.Guard.Table}
	if w := t.Watch; w != nil {
		for _, on := range append(further(w.Further), w.Role, t.Redelivery.Role) {
			suppressOne(on, "AwsSolutions-IAM5", keyUse, "Action::kms:GenerateDataKey*")
		}
		tables = append(tables, w.Table)
		suppressLogFiles(t, w, s)
	}
	for _, of := range tables {
		if of != nil && s.EncryptionKey != "" {
			suppressOne(of.Grants, "AwsSolutions-IAM5", tableKeyUse, "Action::kms:GenerateDataKey*", "Action::kms:ReEncrypt*")
		}
	}
	suppressBuckets(t)
	suppressBacktest(t, s)
	if t.TestAlert != nil && s.EncryptionKey != "" {
		suppressOne(t.TestAlert.Role, "AwsSolutions-IAM5", keyUse, "Action::kms:GenerateDataKey*")
	}
	suppressTopics(t, s)
}

// further are managed policies as constructs.
func further(policies []awsiam.ManagedPolicy) []constructs.IConstruct {
	all := make([]constructs.IConstruct, len(policies))
	for i, p := range policies {
		all[i] = p
	}
	return all
}

// suppressBuckets is suppress for the buckets of our own trails.
func suppressBuckets(t *Trailkeeper) {
	const accessLog = "CloudTrail alone writes to this bucket; server access logs would need a further bucket, and its " +
		"calls are in CloudTrail."
	for _, trail := range []*owntrail.Trail{t.Canary, t.FirstTrail} {
		if trail != nil {
			suppressOne(trail.Bucket, "AwsSolutions-S1", accessLog)
		}
	}
}

// suppressLogFiles is suppress for what reads log files.
func suppressLogFiles(t *Trailkeeper, w *watch.Watch, s settings.Settings) {
	const (
		files   = "New log files come all the time; the statement names the bucket, the prefix and the owner."
		byAlias = "kms:Decrypt takes no alias as a resource; conditions name the alias and S3."
		names   = "The topic carries names of log files, and no content; encryptionKey encrypts it as well."
	)
	for _, b := range s.Archive.Buckets {
		prefix := strings.NewReplacer(".", `\.`, "/", `\/`).Replace(b.Name + "/" + b.LogPrefix())
		suppressOne(w.Role, "AwsSolutions-IAM5", files, regex(`/^Resource::arn:.*:s3:::`+prefix+`\*$/`))
		if b.KeyByAlias() {
			suppressOne(w.Role, "AwsSolutions-IAM5", byAlias, regex(`/^Resource::arn:.*:kms:.*:key\/\*$/`))
		}
	}
	if t.Archive != nil && t.Archive.Topic != nil && s.EncryptionKey == "" {
		suppressOne(t.Archive.Topic, "AwsSolutions-SNS2", names)
	}
}

// suppressWarden is suppress for what guard and warden do with each other's resources.
func suppressWarden(t *Trailkeeper, s settings.Settings) {
	const (
		deadLetters = "This queue is itself the last stop for what the warden could not do or deliver; an alarm watches it."
		names       = "The other's resources are named by the stack's name and a hyphen: a reference would be a cycle."
		everywhere  = "These read-only calls take no resource, or are asked for all there are."
		keys        = "A key has no name that another Region's stack could know; the calls read, or are SNS's for the one topic."
		keyUse      = "SNS, SQS and DynamoDB ask of a caller kms:GenerateDataKey* and kms:ReEncrypt*; the statement names the key " +
			"or the topic."
	)
	suppressOne(t.Warden.Queue, "AwsSolutions-SQS3", deadLetters)
	own := `/^Resource::arn:.*[:\/]` + s.StackName + `(-\*|\/\*|-warden\/\*)$/`
	for _, role := range []constructs.IConstruct{t.Warden.Role, t.Guard.Role} {
		suppressOne(role, "AwsSolutions-IAM5", names, regex(own))
		suppressOne(role, "AwsSolutions-IAM5", everywhere, "Resource::*")
	}
	for _, on := range []constructs.IConstruct{t.Warden.Role, t.Warden.Schedule.Role} {
		suppressOne(on, "AwsSolutions-IAM5", keyUse, "Action::kms:GenerateDataKey*", "Action::kms:ReEncrypt*")
	}
	if s.WardenElsewhere() {
		suppressOne(t.Warden.Role, "AwsSolutions-IAM5", keys, regex(`/^Resource::arn:.*:kms:.*:key\/\*$/`))
	}
}

// suppressBacktest is suppress for what backtests an archive.
func suppressBacktest(t *Trailkeeper, s settings.Settings) {
	const (
		history = "Step Functions keeps the history of every execution for 90 days; logs of it would need a policy on all log " +
			"deliveries of the account."
		tracing   = "Its steps are in the history, each with its time; there is no call of others to trace."
		accessLog = "One role writes to this bucket and one reads it, and an operator, whose calls CloudTrail can record."
		objects   = "Each run has objects of its own; the statement names the bucket and the folder."
		children  = "Every child execution has a name of its own; the statement names the state machine."
		files     = "An archive has any number of files; the statement names the bucket, the prefix and the owner."
		byAlias   = "kms:Decrypt takes no alias as a resource; conditions name the alias and S3."
	)
	b := t.Backtest
	if b == nil {
		return
	}
	suppressOne(b.Machine, "AwsSolutions-SF1", history)
	suppressOne(b.Machine, "AwsSolutions-SF2", tracing)
	suppressOne(b.Results, "AwsSolutions-S1", accessLog)
	suppressOne(b.Caller, "AwsSolutions-IAM5", objects, regex(`/^Resource::.*\/maps\/\*$/`))
	suppressOne(b.Caller, "AwsSolutions-IAM5", children, regex(`/^Resource::arn:.*:states:.*:execution:.*\*$/`))
	suppressOne(b.Role, "AwsSolutions-IAM5", objects, regex(`/^Resource::.*\/runs\/\*$/`))
	for _, one := range s.Archive.Buckets {
		prefix := strings.NewReplacer(".", `\.`, "/", `\/`).Replace(one.Name + "/" + one.LogPrefix())
		suppressOne(b.Role, "AwsSolutions-IAM5", files, regex(`/^Resource::arn:.*:s3:::`+prefix+`\*$/`))
		if one.KeyByAlias() {
			suppressOne(b.Role, "AwsSolutions-IAM5", byAlias, regex(`/^Resource::arn:.*:kms:.*:key\/\*$/`))
		}
	}
}

// suppressTopics is suppress for topics that an operator wants without a key of theirs.
func suppressTopics(t *Trailkeeper, s settings.Settings) {
	if t.Topic != nil && !s.SNS.Encrypt {
		const noKey = "sns.encrypt is false: the operator decided against a customer key."
		if t.Topic.Own {
			suppressOne(t.Topic.Topic, "AwsSolutions-SNS2", noKey)
		}
		if t.Topic.Alarms != nil {
			suppressOne(t.Topic.Alarms, "AwsSolutions-SNS2", noKey)
		}
	}
}

func regex(pattern string) *cdknag.RegexAppliesTo {
	return &cdknag.RegexAppliesTo{Regex: jsii.String(pattern)}
}

func suppressOne(on constructs.IConstruct, id, reason string, appliesTo ...any) {
	suppression := &cdknag.NagPackSuppression{Id: jsii.String(id), Reason: jsii.String(reason)}
	if len(appliesTo) > 0 {
		suppression.AppliesTo = &appliesTo
	}
	cdknag.NagSuppressions_AddResourceSuppressions(on, &[]*cdknag.NagPackSuppression{suppression}, jsii.Bool(true))
}
