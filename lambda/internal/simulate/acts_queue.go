package simulate

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"trailkeeper/lambda/internal/localcloud"
)

// sqsClient is somebody's own client of SQS: the AWS SDK, pointed at loopback.
func sqsClient(cloud *localcloud.Cloud, region, key string) *sqs.Client {
	return sqs.New(sqs.Options{
		Region: region, BaseEndpoint: aws.String(cloud.Endpoint()), Retryer: aws.NopRetryer{},
		HTTPClient: loopbackClient(), Credentials: madeUpCredentials(key),
	})
}
