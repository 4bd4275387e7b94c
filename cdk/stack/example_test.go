package stack_test

import (
	"log"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/settings"
	"trailkeeper/cdk/stack"
)

// Another CDK app in Go adds Trailkeeper to a stack of its own, and refers to its parts.
func ExampleNew() {
	app := awscdk.NewApp(nil)
	baseline := awscdk.NewStack(app, jsii.String("SecurityBaseline"), nil)

	s := settings.Defaults()
	s.Secret, s.Slack.Enabled = "security/trailkeeper", true
	s.SNS.Enabled, s.SNS.Subscriptions = true, map[string]string{"security@example.com": "email"}
	s.Warden.Enabled = false // it needs a stack of its own

	keeper, err := stack.New(baseline, "Trailkeeper", stack.Props{
		Settings: s,
		Code:     awslambda.Code_FromAsset(jsii.String("build/guard.zip"), nil),
	})
	if err != nil {
		log.Fatal(err)
	}
	awscdk.NewCfnOutput(baseline, jsii.String("AlertTopic"), &awscdk.CfnOutputProps{Value: keeper.Topic.Topic.TopicArn()})
	app.Synth(nil)
}
