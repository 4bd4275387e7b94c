package localcloud

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
)

func textValue(s string) types.AttributeValue  { return &types.AttributeValueMemberS{Value: s} }
func numberText(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }

type attributes = map[string]types.AttributeValue

func tableKey(sk string) attributes { return attributes{"pk": textValue("trail"), "sk": textValue(sk)} }

// withTable runs code with a client of the function's, of the table's name.
func withTable(t *testing.T, c *Cloud, code func(ctx context.Context, db *dynamodb.Client, table *string)) {
	t.Helper()
	asFunction(t, c, func(ctx context.Context, cfg aws.Config, env FunctionEnv) {
		code(ctx, dynamodb.NewFromConfig(cfg), aws.String(env.Getenv("TABLE")))
	})
}

// update is one UpdateItem on the item "a": values "1" are numbers, others texts.
type update struct {
	update, condition string
	names             map[string]string
	values            attributes
}

func (u update) input(table *string) *dynamodb.UpdateItemInput {
	in := &dynamodb.UpdateItemInput{
		TableName:                 table,
		Key:                       tableKey("a"),
		UpdateExpression:          &u.update,
		ExpressionAttributeNames:  u.names,
		ExpressionAttributeValues: u.values,
		ReturnValues:              types.ReturnValueAllNew,
	}
	if u.condition != "" {
		in.ConditionExpression = &u.condition
	}
	return in
}

func TestUpdateItem(t *testing.T) {
	one, two, x := numberText("1"), numberText("2"), textValue("x")
	for name, tt := range map[string]struct {
		update
		want string // the item's attributes but its keys; or the error's code
	}{
		"set": {update{
			update: "SET colour = :x, #n = :one", names: map[string]string{"#n": "name"},
			values: attributes{":x": x, ":one": one},
		}, "colour=x count=5 deep={inner=1} name=1"},
		"if_not_exists there": {update{
			update: "set count2 = if_not_exists(#c, :one)",
			names:  map[string]string{"#c": "count"}, values: attributes{":one": one},
		}, "count2=5 count=5 deep={inner=1}"},
		"if_not_exists absent": {update{
			update: "SET n = if_not_exists(n, :one) + :two",
			values: attributes{":one": one, ":two": two},
		}, "count=5 deep={inner=1} n=3"},
		"minus": {update{
			update: "SET #c = #c - :two", names: map[string]string{"#c": "count"},
			values: attributes{":two": two},
		}, "count=3 deep={inner=1}"},
		"add and remove": {update{
			update: "ADD #c :two, fresh :one REMOVE deep.inner",
			names:  map[string]string{"#c": "count"}, values: attributes{":two": two, ":one": one},
		}, "count=7 deep={} fresh=1"},
		"nested": {update{
			update: "SET deep.#o = :x", names: map[string]string{"#o": "a.b"},
			values: attributes{":x": x},
		}, "count=5 deep={a.b=x inner=1}"},
		"values are the old ones": {update{
			update: "SET b = #c, #c = :one", names: map[string]string{"#c": "count"},
			values: attributes{":one": one},
		}, "b=5 count=1 deep={inner=1}"},
		"condition holds": {update{
			update:    "SET n = :one",
			condition: "attribute_exists(deep.inner) AND NOT (#c < :one OR #c = :x)",
			names:     map[string]string{"#c": "count"},
			values:    attributes{":one": one, ":x": x},
		}, "count=5 deep={inner=1} n=1"},
		"condition fails": {update{
			update: "SET n = :one", condition: "attribute_not_exists(pk)",
			values: attributes{":one": one},
		}, "ConditionalCheckFailedException"},
		"absent has no order": {
			update{update: "SET n = :one", condition: "nope < :one", values: attributes{":one": one}},
			"ConditionalCheckFailedException",
		},
		"absent differs": {
			update{update: "SET n = :one", condition: "nope <> :one", values: attributes{":one": one}},
			"count=5 deep={inner=1} n=1",
		},
		"AND before OR": {update{
			update: "SET n = :one", condition: "pk = pk OR pk <> pk AND pk <> pk",
			values: attributes{":one": one},
		}, "count=5 deep={inner=1} n=1"},
		"numbers by value": {update{
			update:    "SET n = :one",
			condition: "#c = :five",
			names:     map[string]string{"#c": "count"},
			values:    attributes{":one": one, ":five": numberText("5.00")},
		}, "count=5 deep={inner=1} n=1"},
		"text has no number": {update{
			update:    "SET n = :one",
			condition: "#c > :x",
			names:     map[string]string{"#c": "count"},
			values:    attributes{":one": one, ":x": x},
		}, "ConditionalCheckFailedException"},
		"reserved word": {
			update{update: "SET window = :one", values: attributes{":one": one}},
			"ValidationException",
		},
		"key":             {update{update: "SET sk = :x", values: attributes{":x": x}}, "ValidationException"},
		"undefined value": {update{update: "SET n = :two", values: attributes{":one": one}}, "ValidationException"},
		"undefined name":  {update{update: "SET #n = :one", values: attributes{":one": one}}, "ValidationException"},
		"unused value": {
			update{update: "SET n = :one", values: attributes{":one": one, ":two": two}},
			"ValidationException",
		},
		"unused name": {update{
			update: "SET n = :one", names: map[string]string{"#n": "name"},
			values: attributes{":one": one},
		}, "ValidationException"},
		"overlap": {
			update{update: "SET deep = :one REMOVE deep.inner", values: attributes{":one": one}},
			"ValidationException",
		},
		"twice": {
			update{update: "SET n = :one SET m = :one", values: attributes{":one": one}},
			"ValidationException",
		},
		"no such attribute": {
			update{update: "SET n = nope + :one", values: attributes{":one": one}},
			"ValidationException",
		},
		"no map": {
			update{update: "SET nope.inner = :one", values: attributes{":one": one}},
			"ValidationException",
		},
		"adding a text": {update{update: "ADD n :x", values: attributes{":x": x}}, "ValidationException"},
		"adding to a text": {
			update{update: "SET n = pk + :one", values: attributes{":one": one}},
			"ValidationException",
		},
		"DELETE": {update{update: "DELETE n :one", values: attributes{":one": one}}, "ValidationException"},
		"unknown function": {update{
			update: "SET n = :one", condition: "begins_with(pk, :x)",
			values: attributes{":one": one, ":x": x},
		}, "ValidationException"},
		"BETWEEN": {update{
			update: "SET n = :one", condition: "n BETWEEN :one AND :two",
			values: attributes{":one": one, ":two": two},
		}, "ValidationException"},
		"syntax": {update{update: "SET n == :one", values: attributes{":one": one}}, "ValidationException"},
		"no text": {
			update{update: "SET n = :one", condition: "pk = ", values: attributes{":one": one}},
			"ValidationException",
		},
		"a parenthesis open": {
			update{update: "SET n = :one", condition: "(pk = pk", values: attributes{":one": one}},
			"ValidationException",
		},
		"a sign that is not known": {update{update: "SET n = :one;", values: attributes{":one": one}}, "ValidationException"},
		"no number": {
			update{update: "SET n = :one", values: attributes{":one": numberText("one")}},
			"ValidationException",
		},
		"39 digits": {update{
			update: "SET n = :one",
			values: attributes{":one": numberText(strings.Repeat("1", 39))},
		}, "ValidationException"},
		"too large": {update{
			update: "SET n = :one",
			values: attributes{":one": textValue(strings.Repeat("x", 400<<10))},
		}, "ValidationException"},
	} {
		t.Run(name, func(t *testing.T) {
			c := stateCloud(t, nil)
			withTable(t, c, func(ctx context.Context, db *dynamodb.Client, table *string) {
				item := tableKey("a")
				item["count"], item["deep"] = numberText("5"), &types.AttributeValueMemberM{Value: attributes{"inner": one}}
				if _, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: item}); err != nil {
					t.Fatal(err)
				}
				out, err := db.UpdateItem(ctx, tt.input(table))
				got := code(err)
				if err == nil {
					delete(out.Attributes, "pk")
					delete(out.Attributes, "sk")
					got = written(out.Attributes)
				}
				if got != tt.want {
					t.Errorf("got %s (%v), want %s", got, err, tt.want)
				}
			})
		})
	}
}

// written is an item in one line, sorted by names.
func written(i attributes) string {
	var parts []string
	for name, v := range i {
		switch v := v.(type) {
		case *types.AttributeValueMemberS:
			parts = append(parts, name+"="+v.Value)
		case *types.AttributeValueMemberN:
			parts = append(parts, name+"="+v.Value)
		case *types.AttributeValueMemberM:
			parts = append(parts, name+"={"+written(v.Value)+"}")
		}
	}
	for i := range parts {
		for j := range parts[:i] {
			if parts[i] < parts[j] {
				parts[i], parts[j] = parts[j], parts[i]
			}
		}
	}
	return strings.Join(parts, " ")
}

func TestItems(t *testing.T) {
	c := stateCloud(t, nil)
	withTable(t, c, func(ctx context.Context, db *dynamodb.Client, table *string) {
		get := func() attributes {
			out, err := db.GetItem(ctx,
				&dynamodb.GetItemInput{TableName: table, Key: tableKey("b"), ConsistentRead: aws.Bool(true)})
			if err != nil {
				t.Fatal(err)
			}
			return out.Item
		}
		if got := get(); got != nil {
			t.Errorf("an item before any was put: %v", got)
		}
		once := &dynamodb.PutItemInput{
			TableName: table, Item: tableKey("b"),
			ConditionExpression: aws.String("attribute_not_exists(pk)"),
		}
		once.Item["expires"], once.Item["on"] = numberText("1"), &types.AttributeValueMemberBOOL{Value: true}
		if _, err := db.PutItem(ctx, once); err != nil {
			t.Fatal(err)
		}
		if _, err := db.PutItem(ctx, once); !is[*types.ConditionalCheckFailedException](err) {
			t.Errorf("put twice: %v", err)
		}
		if diff := cmp.Diff(once.Item, get(),
			cmp.AllowUnexported(types.AttributeValueMemberBOOL{}, types.AttributeValueMemberN{},
				types.AttributeValueMemberS{})); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		out, err := db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName:                 table,
			Key:                       tableKey("new"),
			UpdateExpression:          aws.String("ADD n :n"),
			ReturnValues:              types.ReturnValueUpdatedNew,
			ExpressionAttributeValues: attributes{":n": numberText("2")},
		})
		if err != nil || written(out.Attributes) != "n=2" {
			t.Errorf("an item that an update makes: %v, %v", out, err)
		}
		for name, item := range map[string]attributes{
			"no sort key":  {"pk": textValue("x")},
			"an empty key": {"pk": textValue("x"), "sk": textValue("")},
			"a number":     {"pk": numberText("1"), "sk": textValue("x")},
			"a set": {
				"pk": textValue("x"), "sk": textValue("x"),
				"s": &types.AttributeValueMemberSS{Value: []string{"x"}},
			},
		} {
			if _, err := db.PutItem(ctx,
				&dynamodb.PutItemInput{TableName: table, Item: item}); code(err) != "ValidationException" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := db.GetItem(ctx,
			&dynamodb.GetItemInput{
				TableName: table, Key: tableKey("b"),
				ProjectionExpression: aws.String("pk"),
			}); code(err) != "ValidationException" {
			t.Errorf("a member that is not played: %v", err)
		}
		if _, err := db.DeleteItem(ctx,
			&dynamodb.DeleteItemInput{TableName: table, Key: tableKey("b")}); code(err) != "UnknownOperationException" {
			t.Errorf("DeleteItem: %v", err)
		}
	})
	if got := len(c.Items()); got != 2 {
		t.Errorf("%d items; the one that has expired is still there", got)
	}
	if n := c.ExpireItems(); n != 1 || len(c.Items()) != 1 {
		t.Errorf("%d items expired", n)
	}
}

func TestQuery(t *testing.T) {
	c := stateCloud(t, nil)
	withTable(t, c, func(ctx context.Context, db *dynamodb.Client, table *string) {
		for _, sk := range []string{"c", "a", "b", "é"} {
			for _, pk := range []string{"trail", "told"} {
				item := attributes{"pk": textValue(pk), "sk": textValue(sk)}
				if _, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: item}); err != nil {
					t.Fatal(err)
				}
			}
		}
		query := func(in dynamodb.QueryInput, condition string) (string, attributes, error) {
			in.TableName, in.KeyConditionExpression, in.ExpressionAttributeValues = table, &condition, attributes{":pk": textValue("trail")}
			out, err := db.Query(ctx, &in)
			if err != nil {
				return "", nil, err
			}
			var got strings.Builder
			for _, i := range out.Items {
				got.WriteString(i["sk"].(*types.AttributeValueMemberS).Value) //nolint:errcheck,forcetypeassert // the table's keys are texts
			}
			return got.String(), out.LastEvaluatedKey, nil
		}
		if got, last, err := query(dynamodb.QueryInput{}, "pk = :pk"); got != "abcé" || last != nil || err != nil {
			t.Errorf("all: %s, %v, %v", got, last, err)
		}
		if got, _, err := query(dynamodb.QueryInput{ScanIndexForward: aws.Bool(false)}, "pk = :pk"); got != "écba" {
			t.Errorf("backwards: %s, %v", got, err)
		}
		got, last, err := query(dynamodb.QueryInput{Limit: aws.Int32(3)}, "pk = :pk")
		rest, end, restErr := query(dynamodb.QueryInput{ExclusiveStartKey: last}, "pk = :pk")
		if got != "abc" || rest != "é" || end != nil || err != nil || restErr != nil {
			t.Errorf("pages %s and %s, %v, %v", got, rest, err, restErr)
		}
		for _, condition := range []string{"sk = :pk", "pk > :pk", "pk = :pk AND sk = :pk", "pk = pk", ""} {
			if _, _, err := query(dynamodb.QueryInput{}, condition); code(err) != "ValidationException" {
				t.Errorf("%q: %v", condition, err)
			}
		}
	})
}

func TestPagesOfAQuery(t *testing.T) {
	c := stateCloud(t, nil)
	for i := range 9 {
		if err := c.SetItem(Item{
			"pk": map[string]any{"S": "trail"}, "sk": map[string]any{"S": fmt.Sprint(i)},
			"x": map[string]any{"S": strings.Repeat("x", 300<<10)},
		}); err != nil {
			t.Fatal(err)
		}
	}
	withTable(t, c, func(ctx context.Context, db *dynamodb.Client, table *string) {
		pages, items := 0, 0
		for p := dynamodb.NewQueryPaginator(db, &dynamodb.QueryInput{
			TableName: table, KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: attributes{":pk": textValue("trail")},
		}); p.HasMorePages(); pages++ {
			out, err := p.NextPage(ctx)
			if err != nil {
				t.Fatal(err)
			}
			items += len(out.Items)
		}
		if pages != 3 || items != 9 {
			t.Errorf("%d items in %d pages of 1 MB", items, pages)
		}
	})
}
