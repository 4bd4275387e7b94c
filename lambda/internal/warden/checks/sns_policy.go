package checks

import (
	"context"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/warden/check"
)

// topicPolicies checks AWS::SNS::TopicPolicy: that each of its topics has this policy. Nothing is put back: whoever can
// set the policy of a topic can have its messages. A topic that is gone is a difference of the topic's.
type topicPolicies struct{ Tools }

func (c topicPolicies) check(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	var all []check.Difference
	for _, v := range awsapi.List(of.Properties["Topics"]) {
		arn := awsapi.Text(v)
		out, err := c.ask(ctx, of, "sns", "GetTopicAttributes", map[string]any{"TopicArn": arn})
		if missing(err) {
			continue
		}
		if err != nil {
			return all, err
		}
		all = append(all, policyDifference("PolicyDocument", of.Properties["PolicyDocument"], awsapi.Object(out["Attributes"])["Policy"])...)
	}
	return all, nil
}
