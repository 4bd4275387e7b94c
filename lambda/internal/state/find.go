package state

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"trailkeeper/lambda/internal/clock"
)

// NewStore is the Store of a table, with a client of its own that does not retry.
func NewStore(cfg aws.Config, table string, clk clock.Clock) *Store {
	return &Store{Client: newClient(cfg), Table: table, Clock: clk}
}

func newClient(cfg aws.Config) *dynamodb.Client {
	return dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} })
}

// TablesOf returns the names of up to two state tables of a stack, by the name that CloudFormation gives them: the
// stack's, and then the resource's. It needs dynamodb:ListTables; the error is the call's.
func TablesOf(ctx context.Context, cfg aws.Config, stack string) ([]string, error) {
	prefix := stack + "-StateTable"
	out, err := newClient(cfg).ListTables(ctx, &dynamodb.ListTablesInput{
		ExclusiveStartTableName: aws.String(prefix), // the first that may come behind it
		Limit:                   aws.Int32(2),
	})
	if err != nil {
		return nil, err
	}
	var found []string
	for _, name := range out.TableNames {
		if strings.HasPrefix(name, prefix) {
			found = append(found, name)
		}
	}
	return found, nil
}
