package stage

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/localcloud"
)

// Client is the attacker's own client: the AWS SDK, pointed at loopback.
func Client(cloud *localcloud.Cloud, region string) *cloudtrail.Client {
	return ClientOf(cloud, region, AttackerKey)
}

// ClientOf is that of whoever has the access key.
func ClientOf(cloud *localcloud.Cloud, region, key string) *cloudtrail.Client {
	return cloudtrail.NewFromConfig(Config(cloud, region, key))
}

// Config points the SDK's clients of whoever has the access key at loopback.
func Config(cloud *localcloud.Cloud, region, key string) aws.Config {
	return aws.Config{
		Region:       region,
		BaseEndpoint: aws.String(cloud.Endpoint()),
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
		HTTPClient:   loopbackClient(),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: key, SecretAccessKey: "local"}, nil
		}),
	}
}

// API calls the services that a run has no client of the SDK for, as whoever has the access key.
func API(cloud *localcloud.Cloud, key string) *awsapi.Client {
	return &awsapi.Client{
		HTTP:        loopbackClient(),
		Credentials: Config(cloud, "", key).Credentials,
		Getenv:      func(name string) string { return map[string]string{"AWS_ENDPOINT_URL": cloud.Endpoint()}[name] },
		Now:         cloud.Now,
	}
}

// loopbackClient is that of somebody who calls the cloud.
func loopbackClient() *http.Client {
	return &http.Client{
		Timeout:   10 * time.Second,
		Transport: awsenv.Transport{Transport: &http.Transport{DisableKeepAlives: true}},
	}
}
