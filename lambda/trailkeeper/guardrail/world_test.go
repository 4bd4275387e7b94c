package guardrail

import (
	"encoding/json"
	"strings"
	"testing"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/trailkeeper/clitest"
	"trailkeeper/rules/guardrail"
)

const (
	home   = "111122223333"
	member = "444455556666"
	org    = "o-a1b2c3d4e5"
)

var run = clitest.Command(New)

// deployment is one with everything that the policies can be about.
func deployment() guardrail.Deployment {
	return guardrail.Deployment{
		Stack:        "trailkeeper",
		Account:      home,
		Qualifier:    "trailkpr",
		BreakGlass:   []string{arn("iam", "role/BreakGlass")},
		Organization: org,
		Boundary:     "TrailkeeperBoundary",
		Secret:       "security/slack",
		Function:     "guard",
		Bus:          "security",
		Trails: []guardrail.Trail{{
			Bucket:   "example-trail-logs",
			Key:      arn("kms", "key/1234abcd-12ab-34cd-56ef-1234567890ab"),
			LogGroup: arn("logs", "log-group:management-events:*"),
		}},
	}
}

// arn is that of something of the deployment's account, and of its Region where the service has Regions.
func arn(service, resource string) string {
	region, account := "eu-west-1", home
	switch service {
	case "iam", "account":
		region = ""
	case "s3":
		region, account = "", ""
	}
	return strings.Join([]string{"arn", "aws", service, region, account, resource}, ":")
}

// own are the resources of each kind that are protected, and foreign those that are like them and are not.
var own, foreign = map[guardrail.Kind][]string{
	guardrail.Anything:       {"*"},
	guardrail.Account:        {arn("account", "account")},
	guardrail.AlarmOwn:       {arn("cloudwatch", "alarm:trailkeeper/guard-errors")},
	guardrail.Bucket:         {arn("s3", "example-trail-logs"), arn("s3", "trailkeeper-canarybucketa986e13f-1a2b3c")},
	guardrail.BusOwn:         {arn("events", "event-bus/security")},
	guardrail.Channel:        {arn("cloudtrail", "channel/0a1b2c3d")},
	guardrail.Connection:     {arn("events", "connection/trailkeeper-slack/0a1b2c3d")},
	guardrail.DashboardLake:  {arn("cloudtrail", "dashboard/any")},
	guardrail.DashboardOwn:   {"arn:aws:cloudwatch::" + home + ":dashboard/trailkeeper-eu-west-1"},
	guardrail.Destination:    {arn("events", "api-destination/trailkeeper-slack/0a1b2c3d")},
	guardrail.EventDataStore: {arn("cloudtrail", "eventdatastore/0a1b2c3d")},
	guardrail.Function:       {arn("lambda", "function:trailkeeper-GuardFunction9CCE20FB-1a2b"), arn("lambda", "function:guard"), arn("lambda", "function:guard:$LATEST")},
	guardrail.Key:            {arn("kms", "key/1234abcd-12ab-34cd-56ef-1234567890ab")},
	guardrail.LogGroup: {
		arn("logs", "log-group:management-events:log-stream:"), arn("logs", "log-group:trailkeeper-GuardLog047B64CB-1a2b:log-stream:"),
	},
	guardrail.LogObject: {
		arn("s3", "example-trail-logs/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/30/x.json.gz"),
		arn("s3", "example-trail-logs/prefix/AWSLogs/o-a1b2c3d4e5/111122223333/CloudTrail-Digest/eu-west-1/x.json.gz"),
	},
	guardrail.LogStream:      {arn("logs", "log-group:management-events:log-stream:s")},
	guardrail.ManagedPolicy:  {arn("iam", "policy/trailkeeper/trailkeeper-Further"), arn("iam", "policy/TrailkeeperBoundary")},
	guardrail.Parameter:      {arn("ssm", "parameter/trailkeeper")},
	guardrail.Queue:          {arn("sqs", "trailkeeper-GuardFailures667C6F1F-1a2b")},
	guardrail.Role:           {arn("iam", "role/trailkeeper/trailkeeper-GuardRole87F67C2B-1a2b")},
	guardrail.RoleCloudTrail: {arn("iam", "role/aws-service-role/cloudtrail.amazonaws.com/AWSServiceRoleForCloudTrail")},
	guardrail.Rule:           {arn("events", "rule/trailkeeper-tampering"), arn("events", "rule/security/trailkeeper-tampering")},
	guardrail.Schedule:       {arn("scheduler", "schedule/default/trailkeeper-sweep")},
	guardrail.Secret:         {arn("secretsmanager", "secret:security/slack-AbCdEf"), arn("secretsmanager", "secret:trailkeeper-AbCdEf")},
	guardrail.Stack:          {arn("cloudformation", "stack/trailkeeper/0a1b2c3d")},
	guardrail.StackSet:       {arn("cloudformation", "stackset/trailkeeper-forwarders:0a1b2c3d")},
	guardrail.Table:          {arn("dynamodb", "table/trailkeeper-StateTable96BC688D-1a2b")},
	guardrail.Topic:          {arn("sns", "trailkeeper-NotificationsTopicAE679CBD-1a2b")},
	guardrail.TrailAny:       {arn("cloudtrail", "trail/management-events"), "arn:aws:cloudtrail:us-east-1:444455556666:trail/any"},
}, map[guardrail.Kind][]string{
	guardrail.AlarmOwn:      {arn("cloudwatch", "alarm:orders/trailkeeper")},
	guardrail.Bucket:        {arn("s3", "example-trail-logs-2"), arn("s3", "example")},
	guardrail.BusOwn:        {arn("events", "event-bus/default"), arn("events", "event-bus/security2")},
	guardrail.Connection:    {arn("events", "connection/orders/0a1b2c3d")},
	guardrail.DashboardOwn:  {"arn:aws:cloudwatch::" + home + ":dashboard/orders-trailkeeper"},
	guardrail.Destination:   {arn("events", "api-destination/orders/0a1b2c3d")},
	guardrail.Function:      {arn("lambda", "function:guard2"), arn("lambda", "function:orders")},
	guardrail.Key:           {arn("kms", "key/1234abcd-12ab-34cd-56ef-1234567890ac")},
	guardrail.LogGroup:      {arn("logs", "log-group:management-events2:log-stream:"), arn("logs", "log-group:orders:log-stream:")},
	guardrail.LogObject:     {arn("s3", "example-trail-logs/AWSLogs/111122223333/Config/x.json.gz"), arn("s3", "example-trail-logs/reports/x.csv")},
	guardrail.LogStream:     {arn("logs", "log-group:orders:log-stream:s")},
	guardrail.ManagedPolicy: {arn("iam", "policy/TrailkeeperBoundary2"), arn("iam", "policy/orders")},
	guardrail.Parameter:     {arn("ssm", "parameter/orders/trailkeeper")},
	guardrail.Queue:         {arn("sqs", "orders-trailkeeper")},
	guardrail.Role:          {arn("iam", "role/trailkeeper"), arn("iam", "role/BreakGlass2"), arn("iam", "role/orders")},
	guardrail.Rule:          {arn("events", "rule/orders")},
	guardrail.Schedule:      {arn("scheduler", "schedule/default/orders")},
	guardrail.Secret:        {arn("secretsmanager", "secret:security/slack2-AbCdEf"), arn("secretsmanager", "secret:orders-AbCdEf")},
	guardrail.Stack:         {arn("cloudformation", "stack/orders/0a1b2c3d")},
	guardrail.StackSet:      {arn("cloudformation", "stackset/orders:0a1b2c3d")},
	guardrail.Table:         {arn("dynamodb", "table/orders-trailkeeper")},
	guardrail.Topic:         {arn("sns", "orders-trailkeeper")},
}

// documents are policies as the evaluator of the loopback cloud reads them.
func documents(t *testing.T, all ...guardrail.Policy) []policy.Document {
	t.Helper()
	var read []policy.Document
	for _, p := range all {
		d, err := policy.Parse([]byte(p.Text()))
		if err == nil {
			err = d.Check()
		}
		if err != nil {
			t.Fatal(err)
		}
		read = append(read, d)
	}
	return read
}

// granted are the actions that the roles of a golden template have, by the beginning of a role's logical ID.
func granted(t *testing.T, variant, role string) map[string]bool {
	t.Helper()
	raw, _ := golden.Variant(variant)
	var template struct {
		Resources map[string]struct {
			Type       string
			Properties struct {
				Policies []struct {
					PolicyDocument struct {
						Statement []struct{ Effect, Action any }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(raw, &template); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for id, r := range template.Resources {
		if r.Type != "AWS::IAM::Role" || !strings.HasPrefix(id, role) {
			continue
		}
		for _, p := range r.Properties.Policies {
			for _, s := range p.PolicyDocument.Statement {
				for _, a := range list(s.Action) {
					if s.Effect == "Allow" {
						found[a.(string)] = true
					}
				}
			}
		}
	}
	return found
}

func list(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	return []any{v}
}
