package main_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"trailkeeper/cdk/golden"
)

// Where the stack of the tests is deployed.
const account, where = "111122223333", "eu-west-1"

// deployed is a golden template, with the names that CloudFormation would give.
type deployed struct {
	stack     string
	resources map[string]resource
}

type resource struct {
	Type       string
	Properties map[string]any
}

func deploy(t *testing.T, variant string) deployed {
	t.Helper()
	raw, ok := golden.Variant(variant)
	if !ok {
		t.Fatalf("cdk/golden has no %s.json", variant)
	}
	var template struct{ Resources map[string]resource }
	if err := json.Unmarshal(raw, &template); err != nil || len(template.Resources) == 0 {
		t.Fatalf("%s: %v", variant, err)
	}
	d := deployed{resources: template.Resources}
	for _, r := range template.Resources {
		if name, _ := r.Properties["Name"].(string); r.Type == "AWS::Events::Rule" && strings.HasSuffix(name, "-tampering") {
			d.stack = strings.TrimSuffix(name, "-tampering")
		}
	}
	if d.stack == "" {
		t.Fatalf("%s has no rule that shows the stack's name", variant)
	}
	return d
}

// name is what the template calls a resource, or what CloudFormation would: the stack, the logical ID, and random characters.
func (d deployed) name(id string) string {
	for _, property := range []string{"Name", "AlarmName", "FunctionName", "TopicName"} {
		if name, ok := d.resources[id].Properties[property].(string); ok {
			return name
		}
	}
	if name, ok := d.resources[id].Properties["DashboardName"]; ok { // with the Region's name in it
		return d.text(name)
	}
	return d.stack + "-" + id + "-1A2B3C4D5E6F"
}

// arn is the resource's, as the Service Authorization Reference has it.
func (d deployed) arn(id string) string {
	of := func(service, rest string) string {
		return "arn:aws:" + service + ":" + where + ":" + account + ":" + rest
	}
	r, name := d.resources[id], d.name(id)
	switch r.Type {
	case "AWS::CloudWatch::Alarm":
		return of("cloudwatch", "alarm:"+name)
	case "AWS::CloudWatch::Dashboard": // of no Region
		return "arn:aws:cloudwatch::" + account + ":dashboard/" + name
	case "AWS::Events::Rule":
		if bus, ok := r.Properties["EventBusName"].(string); ok {
			name = bus + "/" + name
		}
		return of("events", "rule/"+name)
	case "AWS::CloudTrail::Trail":
		return of("cloudtrail", "trail/"+name)
	case "AWS::DynamoDB::Table":
		return of("dynamodb", "table/"+name)
	case "AWS::Scheduler::Schedule":
		return of("scheduler", "schedule/default/"+name)
	case "AWS::S3::Bucket":
		return "arn:aws:s3:::" + strings.ToLower(name)
	case "AWS::Events::Connection":
		return of("events", "connection/"+name+"/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f")
	case "AWS::Events::ApiDestination":
		return of("events", "api-destination/"+name+"/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f")
	case "AWS::IAM::Role":
		return "arn:aws:iam::" + account + ":role/" + name
	case "AWS::KMS::Key":
		return of("kms", "key/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f")
	case "AWS::Lambda::Function":
		return of("lambda", "function:"+name)
	case "AWS::Logs::LogGroup":
		return of("logs", "log-group:"+name+":*")
	case "AWS::SNS::Topic":
		return of("sns", name)
	case "AWS::SQS::Queue":
		return of("sqs", name)
	default:
		return ""
	}
}

// text evaluates a value to what CloudFormation would make of it: a reference is the ARN of what it leads to.
func (d deployed) text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case map[string]any:
		if parts, ok := v["Fn::Join"].([]any); ok {
			return d.joined(parts[1])
		}
		if text, ok := v["Fn::Sub"].(string); ok {
			return strings.NewReplacer("${AWS::AccountId}", account, "${AWS::Region}", where).Replace(text)
		}
		return d.referred(v)
	default:
		return fmt.Sprint(v)
	}
}

func (d deployed) joined(parts any) string {
	var b strings.Builder
	for _, part := range list(parts) {
		b.WriteString(d.text(part))
	}
	return b.String()
}

func (d deployed) referred(v map[string]any) string {
	id, _ := v["Ref"].(string)
	if path := list(v["Fn::GetAtt"]); len(path) == 2 {
		id, _ = path[0].(string)
	}
	pseudo := map[string]string{"AWS::AccountId": account, "AWS::Partition": "aws", "AWS::Region": where, "AWS::URLSuffix": "amazonaws.com"}
	if value, ok := pseudo[id]; ok {
		return value
	}
	return d.arn(id)
}

// list makes a list of what JSON writes as one value or many.
func list(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	if v == nil {
		return nil
	}
	return []any{v}
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// tag returns a resource's tag; false where it has none of that name.
func (r resource) tag(name string) (string, bool) {
	for _, t := range list(r.Properties["Tags"]) {
		if object(t)["Key"] == name {
			value, ok := object(t)["Value"].(string)
			return value, ok
		}
	}
	return "", false
}
