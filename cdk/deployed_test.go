package main_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"trailkeeper/cdk/golden"
)

// account is where the stack of the tests is deployed.
const account = "111122223333"

// place is a Region with its partition and that one's domain.
type place struct{ partition, region, domain string }

var (
	commercial = place{"aws", "eu-west-1", "amazonaws.com"}
	china      = place{"aws-cn", "cn-north-1", "amazonaws.com.cn"}
	govCloud   = place{"aws-us-gov", "us-gov-west-1", "amazonaws.com"}
)

// service is how KMS calls a service that uses a key for somebody: kms:ViaService.
func (p place) service(name string) string { return name + "." + p.region + "." + p.domain }

// arn is that of something of the account in the Region.
func (p place) arn(service, rest string) string {
	return "arn:" + p.partition + ":" + service + ":" + p.region + ":" + account + ":" + rest
}

// global is the ARN of something of the account that has no Region.
func (p place) global(service, rest string) string {
	return "arn:" + p.partition + ":" + service + "::" + account + ":" + rest
}

// bucket is a bucket's ARN.
func (p place) bucket(name string) string { return "arn:" + p.partition + ":s3:::" + name }

// deployer is the role with which CloudFormation works.
func (p place) deployer() string {
	return p.global("iam", "role/cdk-trailkpr-cfn-exec-role-"+account+"-"+p.region)
}

// deployed is a golden template, with the names that CloudFormation would give.
type deployed struct {
	place

	variant   string
	stack     string
	resources map[string]resource
}

type resource struct {
	Type       string
	Properties map[string]any
}

func deploy(t *testing.T, variant string) deployed {
	t.Helper()
	return deployIn(t, commercial, variant)
}

func deployIn(t *testing.T, where place, variant string) deployed {
	t.Helper()
	raw, ok := golden.Variant(variant)
	if !ok {
		t.Fatalf("cdk/golden has no %s.json", variant)
	}
	var template struct{ Resources map[string]resource }
	if err := json.Unmarshal(raw, &template); err != nil || len(template.Resources) == 0 {
		t.Fatalf("%s: %v", variant, err)
	}
	d := deployed{place: where, variant: variant, resources: template.Resources}
	for _, r := range template.Resources {
		name, _ := r.Properties["Name"].(string)
		if before, _, found := strings.Cut(
			name,
			"-tampering",
		); r.Type == "AWS::Events::Rule" &&
			found { // the bus follows where it is not the default one
			d.stack = before
		}
	}
	if d.stack == "" {
		t.Fatalf("%s has no rule that shows the stack's name", variant)
	}
	return d
}

// names are the properties that give a name.
var names = []string{"Name", "AlarmName", "FunctionName", "TopicName", "QueueName", "StateMachineName", "TableName"}

// name is what the template calls a resource, or what CloudFormation would: the stack, the logical ID, and random
// characters.
func (d deployed) name(id string) string {
	for _, property := range names {
		if d.resources[id].Type == "AWS::Lambda::EventSourceMapping" {
			break // the function's name
		}
		if name, ok := d.resources[id].Properties[property].(string); ok {
			return name
		}
	}
	for _, property := range []string{"DashboardName", "RoleName"} { // with the Region's name in it
		if name, ok := d.resources[id].Properties[property]; ok {
			return d.text(name)
		}
	}
	return d.stack + "-" + id + "-1A2B3C4D5E6F"
}

// arn is the resource's, as the Service Authorization Reference has it.
func (d deployed) arn(id string) string {
	r, name, of := d.resources[id], d.name(id), d.place.arn
	switch r.Type {
	case "AWS::CloudWatch::Alarm":
		return of("cloudwatch", "alarm:"+name)
	case "AWS::CloudWatch::Dashboard": // of no Region
		return d.global("cloudwatch", "dashboard/"+name)
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
		return d.bucket(strings.ToLower(name))
	case "AWS::Events::Connection":
		return of("events", "connection/"+name+"/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f")
	case "AWS::Events::ApiDestination":
		return of("events", "api-destination/"+name+"/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f")
	case "AWS::IAM::Role":
		path, _ := r.Properties["Path"].(string)
		return d.global("iam", "role"+path+name)
	case "AWS::IAM::ManagedPolicy":
		path, _ := r.Properties["Path"].(string)
		return d.global("iam", "policy"+path+name)
	case "AWS::KMS::Key":
		return of("kms", "key/"+id)
	case "AWS::Lambda::EventSourceMapping": // the name is a UUID
		return of("lambda", "event-source-mapping:"+name)
	case "AWS::Lambda::Function":
		return of("lambda", "function:"+name)
	case "AWS::Logs::LogGroup":
		return of("logs", "log-group:"+name+":*")
	case "AWS::SNS::Topic":
		return of("sns", name)
	case "AWS::SQS::Queue":
		return of("sqs", name)
	case "AWS::SSM::Parameter":
		return of("ssm", "parameter/"+name)
	case "AWS::StepFunctions::StateMachine":
		return of("states", "stateMachine:"+name)
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
			return strings.NewReplacer("${AWS::AccountId}", account, "${AWS::Region}", d.region).Replace(text)
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
	pseudo := map[string]string{
		"AWS::AccountId": account,
		"AWS::Partition": d.partition,
		"AWS::Region":    d.region,
		"AWS::URLSuffix": d.domain,
	}
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

// keyPolicy is the policy of the stack's own key of that ARN; it says nothing where there is none.
func (d deployed) keyPolicy(arn string) policy {
	var p policy
	for id, r := range d.resources {
		if r.Type != "AWS::KMS::Key" || d.arn(id) != arn {
			continue
		}
		for _, v := range list(object(r.Properties["KeyPolicy"])["Statement"]) {
			s := object(v)
			made := statement{Effect: s["Effect"].(string), Action: d.texts(s["Action"]), Resource: d.texts(s["Resource"])}
			made.Principal = map[string]texts{}
			for kind, who := range object(s["Principal"]) {
				made.Principal[kind] = d.texts(who)
			}
			made.Condition = map[string]map[string]texts{}
			for operator, keys := range object(s["Condition"]) {
				made.Condition[operator] = map[string]texts{}
				for key, want := range object(keys) {
					made.Condition[operator][key] = d.texts(want)
				}
			}
			p.Statement = append(p.Statement, made)
		}
	}
	return p
}

func (d deployed) texts(v any) texts {
	var all texts
	for _, one := range list(v) {
		all = append(all, d.text(one))
	}
	return all
}
