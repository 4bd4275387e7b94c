package watch

import (
	"context"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"trailkeeper/lambda/internal/awsenv"
)

// prewarmer is what Prewarm warms.
type prewarmer struct {
	http   *http.Client // shared by every request
	client *dynamodb.Client
}

// Prewarm opens the connection to the state table's service, whose answer is waited for no longer than a moment. It
// sends no credentials. Failing costs nothing: the first call then opens its own.
func (w *Watch) Prewarm(ctx context.Context) {
	o := w.warm.client.Options()
	params := dynamodb.EndpointParameters{
		Region:       aws.String(o.Region),
		Endpoint:     o.BaseEndpoint,
		UseFIPS:      aws.Bool(o.EndpointOptions.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled),
		UseDualStack: aws.Bool(o.EndpointOptions.UseDualStackEndpoint == aws.DualStackEndpointStateEnabled),
	}
	endpoint, err := o.EndpointResolverV2.ResolveEndpoint(ctx, params)
	if err == nil {
		err = awsenv.Open(ctx, w.warm.http, endpoint.URI.String())
	}
	if err != nil {
		w.log.DebugContext(ctx, "prewarm failed", "error", err.Error())
	}
}
