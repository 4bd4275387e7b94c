package stack_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/golden"
)

// dependsOn reports whether CloudFormation makes a resource after another: by DependsOn or by any reference, at any
// remove.
func (tpl template) dependsOn(id, on string) bool {
	seen := map[string]bool{}
	var walk func(id string)
	walk = func(id string) {
		r := object(object(tpl["Resources"])[id])
		for _, next := range references(map[string]any{"r": r["Properties"], "d": r["DependsOn"]}, r["DependsOn"]) {
			if _, isResource := object(tpl["Resources"])[next]; isResource && !seen[next] {
				seen[next] = true
				walk(next)
			}
		}
	}
	walk(id)
	return seen[on]
}

// references are the logical IDs that a value refers to, and those of a DependsOn.
func references(v, dependsOn any) []string {
	var ids []string
	for _, id := range list(dependsOn) {
		ids = append(ids, id.(string))
	}
	if id := target(v); id != "" {
		return append(ids, id)
	}
	switch v := v.(type) {
	case map[string]any:
		for _, value := range v {
			ids = append(ids, references(value, nil)...)
		}
	case []any:
		for _, value := range v {
			ids = append(ids, references(value, nil)...)
		}
	}
	return ids
}

// TestTable: what the issue asks of the state table, as a whole.
func TestTable(t *testing.T) {
	tpl := goldenTemplate(t, "everything")
	id, table := tpl.only(t, "AWS::DynamoDB::Table", "StateTable")
	policy := allowed("OnlyWriters", []any{
		"dynamodb:BatchWriteItem",
		"dynamodb:DeleteItem",
		"dynamodb:PartiQLDelete",
		"dynamodb:PartiQLInsert",
		"dynamodb:PartiQLUpdate",
		"dynamodb:PutItem",
		"dynamodb:UpdateItem",
	}, "*", "*", map[string]any{
		"ArnNotEquals": map[string]any{
			"aws:PrincipalArn": []any{
				"GuardRole.Arn",
				"arn:aws:iam::111122223333:role/trailkeeper/trailkeeper-all-warden-eu-west-1",
				"arn:aws:iam::111122223333:role/ops/BreakGlass",
			},
		},
	})
	policy["Effect"] = "Deny"
	delete(table, "Tags") // TestStackProperties
	want := map[string]any{
		"AttributeDefinitions": []any{
			map[string]any{
				"AttributeName": "pk",
				"AttributeType": "S",
			},
			map[string]any{"AttributeName": "sk", "AttributeType": "S"},
		},
		"KeySchema": []any{
			map[string]any{"AttributeName": "pk", "KeyType": "HASH"}, map[string]any{"AttributeName": "sk", "KeyType": "RANGE"},
		},
		"BillingMode":                      "PAY_PER_REQUEST",
		"DeletionProtectionEnabled":        true,
		"PointInTimeRecoverySpecification": map[string]any{"PointInTimeRecoveryEnabled": true},
		"TimeToLiveSpecification":          map[string]any{"AttributeName": "expires", "Enabled": true},
		"SSESpecification": map[string]any{
			"SSEEnabled":     true,
			"SSEType":        "KMS",
			"KMSMasterKeyId": "DataKey.Arn",
		},
		"ResourcePolicy": map[string]any{"PolicyDocument": document(policy)},
	}
	if diff := cmp.Diff(any(want), plain(table)); diff != "" {
		t.Errorf("the table (-want +got):\n%s", diff)
	}
	if !retained(tpl, id) {
		t.Error("the table goes with the stack")
	}
	_, grants := tpl.only(t, "AWS::IAM::Policy", "StateGrants")
	key := allowed(
		"StateKey",
		[]any{"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"},
		nil,
		"DataKey.Arn",
		map[string]any{"StringEquals": map[string]any{"kms:ViaService": "dynamodb.eu-west-1.amazonaws.com"}},
	)
	statements := list(object(plain(grants["PolicyDocument"]))["Statement"])
	if !slices.ContainsFunc(statements, func(s any) bool { return cmp.Equal(s, any(key)) }) {
		t.Errorf("no statement is %s; there are %s", text(key), text(statements))
	}
}

// TestTableComesFirst: the function starts with its grants on the table, and nothing that the table needs needs the
// table. That there is no cycle at all is CDK's to say; see synth.
func TestTableComesFirst(t *testing.T) {
	for _, name := range golden.Names() {
		tpl := goldenTemplate(t, name)
		if len(tpl.resources("AWS::DynamoDB::Table")) == 0 {
			continue
		}
		table, _ := tpl.only(t, "AWS::DynamoDB::Table", "StateTable")
		grants, _ := tpl.only(t, "AWS::IAM::Policy", "StateGrants")
		role, _ := tpl.only(t, "AWS::IAM::Role", "GuardRole")
		function, _ := tpl.only(t, "AWS::Lambda::Function", "GuardFunction")
		if !tpl.dependsOn(function, grants) || !tpl.dependsOn(grants, table) || !tpl.dependsOn(table, role) {
			t.Errorf("%s: want the role before the table, the table before the grants, and the grants before the function", name)
		}
		for id := range object(tpl["Resources"]) {
			if tpl.dependsOn(id, id) {
				t.Errorf("%s: %s depends on itself", name, id)
			}
		}
	}
}

// retained reports whether a resource stays when the stack goes, or when it is replaced.
func retained(tpl template, id string) bool {
	r := object(object(tpl["Resources"])[id])
	return r["DeletionPolicy"] == "Retain" && r["UpdateReplacePolicy"] == "Retain"
}
