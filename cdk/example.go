package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/settings"
)

// refuseExample warns of the example's address at synth, and has CloudFormation refuse the deployment: the app cannot
// tell `cdk synth` from `cdk deploy`, and a rule of the template is checked before anything is made. A rule is about
// parameters, so there is one.
func refuseExample(stack awscdk.Stack, s settings.Settings) {
	if !s.SNS.Enabled || s.SNS.Subscriptions[settings.Placeholder] == "" {
		return
	}
	text := "sns.subscriptions still has the example's " + settings.Placeholder +
		", which nobody reads: put your team's address there"
	awscdk.Annotations_Of(stack).AddWarningV2(
		jsii.String("trailkeeper:placeholder"),
		jsii.String(text+", or CloudFormation refuses the deployment"),
	)
	address := awscdk.NewCfnParameter(stack, jsii.String("ExampleAddress"), &awscdk.CfnParameterProps{
		Default:     settings.Placeholder,
		Description: jsii.String("No setting: change sns.subscriptions instead"),
	})
	example := awscdk.Fn_ConditionEquals(address.ValueAsString(), settings.Placeholder)
	awscdk.NewCfnRule(stack, jsii.String("ExampleAddressReplaced"), &awscdk.CfnRuleProps{
		Assertions: &[]*awscdk.CfnRuleAssertion{{
			Assert:            awscdk.Fn_ConditionNot(example),
			AssertDescription: jsii.String(text),
		}},
	})
}
