package main

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/aws-cdk-go/awscdk/v2/cxapi"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/stack"
	"trailkeeper/lambda/config/deployment"
)

// validation is the flag of cdk.json that makes errors of what CDK finds wrong with a template by CloudFormation's
// schemas; without it the same are warnings.
const validation = "@aws-cdk/core:validateAgainstDefaultRules"

// describe makes the stacks once, without programs, for the file by which guard and warden know their deployment. What
// is wrong with a template is no error yet: the synth that is deployed refuses it.
func describe(props stack.Props) (description deployment.Description, content []byte, err error) {
	folder, err := os.MkdirTemp("", "trailkeeper-describe-")
	if err != nil {
		return description, nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	app := awscdk.NewApp(&awscdk.AppProps{
		AnalyticsReporting: jsii.Bool(false),
		Outdir:             jsii.String(filepath.Join(folder, "out")),
		PostCliContext:     &map[string]any{validation: false},
		TreeMetadata:       jsii.Bool(false),
	})
	path := filepath.Join(folder, "none.zip")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		return description, nil, err
	}
	none := func() awslambda.Code {
		return awslambda.Code_FromAsset(jsii.String(path), &awss3assets.AssetOptions{
			AssetHash: jsii.String("none"), AssetHashType: awscdk.AssetHashType_CUSTOM,
		})
	}
	props.Code, props.WatchCode, props.WardenCode = none(), none(), none()
	description, err = stack.Describe(app, props)
	if err != nil {
		return description, nil, err
	}
	content, err = deployment.Format(description)
	return description, content, err
}

// checkDescription compares what is deployed with what its functions know of it: a difference is a fault of the app, and
// would be reported as somebody's doing in every run of the warden.
func checkDescription(
	assembly cxapi.CloudAssembly, made awscdk.Stack, keeper *stack.Trailkeeper, props stack.Props,
) error {
	description, err := stack.DescribeMade(assembly, made, keeper, props.Settings)
	if err != nil {
		return err
	}
	content, err := deployment.Format(description)
	if err != nil {
		return err
	}
	if deployment.Digest(content) != props.Known.Digest {
		return errors.New("the stack that was described is not the one that was made; this is a fault of Trailkeeper: report " +
			"it, or set warden.enabled to false")
	}
	return nil
}
