package checks

import (
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// stateTypes are those of SQS, SNS, DynamoDB, KMS, CloudWatch, the secret, and EventBridge's connections and API
// destinations.
func stateTypes(t Tools) map[string]check.Check {
	values := &secretValues{Tools: t}
	listed := &subscribers{values: values}
	return map[string]check.Check{
		"AWS::SQS::Queue":             queues{t}.check,
		"AWS::SQS::QueuePolicy":       queuePolicies{t}.check,
		"AWS::SNS::Topic":             topics{listed}.check,
		"AWS::SNS::TopicPolicy":       topicPolicies{t}.check,
		"AWS::SNS::Subscription":      subscriptions{listed}.check,
		"AWS::DynamoDB::Table":        tables{t}.check,
		"AWS::KMS::Key":               keys{t}.check,
		"AWS::CloudWatch::Alarm":      (&alarms{Tools: t}).check,
		"AWS::Events::Connection":     connections{t}.check,
		"AWS::Events::ApiDestination": destinations{values}.check,
		SecretType:                    secrets{values}.check,
	}
}

// policyDifference is that of two policies; nil: they grant the same. What is shown is what only one of them has.
func policyDifference(field string, want, got any) []check.Difference {
	if compare.Policy(want, got) {
		return nil
	}
	wanted, found := compare.ShowPolicies(want, got)
	return []check.Difference{{Field: field, Want: wanted, Got: found}}
}
