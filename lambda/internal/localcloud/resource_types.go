package localcloud

import (
	"strings"
	"sync"
)

// resourceType says how a type of resource is named and referred to.
type resourceType struct {
	nameProperty string
	// attributes returns what Ref and Fn::GetAtt give (CloudFormation Template Reference, "Return values" of each type).
	attributes func(p place, id, name string) map[string]string
}

// resourceTypes are all that the local run knows.
var resourceTypes = sync.OnceValue(func() map[string]resourceType {
	return map[string]resourceType{
		"AWS::Events::Rule": {"Name", func(p place, _, name string) map[string]string {
			// The name of a rule on another bus than the default one has the bus before it: "bus/rule".
			return map[string]string{"Ref": strings.Replace(name, "/", "|", 1), "Arn": p.arn("events", "rule/"+name)}
		}},
		"AWS::Events::ApiDestination": {"Name", func(p place, id, name string) map[string]string {
			arn := p.arn("events", "api-destination/"+name)
			return map[string]string{"Ref": name, "Arn": arn + "/" + uuidOf(id, name), "ArnForPolicy": arn}
		}},
		"AWS::Events::Connection": {"Name", func(p place, id, name string) map[string]string {
			arn := p.arn("events", "connection/"+name)
			return map[string]string{
				"Ref": name, "Arn": arn + "/" + uuidOf(id, name), "ArnForPolicy": arn,
				"SecretArn": p.arn("secretsmanager", "secret:events!connection/"+name),
			}
		}},
		"AWS::Lambda::Function": {"FunctionName", func(p place, _, name string) map[string]string {
			return map[string]string{"Ref": name, "Arn": p.arn("lambda", "function:"+name)}
		}},
		"AWS::Lambda::Permission":        {"", refToName},
		"AWS::Lambda::EventInvokeConfig": {"", refToName},
		"AWS::IAM::Role": {"RoleName", func(p place, id, name string) map[string]string {
			// The name has the path before it: "path/role".
			return map[string]string{
				"Ref": name[strings.LastIndex(name, "/")+1:], "Arn": "arn:" + p.Partition + ":iam::" + p.Account + ":role/" + name, "RoleId": roleID(id),
			}
		}},
		"AWS::IAM::Policy": {"", refToName},
		"AWS::IAM::ManagedPolicy": {"ManagedPolicyName", func(p place, _, name string) map[string]string {
			arn := "arn:" + p.Partition + ":iam::" + p.Account + ":policy/" + name
			return map[string]string{"Ref": arn, "PolicyArn": arn}
		}},
		"AWS::SNS::Topic": {"TopicName", func(p place, _, name string) map[string]string {
			return map[string]string{"Ref": p.arn("sns", name), "TopicArn": p.arn("sns", name), "TopicName": name}
		}},
		"AWS::SNS::TopicPolicy": {"", refToName},
		"AWS::SNS::Subscription": {"", func(p place, id, name string) map[string]string {
			arn := p.arn("sns", name+":"+uuidOf(id))
			return map[string]string{"Ref": arn, "Arn": arn}
		}},
		"AWS::SQS::Queue": {"QueueName", func(p place, _, name string) map[string]string {
			url := "https://sqs." + p.Region + "." + p.urlSuffix() + "/" + p.Account + "/" + name
			return map[string]string{"Ref": url, "QueueUrl": url, "Arn": p.arn("sqs", name), "QueueName": name}
		}},
		"AWS::SQS::QueuePolicy": {"", refToName},
		"AWS::KMS::Key": {"", func(p place, id, _ string) map[string]string {
			key := uuidOf("key", id)
			return map[string]string{"Ref": key, "KeyId": key, "Arn": p.arn("kms", "key/"+key)}
		}},
		"AWS::KMS::Alias": {"AliasName", refToName},
		"AWS::Logs::LogGroup": {"LogGroupName", func(p place, _, name string) map[string]string {
			return map[string]string{"Ref": name, "Arn": p.arn("logs", "log-group:"+name+":*")}
		}},
		"AWS::DynamoDB::Table": {"TableName", func(p place, _, name string) map[string]string {
			return map[string]string{"Ref": name, "Arn": p.arn("dynamodb", "table/"+name)}
		}},
		"AWS::Scheduler::Schedule": {"Name", func(p place, _, name string) map[string]string {
			// The name has the group before it: "group/schedule".
			return map[string]string{"Ref": name[strings.Index(name, "/")+1:], "Arn": p.arn("scheduler", "schedule/"+name)}
		}},
		"AWS::CloudTrail::Trail": {"TrailName", func(p place, _, name string) map[string]string {
			return map[string]string{"Ref": name, "Arn": p.arn("cloudtrail", "trail/"+name)}
		}},
		"AWS::S3::Bucket": {"BucketName", func(p place, _, name string) map[string]string {
			return map[string]string{
				"Ref": name, "Arn": "arn:" + p.Partition + ":s3:::" + name, "DomainName": name + ".s3." + p.urlSuffix(),
				"RegionalDomainName": name + ".s3." + p.Region + "." + p.urlSuffix(),
			}
		}},
		"AWS::S3::BucketPolicy": {"", refToName},
		"AWS::CloudWatch::Alarm": {"AlarmName", func(p place, _, name string) map[string]string {
			return map[string]string{"Ref": name, "Arn": p.arn("cloudwatch", "alarm:"+name)}
		}},
	}
})

func refToName(_ place, _, name string) map[string]string { return map[string]string{"Ref": name} }

// roleID has the form of IAM's unique identifiers.
func roleID(id string) string {
	return "AROA" + strings.ToUpper(strings.ReplaceAll(uuidOf("role", id), "-", ""))[:17]
}
