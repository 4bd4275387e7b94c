package delivery

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/settings"
)

// TopicByName is the ARN of the topic for who cannot refer to it, in a stack in another Region; empty: there is none.
// home is in the deployment's own stack.
func TopicByName(home constructs.Construct, s settings.Settings) string {
	switch {
	case !s.SNS.Enabled:
		return ""
	case s.SNS.TopicARN != "":
		return s.SNS.TopicARN
	}
	return convert.PlaceOf(home).ARN("sns", s.SNS.TopicName)
}

// PublishByName is what a publisher's role needs who cannot refer to the topic, nor to its key, which has no name: it may
// use the account's keys as far as SNS asks for it, and publishes to this topic alone.
func PublishByName(home constructs.Construct, s settings.Settings) []awsiam.PolicyStatement {
	topic := TopicByName(home, s)
	if topic == "" {
		return nil
	}
	all := []awsiam.PolicyStatement{policy.Allow("Publish", []string{"sns:Publish"}, topic)}
	key := s.SNS.TopicKeyARN
	if s.SNS.TopicARN == "" && s.SNS.Encrypt {
		key = convert.PlaceOf(home).ARN("kms", "key/*")
	}
	if key != "" {
		use := policy.Allow("TopicKey", policy.UseKey, key)
		stack := awscdk.Stack_Of(home)
		use.AddCondition(jsii.String("StringEquals"), map[string]any{
			"kms:ViaService": "sns." + *stack.Region() + "." + *stack.UrlSuffix(),
		})
		all = append(all, use)
	}
	return all
}
