package guard

import (
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/lambda/internal/remediate"
)

// regions keeps a CloudTrail client for each Region that a trail has called home.
type regions struct {
	cfg     aws.Config
	mu      sync.Mutex
	clients map[string]*cloudtrail.Client
}

func (r *regions) api(region string) remediate.API { return r.client(region) }

func (r *regions) client(region string) *cloudtrail.Client {
	r.mu.Lock()
	defer r.mu.Unlock()
	client, ok := r.clients[region]
	if !ok {
		cfg := r.cfg.Copy()
		cfg.Region = region
		client = cloudtrail.NewFromConfig(cfg)
		r.clients[region] = client
	}
	return client
}
