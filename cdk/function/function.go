// Package function makes a Lambda function with its log, as every one of Trailkeeper is: Go on arm64, invoked
// asynchronously, with a queue for what it gives up on.
//
// It decides neither what the function may do nor what it is told.
package function

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambdadestinations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/settings"
)

// Props is what a function is made of.
type Props struct {
	Settings    settings.Settings
	Description string
	Code        awslambda.Code
	Run         settings.Function // its queue and its retention are those of Failures and Log
	Role        awsiam.Role       // its policy is complete
	Log         awslogs.LogGroup
	Key         awskms.IKey // of the environment; nil: the key that Lambda owns
	Environment map[string]string
	Failures    awssqs.IQueue // of the events that it gives up on; nil: it is never started by an event
}

// NewLog makes a function's log group. The log is evidence: whoever deletes the stack does not delete it. A stack that
// was never made has left none. Key may be nil.
func NewLog(scope constructs.Construct, days int, key awskms.IKey) awslogs.LogGroup {
	return newLog(scope, days, key, nil)
}

// NewNamedLog makes one with a name of ours, for a stack in another Region, whose log the deployment must know by its
// name. It does not outlive its stack, which could not be made again with it.
func NewNamedLog(scope constructs.Construct, days int, name string) awslogs.LogGroup {
	return newLog(scope, days, nil, jsii.String(name))
}

func newLog(scope constructs.Construct, days int, key awskms.IKey, name *string) awslogs.LogGroup {
	props := &awslogs.LogGroupProps{
		LogGroupName:  name,
		Retention:     convert.Retention(days),
		RemovalPolicy: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE,
	}
	if name != nil {
		props.RemovalPolicy = awscdk.RemovalPolicy_DESTROY
	}
	if key != nil {
		props.EncryptionKey = key
	}
	return awslogs.NewLogGroup(scope, jsii.String("Log"), props)
}

// New makes the function.
func New(scope constructs.Construct, p Props) awslambda.Function {
	props := &awslambda.FunctionProps{
		Description:  jsii.String(p.Description),
		FunctionName: convert.Optional(p.Run.Name),
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture: awslambda.Architecture_ARM_64(),
		Handler:      jsii.String("bootstrap"),
		Code:         p.Code,
		MemorySize:   jsii.Number(p.Run.Memory),
		Timeout:      awscdk.Duration_Seconds(jsii.Number(p.Run.Timeout)),
		Environment:  convert.TextMap(p.Environment),
		LogGroup:     p.Log,
		// The role's policy is complete; CDK may not add a second one.
		Role: p.Role.WithoutPolicyUpdates(nil),
	}
	if p.Failures != nil {
		props.RetryAttempts = jsii.Number(p.Run.AsyncRetries)
		props.MaxEventAge = awscdk.Duration_Seconds(jsii.Number(p.Run.MaxEventAge))
		props.OnFailure = awslambdadestinations.NewSqsDestination(p.Failures)
	}
	if p.Settings.Place().JSONLogs {
		props.LoggingFormat = awslambda.LoggingFormat_JSON
		props.ApplicationLogLevelV2 = awslambda.ApplicationLogLevel(p.Run.LogLevel)
	}
	switch arn := p.Run.DeadLetterARN; {
	case strings.Contains(arn, ":sqs:"):
		props.DeadLetterQueue = awssqs.Queue_FromQueueArn(scope, jsii.String("DeadLetterTarget"), jsii.String(arn))
	case arn != "":
		props.DeadLetterTopic = awssns.Topic_FromTopicArn(scope, jsii.String("DeadLetterTarget"), jsii.String(arn))
	}
	if p.Run.ReservedConcurrency > 0 {
		props.ReservedConcurrentExecutions = jsii.Number(p.Run.ReservedConcurrency)
	}
	if p.Key != nil {
		props.EnvironmentEncryption = p.Key
	}
	return awslambda.NewFunction(scope, jsii.String("Function"), props)
}
