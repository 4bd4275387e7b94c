package checks

import (
	"context"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// queuePolicies checks AWS::SQS::QueuePolicy: that each of its queues has this policy, which SetQueueAttributes puts
// back. A queue that is gone is a difference of the queue's.
type queuePolicies struct{ Tools }

func (q queuePolicies) check(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	var all []check.Difference
	for _, v := range awsapi.List(of.Properties["Queues"]) {
		url := awsapi.Text(v)
		got, err := q.attributes(ctx, of, url, []any{"Policy"})
		if missing(err) {
			continue
		}
		if err != nil {
			return all, err
		}
		found := policyDifference("PolicyDocument", of.Properties["PolicyDocument"], got["Policy"])
		all = append(all, compare.With(found, func(ctx context.Context) error { return q.put(ctx, of, url) }, "")...)
	}
	return all, nil
}

// put gives a queue the policy as it was deployed.
func (q queuePolicies) put(ctx context.Context, of deployment.Deployed, url string) error {
	_, err := q.ask(ctx, of, "sqs", "SetQueueAttributes", map[string]any{
		"QueueUrl": url, "Attributes": map[string]any{"Policy": compare.Text(of.Properties["PolicyDocument"])},
	})
	return err
}
