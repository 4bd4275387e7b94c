package eventrule

import (
	"cmp"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/settings"
)

// logFilesName is what the names of the rules for S3's events begin with, behind the stack's. A number follows, in the
// order of the buckets whose events come by EventBridge.
const logFilesName = "log-files-"

// addLogFiles makes a rule for each bucket that puts S3's events about log files into the watch's queue. They arrive on
// the default bus, whichever bus the other rules are on.
func (r *Rules) addLogFiles(scope constructs.Construct) {
	retry, queues := r.props.Settings.Retry, r.props.Queues.Watch
	for i, b := range r.props.Settings.Archive.By(settings.SourceEventBridge) {
		name := fmt.Sprintf("%s%d", logFilesName, i+1)
		at := constructs.NewConstruct(scope, jsii.String(convert.ConstructID(name)))
		to := newTarget(
			"Queue", queues.LogFiles.QueueArn(), queues.LogFileDeadLetters, retry.GuardMaxEventAge, retry.GuardAttempts,
		)
		pattern := logFilesPattern(*awscdk.Stack_Of(at).Account(), b, r.props.Settings.Archive.Removals)
		const what = "log files that CloudTrail delivers to a bucket, or that are removed"
		r.LogFiles = append(r.LogFiles, r.add(at, "Rule", name, what, pattern, []target{to}, ""))
	}
}

// logFilesPattern matches the events about CloudTrail's files in a bucket (Amazon S3 User Guide, "EventBridge event
// message structure"). Other services have their logs in other folders of the same bucket. What the bucket's lifecycle
// removes is among it: whoever may change the lifecycle removes log files with it.
func logFilesPattern(own string, b settings.LogBucket, removals bool) map[string]any {
	types, detail := []any{"Object Created"}, map[string]any{
		"bucket": map[string]any{"name": []any{b.Name}},
		"object": map[string]any{"key": []any{map[string]any{"wildcard": b.LogPrefix() + "*/CloudTrail*"}}},
	}
	if removals {
		types = append(types, "Object Deleted")
	}
	return map[string]any{
		"source":      []any{"aws.s3"},
		"account":     []any{cmp.Or(b.Account, own)},
		"detail-type": types,
		"detail":      detail,
	}
}
