package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/settings"
)

// useKey is what a sender needs to write into an encrypted queue or topic.
var useKey = []string{"kms:Decrypt", "kms:GenerateDataKey*"}

// newDataKey returns the customer key of the queues, the logs, the state table and the environment; nil where AWS's own keys serve.
func newDataKey(scope constructs.Construct, s settings.Settings) awskms.IKey {
	switch s.EncryptionKey {
	case "":
		return nil
	case settings.KeyCreate:
	default:
		return awskms.Key_FromKeyArn(scope, jsii.String("DataKey"), jsii.String(s.EncryptionKey))
	}
	key := awskms.NewKey(scope, jsii.String("DataKey"), &awskms.KeyProps{
		Description:       jsii.String("Trailkeeper: queues, log, state table and environment of the guard"),
		EnableKeyRotation: jsii.Bool(true),
	})
	tagKey(key, s)
	// Neither service is documented to name the account when it writes a dead letter, and a lost one would be silent: the queues' own
	// policies name the senders.
	key.AddToResourcePolicy(admit("DeadLettersOfEventBridge", "events.amazonaws.com", useKey, "*", nil), nil)
	key.AddToResourcePolicy(admit("DeadLettersOfTopic", "sns.amazonaws.com", useKey, "*", nil), nil)
	key.AddToResourcePolicy(logsStatement(scope), nil)
	return key
}

// tagKey marks a key as the stack's own. CloudFormation's execution policy (cdk/execution-policy.json) allows to change a key's policy, or
// to delete it, only where the mark is.
func tagKey(key awskms.Key, s settings.Settings) {
	awscdk.Tags_Of(key).Add(jsii.String(settings.KeyTag), jsii.String(s.StackName), nil)
}

// logsStatement lets CloudWatch Logs use the key for log groups of this account and Region (CloudWatch Logs User Guide, "Encrypt log
// data"). It names no log group: the log group depends on the key.
func logsStatement(scope constructs.Construct) awsiam.PolicyStatement {
	stack := awscdk.Stack_Of(scope)
	groups := "arn:" + *stack.Partition() + ":logs:" + *stack.Region() + ":" + *stack.Account() + ":log-group:*"
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String("GuardLog"),
		Principals: &[]awsiam.IPrincipal{
			awsiam.NewServicePrincipal(jsii.String("logs."+*stack.Region()+"."+*stack.UrlSuffix()), nil),
		},
		Actions:    jsii.Strings("kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"),
		Resources:  jsii.Strings("*"),
		Conditions: &map[string]any{"ArnLike": map[string]any{"kms:EncryptionContext:aws:logs:arn": groups}},
	})
}

// sameAccount is the condition that a service acts for this account.
func sameAccount(scope constructs.Construct) map[string]any {
	return map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": *awscdk.Stack_Of(scope).Account()}}
}
