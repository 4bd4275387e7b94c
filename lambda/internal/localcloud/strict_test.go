package localcloud

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
)

// within is the body of CreateBucket for the Region of the tests.
const within = "\n<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint>" +
	"</CreateBucketConfiguration>"

// TestNoLaxerThanAWS: what a service's model forbids is refused, in the service's own words, as is what it does not
// know.
func TestNoLaxerThanAWS(t *testing.T) {
	c := newCloud(t, nil, func(o *Options) { o.Strict = true })
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	raw(t, c, "s3", "", "PUT /demo-logs"+within)
	const here = "arn:aws:sns:eu-west-1:111122223333:"
	for name, tt := range map[string]struct{ service, op, request, want string }{
		"an unknown parameter": {
			"cloudtrail", "StopLogging", `{"Name": "main", "Force": true}`,
			`know \"Force\" of StopLogging`,
		},
		"another case":   {"cloudtrail", "StopLogging", `{"name": "main"}`, `know \"name\" of StopLogging`},
		"another type":   {"cloudtrail", "StopLogging", `{"Name": 1}`, "SerializationException"},
		"text behind it": {"cloudtrail", "StopLogging", `{"Name": "main"} x`, "SerializationException"},
		"a list":         {"cloudtrail", "StopLogging", `[]`, "SerializationException"},
		"an inner parameter": {"cloudtrail", "LookupEvents", `{"LookupAttributes": [{"AttributeKey": "EventName",
			"AttributeValue": "x", "Not": 1}]}`, `\"LookupAttributes.1.member.Not\"`},
		"a parameter not simulated": {"dynamodb", "Scan", `{"TableName": "x", "Segment": 1}`, `\"Segment\" of Scan`},
		"nothing": {
			"events", "DescribeRule", `{}`,
			"Value null at 'Name' failed to satisfy constraint",
		},
		"two constraints": {
			"events", "ListRules", `{"Limit": 101, "NamePrefix": "a b"}`,
			"2 validation errors detected: Value '101' at 'Limit' failed to satisfy constraint: Member must have value less",
		},
		"no such rule": {
			"events", "DisableRule", `{"Name": "nobodys"}`,
			"Rule nobodys does not exist on EventBus default.",
		},
		"no such bus": {
			"events", "DisableRule", `{"Name": "a", "EventBusName": "b"}`,
			"does not exist on EventBus b.",
		},
		"another one's token": {"events", "ListRules", `{"NextToken": "1.x"}`, "ValidationException"},
		"no such function": {
			"lambda", "", "GET /2015-03-31/functions/nobodys",
			"Function not found: arn:aws:lambda:eu-west-1",
		},
		"a bad name": {"lambda", "", "GET /2015-03-31/functions/a%20b", "regular expression pattern"},
		"no number":  {"lambda", "", "GET /2015-03-31/functions/?MaxItems=x", "MaxItems is no integer"},
		"too many": {
			"lambda", "", "GET /2015-03-31/functions/?MaxItems=10001",
			"value less than or equal to 10000",
		},
		"a qualifier": {
			"lambda", "", "GET /2015-03-31/functions/a?Qualifier=1",
			`\"Qualifier\" of GetFunction`,
		},
		"an unknown query": {"lambda", "", "GET /2015-03-31/functions/a?x=1", `\"x\" of GetFunction`},
		"no such stack": {
			"cloudformation", "DescribeStacks", `{"StackName": "x"}`,
			"Stack with id x does not exist",
		},
		"no stack at all": {"cloudformation", "ListStackResources", `{}`, "<Code>ValidationError</Code>"},
		"no parameter": {
			"cloudformation", "DescribeStacks", `{"Stack": "x"}`,
			`know &#34;Stack&#34; of DescribeStacks`,
		},
		"no such topic": {
			"sns", "GetTopicAttributes", `{"TopicArn": "` + here + `x"}`,
			"<Code>NotFound</Code>",
		},
		"no topic's ARN": {"sns", "GetTopicAttributes", `{"TopicArn": "x"}`, "<Code>InvalidParameter</Code>"},
		"another account's": {
			"sns", "DeleteTopic", `{"TopicArn": "arn:aws:sns:eu-west-1:444455556666:x"}`,
			"<Code>AuthorizationError</Code>",
		},
		"a topic's bad name": {"sns", "CreateTopic", `{"Name": "a b"}`, "Invalid parameter: Topic Name"},
		"no policy":          {"sns", "CreateTopic", `{"Name": "a", "Tags.member.1.Key": "x"}`, `&#34;Tags&#34;`},
		"a queue's attribute": {
			"sqs", "GetQueueAttributes", `{"QueueUrl": "{Failures}", "AttributeNames": ["X"]}`,
			"InvalidAttrib",
		},
		"no such queue":   {"sqs", "GetQueueUrl", `{"QueueName": "nobodys"}`, "QueueDoesNotExist"},
		"too many queues": {"sqs", "ListQueues", `{"MaxResults": 1001}`, "InvalidParameterValue"},
		"no such key":     {"kms", "DescribeKey", `{"KeyId": "alias/nobodys"}`, "NotFoundException"},
		"a key elsewhere": {
			"kms", "DescribeKey", `{"KeyId": "arn:aws:kms:us-east-1:111122223333:key/x"}`,
			"NotFoundExc",
		},
		"AWS's alias": {
			"kms", "CreateAlias", `{"AliasName": "alias/aws/x", "TargetKeyId": "alias/app"}`,
			"InvalidAlias",
		},
		"an alias again": {
			"kms", "CreateAlias", `{"AliasName": "alias/app", "TargetKeyId": "alias/app"}`,
			"AlreadyExists",
		},
		"too soon": {
			"kms", "ScheduleKeyDeletion", `{"KeyId": "alias/app", "PendingWindowInDays": 1}`,
			"between 7 and 30",
		},
		"nothing to cancel":   {"kms", "CancelKeyDeletion", `{"KeyId": "alias/app"}`, "KMSInvalidStateException"},
		"another kind of key": {"kms", "CreateKey", `{"KeySpec": "RSA_2048"}`, "UnsupportedOperationException"},
		"a key locked forever": {
			"kms", "PutKeyPolicy", `{"KeyId": "alias/app", "Policy": "{\"Statement\": []}"}`,
			"Malformed",
		},
		"no bucket's name": {"s3", "", "PUT /Demo" + within, "<Code>InvalidBucketName</Code>"},
		"an address":       {"s3", "", "PUT /10.0.0.1" + within, "<Code>InvalidBucketName</Code>"},
		"a bucket again":   {"s3", "", "PUT /demo-logs" + within, "<Code>BucketAlreadyOwnedByYou</Code>"},
		"nowhere":          {"s3", "", "PUT /demo-2", "The unspecified location constraint is incompatible"},
		"elsewhere": {
			"s3", "", "PUT /demo-2" + strings.ReplaceAll(within, "eu-west-1", "us-west-2"),
			"<Code>IllegalLocationConstraintException</Code>",
		},
		"no XML":              {"s3", "", "PUT /demo-2\n<Create", "<Code>MalformedXML</Code>"},
		"another element":     {"s3", "", "PUT /demo-2\n<Tagging/>", "<Code>MalformedXML</Code>"},
		"no such bucket":      {"s3", "", "DELETE /nobodys", "<Code>NoSuchBucket</Code>"},
		"no bucket policy":    {"s3", "", "GET /demo-logs?policy", "<Code>NoSuchBucketPolicy</Code>"},
		"policy without JSON": {"s3", "", "PUT /demo-logs?policy\nx", "<Code>MalformedPolicy</Code>"},
		"policy of another one": {
			"s3", "", "PUT /demo-logs?policy\n" + allow("cloudtrail.amazonaws.com", "other"),
			"invalid resource",
		},
		"a public policy": {"s3", "", "PUT /demo-logs?policy\n" + public, "<Code>AccessDenied</Code>"},
		"another owner's": {"s3", "", "DELETE /log-archive-111122223333", "<Code>BucketNotEmpty</Code>"},
		"no such table":   {"dynamodb", "Scan", `{"TableName": "nobodys"}`, "ResourceNotFoundException"},
		"too many tables": {"dynamodb", "ListTables", `{"Limit": 101}`, "ValidationException"},
		"no period": {
			"cloudtrail", "ListPublicKeys", `{"StartTime": 2000000000, "EndTime": 1000000000}`,
			"InvalidTimeRangeException",
		},
		"another token": {"cloudtrail", "ListPublicKeys", `{"NextToken": "x"}`, "InvalidTokenException"},
	} {
		c.Pass(1e9)
		request := strings.ReplaceAll(tt.request, "{Failures}", c.QueueURL("Failures"))
		if status, body, _ := raw(t, c, tt.service, tt.op, request); status < 300 || !strings.Contains(body, tt.want) {
			t.Errorf("%s: %d %s; want %s", name, status, body, tt.want)
		}
	}
}

// allow is a bucket's policy that lets a service write.
func allow(service, bucket string) string {
	return `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "` + service + `"},
		"Action": ["s3:GetBucketAcl", "s3:PutObject"],
		"Resource": ["arn:aws:s3:::` + bucket + `", "arn:aws:s3:::` + bucket + `/*"]}]}`
}

const public = `{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*",
	"Resource": "arn:aws:s3:::demo-logs"}}`

// TestOnlyWhatWasMadeExists: in a strict run a trail uses what a template, an added trail or a call has made, and lets
// CloudTrail in; nothing else.
func TestOnlyWhatWasMadeExists(t *testing.T) {
	c := newCloud(t, nil, func(o *Options) { o.Strict = true })
	fullTrail(t, c)
	client := trails(c, region)
	update := func(in cloudtrail.UpdateTrailInput) string {
		t.Helper()
		c.Pass(2e9)
		in.Name = aws.String("main")
		return code(second(client.UpdateTrail(t.Context(), &in)))
	}
	must := func(service, op, request string) {
		t.Helper()
		if status, body, _ := raw(t, c, service, op, request); status >= 300 {
			t.Fatalf("%s %s: %s", service, op, body)
		}
	}
	bucket := cloudtrail.UpdateTrailInput{S3BucketName: aws.String("demo-logs")}
	topic := cloudtrail.UpdateTrailInput{SnsTopicName: aws.String("demo")}
	key := cloudtrail.UpdateTrailInput{KmsKeyId: aws.String("alias/demo")}
	group := cloudtrail.UpdateTrailInput{
		CloudWatchLogsLogGroupArn: aws.String("arn:aws:logs:eu-west-1:111122223333:log-group:nobodys:*"),
		CloudWatchLogsRoleArn:     aws.String("arn:aws:iam::111122223333:role/nobodys"),
	}
	steps := []struct {
		name string
		in   cloudtrail.UpdateTrailInput
		want string
		then func() // what is done about it
	}{
		{"as it is", cloudtrail.UpdateTrailInput{EnableLogFileValidation: aws.Bool(true)}, "", nil},
		{"no bucket", bucket, "S3BucketDoesNotExistException", func() { must("s3", "", "PUT /demo-logs"+within) }},
		{"no policy", bucket, "InsufficientS3BucketPolicyException", func() {
			must("s3", "", "PUT /demo-logs?policy\n"+allow("cloudtrail.amazonaws.com", "demo-logs"))
		}},
		{"a bucket", bucket, "", nil},
		{"no topic", topic, "InsufficientSnsTopicPolicyException", func() { must("sns", "CreateTopic", `{"Name": "demo"}`) }},
		{"no topic policy", topic, "InsufficientSnsTopicPolicyException", func() {
			must("sns", "SetTopicAttributes", `{"TopicArn": "arn:aws:sns:eu-west-1:111122223333:demo", "AttributeName": "Policy",
				"AttributeValue": "{\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"sns:Publish\", `+
				`\"Resource\": \"*\", \"Principal\": {\"Service\": \"cloudtrail.amazonaws.com\"}}}"}`)
		}},
		{"a topic", topic, "", nil},
		{"no key", key, "KmsKeyNotFoundException", func() {
			must("kms", "CreateKey", `{}`)
			_, body, _ := raw(t, c, "kms", "ListKeys", `{}`)
			for _, arn := range strings.Split(body, `"KeyArn":"`)[1:] {
				arn, _, _ = strings.Cut(arn, `"`)
				if arn != c.ARNOf("Key") {
					must("kms", "CreateAlias", `{"AliasName": "alias/demo", "TargetKeyId": "`+arn+`"}`)
				}
			}
		}},
		{"no key policy", key, "InsufficientEncryptionPolicyException", nil},
		{"no log group", group, "InvalidCloudWatchLogsLogGroupArnException", nil},
	}
	for _, step := range steps {
		if got := update(step.in); got != step.want {
			t.Errorf("%s: %q; want %q", step.name, got, step.want)
		}
		if step.then != nil {
			step.then()
		}
	}
	if status, body, _ := raw(t, c, "s3", "", "DELETE /demo-logs"); !strings.Contains(body, "BucketNotEmpty") {
		t.Errorf("a bucket with log files was deleted: %d %s", status, body)
	}
}

// TestCallsAreEvents: a call of another service is in the event history with its own source, and a rule hears of it.
func TestCallsAreEvents(t *testing.T) {
	c := newCloud(t, nil, func(o *Options) { o.HistoryDelay = 1 })
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	events := eventbridge.NewFromConfig(awsConfig(c, region, "operator"))
	rules, err := events.ListRules(t.Context(), &eventbridge.ListRulesInput{NamePrefix: aws.String("trailkeeper-Stop")})
	if err != nil || len(rules.Rules) != 1 {
		t.Fatalf("%+v, %v", rules, err)
	}
	if _, err := events.DisableRule(t.Context(), &eventbridge.DisableRuleInput{Name: rules.Rules[0].Name}); err != nil {
		t.Fatal(err)
	}
	run(t, c)
	calls := lookFor(t, c, region, "operator", types.LookupAttributeKeyEventSource, "events.amazonaws.com")
	if len(calls) != 2 || calls[0] != "DisableRule" {
		t.Errorf("the history has %v", calls)
	}
	copied := ""
	for _, m := range c.Queued()["Copies"] {
		copied += m.Body
	}
	if !strings.Contains(copied, `"source":"aws.events"`) || !strings.Contains(copied, `"eventName":"DisableRule"`) ||
		strings.Contains(copied, "ListRules") {
		t.Errorf("the rule for everything copied %s; want DisableRule, and no read", copied)
	}
	if err := stopMain(t, c); err != nil {
		t.Fatal(err)
	}
	run(t, c)
	for _, e := range of(c, KindMatched) {
		if e.Subject == "Stop" {
			t.Errorf("the disabled rule matched %s", e.Op)
		}
	}
	raw(t, c, "lambda", "", "GET /2015-03-31/functions/nobodys")
	calls = lookFor(t, c, region, "operator", types.LookupAttributeKeyEventName, "GetFunction20150331v2")
	if len(calls) != 1 {
		t.Errorf("Lambda's own names are not in the history: %v", calls)
	}
}
