package localcloud

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The role's permissions and the table's own policy both have their say.
func TestTablePermissions(t *testing.T) {
	poison := Item{"pk": map[string]any{"S": "baseline"}, "sk": map[string]any{"S": "x"}}
	c := stateCloud(t, nil)
	for name, tt := range map[string]struct {
		who  Principal
		want string
	}{
		"an administrator": {
			Principal{Account: account, UserName: "mallory"},
			"with an explicit deny in a resource-based policy",
		},
		"a role like it": {
			Principal{Account: account, RoleName: "BreakGlass2", UserName: "mallory"},
			"with an explicit deny in a resource-based policy",
		},
		"the break-glass role": {Principal{Account: account, RoleName: "BreakGlass", UserName: "alice"}, ""},
		"its name elsewhere":   {Principal{Account: member, RoleName: "BreakGlass", UserName: "mallory"}, "explicit deny"},
		"without the permission": {Principal{
			Account: account, RoleName: "BreakGlass",
			Denied: map[string]string{"dynamodb:PutItem": DeniedBySCP},
		}, "service control policy"},
	} {
		err := c.PutItemAs(tt.who, poison)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := c.SetItem(poison); err != nil || len(c.Items()) != 1 {
		t.Errorf("a raw write: %v", err)
	}
	db := dynamodb.NewFromConfig(awsConfig(c, region, "operator"))
	var table *string
	withTable(t, c, func(_ context.Context, _ *dynamodb.Client, name *string) { table = name })
	if _, err := db.GetItem(t.Context(), read(table)); err != nil {
		t.Errorf("an administrator reads: %v", err)
	}
	other := dynamodb.NewFromConfig(awsConfig(c, "us-east-1", "operator"))
	for what, err := range map[string]error{
		"another table": second(db.GetItem(t.Context(),
			read(aws.String("other")))),
		"another Region": second(other.GetItem(t.Context(), read(table))),
	} {
		if !is[*types.ResourceNotFoundException](err) {
			t.Errorf("%s: %v", what, err)
		}
	}
	c.Delete("arn:aws:dynamodb:" + region + ":" + account + ":table/" + *table)
	withTable(t, c, func(ctx context.Context, db *dynamodb.Client, table *string) {
		if _, err := db.GetItem(ctx,
			read(table)); !is[*types.ResourceNotFoundException](err) {
			t.Errorf("a deleted table: %v", err)
		}
	})
	for change, want := range map[string]string{
		`"dynamodb:GetItem", `: "no identity-based policy allows the " +
			"dynamodb:GetItem action", `"AttributeDefinitions"`: "throttled",
	} {
		c := stateCloud(t, nil, edit(t, change, map[bool]string{true: "", false: change}[strings.HasPrefix(want, "no")]),
			func(o *Options) {
				o.Fault = func(p FaultPoint) *Failure {
					if p.Service != "dynamodb" || want != "throttled" {
						return nil
					}
					return &Failure{Status: 400, Code: "ThrottlingException", Message: want}
				}
			})
		withTable(t, c, func(ctx context.Context, db *dynamodb.Client, table *string) {
			_, err := db.GetItem(ctx, read(table))
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", want, err)
			}
		})
	}
}

func second[T any](_ T, err error) error { return err }

// Two writers at once: of two conditional writes, one is done.
func TestTableIsSafeForConcurrentUse(t *testing.T) {
	c := stateCloud(t, nil, func(o *Options) { o.RealTime = true })
	withTable(t, c, func(ctx context.Context, db *dynamodb.Client, table *string) {
		done := make(chan error)
		for range 8 {
			go func() {
				done <- second(db.PutItem(ctx,
					&dynamodb.PutItemInput{
						TableName: table, Item: tableKey("a"),
						ConditionExpression: aws.String("attribute_not_exists(pk)"),
					}))
			}()
		}
		won := 0
		for range 8 {
			select {
			case err := <-done:
				if err == nil {
					won++
				}
			case <-time.After(10 * time.Second):
				t.Fatal("no answer")
			}
		}
		if won != 1 {
			t.Errorf("%d of 8 writes were done", won)
		}
	})
}

// read is a read of the item "a".
func read(table *string) *dynamodb.GetItemInput {
	return &dynamodb.GetItemInput{TableName: table, Key: tableKey("a"), ConsistentRead: aws.Bool(true)}
}
