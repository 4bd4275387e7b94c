package checks

import (
	"context"
	"encoding/json"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// queues checks AWS::SQS::Queue: that it is there, how long and how large messages it keeps, where they go, and how they
// are encrypted. Its policy is a resource of its own; what is in the queue nobody looks at.
type queues struct{ Tools }

// queueAttributes are those that are compared, with SQS's defaults (SQS API reference, SetQueueAttributes).
var queueAttributes = []compare.Field{
	{Name: "MessageRetentionPeriod", Default: 345_600},
	{Name: "VisibilityTimeout", Default: 30},
	{Name: "DelaySeconds", Default: 0},
	{Name: "ReceiveMessageWaitTimeSeconds", Default: 0},
	{Name: "MaximumMessageSize", Same: sameSize},
	{Name: "RedrivePolicy", Same: sameDocument},
	{Name: "RedriveAllowPolicy", Same: sameDocument},
	{Name: "KmsMasterKeyId"},
}

func (q queues) check(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	names := []any{"SqsManagedSseEnabled"}
	for _, f := range queueAttributes {
		names = append(names, f.Name)
	}
	got, err := q.attributes(ctx, of, of.Ref, names)
	if missing(err) {
		return []check.Difference{compare.Missing("queue", of.Name)}, nil
	}
	if err != nil {
		return nil, err
	}
	encrypted := compare.Field{Name: "SqsManagedSseEnabled", Default: compare.At(of.Properties, "KmsMasterKeyId") == nil}
	return compare.Fields(of.Properties, got, append([]compare.Field{encrypted}, queueAttributes...)...), nil
}

// attributes are those of a queue with these names.
func (t Tools) attributes(ctx context.Context, of deployment.Deployed, url string, names []any) (map[string]any, error) {
	out, err := t.ask(ctx, of, "sqs", "GetQueueAttributes", map[string]any{"QueueUrl": url, "AttributeNames": names})
	return awsapi.Object(out["Attributes"]), err
}

// sameSize compares the size of a message. Where the template has none, it is the default of when the queue was made:
// 256 KiB until August 2025, then 1 MiB.
func sameSize(want, got any) bool {
	if want == nil {
		return got == nil || compare.Scalar("262144", got) || compare.Scalar("1048576", got)
	}
	return compare.Scalar(want, got)
}

// sameDocument compares a JSON document of a template with the text that a service answers, in which numbers may be
// texts.
func sameDocument(want, got any) bool {
	if want == nil || got == nil {
		return compare.Scalar(want, got)
	}
	if compare.Document(want, got) {
		return true
	}
	var a, b any
	return json.Unmarshal([]byte(compare.Text(want)), &a) == nil && json.Unmarshal([]byte(compare.Text(got)), &b) == nil &&
		compare.Scalar(a, b)
}
