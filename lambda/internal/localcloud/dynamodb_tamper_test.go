package localcloud

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// tableClient is the operator's, with the name and the ARN of the state table.
func tableClient(c *Cloud) (client *dynamodb.Client, name, arn *string) {
	of := c.ARNOf("State")
	_, table, _ := strings.Cut(of, "table/")
	return dynamodb.NewFromConfig(awsConfig(c, region, "operator")), &table, &of
}

// The policy of a table keeps writers out until it is lifted, and again once it is put back.
func TestAPolicyThatIsLifted(t *testing.T) {
	c := stateCloud(t, nil)
	client, _, arn := tableClient(c)
	ctx := t.Context()
	item := Item{"pk": map[string]any{"S": "a"}, "sk": map[string]any{"S": "b"}}
	mallory := Principal{Account: account, UserName: "mallory"}
	was, err := client.GetResourcePolicy(ctx, &dynamodb.GetResourcePolicyInput{ResourceArn: arn})
	if err != nil || c.PutItemAs(mallory, item) == nil {
		t.Fatalf("%v; or mallory may write", err)
	}
	if _, err := client.DeleteResourcePolicy(ctx, &dynamodb.DeleteResourcePolicyInput{ResourceArn: arn}); err != nil {
		t.Fatal(err)
	}
	if err := c.PutItemAs(mallory, item); err != nil {
		t.Errorf("lifted: %v", err)
	}
	_, err = client.GetResourcePolicy(ctx, &dynamodb.GetResourcePolicyInput{ResourceArn: arn})
	if code(err) != "PolicyNotFoundException" {
		t.Errorf("lifted: %v", err)
	}
	for policy, want := range map[string]string{
		"{": "ValidationException", strings.Repeat(" ", 20<<10) + *was.Policy: "ValidationException", *was.Policy: "",
		`{"Statement": {"Effect": "Deny", "Action": "dynamodb:*", "Resource": "*", "Principal": "*"}}`: "ValidationException",
	} {
		_, err := client.PutResourcePolicy(ctx, &dynamodb.PutResourcePolicyInput{ResourceArn: arn, Policy: &policy})
		if code(err) != want {
			t.Errorf("%.60s: %v, want %q", policy, err, want)
		}
	}
	if c.PutItemAs(mallory, item) == nil {
		t.Error("put back, and mallory may write")
	}
}

// A protected table cannot be deleted; one whose protection was taken away can, and then fails every call.
func TestDeleteTable(t *testing.T) {
	c := stateCloud(t, nil)
	client, table, _ := tableClient(c)
	ctx := t.Context()
	remove := func() error {
		_, err := client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: table})
		return err
	}
	if err := remove(); code(err) != "ValidationException" || !strings.Contains(err.Error(), "protected against deletion") {
		t.Errorf("protected: %v", err)
	}
	_, err := client.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: table, DeletionProtectionEnabled: aws.Bool(false)})
	if err != nil {
		t.Fatal(err)
	}
	if err := remove(); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"DescribeTable": second(client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: table})),
		"GetItem":       second(client.GetItem(ctx, read(table))), "DeleteTable": remove(),
	} {
		if !is[*types.ResourceNotFoundException](err) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// The time to live can be switched off once; then DynamoDB takes no change for an hour.
func TestUpdateTimeToLive(t *testing.T) {
	c := stateCloud(t, nil)
	client, table, _ := tableClient(c)
	set := func(name string, on bool) error {
		_, err := client.UpdateTimeToLive(t.Context(), &dynamodb.UpdateTimeToLiveInput{
			TableName:               table,
			TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: &name, Enabled: &on},
		})
		return err
	}
	for _, tt := range []struct {
		name  string
		on    bool
		after time.Duration
		want  string
	}{
		{"expires", true, 0, "already enabled"},
		{"other", false, 0, "different AttributeName"},
		{"expires", false, 0, ""},
		{"expires", false, 0, "already disabled"},
		{"expires", true, time.Hour - 1, "multiple times"},
		{"other", true, time.Hour, ""},
	} {
		c.Pass(tt.after)
		if err := set(tt.name, tt.on); (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}
