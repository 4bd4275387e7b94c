package guard

import (
	"github.com/aws/aws-lambda-go/lambda"

	"trailkeeper/lambda/internal/producertest"
)

var _ lambda.Handler = (*Guard)(nil)

var (
	management = producertest.Management
	payload    = producertest.Payload
)
