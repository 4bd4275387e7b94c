package localcloud

import (
	"context"
	"errors"
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

// TestConditions: what a condition may say, of an item with a count and a text. What no document needs is refused.
func TestConditions(t *testing.T) {
	one, five, x, word := numberText("1"), numberText("5.00"), textValue("x"), func(s string) attributes {
		return attributes{":t": textValue(s)}
	}
	const met, failed, refused = "", "ConditionalCheckFailedException", "ValidationException"
	for name, tt := range map[string]struct {
		condition string
		values    attributes
		want      string
	}{
		"equal":                  {"colour = :x", attributes{":x": x}, met},
		"another text":           {"colour = :x", attributes{":x": textValue("y")}, failed},
		"a text and a number":    {"colour = :x", attributes{":x": one}, refused},
		"numbers by value":       {"n = :n", attributes{":n": five}, refused},
		"another number":         {"n = :n", attributes{":n": one}, refused},
		"absent":                 {"nope = :x", attributes{":x": x}, failed},
		"there":                  {"attribute_exists(n)", nil, met},
		"there, absent":          {"attribute_exists(nope)", nil, failed},
		"not there":              {"attribute_not_exists(pk)", nil, failed},
		"not there, absent":      {"attribute_not_exists(nope)", nil, met},
		"type":                   {"attribute_type(n, :t)", word("N"), met},
		"another type":           {"attribute_type(n, :t)", word("S"), failed},
		"the type of a map":      {"attribute_type(n, :t)", word("M"), failed},
		"type of what is absent": {"attribute_type(nope, :t)", word("S"), failed},
		"no such type":           {"attribute_type(n, :t)", word("STRING"), refused},
		"type that is no text":   {"attribute_type(n, :t)", attributes{":t": one}, refused},
		"type without a value":   {"attribute_type(n, n)", nil, refused},
		"type of one argument":   {"attribute_type(n)", nil, refused},
		"NOT":                    {"NOT attribute_type(n, :t)", word("S"), met},
		"NOT, parentheses":       {"NOT (attribute_exists(n) AND attribute_exists(nope))", nil, refused},
		"OR":                     {"attribute_exists(nope) OR colour = :x", attributes{":x": x}, met},
		"OR of none":             {"attribute_exists(nope) OR attribute_not_exists(n)", nil, failed},
		"or":                     {"attribute_exists(nope) or colour = :x", attributes{":x": x}, refused},
		"AND":                    {"attribute_exists(n) AND NOT attribute_type(n, :t)", word("S"), met},
		"AND of one":             {"attribute_exists(n) AND attribute_exists(nope)", nil, failed},
		"NOT NOT":                {"NOT NOT attribute_exists(n)", nil, refused},
		"two of a type":          {"attribute_exists(n, :t)", word("S"), refused},
		"AND before OR": {
			"attribute_exists(n) OR attribute_exists(n) AND attribute_exists(nope)", nil, met,
		},
		"parentheses before AND": {
			"(attribute_exists(n) OR attribute_exists(n)) AND attribute_exists(nope)", nil, refused,
		},
		"reserved word":            {"attribute_exists(window)", nil, refused},
		"reserved word, compared":  {"window = :x", attributes{":x": x}, refused},
		"reserved word, typed":     {"attribute_type(window, :t)", word("S"), refused},
		"undefined value":          {"n = :m", attributes{":n": one}, refused},
		"unused value":             {"n = :n", attributes{":n": one, ":m": one}, refused},
		"unused, no condition":     {"", attributes{":n": one}, refused},
		"unknown function":         {"begins_with(pk, :x)", attributes{":x": x}, refused},
		"BETWEEN":                  {"n BETWEEN :a AND :b", attributes{":a": one, ":b": one}, refused},
		"order":                    {"n < :n", attributes{":n": one}, refused},
		"difference":               {"n <> :n", attributes{":n": one}, refused},
		"a path":                   {"attribute_exists(deep.inner)", nil, refused},
		"a name's placeholder":     {"attribute_exists(#n)", nil, refused},
		"two attributes":           {"n = colour", nil, refused},
		"value first":              {":n = n", attributes{":n": five}, refused},
		"syntax":                   {"n == :n", attributes{":n": one}, refused},
		"no value":                 {"n = ", nil, refused},
		"a parenthesis open":       {"(n = :n", attributes{":n": one}, refused},
		"a parenthesis too many":   {"n = :n)", attributes{":n": one}, refused},
		"a sign that is not known": {"n = :n;", attributes{":n": one}, refused},
		"blank":                    {" ", nil, refused},
		"no number":                {"n = :n", attributes{":n": numberText("one")}, refused},
		"39 digits":                {"n = :n", attributes{":n": numberText(strings.Repeat("1", 39))}, refused},
		"38 digits":                {"n = :n", attributes{":n": numberText(strings.Repeat("1", 38))}, refused},
	} {
		t.Run(name, func(t *testing.T) {
			c := stateCloud(t, nil)
			withTable(t, c, func(ctx context.Context, db *dynamodb.Client, table *string) {
				item := tableKey("a")
				item["n"], item["colour"] = numberText("5"), x
				in := &dynamodb.PutItemInput{TableName: table, Item: item}
				if _, err := db.PutItem(ctx, in); err != nil {
					t.Fatal(err)
				}
				if in.ExpressionAttributeValues = tt.values; tt.condition != "" {
					in.ConditionExpression = &tt.condition
				}
				if _, err := db.PutItem(ctx, in); code(err) != tt.want {
					t.Errorf("%v, want %q", err, tt.want)
				}
			})
		})
	}
}

// TestWhatAConditionFound: a refused write says what there is, where it is asked to and there is something.
func TestWhatAConditionFound(t *testing.T) {
	c := stateCloud(t, nil)
	withTable(t, c, func(ctx context.Context, db *dynamodb.Client, table *string) {
		item := tableKey("a")
		item["n"] = numberText("5")
		if _, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: item}); err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			sk     string
			wanted types.ReturnValuesOnConditionCheckFailure
			want   int
		}{{"a", "ALL_OLD", 3}, {"a", "NONE", 0}, {"a", "", 0}, {"b", "ALL_OLD", 0}} {
			_, err := db.PutItem(ctx, &dynamodb.PutItemInput{
				TableName:                           table,
				Item:                                tableKey(test.sk),
				ConditionExpression:                 aws.String("attribute_exists(nope)"),
				ReturnValuesOnConditionCheckFailure: test.wanted,
			})
			refused, ok := errors.AsType[*types.ConditionalCheckFailedException](err)
			if !ok || len(refused.Item) != test.want {
				t.Errorf("%+v: %v", test, err)
			}
		}
		_, err := db.PutItem(ctx, &dynamodb.PutItemInput{
			TableName:                           table,
			Item:                                tableKey("a"),
			ReturnValuesOnConditionCheckFailure: "ALL_NEW",
		})
		if code(err) != "ValidationException" {
			t.Errorf("another word: %v", err)
		}
	})
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
		once.Item["expires"], once.Item["on"] = numberText("1"), textValue("yes")
		if _, err := db.PutItem(ctx, once); err != nil {
			t.Fatal(err)
		}
		if _, err := db.PutItem(ctx, once); !is[*types.ConditionalCheckFailedException](err) {
			t.Errorf("put twice: %v", err)
		}
		if diff := cmp.Diff(once.Item, get(),
			cmp.AllowUnexported(types.AttributeValueMemberN{},
				types.AttributeValueMemberS{})); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		for name, item := range map[string]attributes{
			"no sort key":  {"pk": textValue("x")},
			"an empty key": {"pk": textValue("x"), "sk": textValue("")},
			"a number":     {"pk": numberText("1"), "sk": textValue("x")},
			"too large":    {"pk": textValue("x"), "sk": textValue("x"), "s": textValue(strings.Repeat("x", 400<<10))},
			"39 digits":    {"pk": textValue("x"), "sk": textValue("x"), "n": numberText(strings.Repeat("1", 39))},
			"no number":    {"pk": textValue("x"), "sk": textValue("x"), "n": numberText("1x")},
			"a fraction":   {"pk": textValue("x"), "sk": textValue("x"), "n": numberText("1.5")},
			"a map":        {"pk": textValue("x"), "sk": textValue("x"), "m": &types.AttributeValueMemberM{}},
			"a list":       {"pk": textValue("x"), "sk": textValue("x"), "l": &types.AttributeValueMemberL{}},
			"a boolean":    {"pk": textValue("x"), "sk": textValue("x"), "b": &types.AttributeValueMemberBOOL{}},
			"nothing":      {"pk": textValue("x"), "sk": textValue("x"), "b": &types.AttributeValueMemberNULL{Value: true}},
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
		if _, err := db.GetItem(ctx,
			&dynamodb.GetItemInput{TableName: table, Key: tableKey("b")}); code(err) != "ValidationException" {
			t.Errorf("a weak read: %v", err)
		}
		if _, err := db.UpdateItem(ctx,
			&dynamodb.UpdateItemInput{TableName: table, Key: tableKey("b")}); code(err) != "NotImplemented" {
			t.Errorf("UpdateItem: %v", err)
		}
		if _, err := db.DeleteItem(ctx,
			&dynamodb.DeleteItemInput{TableName: table, Key: tableKey("b")}); code(err) != "NotImplemented" {
			t.Errorf("DeleteItem: %v", err)
		}
	})
	if got := len(c.Items()); got != 1 {
		t.Errorf("%d items; the one that has expired is still there", got)
	}
	if n := c.ExpireItems(); n != 1 || len(c.Items()) != 0 {
		t.Errorf("%d items expired", n)
	}
}

func TestQuery(t *testing.T) {
	c := stateCloud(t, nil)
	withTable(t, c, func(ctx context.Context, db *dynamodb.Client, table *string) {
		for _, sk := range []string{"c", "a", "b", "é"} {
			for _, pk := range []string{"trail", "told", "trail\x00", "trail\x00\x01a"} {
				item := attributes{"pk": textValue(pk), "sk": textValue(sk)}
				if _, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: item}); err != nil {
					t.Fatal(err)
				}
			}
		}
		query := func(in dynamodb.QueryInput, condition string) (string, attributes, error) {
			in.TableName, in.KeyConditionExpression, in.ConsistentRead = table, &condition, aws.Bool(true)
			in.ExpressionAttributeValues = attributes{":pk": textValue("trail")}
			out, err := db.Query(ctx, &in)
			if err != nil {
				return "", nil, err
			}
			var got strings.Builder
			for _, i := range out.Items {
				got.WriteString(
					i["sk"].(*types.AttributeValueMemberS).Value,
				) //nolint:errcheck,forcetypeassert // the table's keys are texts
			}
			return got.String(), out.LastEvaluatedKey, nil
		}
		if got, last, err := query(dynamodb.QueryInput{}, "pk = :pk"); got != "abcé" || last != nil || err != nil {
			t.Errorf("all: %s, %v, %v", got, last, err)
		}
		from := attributes{"pk": textValue("trail"), "sk": textValue("b")}
		if got, last, err := query(dynamodb.QueryInput{ExclusiveStartKey: from}, "pk = :pk"); got != "cé" || last != nil {
			t.Errorf("from b: %s, %v, %v", got, last, err)
		}
		from["sk"] = textValue("bb") // which is not there
		if got, last, err := query(dynamodb.QueryInput{ExclusiveStartKey: from}, "pk = :pk"); got != "cé" || last != nil {
			t.Errorf("from bb: %s, %v, %v", got, last, err)
		}
		for name, in := range map[string]dynamodb.QueryInput{
			"a limit":   {Limit: aws.Int32(3)},
			"backwards": {ScanIndexForward: aws.Bool(false)},
			"no key":    {ExclusiveStartKey: attributes{"pk": textValue("trail")}},
			"elsewhere": {ExclusiveStartKey: attributes{"pk": textValue("told"), "sk": textValue("b")}},
		} {
			if _, _, err := query(in, "pk = :pk"); code(err) != "ValidationException" {
				t.Errorf("%s: %v", name, err)
			}
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
			TableName:                 table,
			KeyConditionExpression:    aws.String("pk = :pk"),
			ExpressionAttributeValues: attributes{":pk": textValue("trail")},
			ConsistentRead:            aws.Bool(true),
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
