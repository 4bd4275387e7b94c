// Package table makes the tables of what the functions remember, and says who may write in them.
//
// It knows no item: keys and documents are the functions' own.
package table

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/settings"
)

// Table is a state table: what a function knows of the trails and of what it reported. That is evidence, so that it
// outlives the stack.
type Table struct {
	Construct constructs.Construct

	Table awsdynamodb.CfnTable
	// Grants is what the function may do with the table. It is no inline policy of the function's role: the table's own
	// policy names the role, and so the role may not depend on the table.
	Grants awsiam.Policy
}

// Props is whose a table is.
type Props struct {
	Settings settings.Settings
	Key      awskms.IKey // nil: the key that DynamoDB owns
	Writer   awsiam.Role // the function's that it is made for
	// Further are the ARNs of the roles of other functions that write.
	Further []string
	// Name is for a table of a stack in another Region, whose name the deployment must know; it does not outlive its stack,
	// which could not be made again with it. Empty: CloudFormation makes one.
	Name string
}

// writeItems are the calls that change items (Service Authorization Reference, "Amazon DynamoDB"). Transactions ask for
// them one by one. What concerns the table as a whole is not among them: CloudFormation must stay able to change it,
// and deletion protection keeps it.
var writeItems = []string{
	"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem",
	"dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate", "dynamodb:PartiQLDelete",
}

// New makes a table.
func New(scope constructs.Construct, id string, p Props) *Table {
	t := &Table{Construct: constructs.NewConstruct(scope, jsii.String(id))}
	text := func(name, kind string) *awsdynamodb.CfnTable_AttributeDefinitionProperty {
		return &awsdynamodb.CfnTable_AttributeDefinitionProperty{
			AttributeName: jsii.String(name),
			AttributeType: jsii.String(kind),
		}
	}
	key := func(name, kind string) *awsdynamodb.CfnTable_KeySchemaProperty {
		return &awsdynamodb.CfnTable_KeySchemaProperty{AttributeName: jsii.String(name), KeyType: jsii.String(kind)}
	}
	props := &awsdynamodb.CfnTableProps{
		AttributeDefinitions:      []any{text("pk", "S"), text("sk", "S")},
		KeySchema:                 []any{key("pk", "HASH"), key("sk", "RANGE")},
		BillingMode:               jsii.String("PAY_PER_REQUEST"),
		DeletionProtectionEnabled: jsii.Bool(p.Name == ""),
		TableName:                 convert.Optional(p.Name),
		PointInTimeRecoverySpecification: &awsdynamodb.CfnTable_PointInTimeRecoverySpecificationProperty{
			PointInTimeRecoveryEnabled: jsii.Bool(true),
		},
		TimeToLiveSpecification: &awsdynamodb.CfnTable_TimeToLiveSpecificationProperty{
			AttributeName: jsii.String("expires"),
			Enabled:       jsii.Bool(true),
		},
		ResourcePolicy: &awsdynamodb.CfnTable_ResourcePolicyProperty{PolicyDocument: onlyWriters(p)},
	}
	if p.Key != nil {
		props.SseSpecification = &awsdynamodb.CfnTable_SSESpecificationProperty{
			SseEnabled: jsii.Bool(true), SseType: jsii.String("KMS"), KmsMasterKeyId: p.Key.KeyArn(),
		}
	}
	t.Table = awsdynamodb.NewCfnTable(t.Construct, jsii.String("Table"), props)
	removal := awscdk.RemovalPolicy_RETAIN
	if p.Name != "" {
		removal = awscdk.RemovalPolicy_DESTROY
	}
	t.Table.ApplyRemovalPolicy(removal, nil)
	t.Grants = awsiam.NewPolicy(
		t.Construct,
		jsii.String("Grants"),
		&awsiam.PolicyProps{Roles: &[]awsiam.IRole{p.Writer}, Statements: t.Use(p.Key)},
	)
	return t
}

// onlyWriters denies writing items to everybody but the function's role and the principals that the settings name. For
// a session aws:PrincipalArn is the ARN of its role. The resource is "*", which is the table itself: its ARN would be a
// cycle.
func onlyWriters(p Props) awsiam.PolicyDocument {
	writers := slices.Concat([]string{*p.Writer.RoleArn()}, p.Further, p.Settings.Table.BreakGlass)
	return awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &[]awsiam.PolicyStatement{
		awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid:        jsii.String("OnlyWriters"),
			Effect:     awsiam.Effect_DENY,
			Principals: &[]awsiam.IPrincipal{awsiam.NewStarPrincipal()},
			Actions:    jsii.Strings(writeItems...),
			Resources:  jsii.Strings("*"),
			Conditions: &map[string]any{"ArnNotEquals": map[string]any{"aws:PrincipalArn": writers}},
		}),
	}})
}

// Use are the three calls that a function makes. With a customer key DynamoDB asks KMS in the caller's name
// (DynamoDB Developer Guide, "DynamoDB encryption at rest": the permissions that it needs on the key); the condition
// keeps that to DynamoDB.
func (t *Table) Use(encrypted awskms.IKey) *[]awsiam.PolicyStatement {
	all := []awsiam.PolicyStatement{
		policy.Allow("State", []string{"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"}, *t.Table.AttrArn()),
	}
	if encrypted != nil {
		stack := awscdk.Stack_Of(t.Construct)
		key := policy.Allow(
			"StateKey",
			[]string{"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"},
			*encrypted.KeyArn(),
		)
		key.AddCondition(
			jsii.String("StringEquals"),
			map[string]any{"kms:ViaService": "dynamodb." + *stack.Region() + "." + *stack.UrlSuffix()},
		)
		all = append(all, key)
	}
	return &all
}
