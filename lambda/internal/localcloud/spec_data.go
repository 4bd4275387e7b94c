package localcloud

import "encoding/json"

// The properties of tables, schedules, trails and buckets (CloudFormation Template Reference), read as strictly as those of spec.go.

type tableSpec struct {
	TableName, BillingMode, TableClass string
	KeySchema                          []struct{ AttributeName, KeyType string }
	AttributeDefinitions               []struct{ AttributeName, AttributeType string }
	TimeToLiveSpecification            struct {
		AttributeName string
		Enabled       *bool
	}
	SSESpecification struct {
		SSEEnabled              *bool
		SSEType, KMSMasterKeyId string //nolint:revive // CloudFormation's names
	}
	PointInTimeRecoverySpecification struct {
		PointInTimeRecoveryEnabled *bool
		RecoveryPeriodInDays       *int
	}
	DeletionProtectionEnabled                  *bool
	ResourcePolicy                             struct{ PolicyDocument policyDocument }
	Tags, OnDemandThroughput, WarmThroughput   unused
	ContributorInsightsSpecification           unused
	ProvisionedThroughput, StreamSpecification json.RawMessage // refused by check
}

type scheduleSpec struct {
	Name, GroupName, Description, State            string
	ScheduleExpression, ScheduleExpressionTimezone string
	FlexibleTimeWindow                             struct {
		Mode                   string
		MaximumWindowInMinutes *int
	}
	Target struct {
		Arn, RoleArn, Input string
		DeadLetterConfig    struct{ Arn string }
		RetryPolicy         struct{ MaximumEventAgeInSeconds, MaximumRetryAttempts *int }
	}
	KmsKeyArn unused
}

type trailSpec struct {
	TrailName, S3BucketName, S3KeyPrefix, SnsTopicName         string
	CloudWatchLogsLogGroupArn, CloudWatchLogsRoleArn, KMSKeyId string //nolint:revive // CloudFormation's names
	IsLogging                                                  *bool
	IsMultiRegionTrail, IncludeGlobalServiceEvents             *bool
	EnableLogFileValidation, IsOrganizationTrail               *bool
	EventSelectors                                             []basicSelector
	AdvancedEventSelectors                                     []advancedSelector
	InsightSelectors                                           []insightSelector
	Tags                                                       []struct{ Key, Value string }
}

// basicSelector, advancedSelector and insightSelector have the same members in CloudFormation and in CloudTrail's API.
type basicSelector struct {
	ReadWriteType                 string         `json:",omitempty"`
	IncludeManagementEvents       *bool          `json:",omitempty"`
	ExcludeManagementEventSources []string       `json:",omitempty"`
	DataResources                 []dataResource `json:",omitempty"`
}

type dataResource struct {
	Type   string
	Values []string `json:",omitempty"`
}

type advancedSelector struct {
	Name           string `json:",omitempty"`
	FieldSelectors []fieldSelector
}

type fieldSelector struct {
	Field         string
	Equals        []string `json:",omitempty"`
	NotEquals     []string `json:",omitempty"`
	StartsWith    []string `json:",omitempty"`
	NotStartsWith []string `json:",omitempty"`
	EndsWith      []string `json:",omitempty"`
	NotEndsWith   []string `json:",omitempty"`
}

type insightSelector struct {
	InsightType     string
	EventCategories []string `json:",omitempty"`
}

type bucketSpec struct {
	BucketName                     string
	PublicAccessBlockConfiguration struct{ BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets *bool }
	VersioningConfiguration        struct{ Status string }
	OwnershipControls              struct {
		Rules []struct{ ObjectOwnership string }
	}
	BucketEncryption struct {
		ServerSideEncryptionConfiguration []struct {
			BucketKeyEnabled              *bool
			ServerSideEncryptionByDefault struct{ SSEAlgorithm, KMSMasterKeyID string }
		}
	}
	LifecycleConfiguration struct {
		Rules                              []lifecycleRule
		TransitionDefaultMinimumObjectSize unused
	}
	ObjectLockEnabled *bool
	Tags              unused
}

type lifecycleRule struct {
	Id, Status, Prefix                       string //nolint:revive // CloudFormation's names
	ExpirationInDays                         *int
	ExpiredObjectDeleteMarker                *bool
	NoncurrentVersionExpiration              struct{ NoncurrentDays, NewerNoncurrentVersions *int }
	AbortIncompleteMultipartUpload           struct{ DaysAfterInitiation *int }
	Transitions, NoncurrentVersionTransition unused
}

type bucketPolicySpec struct {
	Bucket         string
	PolicyDocument policyDocument
}
