package watch

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config"
)

// readLogFiles is what reading log files takes: the queue, with whose role Lambda polls it, the files of each owner's
// buckets below their prefixes, and the keys of the files. Listing is not among it: a file that is gone and one that
// may not be read are both refused, and named in the same words.
func (w *Watch) readLogFiles(s settings.Settings, from awssqs.Queue) []awsiam.PolicyStatement {
	statements := []awsiam.PolicyStatement{
		policy.Allow("LogFilesQueue", []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"},
			*from.QueueArn()),
	}
	return append(statements, ReadFiles(w.Construct, s)...)
}

// ReadFiles lets a role read the log files of all buckets, and use their keys.
func ReadFiles(scope constructs.Construct, s settings.Settings) []awsiam.PolicyStatement {
	return append(readObjects(scope, s), decrypt(scope, s)...)
}

// readObjects names the files of each owner in a statement: a bucket of that name in another account is none of ours. Of
// a bucket with versions, the one that a notification names is read.
func readObjects(scope constructs.Construct, s settings.Settings) []awsiam.PolicyStatement {
	stack := awscdk.Stack_Of(scope)
	everywhere := config.Place{Partition: *stack.Partition()} // a bucket's ARN has no Region and no account
	files := map[string][]string{}
	for _, b := range s.Archive.Buckets {
		owner := cmp.Or(b.Account, *stack.Account())
		files[owner] = append(files[owner], everywhere.ARN("s3", b.Name+"/"+b.LogPrefix()+"*"))
	}
	var statements []awsiam.PolicyStatement
	for i, owner := range slices.Sorted(maps.Keys(files)) {
		one := policy.Allow(policy.Numbered("LogFiles", i), []string{"s3:GetObject", "s3:GetObjectVersion"}, files[owner]...)
		one.AddCondition(jsii.String("StringEquals"), map[string]any{"aws:ResourceAccount": owner})
		statements = append(statements, one)
	}
	return statements
}

// decrypt lets a role use the keys of the files through S3 alone. An alias is no resource of kms:Decrypt: it is a
// condition on the keys of this account and Region (KMS Developer Guide, "Use aliases to control access to KMS keys").
func decrypt(scope constructs.Construct, s settings.Settings) []awsiam.PolicyStatement {
	stack, place := awscdk.Stack_Of(scope), convert.PlaceOf(scope)
	byRegion, aliases := map[string][]string{}, []string(nil)
	for _, b := range s.Archive.Buckets {
		key, region := b.Key, *stack.Region()
		switch {
		case key == "":
			continue
		case b.KeyByAlias():
			aliases = append(aliases, key)
			continue
		case config.IsARN(key):
			a, _ := config.ParseARN(key)
			region = a.Region
		default:
			key = place.ARN("kms", "key/"+key)
		}
		if !slices.Contains(byRegion[region], key) {
			byRegion[region] = append(byRegion[region], key)
		}
	}
	through := func(region string) map[string]any {
		return map[string]any{"kms:ViaService": fmt.Sprintf("s3.%s.%s", region, *stack.UrlSuffix())}
	}
	var statements []awsiam.PolicyStatement
	for i, region := range slices.Sorted(maps.Keys(byRegion)) {
		one := policy.Allow(policy.Numbered("LogFileKeys", i), []string{"kms:Decrypt"}, byRegion[region]...)
		one.AddCondition(jsii.String("StringEquals"), through(region))
		statements = append(statements, one)
	}
	if len(aliases) > 0 {
		one := policy.Allow("LogFileAliases", []string{"kms:Decrypt"}, place.ARN("kms", "key/*"))
		one.AddCondition(jsii.String("StringEquals"), through(*stack.Region()))
		one.AddCondition(jsii.String("ForAnyValue:StringEquals"),
			map[string]any{"kms:ResourceAliases": slices.Compact(slices.Sorted(slices.Values(aliases)))})
		statements = append(statements, one)
	}
	return statements
}

// LogBuckets are the buckets as the function reads them.
func LogBuckets(scope constructs.Construct, s settings.Settings) []string {
	own := *awscdk.Stack_Of(scope).Account()
	var all []string
	for _, b := range s.Archive.Buckets {
		all = append(all, config.LogBucket{Owner: cmp.Or(b.Account, own), Name: b.Name, Prefix: b.LogPrefix()}.String())
	}
	return all
}

func arns(queues []awssqs.Queue) []string {
	var all []string
	for _, q := range queues {
		all = append(all, *q.QueueArn())
	}
	return all
}
