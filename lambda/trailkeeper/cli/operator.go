package cli

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"
	"github.com/spf13/cobra"
)

// Operator is whose credentials a command uses, and where.
type Operator struct{ Profile, Region string }

// Flags adds the flags that say so.
func (o *Operator) Flags(cmd *cobra.Command) {
	o.ProfileFlag(cmd)
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
	if cfg.Region == "" {
		return aws.Config{}, NoRegion()
	}
	if _, err := Credentials(ctx, cfg); err != nil {
		return aws.Config{}, Usage(err.Error())
	}
	return cfg, nil
}

// NoRegion is the error where neither a flag nor the profile names one.
func NoRegion() error { return Usage("no Region: the profile has none; give one with --region") }

// Load reads the AWS configuration. It may have no Region, and its credentials are not looked for yet. The SDK writes
// no line of its own in front of the sentence in which a command says what is wrong.
func (o *Operator) Load(ctx context.Context, tries int) (aws.Config, error) {
	options := []func(*awsconfig.LoadOptions) error{
		awsconfig.WithLogger(logging.Nop{}), awsconfig.WithRetryMaxAttempts(tries),
	}
	if tries == 1 {
		options = append(options, awsconfig.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }))
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

// Credentials finds those of the configuration.
func Credentials(ctx context.Context, cfg aws.Config) (aws.Credentials, error) {
	found, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return aws.Credentials{}, fmt.Errorf("find AWS credentials: %w; log in, or name a profile with --profile", err)
	}
	return found, nil
}
