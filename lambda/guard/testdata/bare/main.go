// Command bare is what the guard's speed is measured against: a bootstrap that links the same SDK clients with a
// hand-made configuration, and whose handler does nothing but call StartLogging. It reads no event, decides nothing and
// notifies nobody.
package main

import (
	"context"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

const trail = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/management-events"

type handler struct {
	trails  *cloudtrail.Client
	topics  *sns.Client
	secrets *secretsmanager.Client
	queues  *sqs.Client
	tables  *dynamodb.Client
}

// Invoke calls StartLogging. The other calls keep the linker from dropping what the guard links; no payload of a
// benchmark asks for them.
func (h *handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if string(payload) == `"all"` {
		_, _ = h.trails.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: aws.String(trail)})
		_, _ = h.topics.Publish(ctx, &sns.PublishInput{Message: aws.String("m")})
		_, _ = h.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String("s")})
		_, _ = h.queues.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String("q"), MessageBody: aws.String("m")})
		_, _ = h.tables.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("t")})
		_, _ = h.tables.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("t")})
		_, _ = h.tables.Query(ctx, &dynamodb.QueryInput{TableName: aws.String("t")})
	}
	_, err := h.trails.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: aws.String(trail)})
	return nil, err
}

func main() {
	cfg := aws.Config{
		Region:       os.Getenv("AWS_REGION"),
		BaseEndpoint: aws.String(os.Getenv("AWS_ENDPOINT_URL")),
		HTTPClient:   &http.Client{Transport: &http.Transport{}},
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{
				AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
				SessionToken: os.Getenv("AWS_SESSION_TOKEN"),
			}, nil
		}),
	}
	lambda.Start(&handler{
		cloudtrail.NewFromConfig(
			cfg,
		),
		sns.NewFromConfig(cfg),
		secretsmanager.NewFromConfig(cfg),
		sqs.NewFromConfig(cfg),
		dynamodb.NewFromConfig(cfg),
	})
}
