package checks_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/deployment"
)

const tableARN = "arn:aws:dynamodb:eu-west-1:111122223333:table/trailkeeper-State"

func tableDeployed(t *testing.T) deployment.Deployed {
	t.Helper()
	return deployment.Deployed{
		ID: "State", Type: "AWS::DynamoDB::Table", Name: "trailkeeper-State", ARN: tableARN,
		Properties: object(t, `{"DeletionProtectionEnabled": true, "BillingMode": "PAY_PER_REQUEST", "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": true},
			"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true},
			"SSESpecification": {"SSEEnabled": true, "SSEType": "KMS", "KMSMasterKeyId": "arn:k"},
			"ResourcePolicy": {"PolicyDocument": `+strings.ReplaceAll(queuePolicy, "sqs:*", "dynamodb:PutItem")+`}}`),
	}
}

// tableThere is DynamoDB where the table is as it was deployed.
func tableThere(t *testing.T) *service {
	t.Helper()
	return &service{answers: map[string]any{
		"DescribeTable": object(t, `{"Table": {"TableStatus": "ACTIVE", "DeletionProtectionEnabled": true,
			"BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
			"ProvisionedThroughput": {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0, "NumberOfDecreasesToday": 0},
			"SSEDescription": {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": "arn:k"}}}`),
		"GetResourcePolicy":  map[string]any{"Policy": strings.ReplaceAll(queuePolicy, "sqs:*", "dynamodb:PutItem")},
		"DescribeTimeToLive": object(t, `{"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}}`),
		"DescribeContinuousBackups": object(t, `{"ContinuousBackupsDescription": {"ContinuousBackupsStatus": "ENABLED",
			"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "ENABLED"}}}`),
		"PutResourcePolicy": map[string]any{},
	}}
}

// of is an object in an answer.
func (s *service) of(operation string, path ...string) map[string]any {
	at, _ := s.answers[operation].(map[string]any)
	for _, name := range path {
		at, _ = at[name].(map[string]any)
	}
	return at
}

// TestTableWithout: what the template does not have is compared as well.
func TestTableWithout(t *testing.T) {
	const usual = `{"TableStatus": "ACTIVE", "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"}}`
	disabled := `{"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}`
	for name, test := range map[string]struct{ deployed, there, ttl, want string }{
		"nothing": {`{}`, usual, disabled, ""},
		"nothing, that is being switched off": {
			`{}`, usual, `{"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLING", "AttributeName": "x"}}`, "",
		},
		"everything expires": {
			`{}`, usual, `{"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLING", "AttributeName": "seen"}}`,
			"TimeToLiveSpecification.AttributeName: none -> seen",
		},
		"switched off in the template": {
			`{"TimeToLiveSpecification": {"AttributeName": "x", "Enabled": false}}`, usual, disabled, "",
		},
		"the account's key": {
			`{"SSESpecification": {"SSEEnabled": true}}`,
			`{"TableStatus": "ACTIVE", "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
			  "SSEDescription": {"Status": "ENABLED", "KMSMasterKeyArn": "arn:aws"}}`, disabled, "",
		},
		"a key of somebody's": {
			`{}`, `{"TableStatus": "ACTIVE", "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
			  "SSEDescription": {"Status": "UPDATING", "KMSMasterKeyArn": "arn:evil"}}`, disabled,
			"SSESpecification.SSEEnabled: none -> UPDATING\nSSESpecification.KMSMasterKeyId: none -> arn:evil",
		},
	} {
		of := deployment.Deployed{ID: "State", Type: "AWS::DynamoDB::Table", Name: "t", ARN: tableARN, Properties: object(t, test.deployed)}
		of.Properties["BillingMode"] = "PAY_PER_REQUEST"
		s := &service{answers: map[string]any{
			"DescribeTable": map[string]any{"Table": object(t, test.there)}, "DescribeTimeToLive": object(t, test.ttl),
			"GetResourcePolicy": refused("PolicyNotFoundException"),
		}}
		if found, err := s.check(t, of); err != nil || fields(found) != test.want {
			t.Errorf("%s: %v\n%s\nwant %s", name, err, fields(found), test.want)
		}
	}
}

func TestTable(t *testing.T) {
	for name, test := range map[string]struct {
		change  func(s *service)
		want    string
		repairs int
	}{
		"as deployed": {func(*service) {}, "", 0},
		"updating":    {func(s *service) { s.of("DescribeTable", "Table")["TableStatus"] = "UPDATING" }, "", 0},
		"deleting": {
			func(s *service) { s.of("DescribeTable", "Table")["TableStatus"] = "DELETING" }, "TableStatus: ACTIVE -> DELETING", 0,
		},
		"without its key": {
			func(s *service) {
				s.of("DescribeTable", "Table")["TableStatus"] = "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
			}, "TableStatus: ACTIVE -> INACCESSIBLE_ENCRYPTION_CREDENTIALS", 0,
		},
		"unprotected": {
			func(s *service) { delete(s.of("DescribeTable", "Table"), "DeletionProtectionEnabled") },
			"DeletionProtectionEnabled: true -> false", 0,
		},
		"another key": {
			func(s *service) { s.of("DescribeTable", "Table", "SSEDescription")["KMSMasterKeyArn"] = "arn:evil" },
			"SSESpecification.KMSMasterKeyId: arn:k -> arn:evil", 0,
		},
		"no key": {
			func(s *service) { delete(s.of("DescribeTable", "Table"), "SSEDescription") },
			"SSESpecification.SSEEnabled: true -> none\nSSESpecification.KMSMasterKeyId: arn:k -> none", 0,
		},
		"a bound of one call a second": {
			func(s *service) {
				s.of("DescribeTable", "Table")["OnDemandThroughput"] = map[string]any{"MaxReadRequestUnits": 1.0, "MaxWriteRequestUnits": -1.0}
			}, "OnDemandThroughput.MaxReadRequestUnits: -1 -> 1", 0,
		},
		"one call a second": {
			func(s *service) {
				s.of("DescribeTable", "Table", "BillingModeSummary")["BillingMode"] = "PROVISIONED"
				s.of("DescribeTable", "Table", "ProvisionedThroughput")["WriteCapacityUnits"] = 1.0
			}, "BillingMode: PAY_PER_REQUEST -> PROVISIONED\nProvisionedThroughput.WriteCapacityUnits: 0 -> 1", 0,
		},
		"a stream": {
			func(s *service) {
				s.of("DescribeTable", "Table")["StreamSpecification"] = map[string]any{"StreamViewType": "NEW_IMAGE"}
			}, "StreamSpecification.StreamViewType: none -> NEW_IMAGE", 0,
		},
		"nothing expires": {
			func(s *service) {
				s.answers["DescribeTimeToLive"] = map[string]any{"TimeToLiveDescription": map[string]any{"TimeToLiveStatus": "DISABLED"}}
			},
			"TimeToLiveSpecification.AttributeName: expires -> none", 0,
		},
		"everything expires": {
			func(s *service) { s.of("DescribeTimeToLive", "TimeToLiveDescription")["AttributeName"] = "seen" },
			"TimeToLiveSpecification.AttributeName: expires -> seen", 0,
		},
		"no recovery": {
			func(s *service) {
				s.of("DescribeContinuousBackups", "ContinuousBackupsDescription", "PointInTimeRecoveryDescription")["PointInTimeRecoveryStatus"] = "DISABLED"
			},
			"PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled: true -> DISABLED", 0,
		},
		"policy lifted": {
			func(s *service) { s.answers["GetResourcePolicy"] = refused("PolicyNotFoundException") },
			`ResourcePolicy: 1 statements, of which only here: {"Action":["dynamodb:putitem"],"Condition":{"Bool":{"aws:securetransport":["false"]}},` +
				`"Effect":"Deny","Principal":{"AWS":["*"]},"Resource":["arn:q"]} -> none`, 1,
		},
		"gone": {
			func(s *service) { s.answers["DescribeTable"] = refused("ResourceNotFoundException") },
			"resource: the table trailkeeper-State -> none", 0,
		},
	} {
		s := tableThere(t)
		test.change(s)
		found, err := s.check(t, tableDeployed(t))
		if diff := cmp.Diff(test.want, fields(found)); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
		if asked := s.repair(t, found); len(asked) != test.repairs || test.repairs == 1 &&
			!strings.HasPrefix(asked[0], `eu-west-1 PutResourcePolicy {"Policy":"{\"Statement\":[{\"Action\":\"dynamodb:PutItem\"`) {
			t.Errorf("%s: repaired by %v", name, asked)
		}
	}
}

// TestTableNotSeen: what was found before a call that fails counts.
func TestTableNotSeen(t *testing.T) {
	for _, operation := range []string{"DescribeTable", "GetResourcePolicy", "DescribeTimeToLive", "DescribeContinuousBackups"} {
		s := tableThere(t)
		delete(s.of("DescribeTable", "Table"), "DeletionProtectionEnabled")
		s.answers[operation] = refused("AccessDeniedException")
		found, err := s.check(t, tableDeployed(t))
		if err == nil || len(found) > 1 || (len(found) == 0) != (operation == "DescribeTable") {
			t.Errorf("%s: %v %s", operation, err, text(found))
		}
	}
}

// TestPlainTable: a table of the template without a policy, key or time to live; what it has more is a difference.
func TestPlainTable(t *testing.T) {
	of := deployment.Deployed{ID: "State", Type: "AWS::DynamoDB::Table", Name: "trailkeeper-State", ARN: tableARN}
	s := tableThere(t)
	found, err := s.check(t, of)
	want := "DeletionProtectionEnabled: false -> true\nSSESpecification.SSEEnabled: none -> ENABLED\n" +
		"SSESpecification.KMSMasterKeyId: none -> arn:k\n"
	if err != nil || !strings.HasPrefix(fields(found), want) || len(s.repair(t, found)) > 0 ||
		!strings.Contains(fields(found), "TimeToLiveSpecification.AttributeName: none -> expires") {
		t.Errorf("%v %s", err, text(found))
	}
}
