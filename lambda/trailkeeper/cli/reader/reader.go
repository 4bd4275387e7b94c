// Package reader makes what the operator's commands read with that the functions read with as well. It reads nothing by
// itself.
package reader

import (
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/evidence"
	"trailkeeper/lambda/internal/kmskey"
	"trailkeeper/lambda/internal/s3read"
)

// Evidence reads buckets and keys with the operator's credentials, as one of an account. The error names the file of
// certificates that cannot be used.
func Evidence(cfg aws.Config, account string) (*evidence.Reader, error) {
	client, err := awsenv.HTTPClient(os.Getenv)
	if err != nil {
		return nil, fmt.Errorf("read buckets and keys: %w", err)
	}
	api := &awsapi.Client{HTTP: client, Credentials: cfg.Credentials, Getenv: os.Getenv, Now: time.Now}
	return &evidence.Reader{
		Account: account,
		Keys:    &kmskey.Client{Call: api.Call},
		Buckets: func(region string) *s3read.Client {
			return &s3read.Client{
				HTTP: client, Credentials: cfg.Credentials, Region: region, Endpoint: awsenv.EndpointOf(os.Getenv, "S3"), Now: time.Now,
			}
		},
	}, nil
}
