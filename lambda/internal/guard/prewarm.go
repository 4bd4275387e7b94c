package guard

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
)

// prewarmer is what Prewarm warms.
type prewarmer struct {
	http   *http.Client // shared by every request
	client *cloudtrail.Client
}

// Prewarm opens the connection to CloudTrail in the function's own Region, so that the first StartLogging finds it
// open. It sends no credentials. Failing costs nothing: the first call then opens its own.
func (g *Guard) Prewarm(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	url, err := endpoint(ctx, g.warm.client)
	if err != nil {
		return
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return
	}
	resp, err := g.warm.http.Do(req)
	if err != nil {
		g.log.DebugContext(ctx, "prewarm failed", "error", err.Error())
		return
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // a connection is kept only when its answer was read
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
