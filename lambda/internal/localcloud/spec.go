package localcloud

import (
	"encoding/json"
	"fmt"
)

// The properties of each resource type, as far as they are modelled (CloudFormation Template Reference). A property that stands in
// none of these structs is refused. What has the type `unused` is known to change nothing that is played here.

// unused takes any value.
type unused struct{}

// UnmarshalJSON ignores the value.
func (*unused) UnmarshalJSON([]byte) error { return nil }

type ruleSpec struct {
	Name, Description, EventBusName, State string
	EventPattern                           json.RawMessage
	Targets                                []targetSpec
	Tags                                   unused
}

type targetSpec struct {
	ID               string `json:"Id"`
	Arn, RoleArn     string
	Input, InputPath *string
	DeadLetterConfig struct{ Arn string }
	RetryPolicy      struct {
		MaximumRetryAttempts     *int
		MaximumEventAgeInSeconds *int
	}
	InputTransformer *struct {
		InputPathsMap map[string]string
		InputTemplate string
	}
}

type apiDestinationSpec struct {
	Name, Description, ConnectionArn, HttpMethod, InvocationEndpoint string //nolint:revive // CloudFormation's names
	InvocationRateLimitPerSecond                                     *int
}

type connectionSpec struct {
	Name, Description, AuthorizationType string
	AuthParameters                       struct {
		ApiKeyAuthParameters *struct{ ApiKeyName, ApiKeyValue string } //nolint:revive // CloudFormation's names
	}
	KmsKeyIdentifier unused
}

type functionSpec struct {
	FunctionName, Description, Handler, Runtime, Role                     string
	Timeout, MemorySize                                                   *int
	Architectures                                                         []string
	ReservedConcurrentExecutions                                          *int
	Environment                                                           struct{ Variables map[string]string }
	DeadLetterConfig                                                      struct{ TargetArn string }
	LoggingConfig                                                         loggingSpec
	Code, TracingConfig, KmsKeyArn, Tags                                  unused
	EphemeralStorage, RuntimeManagementConfig, RecursiveLoop, PackageType unused
}

type permissionSpec struct {
	Action, FunctionName, Principal, SourceArn, SourceAccount string
}

type invokeConfigSpec struct {
	FunctionName, Qualifier  string
	MaximumRetryAttempts     *int
	MaximumEventAgeInSeconds *int
	DestinationConfig        struct {
		OnFailure struct{ Destination string }
	}
}

type roleSpec struct {
	RoleName                              string
	AssumeRolePolicyDocument              policyDocument
	ManagedPolicyArns                     []string
	Policies                              []inlinePolicy
	Description, Tags, MaxSessionDuration unused
	// The ARN of a managed policy, which the template does not hold.
	PermissionsBoundary string
	Path                string
}

type inlinePolicy struct {
	PolicyName     string
	PolicyDocument policyDocument
}

type policySpec struct {
	PolicyName     string
	PolicyDocument policyDocument
	Roles          []string
}

type managedPolicySpec struct {
	ManagedPolicyName, Path string
	PolicyDocument          policyDocument
	Roles                   []string
	Description             unused
}

type topicSpec struct {
	TopicName, DisplayName, KmsMasterKeyId string //nolint:revive // CloudFormation's names
	Tags, SignatureVersion, TracingConfig  unused
}

type topicPolicySpec struct {
	Topics         []string
	PolicyDocument policyDocument
}

type subscriptionSpec struct {
	TopicArn, Protocol, Endpoint string
	FilterPolicy                 filterPolicy
	FilterPolicyScope            string
	// Subscribers take every message here, so that nothing is redriven.
	RedrivePolicy *struct {
		DeadLetterTargetArn string `json:"deadLetterTargetArn"`
	}
	Region unused
}

type queueSpec struct {
	QueueName, KmsMasterKeyId                          string //nolint:revive // CloudFormation's names
	SqsManagedSseEnabled, KmsDataKeyReusePeriodSeconds unused
	MessageRetentionPeriod, MaximumMessageSize         *int
	VisibilityTimeout                                  *int
	Tags                                               unused
	ReceiveMessageWaitTimeSeconds, RedriveAllowPolicy  unused
}

type queuePolicySpec struct {
	Queues         []string
	PolicyDocument policyDocument
}

type keySpec struct {
	KeyPolicy                                                 policyDocument
	Enabled                                                   *bool
	Description, EnableKeyRotation, PendingWindowInDays, Tags unused
	KeyUsage                                                  string
	KeySpec, RotationPeriodInDays, MultiRegion                unused
}

type aliasSpec struct{ AliasName, TargetKeyId string } //nolint:revive // CloudFormation's names

type logGroupSpec struct {
	LogGroupName                                   string
	RetentionInDays, KmsKeyId, Tags, LogGroupClass unused
}

type alarmSpec struct {
	AlarmName, AlarmDescription, Namespace, MetricName, Statistic string
	Dimensions                                                    []dimensionSpec
	Period, EvaluationPeriods, DatapointsToAlarm                  int
	Metrics                                                       []metricQuerySpec // in place of the one metric
	Threshold                                                     float64
	ComparisonOperator, TreatMissingData                          string
	ActionsEnabled                                                *bool
	AlarmActions, OKActions                                       []string
	InsufficientDataActions, Unit, Tags                           unused
}

type dimensionSpec struct{ Name, Value string }

// metricQuerySpec is one metric of an alarm, or the expression on them.
type metricQuerySpec struct {
	Id, Expression, Label string //nolint:revive // CloudFormation's names
	ReturnData            *bool
	MetricStat            *struct {
		Metric struct {
			Namespace, MetricName string
			Dimensions            []dimensionSpec
		}
		Period int
		Stat   string
		Unit   unused
	}
}

// decode evaluates a resource's properties and reads them strictly into spec.
func decode(e *evaluator, id string, spec any) error {
	r := e.resources[id]
	value, err := e.eval(r.Properties)
	if err != nil {
		return fmt.Errorf("%s (%s): %w", id, r.Type, err)
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("%s (%s): %w", id, r.Type, err)
	}
	if err := strictly(raw, spec); err != nil {
		return fmt.Errorf("%s (%s): %w; the local run does not model it", id, r.Type, err)
	}
	return nil
}
