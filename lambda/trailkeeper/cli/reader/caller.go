package reader

import (
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/awsenv"
)

// Caller makes calls with the operator's credentials as the functions make theirs. The error names the file of
// certificates that cannot be used.
func Caller(cfg aws.Config) (awsapi.Caller, error) {
	client, err := awsenv.HTTPClient(os.Getenv)
	if err != nil {
		return nil, fmt.Errorf("make calls of AWS: %w", err)
	}
	return (&awsapi.Client{HTTP: client, Credentials: cfg.Credentials, Getenv: os.Getenv, Now: time.Now}).Call, nil
}
