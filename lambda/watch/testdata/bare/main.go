// Command bare is what the watch's packages are measured against before main: a bootstrap that links the same SDK
// clients and the rule engine, and whose handler does nothing but call them. It reads no event and applies no rule.
package main

import (
	"context"

	"cel.dev/cel-go/cel"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

type handler struct {
	topics  *sns.Client
	secrets *secretsmanager.Client
	queues  *sqs.Client
	tables  *dynamodb.Client
}

// Invoke keeps the linker from dropping what the watch links; no payload of a test asks for it.
func (h *handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if string(payload) != `"all"` {
		return nil, nil
	}
	_, _ = h.topics.Publish(ctx, &sns.PublishInput{Message: aws.String("m")})
	_, _ = h.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String("s")})
	_, _ = h.queues.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String("q"), MessageBody: aws.String("m")})
	_, _ = h.tables.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("t")})
	_, _ = h.tables.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("t")})
	_, _ = h.tables.Query(ctx, &dynamodb.QueryInput{TableName: aws.String("t")})
	env, err := cel.NewEnv()
	if err != nil {
		return nil, err
	}
	ast, _ := env.Compile("true")
	_, err = env.Program(ast)
	return nil, err
}

func main() {
	cfg := aws.Config{}
	lambda.Start(&handler{
		sns.NewFromConfig(cfg), secretsmanager.NewFromConfig(cfg), sqs.NewFromConfig(cfg), dynamodb.NewFromConfig(cfg),
	})
}
