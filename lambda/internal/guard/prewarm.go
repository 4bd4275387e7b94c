package guard

import (
	"context"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/lambda/internal/awsenv"
)

// prewarmer is what Prewarm warms.
type prewarmer struct {
	http   *http.Client // shared by every request
	client *cloudtrail.Client
}

// Prewarm opens the connection to CloudTrail in the function's own Region, so that the first StartLogging finds it
// open. It sends no credentials. Failing costs nothing: the first call then opens its own.
func (g *Guard) Prewarm(ctx context.Context) {
	url, err := endpoint(ctx, g.warm.client)
	if err == nil {
		err = awsenv.Open(ctx, g.warm.http, url)
	}
	if err != nil {
		g.log.DebugContext(ctx, "prewarm failed", "error", err.Error())
	}
}

// endpoint asks the SDK where the client's calls go.
func endpoint(ctx context.Context, client *cloudtrail.Client) (string, error) {
	o := client.Options()
	params := cloudtrail.EndpointParameters{
		Region:       aws.String(o.Region),
		Endpoint:     o.BaseEndpoint,
		UseFIPS:      aws.Bool(o.EndpointOptions.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled),
		UseDualStack: aws.Bool(o.EndpointOptions.UseDualStackEndpoint == aws.DualStackEndpointStateEnabled),
	}
	e, err := o.EndpointResolverV2.ResolveEndpoint(ctx, params)
	if err != nil {
		return "", fmt.Errorf("resolve the CloudTrail endpoint: %w", err)
	}
	return e.URI.String(), nil
}
