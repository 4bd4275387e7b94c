package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
	"github.com/spf13/cobra"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/notify"
)

// operator is whose credentials a command uses, and where.
type operator struct{ profile, region string }

// flags adds the flags that say so.
func (o *operator) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.profile, "profile", "", "profile of the shared AWS configuration (default: as the AWS CLI finds it)")
	flags.StringVar(&o.region, "region", "", "Region (default: the profile's)")
}

// problems says what is wrong with the flags.
func (o *operator) problems() []string {
	if _, ok := events.PartitionOf(o.region); o.region != "" && !ok {
		return []string{fmt.Sprintf("--region is %.60q; want a Region such as eu-west-1", o.region)}
	}
	return nil
}

// config finds the credentials and the Region as the AWS CLI does. A call is tried that often in all.
func (o *operator) config(ctx context.Context, tries int) (aws.Config, error) {
	options := []func(*awsconfig.LoadOptions) error{awsconfig.WithRetryMaxAttempts(tries), silent()}
	if o.profile != "" {
		options = append(options, awsconfig.WithSharedConfigProfile(o.profile))
	}
	if o.region != "" {
		options = append(options, awsconfig.WithRegion(o.region))
	}
	cfg, err := awsconfig.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, &exitError{exitUsage, "load the AWS configuration: " + err.Error()}
	}
	if cfg.Region == "" {
		return aws.Config{}, &exitError{exitUsage, "no Region: the profile has none; give one with --region"}
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return aws.Config{}, &exitError{exitUsage, "find AWS credentials: " + err.Error() + "; log in, or name a profile with --profile"}
	}
	return cfg, nil
}

// silent keeps the SDK from writing lines of its own, in front of the sentence in which the command says what is wrong.
func silent() awsconfig.LoadOptionsFunc { return awsconfig.WithLogger(logging.Nop{}) }

// refused is an error of an AWS call as one sentence: what was being done, and what to do. Words are for the codes that the caller knows, without
// "Exception".
func refused(doing, permission string, err error, words map[string]string) string {
	code := awscall.Code(err)
	message := ""
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		message = strings.TrimRight(notify.Bound(api.ErrorMessage(), 300), ". ")
	}
	switch {
	case words[code] != "":
		return doing + ": " + words[code]
	case code == "" && awscall.Status(err) != 0:
		return fmt.Sprintf("%s: the endpoint answered with status %d and nothing that AWS would say; check the network and AWS_ENDPOINT_URL",
			doing, awscall.Status(err))
	case code == "":
		return doing + ": " + strings.TrimRight(notify.Bound(err.Error(), 400), ". ") + "; check the network, the Region and the credentials"
	case strings.Contains(code, "AccessDenied"):
		return doing + ": the permission " + permission + " is missing, or a policy denies it (" + orElse(message, code) + ")"
	case strings.Contains(code, "ExpiredToken"), strings.Contains(code, "UnrecognizedClient"), strings.Contains(code, "InvalidClientTokenId"):
		return doing + ": AWS does not take the credentials (" + code + "); log in again, or name another profile with --profile"
	}
	return doing + ": AWS answered " + code + yes(message != "", ": "+message, "") + "; look the code up in the service's API reference"
}
