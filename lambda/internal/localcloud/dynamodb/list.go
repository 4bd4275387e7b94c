package dynamodb

import (
	"cmp"
	"maps"
	"slices"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// mostListed is how many tables DynamoDB lists at once (ListTables).
const mostListed = 100

// listTables lists those of the call's account and Region, by a table's name in place of a token.
func (s *Tables) listTables(cl *kernel.Call) (any, *kernel.Error) {
	a := policy.Access{Action: "dynamodb:ListTables", Resource: "*"}
	if failed := s.kernel.May(cl, a, nil); failed != nil {
		return nil, failed
	}
	if _, _, failed := cl.Number("Limit", 1, mostListed); failed != nil {
		return nil, invalid("%s", failed.Message)
	}
	after := cl.Text("ExclusiveStartTableName")
	var names []string
	for _, arn := range slices.Sorted(maps.Keys(s.tables)) {
		name := s.tables[arn].name()
		if kernel.SiteOf(arn) == cl.Site() && !s.kernel.Deleted(arn) &&
			name > after {
			names = append(names, name)
		}
	}
	page, next, failed := wire.Page(cl, names, wire.Paging{Limit: "Limit", Most: mostListed})
	out := map[string]any{"TableNames": page}
	if next != "" {
		out["LastEvaluatedTableName"] = page[len(page)-1]
	}
	return out, failed
}

func (t *table) name() string { return kernel.ARN(t.arn).Resource[len("table/"):] }

func (s *Tables) describe(t *table) map[string]any {
	kinds, size := []string{"HASH", "RANGE"}, 0
	var schema, defined []any
	for i, name := range t.keys {
		schema = append(schema, map[string]any{"AttributeName": name, "KeyType": kinds[i]})
		defined = append(defined, map[string]any{"AttributeName": name, "AttributeType": "S"})
	}
	for _, i := range t.items {
		size += i.size()
	}
	out := map[string]any{
		"TableName":            t.name(),
		"TableArn":             t.arn,
		"TableId":              kernel.UUID("table", t.arn),
		"TableStatus":          "ACTIVE",
		"CreationDateTime":     s.kernel.Began,
		"KeySchema":            schema,
		"AttributeDefinitions": defined,
		"ItemCount":            len(t.items),
		"TableSizeBytes":       size,
		"BillingModeSummary":   map[string]any{"BillingMode": "PAY_PER_REQUEST"},
	}
	if t.protected {
		out["DeletionProtectionEnabled"] = true
	}
	if t.sse {
		out["SSEDescription"] = map[string]any{"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": s.keyARN(t)}
	}
	return out
}

// keyARN is that of the table's key; without one of its own it is the account's for DynamoDB.
func (s *Tables) keyARN(t *table) string {
	arn, _ := s.kernel.UseKey(kernel.KeyUse{Key: cmp.Or(t.key, "alias/aws/dynamodb"), Site: kernel.SiteOf(t.arn)})
	return arn
}

func (s *Tables) describeTable(_ *kernel.Call, t *table) (any, *kernel.Error) {
	return map[string]any{"Table": s.describe(t)}, nil
}
