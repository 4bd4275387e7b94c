package policy

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/settings"
)

// UseKey is what a sender needs to write into an encrypted queue or topic.
var UseKey = []string{"kms:Decrypt", "kms:GenerateDataKey*"}

// NewDataKey returns the customer key of the queues, the logs, the state table and the environment; nil where AWS's own
// keys serve.
func NewDataKey(scope constructs.Construct, s settings.Settings) awskms.IKey {
	switch s.EncryptionKey {
	case "":
		return nil
	case settings.KeyCreate:
	default:
		return awskms.Key_FromKeyArn(scope, jsii.String("DataKey"), jsii.String(s.EncryptionKey))
	}
	// The state table and the log outlive the stack and need the key; a stack that was never made leaves neither anything
	// worth reading.
	key := NewKey(
		scope,
		"DataKey",
		s,
		"queues, log, state table and environment of the guard",
		awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE,
	)
	// Neither service is documented to name the account when it writes a dead letter, and a lost one would be silent: the
	// queues' own policies name the senders.
	key.AddToResourcePolicy(Admit("DeadLettersOfEventBridge", "events.amazonaws.com", UseKey, "*", nil), nil)
	key.AddToResourcePolicy(Admit("DeadLettersOfTopic", "sns.amazonaws.com", UseKey, "*", nil), nil)
	if s.ReadsLogFiles() && len(s.Archive.By(settings.SourceQueue))+len(s.Archive.By(settings.SourceTopic)) > 0 {
		key.AddToResourcePolicy(Admit("LogFilesOfBuckets", "s3.amazonaws.com", UseKey, "*", nil), nil)
	}
	key.AddToResourcePolicy(logsStatement(scope), nil)
	return key
}

// NewKey makes a customer key. Its own policy lets the deploying role manage it, from the first second on: the role's
// policy (cdk/execution-policy.json) allows that on no key, because no condition of IAM tells our keys from others. A
// tag does not: kms:TagResource has none that tells a new key from a foreign one, and a tag counts only after up to
// five minutes (KMS Developer Guide, "ABAC for AWS KMS"). So keys are made without any.
func NewKey(
	scope constructs.Construct,
	id string,
	s settings.Settings,
	description string,
	removal awscdk.RemovalPolicy,
) awskms.Key {
	key := awskms.NewKey(scope, jsii.String(id), &awskms.KeyProps{
		Description: jsii.String("Trailkeeper: " + description), EnableKeyRotation: jsii.Bool(true), RemovalPolicy: removal,
	})
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("Deployment"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewArnPrincipal(jsii.String(deployRole(scope, s)))},
		Actions:    jsii.Strings(manageKey...),
		Resources:  jsii.Strings("*"),
	}), nil)
	return key
}

// manageKey is what CloudFormation asks for a key after it was made (the permissions of its handlers).
var manageKey = []string{
	"kms:DescribeKey",
	"kms:GetKeyPolicy",
	"kms:GetKeyRotationStatus",
	"kms:ListResourceTags",
	"kms:EnableKeyRotation",
	"kms:PutKeyPolicy",
	"kms:UpdateKeyDescription",
	"kms:UntagResource",
	"kms:ScheduleKeyDeletion",
}

// deployRole is the role with which CloudFormation makes the stack: the settings', or that of the bootstrap whose
// qualifier the app has.
func deployRole(scope constructs.Construct, s settings.Settings) string {
	if s.DeployRole != "" {
		return s.DeployRole
	}
	return bootstrapRole(scope, *awscdk.DefaultStackSynthesizer_DEFAULT_CLOUDFORMATION_ROLE_ARN())
}

// DeployRoles are the roles that deploy: the one with which CloudFormation makes the stack, and that of the bootstrap
// with which the CDK CLI calls CloudFormation.
func DeployRoles(scope constructs.Construct, s settings.Settings) []string {
	return []string{
		deployRole(scope, s), bootstrapRole(scope, *awscdk.DefaultStackSynthesizer_DEFAULT_DEPLOY_ROLE_ARN()),
	}
}

// Qualifier is that of the bootstrap that the app deploys with, by its context. One that a synthesizer of another app has
// of its own is not seen: jsii does not show it. Whoever has one names the role in deployRole.
func Qualifier(scope constructs.Construct) string {
	qualifier, ok := scope.Node().TryGetContext(jsii.String("@aws-cdk/core:bootstrapQualifier")).(string)
	if !ok {
		return *awscdk.DefaultStackSynthesizer_DEFAULT_QUALIFIER()
	}
	return qualifier
}

// bootstrapRole is the ARN of a role of the bootstrap, of which CDK has the form.
func bootstrapRole(scope constructs.Construct, form string) string {
	stack := awscdk.Stack_Of(scope)
	return strings.NewReplacer(
		"${Qualifier}",
		Qualifier(stack),
		"${AWS::Partition}",
		*stack.Partition(),
		"${AWS::AccountId}",
		*stack.Account(),
		"${AWS::Region}",
		*stack.Region(),
	).Replace(form)
}

// logsStatement lets CloudWatch Logs use the key for log groups of this account and Region (CloudWatch Logs User Guide,
// "Encrypt log data"). It names no log group: the log group depends on the key.
func logsStatement(scope constructs.Construct) awsiam.PolicyStatement {
	stack := awscdk.Stack_Of(scope)
	groups := convert.PlaceOf(scope).ARN("logs", "log-group:*")
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

// SameAccount is the condition that a service acts for this account.
func SameAccount(scope constructs.Construct) map[string]any {
	return map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": *awscdk.Stack_Of(scope).Account()}}
}
