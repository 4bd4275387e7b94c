package tamper

import (
	"context"
	"encoding/json"
	"maps"

	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/stage"
)

// onTopic is a call about the stack's topic.
func onTopic(operation string, more func(arn string) object) act.Act {
	return call("sns", operation, func(s *stage.Stage) object {
		input := object{"TopicArn": s.Cloud.ARNOf("NotificationsTopic")}
		maps.Copy(input, more(s.Cloud.ARNOf("NotificationsTopic")))
		return input
	})
}

// Unsubscribes takes every subscription of the stack's topic away.
func Unsubscribes() act.Act {
	return calls(func(ctx context.Context, s *stage.Stage) (all []attack, err error) {
		topic := object{"TopicArn": s.Cloud.ARNOf("NotificationsTopic")}
		out, err := ask(ctx, s, attack{"sns", "ListSubscriptionsByTopic", topic})
		for _, of := range awsapi.List(out["Subscriptions"]) {
			arn := awsapi.Object(of)["SubscriptionArn"]
			all = append(all, attack{"sns", "Unsubscribe", object{"SubscriptionArn": arn}})
		}
		return all, err
	})
}

// ClosesTopic puts a policy on the stack's topic that denies everybody to publish.
func ClosesTopic() act.Act {
	return onTopic("SetTopicAttributes", func(arn string) object {
		return object{"AttributeName": "Policy", "AttributeValue": denies("sns:Publish", arn)}
	})
}

// DeletesTopic deletes the stack's topic.
func DeletesTopic() act.Act { return onTopic("DeleteTopic", func(string) object { return nil }) }

// denies is a policy that denies everybody an action on a resource.
func denies(action, resource string) string {
	raw, _ := json.Marshal(object{"Version": "2012-10-17", "Statement": []any{object{ // of texts
		"Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource,
	}}})
	return string(raw)
}

// onQueue is a call about a queue, by its logical ID without CDK's hash.
func onQueue(id, operation string, more object) act.Act {
	return calls(func(ctx context.Context, s *stage.Stage) ([]attack, error) {
		out, err := ask(ctx, s, attack{"sqs", "GetQueueUrl", object{"QueueName": s.NameOf(id)}})
		input := object{"QueueUrl": out["QueueUrl"]}
		maps.Copy(input, more)
		return []attack{{"sqs", operation, input}}, err
	})
}

// Purges empties a queue.
func Purges(id string) act.Act { return onQueue(id, "PurgeQueue", nil) }

// OpensQueue lifts the policy of a queue.
func OpensQueue(id string) act.Act {
	return onQueue(id, "SetQueueAttributes", object{"Attributes": object{"Policy": ""}})
}

// DeletesQueue deletes a queue.
func DeletesQueue(id string) act.Act { return onQueue(id, "DeleteQueue", nil) }

// LiftsTablePolicy takes the policy of the state table away.
func LiftsTablePolicy() act.Act {
	return call("dynamodb", "DeleteResourcePolicy", func(s *stage.Stage) object {
		return object{"ResourceArn": s.Cloud.ARNOf("StateTable")}
	})
}

// EndsTimeToLive has the state table keep its items for ever.
func EndsTimeToLive() act.Act {
	return call("dynamodb", "UpdateTimeToLive", func(s *stage.Stage) object {
		spec := object{"AttributeName": "expires", "Enabled": false}
		return object{"TableName": s.NameOf("StateTable"), "TimeToLiveSpecification": spec}
	})
}

// DeletesTable deletes the state table, whose protection must go first.
func DeletesTable() act.Act {
	return calls(func(_ context.Context, s *stage.Stage) ([]attack, error) {
		name := s.NameOf("StateTable")
		return []attack{
			{"dynamodb", "UpdateTable", object{"TableName": name, "DeletionProtectionEnabled": false}},
			{"dynamodb", "DeleteTable", object{"TableName": name}},
		}, nil
	})
}
