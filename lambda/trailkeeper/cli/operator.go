package cli

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"
	"github.com/spf13/cobra"

	"trailkeeper/lambda/internal/awscall"
)

// Operator is whose credentials a command uses, and where.
type Operator struct {
	Profile, Region string

	regionFlag bool // --region names the Region, and is not about something else
}

// Flags adds the flags that say so.
func (o *Operator) Flags(cmd *cobra.Command) {
	o.ProfileFlag(cmd)
	o.regionFlag = true
	cmd.Flags().StringVar(&o.Region, "region", "", "Region (default: the profile's)")
}

// ProfileFlag adds the flag of the credentials alone.
func (o *Operator) ProfileFlag(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.Profile, "profile", "",
		"profile of the shared AWS configuration (default: as the AWS CLI finds it)")
}

// Config finds the Region and the credentials as the AWS CLI does. A call is tried that often in all.
func (o *Operator) Config(ctx context.Context, tries int) (aws.Config, error) {
	cfg, err := o.Load(ctx, tries)
	if err != nil {
		return aws.Config{}, err
	}
	if cfg.Region == "" && !o.regionFlag {
		return aws.Config{}, Usage("no Region: the profile has none; set AWS_REGION to that of the deployment, or name a " +
			"profile that has it with --profile")
	}
	if cfg.Region == "" {
		return aws.Config{}, NoRegion()
	}
	if _, err := Credentials(ctx, cfg); err != nil {
		return aws.Config{}, Usage(err.Error())
	}
	return cfg, nil
}

// NoRegion is the error where neither --region nor the profile names one.
func NoRegion() error { return Usage("no Region: the profile has none; give one with --region") }

// Load reads the AWS configuration. It may have no Region, and its credentials are not looked for yet. The SDK writes
// no line of its own in front of the sentence in which a command says what is wrong.
func (o *Operator) Load(ctx context.Context, tries int) (aws.Config, error) {
	options := []func(*awsconfig.LoadOptions) error{
		awsconfig.WithLogger(logging.Nop{}),
		awsconfig.WithRetryer(func() aws.Retryer { return retryer(tries) }),
		awsconfig.WithHTTPClient(awshttp.NewBuildableClient().WithDialerOptions(func(d *net.Dialer) {
			d.Timeout = dialTimeout
		})),
	}
	if o.Profile != "" {
		options = append(options, awsconfig.WithSharedConfigProfile(o.Profile))
	}
	if o.Region != "" {
		options = append(options, awsconfig.WithRegion(o.Region))
	}
	cfg, err := awsconfig.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, Usage("load the AWS configuration: " + err.Error())
	}
	return cfg, nil
}

// dialTimeout is how long a command waits for a connection: somebody sits in front of it.
const dialTimeout = 5 * time.Second

// retryer makes a call that often in all, but only once where no connection could be made: a wrong endpoint or a
// missing network does not mend itself, and whoever waits wants to know.
func retryer(tries int) aws.Retryer {
	if tries == 1 {
		return aws.NopRetryer{}
	}
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = tries
		noConnection := retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
			if awscall.Unconnected(err) {
				return aws.FalseTernary
			}
			return aws.UnknownTernary
		})
		o.Retryables = append([]retry.IsErrorRetryable{noConnection}, o.Retryables...)
	})
}

// Credentials finds those of the configuration.
func Credentials(ctx context.Context, cfg aws.Config) (aws.Credentials, error) {
	found, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return aws.Credentials{}, fmt.Errorf("find AWS credentials: %w; log in, or name a profile with --profile", err)
	}
	return found, nil
}
