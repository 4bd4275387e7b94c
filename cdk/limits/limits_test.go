package limits_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"trailkeeper/cdk/limits"
)

// padded is a template with one resource, or two, of which something has the size n.
func padded(t *testing.T, resources string, n int, unit string) map[string]any {
	t.Helper()
	var tpl map[string]any
	filled := strings.ReplaceAll(resources, `"PAD"`, `"`+strings.Repeat("x", n)+`"`)
	filled = strings.ReplaceAll(filled, `"MANY"`, strings.TrimSuffix(strings.Repeat(unit+",", n), ","))
	for i := range strings.Count(filled, "#") {
		filled = strings.Replace(filled, "#", fmt.Sprint(i), 1)
	}
	if err := json.Unmarshal([]byte(`{"Resources":{`+filled+`}}`), &tpl); err != nil {
		t.Fatalf("%v in %.300s", err, filled)
	}
	return tpl
}

// TestLimits: what is exactly as large as AWS takes passes, and one more is refused in one sentence that names the
// resource and what to do.
func TestLimits(t *testing.T) {
	const role = `"R":{"Type":"AWS::IAM::Role","Properties":{`
	const function = `"F":{"Type":"AWS::Lambda::Function","Properties":{`
	const rule = `"E":{"Type":"AWS::Events::Rule","Properties":{"Name":"n",`
	const alarm = `"A":{"Type":"AWS::CloudWatch::Alarm","Properties":{"AlarmName":"n",`
	const queuePolicy = `"Q":{"Type":"AWS::SQS::QueuePolicy","Properties":{"PolicyDocument":{`
	for name, tt := range map[string]struct {
		resources, unit string
		maximum, around int // what is there besides the pad
		want            string
	}{
		"one inline policy": {
			role + `"Policies":[{"PolicyName":"p","PolicyDocument":{"a":"PAD"}}]}}`, "", 10240, len(`{"a":""}`),
			"R (AWS::IAM::Role) has 10241 characters of inline policies",
		},
		"all inline policies of a role": {
			role + `"Policies":[{"PolicyDocument":{"a":"b"}},{"PolicyDocument":{"a":"c"}}]}},
			"O":{"Type":"AWS::IAM::Policy","Properties":{"Roles":[{"Ref":"S"}],"PolicyDocument":{"of":"another role"}}},
			"P":{"Type":"AWS::IAM::Policy","Properties":{"Roles":[{"Ref":"R"}],"PolicyDocument":{"a":"PAD"}}}`,
			"", 10240, len(`{"a":""}`) + 2*len(`{"a":"b"}`), "R (AWS::IAM::Role) has 10241 characters of inline policies",
		},
		"the longest name of a queue": {
			role + `"Policies":[{"PolicyDocument":{"a":"PAD","b":{"Ref":"Queue"}}}]}},"Queue":{"Type":"AWS::SQS::Queue",` +
				`"Properties":{}}`,
			"", 10240, len(`{"a":"","b":""}`) + len(
				"https://sqs.ap-southeast-0.amazonaws.com.cn/000000000000/",
			) + len("app-Queue-0123456789abc"), "has 10241 characters",
		},
		"managed policies": {
			role + `"ManagedPolicyArns":["MANY"]}},"M":{"Type":"AWS::IAM::ManagedPolicy","Properties":{"Roles":[{"Ref":"R"}]}}`,
			`"a"`, 10, 1, "R (AWS::IAM::Role) has 11 managed policies",
		},
		"trust": {
			role + `"AssumeRolePolicyDocument":{"a":"PAD"}}}`, "", 2048, len(`{"a":""}`), "2049 characters of trust policy",
		},
		"role's words": {role + `"Description":"PAD"}}`, "", 1000, 0, "1001 characters of description"},
		"managed policy": {
			`"M":{"Type":"AWS::IAM::ManagedPolicy","Properties":{"PolicyDocument":{"a":"PAD"}}}`, "", 6144, len(`{"a":""}`),
			"M (AWS::IAM::ManagedPolicy) has 6145 characters",
		},
		"environment": {
			function + `"Environment":{"Variables":{"A":"PAD","B":"<&>"}}}}`, "", 4096, len(`{"A":"","B":"<&>"}`),
			"F (AWS::Lambda::Function) has 4097 bytes of environment",
		},
		"function's words": {function + `"Description":"PAD"}}`, "", 256, 0, "257 characters of description"},
		"pattern": {rule + `"EventPattern":{"a":["PAD"]}}}`, "", 2048, len(`{"a":[""]}`), "E (AWS::Events::Rule) " +
			"has 2049 characters of pattern"},
		"targets":      {rule + `"Targets":["MANY"]}}`, "{}", 5, 0, "6 targets"},
		"rule's words": {rule + `"Description":"PAD"}}`, "", 512, 0, "513 characters of description"},
		"input template": {
			rule + `"Targets":[{},{"InputTransformer":{"InputTemplate":"short"}},` +
				`{"InputTransformer":{"InputTemplate":"PAD"}}]}}`,
			"", 8192, 0, "8193 characters of input template",
		},
		"input paths": {
			rule + `"Targets":[{"InputTransformer":{"InputPathsMap":{"MANY"}}}]}}`, `"p#":"$"`, 100, 0, "101 input paths",
		},
		"connection": {
			`"C":{"Type":"AWS::Events::Connection","Properties":{"Description":"PAD"}}`, "", 512, 0,
			"513 characters of description",
		},
		"destination": {
			`"D":{"Type":"AWS::Events::ApiDestination","Properties":{"InvocationEndpoint":"PAD"}}`, "", 2048, 0,
			"2049 characters of endpoint",
		},
		"schedule": {
			`"S":{"Type":"AWS::Scheduler::Schedule","Properties":{"Description":"PAD"}}`, "", 512, 0,
			"513 characters of description",
		},
		"alarm's words": {alarm + `"AlarmDescription":"PAD"}}`, "", 1024, 0, "1025 characters of description"},
		"filter pattern": {
			`"M":{"Type":"AWS::Logs::MetricFilter","Properties":{"FilterPattern":"PAD"}}`, "", 1024, 0,
			"M (AWS::Logs::MetricFilter) has 1025 characters of pattern",
		},
		"alarm's actions": {alarm + `"AlarmActions":["a"],"OKActions":["MANY"]}}`, `"a"`, 5, 0, "6 actions of one state"},
		"alarm's metrics": {alarm + `"Metrics":["MANY"]}}`, `{}`, 20, 0, "21 metrics and expressions"},
		"dashboard": {
			`"D":{"Type":"AWS::CloudWatch::Dashboard","Properties":{"DashboardBody":{"Fn::Join":["",["{\"widgets\":[",` +
				`{"Fn::Join":[",",["MANY"]]},"]}"]]}}}`,
			`"{}"`, 500, 0, "501 widgets",
		},
		"topic policy": {
			`"T":{"Type":"AWS::SNS::TopicPolicy","Properties":{"PolicyDocument":{"a":"PAD"}}}`, "", 30720, len(`{"a":""}`),
			"30721 bytes",
		},
		"filter": {
			`"S":{"Type":"AWS::SNS::Subscription","Properties":{"FilterPolicy":{"MANY"}}}`, `"a#":[1]`, 5, 0,
			"6 attributes in the filter",
		},
		"queue policy": {queuePolicy + `"a":"PAD"}}}`, "", 8192, len(`{"a":""}`), "8193 bytes"},
		"statements":   {queuePolicy + `"Statement":["MANY"]}}}`, `{}`, 20, 0, "21 statements"},
		"principals": {
			queuePolicy + `"Statement":[{"Principal":"*"},{"Principal":{"Service":"s","AWS":["MANY"]}}]}}}`, `"a"`, 50, 2,
			"51 principals",
		},
		"condition keys": {
			queuePolicy + `"Statement":[{"Condition":{"Bool":{"a":1}}},{"Condition":{"Bool":{"MANY"}}}]}}}`, `"k#":1`, 10, 1,
			"11 condition keys",
		},
		"key policy": {
			`"K":{"Type":"AWS::KMS::Key","Properties":{"KeyPolicy":{"a":"PAD"}}}`, "", 32768, len(`{"a":""}`),
			"32769 bytes of key policy",
		},
		"table's policy": {
			`"T":{"Type":"AWS::DynamoDB::Table","Properties":{"ResourcePolicy":{"PolicyDocument":{"a":"PAD"}}}}`, "", 20480,
			len(`{"a":""}`), "20481 bytes of resource policy",
		},
		"bucket policy": {
			`"B":{"Type":"AWS::S3::BucketPolicy","Properties":{"PolicyDocument":{"a":"PAD"}}}`, "", 20480, len(`{"a":""}`),
			"20481 bytes",
		},
		"tags": {`"K":{"Type":"AWS::KMS::Key","Properties":{"Tags":["MANY"]}}`, `{}`, 50, 0, "51 tags"},
		"of a kind": {`"MANY"`, `"S#":{"Type":"AWS::SNS::Subscription"}`, 200, 0, "201 resources of type " +
			"AWS::SNS::Subscription"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := limits.Check(padded(t, tt.resources, tt.maximum-tt.around, tt.unit), "app"); err != nil {
				t.Errorf("at the limit: %v", err)
			}
			says := map[bool]string{true: "Trailkeeper makes at most %d of a type", false: "AWS takes %d: "}[name == "of a kind"]
			err := limits.Check(padded(t, tt.resources, tt.maximum-tt.around+1, tt.unit), "app")
			if err == nil || !strings.Contains(err.Error(), tt.want) ||
				!strings.Contains(err.Error(), fmt.Sprintf(says, tt.maximum)) ||
				strings.Contains(err.Error(), "\n") {
				t.Errorf("one more: %v; want one sentence with %q", err, tt.want)
			}
		})
	}
}

// TestLimitsOfTheWhole: the sections of a template, each counted for itself, and every problem at once.
func TestLimitsOfTheWhole(t *testing.T) {
	tpl := map[string]any{
		"Resources":   map[string]any{},
		"Outputs":     map[string]any{},
		"Description": strings.Repeat("x", 1_000_000),
	}
	for i := range 501 {
		kind := fmt.Sprintf("Kind%d", i%3)
		tpl["Resources"].(map[string]any)[fmt.Sprintf("R%d", i)] = map[string]any{"Type": kind}
		if i < 201 {
			tpl["Outputs"].(map[string]any)[fmt.Sprintf("O%d", i)] = map[string]any{}
		}
	}
	err := limits.Check(tpl, "app")
	for _, want := range []string{"bytes; AWS takes 1000000", "501 resources; AWS takes 500", "201 outputs; AWS takes " +
		"200"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want it to say %q", err, want)
		}
	}
}
