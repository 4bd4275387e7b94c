package localcloud

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// TestCallsOfAnOperator: the SDK reads the answers, and finds the stack's own resources in them.
func TestCallsOfAnOperator(t *testing.T) {
	c := stateCloud(t, nil)
	small := Options{Template: smallTemplate(t)}
	edit(t, "Guard", "Reader")(&small)
	if err := c.Deploy(small.Template, account, region, "app"); err != nil {
		t.Fatal(err)
	}
	if err := c.SetItem(Item{"pk": map[string]any{"S": "a"}, "sk": map[string]any{"S": "b"}}); err != nil {
		t.Fatal(err)
	}
	ctx, cfg := t.Context(), awsConfig(c, region, "operator")
	bus, functions, queues := eventbridge.NewFromConfig(cfg), lambda.NewFromConfig(cfg), sqs.NewFromConfig(cfg)
	topics, tables := sns.NewFromConfig(cfg), dynamodb.NewFromConfig(cfg)
	end := func(id string) *string {
		arn := c.ARNOf(id)
		return aws.String(arn[strings.LastIndexAny(arn, ":/")+1:])
	}
	rule, reader, table, topic := end("Stop"), end("Reader"), end("State"), aws.String(c.ARNOf("Topic"))
	queue := aws.String(c.QueueURL("Failures"))
	made := aws.String("arn:aws:sns:eu-west-1:111122223333:made")
	for _, tt := range []struct {
		name string
		want string // in the answer
		call func() (any, error)
	}{
		{"GetCallerIdentity", "user/operator", func() (any, error) {
			return sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		}},
		{"ListPublicKeys", "Fingerprint", func() (any, error) {
			return cloudtrail.NewFromConfig(cfg).ListPublicKeys(ctx, &cloudtrail.ListPublicKeysInput{})
		}},
		{"ListRules", *rule, func() (any, error) { return bus.ListRules(ctx, &eventbridge.ListRulesInput{}) }},
		{"DescribeRule", "aws.cloudtrail", func() (any, error) {
			return bus.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: rule})
		}},
		{"ListTargetsByRule", "$.detail.userIdentity.arn", func() (any, error) {
			return bus.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: rule})
		}},
		{"DisableRule", "", func() (any, error) { return bus.DisableRule(ctx, &eventbridge.DisableRuleInput{Name: rule}) }},
		{"a disabled rule", "DISABLED", func() (any, error) {
			return bus.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: rule})
		}},
		{"EnableRule", "", func() (any, error) { return bus.EnableRule(ctx, &eventbridge.EnableRuleInput{Name: rule}) }},
		{"ListFunctions", *reader, func() (any, error) { return functions.ListFunctions(ctx, &lambda.ListFunctionsInput{}) }},
		{"GetFunction", "arm64", func() (any, error) {
			return functions.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: reader})
		}},
		{"GetFunctionConfiguration", "provided.al2023", func() (any, error) {
			return functions.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: reader})
		}},
		{"ListQueues", *queue, func() (any, error) { return queues.ListQueues(ctx, &sqs.ListQueuesInput{}) }},
		{"GetQueueUrl", *queue, func() (any, error) {
			return queues.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: end("Failures")})
		}},
		{"GetQueueAttributes", "ApproximateNumberOfMessages", func() (any, error) {
			return queues.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
				QueueUrl:       queue,
				AttributeNames: []sqstypes.QueueAttributeName{"All"},
			})
		}},
		{"ListTopics", *topic, func() (any, error) { return topics.ListTopics(ctx, &sns.ListTopicsInput{}) }},
		{"ListSubscriptions", "security@example.com", func() (any, error) {
			return topics.ListSubscriptions(ctx, &sns.ListSubscriptionsInput{})
		}},
		{"ListSubscriptionsByTopic", "email", func() (any, error) {
			return topics.ListSubscriptionsByTopic(ctx, &sns.ListSubscriptionsByTopicInput{TopicArn: topic})
		}},
		{"CreateTopic", *made, func() (any, error) {
			return topics.CreateTopic(ctx, &sns.CreateTopicInput{
				Name:       aws.String("made"),
				Attributes: map[string]string{"DisplayName": "Made & kept"},
			})
		}},
		{"SetTopicAttributes", "", func() (any, error) {
			return topics.SetTopicAttributes(ctx, &sns.SetTopicAttributesInput{
				TopicArn: made, AttributeName: aws.String("KmsMasterKeyId"), AttributeValue: aws.String("alias/app"),
			})
		}},
		{"GetTopicAttributes", "Made & kept", func() (any, error) {
			return topics.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: made})
		}},
		{"DeleteTopic", "", func() (any, error) { return topics.DeleteTopic(ctx, &sns.DeleteTopicInput{TopicArn: made}) }},
		{"ListTables", *table, func() (any, error) { return tables.ListTables(ctx, &dynamodb.ListTablesInput{}) }},
		{"DescribeTable", "ACTIVE", func() (any, error) {
			return tables.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: table})
		}},
		{"Scan", "Count:1", func() (any, error) { return tables.Scan(ctx, &dynamodb.ScanInput{TableName: table}) }},
	} {
		out, err := tt.call()
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if shown := shownOf(reflect.ValueOf(out)); !strings.Contains(shown, tt.want) {
			t.Errorf("%s: want %s in %s", tt.name, tt.want, shown)
		}
	}
}

// shownOf writes what an answer of the SDK holds, pointers followed.
func shownOf(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return ""
		}
		return shownOf(v.Elem())
	case reflect.Struct:
		var b strings.Builder
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Name != "ResultMetadata" {
				fmt.Fprintf(&b, "%s:%s ", f.Name, shownOf(v.Field(i)))
			}
		}
		return b.String()
	case reflect.Slice:
		var b strings.Builder
		for i := range v.Len() {
			b.WriteString(shownOf(v.Index(i)) + " ")
		}
		return b.String()
	default:
		return fmt.Sprint(v.Interface())
	}
}
