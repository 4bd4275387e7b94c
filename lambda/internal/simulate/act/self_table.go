package act

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"trailkeeper/lambda/internal/simulate/stage"
)

// onTable is something that the attacker does to the state table.
func onTable(do func(context.Context, *dynamodb.Client, string) error) Act {
	return func(ctx context.Context, s *stage.Stage) error {
		return do(ctx, dynamodb.NewFromConfig(attacker(s)), s.Cloud.ARNOf("StateTable"))
	}
}

// LiftsTablePolicy takes the policy of the state table away.
func LiftsTablePolicy() Act {
	return onTable(func(ctx context.Context, c *dynamodb.Client, arn string) error {
		_, err := c.DeleteResourcePolicy(ctx, &dynamodb.DeleteResourcePolicyInput{ResourceArn: &arn})
		return err
	})
}

// EndsTimeToLive has the state table keep its items for ever.
func EndsTimeToLive() Act {
	return onTable(func(ctx context.Context, c *dynamodb.Client, arn string) error {
		_, err := c.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
			TableName: aws.String(nameIn(arn)),
			TimeToLiveSpecification: &types.TimeToLiveSpecification{
				AttributeName: aws.String("expires"), Enabled: aws.Bool(false),
			},
		})
		return err
	})
}

// DeletesTable deletes the state table, whose protection must go first.
func DeletesTable() Act {
	return onTable(func(ctx context.Context, c *dynamodb.Client, arn string) error {
		name := aws.String(nameIn(arn))
		in := &dynamodb.UpdateTableInput{TableName: name, DeletionProtectionEnabled: aws.Bool(false)}
		if _, err := c.UpdateTable(ctx, in); err != nil {
			return err
		}
		_, err := c.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: name})
		return err
	})
}
