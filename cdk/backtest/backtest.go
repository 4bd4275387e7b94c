// Package backtest makes what applies the watch's rules to a whole archive: a state machine of Step Functions, a second
// function of the watch's code, and the bucket of their results. It may write to nothing but that bucket.
//
// It knows no rule, and starts nothing: an operator does.
package backtest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/function"
	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/settings"
	"trailkeeper/cdk/watch"
	"trailkeeper/lambda/config"
)

// Backtest is what backtests an archive.
type Backtest struct {
	Construct constructs.Construct

	Function awslambda.Function
	Role     awsiam.Role // of the function
	LogGroup awslogs.LogGroup
	Results  awss3.Bucket
	Machine  awsstepfunctions.CfnStateMachine
	Caller   awsiam.Role // of the state machine
}

// Props is what a backtest is made of.
type Props struct {
	Settings settings.Settings
	Code     awslambda.Code // the watch's
	Key      awskms.IKey    // of the log and the environment; nil: keys that AWS owns
}

const (
	// Timeout is the longest that Lambda allows, in seconds.
	Timeout = 900
	// memory is what Lambda gives one vCPU for, in MB (Lambda Developer Guide, "Configure Lambda function memory").
	memory = 1769
	// keepDays is for how long results are kept: as long as Step Functions keeps an execution.
	keepDays = 90
)

// New makes it.
func New(scope constructs.Construct, p Props) (*Backtest, error) {
	b := &Backtest{Construct: constructs.NewConstruct(scope, jsii.String("Backtest"))}
	b.Results = newResults(b.Construct)
	b.LogGroup = function.NewLog(b.Construct, p.Settings.Watch.LogRetentionDays, p.Key)
	b.Role = policy.NewRole(b.Construct, p.Settings, policy.RoleProps{
		Service:     "lambda.amazonaws.com",
		Description: "Trailkeeper's backtest: " + purpose,
		Policy:      "Backtest",
		Statements:  b.statements(p.Settings),
	})
	b.Function = function.New(b.Construct, function.Props{
		Settings:    p.Settings,
		Description: "Trailkeeper: " + purpose,
		Code:        p.Code,
		Run:         settings.Function{Memory: memory, Timeout: Timeout, LogLevel: p.Settings.Watch.LogLevel},
		Role:        b.Role,
		Log:         b.LogGroup,
		Key:         p.Key,
		Environment: b.environment(p.Settings),
	})
	return b, b.addMachine(p.Settings)
}

const purpose = "applies the watch's rules to an archive of log files, and notifies nobody"

// newResults makes the bucket. It outlives the stack, and its objects do not outlive their time.
func newResults(scope constructs.Construct) awss3.Bucket {
	bucket := awss3.NewBucket(scope, jsii.String("Results"), &awss3.BucketProps{
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		EnforceSSL:        jsii.Bool(true),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		RemovalPolicy:     awscdk.RemovalPolicy_RETAIN,
		LifecycleRules: &[]*awss3.LifecycleRule{{
			Id:                                  jsii.String("Expire"),
			Expiration:                          awscdk.Duration_Days(jsii.Number(keepDays)),
			AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(1)),
		}},
	})
	bucket.Policy().ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN)
	return bucket
}

// statements is everything that the function may do.
func (b *Backtest) statements(s settings.Settings) []awsiam.PolicyStatement {
	listing := policy.Allow("ResultsList", []string{"s3:ListBucket"}, *b.Results.BucketArn())
	listing.AddCondition(jsii.String("StringLike"), map[string]any{"s3:prefix": runs + "/*"})
	all := []awsiam.PolicyStatement{
		policy.Allow("Log", []string{"logs:CreateLogStream", "logs:PutLogEvents"}, *b.LogGroup.LogGroupArn()),
		policy.Allow("Results", []string{"s3:GetObject", "s3:PutObject"}, *b.Results.ArnForObjects(jsii.String(runs + "/*"))),
		listing,
	}
	all = append(all, b.list(s)...)
	return append(all, watch.ReadFiles(b.Construct, s)...)
}

// list lets the function list the archives, below their prefixes.
func (b *Backtest) list(s settings.Settings) []awsiam.PolicyStatement {
	stack := awscdk.Stack_Of(b.Construct)
	everywhere := config.Place{Partition: *stack.Partition()} // a bucket's ARN has no Region and no account
	type archive struct{ owner, name string }
	prefixes := map[archive][]string{}
	for _, one := range s.Archive.Buckets {
		of := archive{cmp.Or(one.Account, *stack.Account()), one.Name}
		prefixes[of] = append(prefixes[of], one.LogPrefix()+"*")
	}
	ordered := slices.SortedFunc(maps.Keys(prefixes), func(a, b archive) int { return cmp.Compare(a.name, b.name) })
	var all []awsiam.PolicyStatement
	for i, of := range ordered {
		one := policy.Allow(policy.Numbered("Archive", i), []string{"s3:ListBucket"}, everywhere.ARN("s3", of.name))
		one.AddCondition(jsii.String("StringEquals"), map[string]any{"aws:ResourceAccount": of.owner})
		one.AddCondition(jsii.String("StringLike"), map[string]any{"s3:prefix": prefixes[of]})
		all = append(all, one)
	}
	return all
}

// environment is what the function reads back with config.BacktestFromEnv.
func (b *Backtest) environment(s settings.Settings) map[string]string {
	results := config.LogBucket{
		Owner:  *awscdk.Stack_Of(b.Construct).Account(),
		Name:   *b.Results.BucketName(),
		Prefix: runs + "/",
	}
	c := config.Backtest{LogBuckets: watch.LogBuckets(b.Construct, s), Results: results.String()}
	if !s.Place().JSONLogs {
		c.LogLevel = s.Watch.LogLevel
	}
	return c.Env()
}

// addMachine makes the state machine and its role. Its name is written out: the operator's command looks for it, and
// the role names it before it is there.
func (b *Backtest) addMachine(s settings.Settings) error {
	name, place := s.StackName+"-Backtest", convert.PlaceOf(b.Construct)
	machine := place.ARN("states", "stateMachine:"+name)
	scope := constructs.NewConstruct(b.Construct, jsii.String("Machine"))
	b.Caller = policy.NewRole(scope, s, policy.RoleProps{
		Service:     "states.amazonaws.com",
		Sources:     []string{machine, machine + "/*"},
		Description: "Trailkeeper: Step Functions runs the backtest's function",
		Policy:      "Backtest",
		Statements:  b.calling(name, place),
	})
	text, err := definition(s.Archive.BacktestConcurrency)
	if err != nil {
		return fmt.Errorf("write the state machine: %w", err)
	}
	b.Machine = awsstepfunctions.NewCfnStateMachine(scope, jsii.String("Resource"), &awsstepfunctions.CfnStateMachineProps{
		StateMachineName: jsii.String(name),
		StateMachineType: jsii.String("STANDARD"),
		RoleArn:          b.Caller.RoleArn(),
		DefinitionString: jsii.String(text),
		DefinitionSubstitutions: map[string]any{
			"Partition": awscdk.Stack_Of(b.Construct).Partition(),
			"Function":  b.Function.FunctionArn(),
			"Results":   b.Results.BucketName(),
		},
	})
	return nil
}

// calling is everything that the state machine may do (Step Functions Developer Guide, "IAM policies for using
// Distributed Map states").
func (b *Backtest) calling(name string, place config.Place) []awsiam.PolicyStatement {
	children := place.ARN("states", "execution:"+name+"/*")
	listing := policy.Allow("Items", []string{"s3:ListBucket"}, *b.Results.BucketArn())
	listing.AddCondition(jsii.String("StringLike"), map[string]any{"s3:prefix": runs + "/*"})
	return []awsiam.PolicyStatement{
		policy.Allow("Run", []string{"lambda:InvokeFunction"}, *b.Function.FunctionArn()),
		policy.Allow("Start", []string{"states:StartExecution"}, place.ARN("states", "stateMachine:"+name)),
		policy.Allow("Children", []string{"states:DescribeExecution", "states:StopExecution"},
			place.ARN("states", "execution:"+name+":*"), children),
		policy.Allow("Redrive", []string{"states:RedriveExecution"}, children),
		listing,
		policy.Allow("MapResults", []string{
			"s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload",
		}, *b.Results.ArnForObjects(jsii.String(mapResults + "/*"))),
	}
}
