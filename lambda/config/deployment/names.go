package deployment

import (
	"fmt"
	"strings"

	"trailkeeper/events"
)

// form is what is known of a type's names.
type form struct {
	// property gives the name where the template does; empty: CloudFormation always makes it.
	property string
	// arn makes the ARN of the name; nil: the record has it.
	arn func(place events.Place, name string) string
	// refARN says that Ref is the ARN, so that the name is its last part.
	refARN bool
	// nameless says that nothing asks for an ARN.
	nameless bool
	// id is the attribute that is asked for in its place, which CloudFormation alone knows; empty: none.
	id string
}

func arn(service, before string) func(events.Place, string) string {
	return func(p events.Place, name string) string { return p.ARN(service, before+name) }
}

func global(service, before string) func(events.Place, string) string {
	return func(p events.Place, name string) string { return p.Global().ARN(service, before+name) }
}

// bucketARN is that of a bucket, which has neither account nor Region.
func bucketARN(p events.Place, name string) string {
	return events.Place{Partition: p.Partition}.ARN("s3", name)
}

// forms are the types that have a name, as the pages of the CloudFormation Template Reference say under "Return values".
func forms(kind string) (form, bool) {
	f, ok := map[string]form{
		"AWS::Events::Rule":           {property: "Name", arn: arn("events", "rule/")},
		"AWS::Events::Connection":     {property: "Name"},
		"AWS::Events::ApiDestination": {property: "Name"},
		"AWS::Events::EventBus":       {property: "Name", arn: arn("events", "event-bus/")},
		"AWS::Lambda::Function":       {property: "FunctionName", arn: arn("lambda", "function:")},
		"AWS::Scheduler::Schedule":    {property: "Name", arn: arn("scheduler", "schedule/default/")},
		"AWS::SQS::Queue":             {property: "QueueName", arn: arn("sqs", "")},
		"AWS::SNS::Topic":             {property: "TopicName", arn: arn("sns", ""), refARN: true},
		"AWS::DynamoDB::Table":        {property: "TableName", arn: arn("dynamodb", "table/")},
		"AWS::KMS::Key":               {arn: arn("kms", "key/")},
		"AWS::Logs::LogGroup":         {property: "LogGroupName", arn: arn("logs", "log-group:")},
		"AWS::CloudWatch::Alarm":      {property: "AlarmName", arn: arn("cloudwatch", "alarm:")},
		"AWS::IAM::Role":              {property: "RoleName", arn: global("iam", "role/")},
		"AWS::IAM::Policy":            {property: "PolicyName", nameless: true},
		"AWS::IAM::ManagedPolicy":     {property: "ManagedPolicyName", arn: global("iam", "policy/"), refARN: true},
		"AWS::Organizations::Policy":  {property: "Name", nameless: true, id: "Id"},
		"AWS::S3::Bucket":             {property: "BucketName", arn: bucketARN},
		"AWS::SSM::Parameter":         {property: "Name", arn: arn("ssm", "parameter/")},
	}[kind]
	return f, ok
}

func hasName(kind string) bool {
	_, ok := forms(kind)
	return ok
}

// name is the physical name of a resource.
func (s resolver) name(id string) (string, error) {
	r, ok := s.of.Resources[id]
	if !ok {
		return "", fmt.Errorf("%s is not in the description", id)
	}
	f, _ := forms(r.Type)
	if given, ok := r.Properties[f.property]; ok && f.property != "" {
		value, err := s.value(given)
		if name, ok := value.(string); ok && err == nil {
			return name, nil
		}
	}
	if name := s.record.Names[id]; name != "" {
		return name, nil
	}
	return "", fmt.Errorf("the record does not name %s", id)
}

// ref is what Ref gives.
func (s resolver) ref(id string) (string, error) {
	switch id {
	case "AWS::AccountId":
		return s.place.Account, nil
	case "AWS::Region":
		return s.place.Region, nil
	case "AWS::Partition":
		return s.place.Partition, nil
	case "AWS::URLSuffix":
		return s.suffix, nil
	case "AWS::StackName":
		return s.of.Stack, nil
	}
	r, ok := s.of.Resources[id]
	if !ok {
		return "", fmt.Errorf("%s is not in the description", id)
	}
	name, err := s.name(id)
	if err != nil {
		return "", err
	}
	f, _ := forms(r.Type)
	switch {
	case r.Type == "AWS::SQS::Queue":
		place := s.placeOf(r)
		return "https://sqs." + place.Region + "." + s.suffix + "/" + place.Account + "/" + name, nil
	case f.refARN && !events.IsARN(name):
		return s.attribute(id, "Arn")
	case r.Type == "AWS::Events::Rule":
		if bus, _ := s.value(r.Properties["EventBusName"]); bus != nil && bus != "default" {
			return text(bus) + "|" + name, nil // the AWS CloudFormation Template Reference, AWS::Events::Rule, "Return values"
		}
	}
	return name, nil
}

// attribute is what Fn::GetAtt gives.
func (s resolver) attribute(id, attribute string) (string, error) {
	if value, ok := s.record.Names[id+"."+attribute]; ok {
		return value, nil
	}
	r, ok := s.of.Resources[id]
	if !ok {
		return "", fmt.Errorf("%s is not in the description", id)
	}
	name, err := s.name(id)
	if err != nil {
		return "", err
	}
	f, _ := forms(r.Type)
	switch attribute {
	case "QueueName", "TopicName", "KeyId":
		return name[strings.LastIndexByte(name, ':')+1:], nil
	case "Arn", "TopicArn":
		return s.arn(r, f, name)
	}
	return "", fmt.Errorf("%s of %s (%s) is not known here", attribute, id, r.Type)
}

func (s resolver) arn(r Resource, f form, name string) (string, error) {
	place := s.placeOf(r)
	switch {
	case events.IsARN(name):
		return name, nil
	case f.arn == nil:
		return "", fmt.Errorf("the record has no ARN of %s %s", r.Type, name)
	case r.Type == "AWS::IAM::Role" || r.Type == "AWS::IAM::ManagedPolicy":
		path, _ := r.Properties["Path"].(string)
		return f.arn(place, strings.TrimPrefix(path, "/")+name), nil
	case r.Type == "AWS::Events::Rule":
		if bus, _ := s.value(r.Properties["EventBusName"]); bus != nil && bus != "default" {
			name = text(bus) + "/" + name
		}
	case r.Type == "AWS::Scheduler::Schedule":
		if group, _ := r.Properties["GroupName"].(string); group != "" {
			return place.ARN("scheduler", "schedule/"+group+"/"+name), nil
		}
	case r.Type == "AWS::Logs::LogGroup":
		name += ":*" // as Fn::GetAtt gives it
	}
	return f.arn(place, name), nil
}
