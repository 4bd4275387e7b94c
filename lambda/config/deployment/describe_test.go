package deployment

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const main = `{"Resources": {
	"Function": {"Type": "AWS::Lambda::Function", "Metadata": {"x": 1}, "Properties": {
		"Code": {"S3Bucket": "assets", "S3Key": "HASH.zip"},
		"Environment": {"Variables": {"RESULTS": {"Ref": "Results"}, "NAMED": {"Fn::GetAtt": "Named.Arn"}, "HANDLE": {"Ref": "Handle"}}}, "Role": {"Fn::GetAtt": ["WardenRole", "Arn"]}}},
	"Queue": {"Type": "AWS::SQS::Queue"},
	"Connection": {"Type": "AWS::Events::Connection", "Properties": {"Name": "trailkeeper-slack"}},
	"Subscription": {"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": {"Fn::GetAtt": "Absent.Arn"}}},
	"Deployment": {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "trailkeeper-deployment", "Value": "HASH"}},
	"Results": {"Type": "AWS::S3::Bucket", "Properties": {"Tags": []}},
	"Named": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "b", "Tags": []}},
	"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
	"Trail": {"Type": "AWS::CloudTrail::Trail", "Properties": {"S3BucketName": {"Ref": "Logs"}}},
	"Logs": {"Type": "AWS::S3::Bucket"},
	"Dashboard": {"Type": "AWS::CloudWatch::Dashboard"}}}`

const other = `{"Resources": {"WardenRole": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "trailkeeper-warden"}}}}`

func TestDescribe(t *testing.T) {
	describe := func(hash string) Description {
		content := strings.ReplaceAll(main, "HASH", hash)
		d, err := Describe("trailkeeper", Template{Content: []byte(content)}, Template{"us-east-1", []byte(other)})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	want := Description{Stack: "trailkeeper", Resources: map[string]Resource{
		"Function": {Type: "AWS::Lambda::Function", Part: PartGuard, Properties: map[string]any{
			"Code": map[string]any{"S3Bucket": "assets"},
			"Environment": map[string]any{"Variables": map[string]any{
				"RESULTS": map[string]any{"Ref": "Results"}, "NAMED": map[string]any{"Fn::GetAtt": "Named.Arn"}, "HANDLE": map[string]any{"Ref": "Handle"},
			}},
			"Role": map[string]any{"Fn::GetAtt": []any{"WardenRole", "Arn"}},
		}},
		"Queue":      {Type: "AWS::SQS::Queue", Part: PartGuard},
		"Connection": {Type: "AWS::Events::Connection", Part: PartGuard, Properties: map[string]any{"Name": "trailkeeper-slack"}},
		"Subscription": {Type: "AWS::SNS::Subscription", Part: PartGuard, Properties: map[string]any{
			"TopicArn": map[string]any{"Fn::GetAtt": "Absent.Arn"},
		}},
		"Deployment": {Type: "AWS::SSM::Parameter", Part: PartGuard, Properties: map[string]any{"Name": "trailkeeper-deployment"}},
		"Results":    {Type: "AWS::S3::Bucket", Part: PartGuard},
		"Named":      {Type: "AWS::S3::Bucket", Part: PartGuard, Properties: map[string]any{"BucketName": "b"}},
		"WardenRole": {Type: "AWS::IAM::Role", Part: PartWarden, Region: "us-east-1", Properties: map[string]any{
			"RoleName": "trailkeeper-warden",
		}},
	}}
	got := describe("1")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if id := got.RecordID(); id != "Deployment" {
		t.Errorf("the record is %q", id)
	}
	if id := (Description{Stack: "x", Resources: got.Resources}).RecordID(); id != "" {
		t.Errorf("the record of another stack is %q", id)
	}
	if !cmp.Equal(got, describe("2")) {
		t.Error("the description changes with the functions' packages, which it is in")
	}
	if diff := cmp.Diff([]string{"Connection.Arn", "Function", "Queue", "Results"}, got.Unnamed()); diff != "" {
		t.Error(diff)
	}
	for _, r := range got.Resolve(PartGuard, Record{}, place, "amazonaws.com") {
		if !slices.Contains(Types(), r.Type) {
			t.Errorf("%s, a %s, is resolved", r.ID, r.Type)
		}
	}
}

func TestDescribeRefuses(t *testing.T) {
	_, err := Describe("trailkeeper", Template{Content: []byte(main)}, Template{"us-east-1", []byte(main)})
	if err == nil || !strings.Contains(err.Error(), "two templates of stack trailkeeper have the logical ID Connection") {
		t.Error(err)
	}
	if _, err := Describe("trailkeeper", Template{Content: []byte("{")}); err == nil || !strings.Contains(err.Error(), "no JSON") {
		t.Error(err)
	}
}
