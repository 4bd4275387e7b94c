package main

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/stack"
	"trailkeeper/lambda/config/deployment"
)

// validation is the flag of cdk.json that has CDK check templates against CloudFormation's schemas, which takes longer
// than the synth.
const validation = "@aws-cdk/core:validateAgainstDefaultRules"

// describe makes the stacks once, without programs and without the checks, for the file by which guard and warden know
// their deployment.
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
