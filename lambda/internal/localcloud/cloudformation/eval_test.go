package cloudformation

import (
	"encoding/json"
	"strings"
	"testing"

	"trailkeeper/events"

	"github.com/google/go-cmp/cmp"
)

func TestEvaluate(t *testing.T) {
	const account = "111122223333"
	types := map[string]Type{
		"A::Topic": {Name: "Name", Attributes: func(p Place, _, name string) map[string]string {
			return map[string]string{"Ref": p.ARN("sns", name), "TopicName": name}
		}},
		"A::Alarm": {Name: "AlarmName", Attributes: RefToName},
		"A::Queue": {Name: "Name", Attributes: func(p Place, _, name string) map[string]string {
			return map[string]string{"Ref": name, "Arn": p.ARN("sqs", name)}
		}},
	}
	e, err := Read([]byte(`{"Resources": {
		"Topic00000001": {"Type": "A::Topic"}, "Dead00000001": {"Type": "A::Queue"},
		"DeadAlarm00000001": {"Type": "A::Alarm", "Properties": {"AlarmName": {"Fn::Join": ["/", [{"Ref": "AWS::StackName"},
		"dead"]]}}}
	}}`), Place{
		events.Place{Partition: "aws-cn", Region: "cn-north-1", Account: account}, "app",
	}, map[string]string{"s": `{"key":"value"}`, "plain": "text"}, types)
	if err != nil {
		t.Fatal(err)
	}
	for expression, want := range map[string]any{
		`{"Ref":"AWS::AccountId"}`: account,
		`{"Ref":"AWS::URLSuffix"}`: "amazonaws.com.cn",
		`{"Ref":"AWS::StackName"}`: "app",
		`{"Ref":"Topic00000001"}`:  "arn:aws-cn:sns:cn-north-1:111122223333:" + generatedName("app", "Topic00000001"),
		`{"Fn::GetAtt":["Topic00000001","TopicName"]}`: generatedName("app",
			"Topic00000001"),
		`{"Fn::GetAtt":"Dead00000001.Arn"}`: "arn:aws-cn:sqs:cn-north-1:111122223333:" +
			generatedName("app", "Dead00000001"),
		`{"Ref":"DeadAlarm00000001"}`:                      "app/dead",
		`{"Fn::Join":["-",["a",{"Ref":"AWS::Region"},7]]}`: "a-cn-north-1-7",
		`{"Fn::Sub":"${AWS::Region}/${Topic00000001.TopicName}/${!x}"}`: "cn-north-1/" +
			generatedName("app", "Topic00000001") + "/${x}",
		`{"Fn::Sub":["${a}b",{"a":{"Ref":"AWS::Partition"}}]}`:                                 "aws-cnb",
		`"{{resolve:secretsmanager:s:SecretString:key::}}"`:                                    "value",
		`"x{{resolve:secretsmanager:plain}}y"`:                                                 "xtexty",
		`{"Fn::Join":["",["{{resolve:secretsmanager:","s",":SecretString:key:AWSCURRENT}}"]]}`: "value",
		`{"a":{"Ref":"AWS::NoValue"},
			"b":[{"Ref":"AWS::NoValue"},1]}`: map[string]any{"b": []any{float64(1)}},
		`{"Ref":"AWS::Region","other":1}`: map[string]any{
			"Ref": "AWS::Region", "other": float64(1),
		},
	} {
		var v any
		if err := json.Unmarshal([]byte(expression), &v); err != nil {
			t.Fatal(err)
		}
		got, err := e.eval(numbers(v))
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		if diff := cmp.Diff(want, plain(got)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", expression, diff)
		}
	}
}

// numbers writes numbers as the template's decoder does.
func numbers(v any) any {
	raw, _ := json.Marshal(v)
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.UseNumber()
	var out any
	_ = dec.Decode(&out)
	return out
}

func plain(v any) any {
	raw, _ := json.Marshal(v)
	var out any
	_ = json.Unmarshal(raw, &out)
	return out
}

func TestNamesAreStable(t *testing.T) {
	if a, b := generatedName("app", "Queue"), generatedName("app", "Queue"); a != b ||
		!strings.HasPrefix(a, "app-Queue-") {
		t.Errorf("%s, %s", a, b)
	}
	if got := ShortID("GuardFunction9CCE20FB"); got != "GuardFunction" {
		t.Errorf("short ID %s", got)
	}
	if got := ShortID("AlarmRaised"); got != "AlarmRaised" {
		t.Errorf("short ID %s", got)
	}
}
