// Package owntrail makes the trails of the stack's own: the canary and an account's first trail, with bucket, key and
// log group.
//
// It knows neither the guard nor a baseline: to them these are trails like any other.
package owntrail

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudtrail"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/settings"
)

// Trail is a trail that the stack makes, with all that it needs: the canary, or an account's first trail. Everything
// is kept when the stack is deleted, so that CloudFormation never deletes what the guard would put back; the names are
// CloudFormation's, so that a new deployment does not meet the old ones.
type Trail struct {
	Construct constructs.Construct

	Trail    awscloudtrail.CfnTrail
	Bucket   awss3.Bucket
	LogGroup awslogs.LogGroup // nil: no log group
	Role     awsiam.Role      // lets CloudTrail write to LogGroup; nil without it
	Key      awskms.Key       // encrypts the files; nil where another key does, or S3's own
}

// props is what the trails differ in. Both are multi-Region trails with log file validation.
type props struct {
	settings settings.Settings
	key      awskms.IKey // of the log group; nil: the key that CloudWatch Logs owns
	fileKey  string      // of the files: settings.KeyCreate, a key's ARN, or empty: the key that S3 owns
	record   string      // the management events: "All" or "WriteOnly"
	keepDays int         // days until the files expire; 0: never
	logGroup bool
	insights bool
}

// canaryDays is for how long the canary's files are kept: as long as CloudTrail's own event history. The trail is no
// archive.
const canaryDays = 90

// New makes the trails that the settings ask for.
func New(scope constructs.Construct, s settings.Settings, key awskms.IKey) (canary, first *Trail) {
	if s.Canary.Enabled {
		canary = newTrail(scope, "Canary", props{
			settings: s,
			fileKey:  s.Canary.Key,
			record:   "WriteOnly",
			keepDays: canaryDays,
		})
	}
	if s.FirstTrail.Enabled {
		first = newTrail(scope, "FirstTrail", props{
			settings: s,
			key:      key,
			fileKey:  s.FirstTrail.Key,
			record:   "All",
			logGroup: s.FirstTrail.LogGroup,
			insights: s.FirstTrail.Insights,
		})
	}
	return canary, first
}

func newTrail(scope constructs.Construct, id string, p props) *Trail {
	t := &Trail{Construct: constructs.NewConstruct(scope, jsii.String(id))}
	t.Bucket = newTrailBucket(t.Construct, p.keepDays)
	props := &awscloudtrail.CfnTrailProps{
		IsLogging:                  jsii.Bool(true),
		IsMultiRegionTrail:         jsii.Bool(true),
		IncludeGlobalServiceEvents: jsii.Bool(true),
		EnableLogFileValidation:    jsii.Bool(true),
		S3BucketName:               t.Bucket.BucketName(),
		EventSelectors: []any{&awscloudtrail.CfnTrail_EventSelectorProperty{
			IncludeManagementEvents: jsii.Bool(true), ReadWriteType: jsii.String(p.record),
		}},
	}
	props.KmsKeyId = t.addKey(p)
	if p.logGroup {
		t.addLogGroup(p)
		props.CloudWatchLogsLogGroupArn, props.CloudWatchLogsRoleArn = t.LogGroup.LogGroupArn(), t.Role.RoleArn()
	}
	if p.insights {
		props.InsightSelectors = []any{
			&awscloudtrail.CfnTrail_InsightSelectorProperty{InsightType: jsii.String("ApiCallRateInsight")},
			&awscloudtrail.CfnTrail_InsightSelectorProperty{InsightType: jsii.String("ApiErrorRateInsight")},
		}
	}
	t.Trail = awscloudtrail.NewCfnTrail(t.Construct, jsii.String("Trail"), props)
	t.Trail.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
	// CloudTrail writes a first file when the trail is made.
	t.Trail.Node().AddDependency(t.Bucket.Policy())
	return t
}

// addKey returns the ARN of the key that encrypts the files; nil where S3's own does. A new key admits CloudTrail for
// the stack's trails alone (CloudTrail User Guide, "Configure AWS KMS key policies for CloudTrail"), and leaves it to
// the account's policies who may decrypt the files.
func (t *Trail) addKey(p props) *string {
	if p.fileKey != settings.KeyCreate {
		return convert.Optional(p.fileKey)
	}
	t.Key = policy.NewKey(t.Construct, "Key", p.settings, "log files of a trail", awscdk.RemovalPolicy_RETAIN)
	trails := trailsOf(awscdk.Stack_Of(t.Construct))
	forTrails := map[string]any{"ArnLike": map[string]any{"aws:SourceArn": trails}}
	t.Key.AddToResourcePolicy(
		policy.Admit("TrailLooks", "cloudtrail.amazonaws.com", []string{"kms:DescribeKey"}, "*", forTrails),
		nil,
	)
	writes := policy.Admit("TrailWrites", "cloudtrail.amazonaws.com", []string{"kms:GenerateDataKey*"}, "*", forTrails)
	writes.AddCondition(jsii.String("StringLike"), map[string]any{"kms:EncryptionContext:aws:cloudtrail:arn": trails})
	t.Key.AddToResourcePolicy(writes, nil)
	return t.Key.KeyArn()
}

// ComeAfter has everything of the trail made after these: CloudFormation keeps it when a deployment fails, and what
// fails mostly fails before.
func (t *Trail) ComeAfter(resources ...awscdk.CfnResource) {
	first := []constructs.IConstruct{t.Bucket}
	if t.LogGroup != nil {
		first = append(first, t.LogGroup)
	}
	if t.Key != nil {
		first = append(first, t.Key)
	}
	for _, c := range first {
		for _, r := range resources {
			c.Node().AddDependency(r)
		}
	}
}

// addLogGroup makes the log group, and the role that CloudTrail writes to it with. The trail outlives the stack and
// needs both.
func (t *Trail) addLogGroup(p props) {
	props := &awslogs.LogGroupProps{
		Retention:     convert.Retention(p.settings.Function.LogRetentionDays),
		RemovalPolicy: awscdk.RemovalPolicy_RETAIN,
	}
	if p.key != nil {
		props.EncryptionKey = p.key
	}
	t.LogGroup = awslogs.NewLogGroup(t.Construct, jsii.String("Log"), props)
	t.Role = policy.NewRole(t.Construct, p.settings, policy.RoleProps{
		Service:     "cloudtrail.amazonaws.com",
		Description: "Trailkeeper: CloudTrail sends the first trail's events to its log group",
		Policy:      "Log",
		Statements: []awsiam.PolicyStatement{
			policy.Allow("Log", []string{"logs:CreateLogStream", "logs:PutLogEvents"}, *t.LogGroup.LogGroupArn()),
		},
	})
	t.Role.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN)
}

// newTrailBucket makes the bucket with the policy that CloudTrail asks for (CloudTrail User Guide, "Amazon S3 bucket
// policy for CloudTrail").
func newTrailBucket(scope constructs.Construct, keepDays int) awss3.Bucket {
	props := &awss3.BucketProps{
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		EnforceSSL:        jsii.Bool(true),
		Versioned:         jsii.Bool(true),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		RemovalPolicy:     awscdk.RemovalPolicy_RETAIN,
	}
	if keepDays > 0 {
		// What expires becomes an old version, and so does what somebody deletes or overwrites.
		days := awscdk.Duration_Days(jsii.Number(keepDays))
		props.LifecycleRules = &[]*awss3.LifecycleRule{
			{Id: jsii.String("Expire"), Expiration: days, NoncurrentVersionExpiration: days},
		}
	}
	bucket := awss3.NewBucket(scope, jsii.String("Bucket"), props)
	stack := awscdk.Stack_Of(scope)
	fromTrail := map[string]any{"ArnLike": map[string]any{"aws:SourceArn": trailsOf(stack)}}
	bucket.AddToResourcePolicy(
		policy.Admit("TrailLooks", "cloudtrail.amazonaws.com", []string{"s3:GetBucketAcl"}, *bucket.BucketArn(), fromTrail),
	)
	writes := policy.Admit("TrailWrites", "cloudtrail.amazonaws.com", []string{"s3:PutObject"},
		*bucket.ArnForObjects(jsii.String("AWSLogs/" + *stack.Account() + "/*")), fromTrail)
	writes.AddCondition(jsii.String("StringEquals"), map[string]any{"s3:x-amz-acl": "bucket-owner-full-control"})
	bucket.AddToResourcePolicy(writes)
	bucket.Policy().ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN)
	return bucket
}

// trailsOf are the trails that CloudFormation names for the stack: the name that it will give is not known, and the
// trail's own ARN would be a cycle, because the trail needs the bucket's policy.
func trailsOf(stack awscdk.Stack) string {
	return convert.PlaceOf(stack).ARN("cloudtrail", "trail/"+*stack.StackName()+"-*")
}
