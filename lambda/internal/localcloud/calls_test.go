package localcloud

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/localcloud/wire"
)

// call is one request as a client sends it, and what its answer holds.
type call struct {
	service, op string
	// request is JSON in the service's own words; of S3 and Lambda a method and a path, and the body in the next line.
	request string
	want    []string
}

// every is each call that is played, in an order in which they succeed. {Guard} stands for the ARN of the resource.
var every = []call{
	{"sts", "GetCallerIdentity", `{}`, []string{"<Arn>arn:aws:iam::111122223333:user/operator</Arn>", "<UserId>AIDA"}},
	{"s3", "CreateBucket", `PUT /demo-logs
		<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>`, nil},
	{"s3", "HeadBucket", `HEAD /demo-logs`, nil},
	{"s3", "ListBuckets", `GET /?max-buckets=10`, []string{
		`<ListBucketsOutput xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Buckets><Bucket>`,
		`<Name>demo-logs</Name></Bucket>`, "<Owner><ID>",
	}},
	{"s3", "GetBucketLocation", `GET /demo-logs?location`, []string{">eu-west-1</LocationConstraint>"}},
	{"s3", "PutBucketPolicy", `PUT /demo-logs?policy
		{"Version": "2012-10-17", "Statement": [
			{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
				"Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::demo-logs"},
			{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
				"Action": "s3:PutObject", "Resource": "arn:aws:s3:::demo-logs/AWSLogs/*"}]}`, nil},
	{"s3", "GetBucketPolicy", `GET /demo-logs?policy`, []string{`"Action":["s3:PutObject"]`}},
	{"cloudtrail", "CreateTrail", `{"Name": "demo", "S3BucketName": "demo-logs"}`, []string{
		`"TrailARN":"arn:aws:cloudtrail:eu-west-1:111122223333:trail/demo"`, `"S3BucketName":"demo-logs"`,
	}},
	{"cloudtrail", "StartLogging", `{"Name": "demo"}`, []string{"{}"}},
	{"cloudtrail", "UpdateTrail", `{"Name": "demo", "EnableLogFileValidation": true}`, []string{
		`"LogFileValidationEnabled":true`,
	}},
	{
		"cloudtrail", "PutEventSelectors", `{"TrailName": "demo", "EventSelectors": [{"ReadWriteType": "WriteOnly"}]}`,
		[]string{`"ReadWriteType":"WriteOnly"`},
	},
	{"cloudtrail", "PutInsightSelectors", `{"TrailName": "demo",
		"InsightSelectors": [{"InsightType": "ApiCallRateInsight"}]}`, []string{`"InsightType":"ApiCallRateInsight"`}},
	{"cloudtrail", "PutEventConfiguration", `{"TrailName": "demo", "AggregationConfigurations": [
		{"EventCategory": "Data", "Templates": ["API_ACTIVITY"]}]}`, []string{`"Templates":["API_ACTIVITY"]`}},
	{"cloudtrail", "AddTags", `{"ResourceId": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/demo",
		"TagsList": [{"Key": "a", "Value": "b"}]}`, []string{"{}"}},
	{"cloudtrail", "RemoveTags", `{"ResourceId": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/demo",
		"TagsList": [{"Key": "b"}]}`, []string{"{}"}},
	{
		"cloudtrail", "ListTags", `{"ResourceIdList": ["arn:aws:cloudtrail:eu-west-1:111122223333:trail/demo"]}`,
		[]string{`"TagsList":[{"Key":"a","Value":"b"}]`},
	},
	{"cloudtrail", "GetTrail", `{"Name": "demo"}`, []string{`"HomeRegion":"eu-west-1"`}},
	{"cloudtrail", "GetTrailStatus", `{"Name": "demo"}`, []string{`"IsLogging":true`, `"StartLoggingTime":17`}},
	{"cloudtrail", "GetEventSelectors", `{"TrailName": "demo"}`, []string{`"ReadWriteType":"WriteOnly"`}},
	{"cloudtrail", "GetInsightSelectors", `{"TrailName": "demo"}`, []string{`"ApiCallRateInsight"`}},
	{"cloudtrail", "GetEventConfiguration", `{"TrailName": "demo"}`, []string{`"API_ACTIVITY"`}},
	{"cloudtrail", "DescribeTrails", `{}`, []string{`"Name":"demo"`}},
	{"cloudtrail", "ListTrails", `{}`, []string{`"Name":"demo"`}},
	{"cloudtrail", "ListPublicKeys", `{}`, []string{`"Fingerprint":"`, `"ValidityStartTime":17`}},
	{"cloudtrail", "ListEventDataStores", `{"MaxResults": 5}`, []string{`"EventDataStores":[]`}},
	{
		"cloudtrail", "GetEventDataStore", `{"EventDataStore": "arn:aws:cloudtrail:eu-west-1:111122223333:eventdatastore/a-b"}`,
		[]string{"EventDataStoreNotFoundException"},
	},
	{"cloudtrail", "StopLogging", `{"Name": "demo"}`, []string{"{}"}},
	{"cloudtrail", "LookupEvents", `{"LookupAttributes": [
		{"AttributeKey": "EventName", "AttributeValue": "CreateBucket"}]}`, []string{
		`"EventSource":"s3.amazonaws.com"`, `"ResourceName":"demo-logs"`, `"ReadOnly":"false"`,
		`\"bucketName\":\"demo-logs\"`,
	}},
	{"cloudtrail", "DeleteTrail", `{"Name": "demo"}`, []string{"{}"}},
	{"s3", "PutObject", "PUT /empty/a%20b/c//d\nhello", nil},
	{"s3", "GetObject", "GET /empty/a%20b/c//d", []string{"hello"}},
	{"s3", "HeadObject", "HEAD /empty/a%20b/c//d", nil},
	{"s3", "ListObjectsV2", "GET /empty?list-type=2&prefix=a&encoding-type=url", []string{
		"<ListBucketResult", "<Contents><ETag>&#34;5d41402abc4b2a76b9719d911017c592&#34;</ETag><Key>a+b/c//d</Key>",
		"<Size>5</Size>", "<KeyCount>1</KeyCount>",
	}},
	{"s3", "DeleteObject", "DELETE /empty/a%20b/c//d", nil},
	{"s3", "PutBucketNotificationConfiguration", "PUT /empty?notification\n<NotificationConfiguration>" +
		"<EventBridgeConfiguration/></NotificationConfiguration>", nil},
	{"s3", "GetBucketNotificationConfiguration", "GET /empty?notification", []string{"<EventBridgeConfiguration>"}},
	{"s3", "PutBucketLifecycleConfiguration", "PUT /empty?lifecycle\n<LifecycleConfiguration><Rule><ID>x</ID><Status>Enabled</Status>" +
		"<Filter><Prefix>a/</Prefix></Filter><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>", nil},
	{"s3", "GetBucketLifecycleConfiguration", "GET /empty?lifecycle", []string{
		"<Rule><Expiration><Days>1</Days></Expiration><Filter><Prefix>a/</Prefix></Filter><ID>x</ID><Status>Enabled</Status></Rule>",
	}},
	{"s3", "DeleteBucketLifecycle", "DELETE /empty?lifecycle", nil},
	{"s3", "GetBucketVersioning", "GET /empty?versioning", nil},
	{"s3", "PutBucketVersioning", "PUT /empty?versioning\n<VersioningConfiguration><Status>Suspended</Status>" +
		"</VersioningConfiguration>", nil},
	{"s3", "DeleteBucketPolicy", `DELETE /demo-logs?policy`, nil},
	{"s3", "DeleteBucket", `DELETE /empty`, nil},
	{"kms", "CreateKey", `{"Description": "logs"}`, []string{`"KeyState":"Enabled"`, `"Description":"logs"`}},
	{"kms", "CreateAlias", `{"AliasName": "alias/demo", "TargetKeyId": "{Key}"}`, []string{"{}"}},
	{"kms", "ListAliases", `{}`, []string{`"AliasName":"alias/demo"`, `"AliasName":"alias/app"`, `"Truncated":false`}},
	{"kms", "ListKeys", `{"Limit": 1}`, []string{`"KeyArn":"arn:aws:kms:`, `"Truncated":true`, `"NextMarker":"1.`}},
	{"kms", "DescribeKey", `{"KeyId": "alias/demo"}`, []string{`"Arn":"{Key}"`, `"Enabled":true`}},
	{"kms", "GetKeyPolicy", `{"KeyId": "alias/demo"}`, []string{
		`\"Principal\":{\"AWS\":[\"arn:aws:iam::111122223333:root\"]}`,
	}},
	{
		"kms", "PutKeyPolicy", `{"KeyId": "{Key}",
		"Policy": "{\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"kms:*\",` +
			` \"Resource\": \"*\", \"Principal\": \"*\"}}"}`,
		[]string{"{}"},
	},
	{"kms", "EnableKeyRotation", `{"KeyId": "{Key}"}`, []string{"{}"}},
	{"kms", "GetKeyRotationStatus", `{"KeyId": "{Key}"}`, []string{`"KeyRotationEnabled":true`}},
	{"kms", "DisableKeyRotation", `{"KeyId": "{Key}"}`, []string{"{}"}},
	{"kms", "DisableKey", `{"KeyId": "{Key}"}`, []string{"{}"}},
	{"kms", "EnableKey", `{"KeyId": "{Key}"}`, []string{"{}"}},
	{"kms", "ScheduleKeyDeletion", `{"KeyId": "{Key}", "PendingWindowInDays": 7}`, []string{
		`"KeyState":"PendingDeletion"`,
	}},
	{"kms", "CancelKeyDeletion", `{"KeyId": "{Key}"}`, []string{`"KeyId":"{Key}"`}},
	{"sns", "CreateTopic", `{"Name": "demo"}`, []string{
		`<CreateTopicResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><CreateTopicResult>`,
		"<TopicArn>arn:aws:sns:eu-west-1:111122223333:demo</TopicArn>", "<RequestId>",
	}},
	{"sns", "SetTopicAttributes", `{"TopicArn": "arn:aws:sns:eu-west-1:111122223333:demo",
		"AttributeName": "DisplayName", "AttributeValue": "Demo <1>"}`, []string{"<SetTopicAttributesResponse"}},
	{"sns", "GetTopicAttributes", `{"TopicArn": "arn:aws:sns:eu-west-1:111122223333:demo"}`, []string{
		"<entry><key>DisplayName</key><value>Demo &lt;1&gt;</value></entry>", "<key>Policy</key>",
	}},
	{"sns", "ListTopics", `{}`, []string{"<member><TopicArn>arn:aws:sns:eu-west-1:111122223333:demo</TopicArn></member>"}},
	{"sns", "ListSubscriptions", `{}`, []string{"<Endpoint>security@example.com</Endpoint>"}},
	{"sns", "ListSubscriptionsByTopic", `{"TopicArn": "{Topic}"}`, []string{"<Protocol>email</Protocol>"}},
	{"sns", "Publish", `{"TopicArn": "arn:aws:sns:eu-west-1:111122223333:demo", "Message": "m"}`, []string{"<MessageId>"}},
	{"sns", "Subscribe", `{"TopicArn": "{Topic}", "Protocol": "https", "Endpoint": "https://siem.example.com/sns"}`, []string{
		"<SubscriptionArn>pending confirmation</SubscriptionArn>",
	}},
	{"sns", "GetSubscriptionAttributes", `{"SubscriptionArn": "{Subscription}"}`, []string{
		"<key>PendingConfirmation</key><value>false</value>", "<key>Endpoint</key><value>security@example.com</value>",
	}},
	{"sns", "SetSubscriptionAttributes", `{"SubscriptionArn": "{Subscription}", "AttributeName": "FilterPolicy",
		"AttributeValue": "{\"severity\": [\"never\"]}"}`, []string{"<SetSubscriptionAttributesResponse"}},
	{"sns", "Unsubscribe", `{"SubscriptionArn": "{Subscription}"}`, []string{"<UnsubscribeResponse"}},
	{"sns", "RemovePermission", `{"TopicArn": "{Topic}", "Label": "none"}`, []string{"<RemovePermissionResponse"}},
	{"sns", "DeleteTopic", `{"TopicArn": "arn:aws:sns:eu-west-1:111122223333:demo"}`, []string{"<DeleteTopicResponse"}},
	{"sqs", "ListQueues", `{"QueueNamePrefix": "trailkeeper-Failures"}`, []string{`"QueueUrls":["{Failures url}"]`}},
	{"sqs", "GetQueueUrl", `{"QueueName": "{Failures name}"}`, []string{`"QueueUrl":"{Failures url}"`}},
	{"sqs", "SendMessage", `{"QueueUrl": "{Failures url}", "MessageBody": "m"}`, []string{`"MessageId":"`}},
	{"sqs", "GetQueueAttributes", `{"QueueUrl": "{Failures url}", "AttributeNames": ["All"]}`, []string{
		`"ApproximateNumberOfMessages":"1"`, `"QueueArn":"{Failures}"`, `"MessageRetentionPeriod":"345600"`,
	}},
	{"sqs", "ReceiveMessage", `{"QueueUrl": "{Failures url}"}`, []string{`"Body":"m"`}},
	{"sqs", "ChangeMessageVisibility", `{"QueueUrl": "{Failures url}", "VisibilityTimeout": 1,
		"ReceiptHandle": "{handle}"}`, []string{"{}"}},
	{"sqs", "DeleteMessage", `{"QueueUrl": "{Failures url}", "ReceiptHandle": "{handle}"}`, []string{"{}"}},
	{
		"sqs", "DeleteMessageBatch", `{"QueueUrl": "{Failures url}", "Entries": [{"Id": "1", "ReceiptHandle": "{handle}"}]}`,
		[]string{`"Successful":[{"Id":"1"}]`},
	},
	{"sqs", "PurgeQueue", `{"QueueUrl": "{Failures url}"}`, []string{"{}"}},
	{"sqs", "SetQueueAttributes", `{"QueueUrl": "{Failures url}", "Attributes": {"MessageRetentionPeriod": "60"}}`, []string{
		"{}",
	}},
	{"sqs", "StartMessageMoveTask", `{"SourceArn": "{Failures}"}`, []string{"InvalidParameterValue"}},
	{"sqs", "CancelMessageMoveTask", `{"TaskHandle": "x"}`, []string{"ResourceNotFoundException"}},
	{"sqs", "DeleteQueue", `{"QueueUrl": "{Failures url}"}`, []string{"{}"}},
	{"lambda", "ListFunctions", `GET /2015-03-31/functions/?MaxItems=50`, []string{`"FunctionArn":"{Guard}"`}},
	{"lambda", "GetFunction", `GET /2015-03-31/functions/{Guard name}`, []string{`"Configuration":{`, `"Timeout":60`}},
	{"lambda", "GetFunctionConfiguration", `GET /2015-03-31/functions/{Guard name}/configuration`, []string{
		`"Runtime":"provided.al2023"`, `"Variables":{`,
	}},
	{"lambda", "Invoke", `POST /2015-03-31/functions/{Guard name}/invocations
		{"detail-type": "test"}`, []string{"null"}},
	{"lambda", "UpdateFunctionConfiguration", `PUT /2015-03-31/functions/{Guard name}/configuration
		{"Timeout": 30, "Layers": ["arn:aws:lambda:eu-west-1:999988887777:layer:x:1"]}`, []string{
		`"Timeout":30`, `"LastUpdateStatus":"InProgress"`, `"Layers":[{"Arn":"arn:aws:lambda:eu-west-1:999988887777:layer:x:1"}]`,
	}},
	{"lambda", "UpdateFunctionCode", `PUT /2015-03-31/functions/{Guard name}/code
		{"ZipFile": "eA=="}`, []string{`"CodeSha256":"LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE="`}},
	{"lambda", "GetAccountSettings", `GET /2016-08-19/account-settings/`, []string{
		`"ConcurrentExecutions":1000`, `"UnreservedConcurrentExecutions":`,
	}},
	{"lambda", "GetFunctionConcurrency", `GET /2019-09-30/functions/{Guard name}/concurrency`, []string{"{}"}},
	{"lambda", "PutFunctionConcurrency", `PUT /2017-10-31/functions/{Guard name}/concurrency
		{"ReservedConcurrentExecutions": 0}`, []string{`{"ReservedConcurrentExecutions":0}`}},
	{"lambda", "DeleteFunctionConcurrency", `DELETE /2017-10-31/functions/{Guard name}/concurrency`, nil},
	{"lambda", "ListEventSourceMappings", `GET /2015-03-31/event-source-mappings`, []string{`"EventSourceMappings":[]`}},
	{"lambda", "GetEventSourceMapping", `GET /2015-03-31/event-source-mappings/` + nobodys, []string{"does not exist"}},
	{"lambda", "UpdateEventSourceMapping", `PUT /2015-03-31/event-source-mappings/` + nobodys + `
		{"Enabled": false}`, []string{"does not exist"}},
	{"lambda", "DeleteEventSourceMapping", `DELETE /2015-03-31/event-source-mappings/` + nobodys, []string{"does not exist"}},
	{"lambda", "AddPermission", `POST /2015-03-31/functions/{Guard name}/policy
		{"StatementId": "x", "Action": "lambda:InvokeFunction", "Principal": "444455556666"}`, []string{
		`"Statement":"{\"Action\":\"lambda:InvokeFunction\",\"Effect\":\"Allow\",`,
	}},
	{"lambda", "GetPolicy", `GET /2015-03-31/functions/{Guard name}/policy`, []string{
		`\"Principal\":{\"Service\":\"events.amazonaws.com\"}`, `\"Principal\":{\"AWS\":\"arn:aws:iam::444455556666:root\"}`,
		`\"Condition\":{\"ArnLike\":{\"AWS:SourceArn\":`,
	}},
	{"lambda", "RemovePermission", `DELETE /2015-03-31/functions/{Guard name}/policy/x`, nil},
	{"lambda", "PutFunctionEventInvokeConfig", `PUT /2019-09-25/functions/{Guard name}/event-invoke-config
		{"MaximumRetryAttempts": 0}`, []string{`"MaximumRetryAttempts":0`, `"DestinationConfig":{"OnFailure":{},"OnSuccess":{}}`}},
	{"lambda", "UpdateFunctionEventInvokeConfig", `PUT /2019-09-25/functions/{Guard name}/event-invoke-config`, nil},
	{"lambda", "GetFunctionEventInvokeConfig", `GET /2019-09-25/functions/{Guard name}/event-invoke-config`, []string{
		`"FunctionArn":"{Guard}:$LATEST"`,
	}},
	{"lambda", "DeleteFunctionEventInvokeConfig", `DELETE /2019-09-25/functions/{Guard name}/event-invoke-config`, nil},
	{"events", "ListRules", `{"NamePrefix": "trailkeeper-Stop"}`, []string{`"Arn":"{Stop}"`, `"State":"ENABLED"`}},
	{"events", "DescribeRule", `{"Name": "{Stop name}"}`, []string{
		`"EventPattern":"{`, `"EventBusName":"default"`, `"CreatedBy":"111122223333"`,
	}},
	{"events", "ListTargetsByRule", `{"Rule": "{Stop name}"}`, []string{
		`"Id":"Slack"`, `"InputTransformer":{"InputPathsMap":{"who":"$.detail.userIdentity.arn"}`,
	}},
	{"events", "DisableRule", `{"Name": "{Stop name}"}`, []string{"{}"}},
	{"events", "EnableRule", `{"Name": "{Stop name}"}`, []string{"{}"}},
	{"events", "ListRuleNamesByTarget", `{"TargetArn": "{Guard}"}`, []string{`"RuleNames":["{Stop name}"]`}},
	{"events", "PutRule", `{"Name": "{Stop name}", "EventPattern": "{\"source\":[\"demo\"]}", "State": "DISABLED"}`, []string{
		`"RuleArn":"{Stop}"`,
	}},
	{"events", "PutTargets", `{"Rule": "{Stop name}", "Targets": [{"Id": "More", "Arn": "{Failures}", "Input": "{}"}]}`, []string{
		`"FailedEntryCount":0`,
	}},
	{"events", "RemoveTargets", `{"Rule": "{Stop name}", "Ids": ["More", "Guard", "Slack"]}`, []string{`"FailedEntryCount":0`}},
	{"events", "DeleteRule", `{"Name": "{Stop name}"}`, []string{"{}"}},
	{"events", "DescribeConnection", `{"Name": "{Connection name}"}`, []string{
		`"ConnectionState":"AUTHORIZED"`, `"ApiKeyName":"X-App"`, `"SecretArn":"arn:aws:secretsmanager:`,
	}},
	{
		"events", "UpdateConnection", `{"Name": "{Connection name}", "AuthParameters": {"ApiKeyAuthParameters": {"ApiKeyValue": "x"}}}`,
		[]string{`"ConnectionState":"AUTHORIZED"`},
	},
	{"events", "DescribeApiDestination", `{"Name": "{Slack name}"}`, []string{
		`"ApiDestinationState":"ACTIVE"`, `"InvocationRateLimitPerSecond":1`, `"HttpMethod":"POST"`,
	}},
	{"events", "UpdateApiDestination", `{"Name": "{Slack name}", "InvocationEndpoint": "https://example.com/"}`, []string{
		`"ApiDestinationState":"ACTIVE"`,
	}},
	{"events", "DeauthorizeConnection", `{"Name": "{Connection name}"}`, []string{`"ConnectionState":"DEAUTHORIZED"`}},
	{"events", "DeleteConnection", `{"Name": "{Connection name}"}`, []string{`"ConnectionArn":"arn:aws:events:`}},
	{"events", "DeleteApiDestination", `{"Name": "{Slack name}"}`, []string{"{}"}},
	{"ssm", "PutParameter", `{"Name": "trailkeeper-deployment", "Type": "String", "Value": "{}"}`, []string{`"Version":1`}},
	{"ssm", "GetParameter", `{"Name": "trailkeeper-deployment"}`, []string{
		`"ARN":"arn:aws:ssm:eu-west-1:111122223333:parameter/trailkeeper-deployment"`, `"Value":"{}"`,
	}},
	{"ssm", "DeleteParameter", `{"Name": "trailkeeper-deployment"}`, []string{"{}"}},
	{
		"events", "PutEvents", `{"Entries": [{"Source": "demo", "DetailType": "demo", "Detail": "{}", "Time": 1772442900}]}`,
		[]string{`"FailedEntryCount":0`},
	},
	{"dynamodb", "ListTables", `{"Limit": 1}`, []string{`"TableNames":["state-State00000001-`}},
	{"dynamodb", "DescribeTable", `{"TableName": "{State name}"}`, []string{
		`"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}`, `"TableStatus":"ACTIVE"`,
	}},
	{"dynamodb", "PutItem", `{"TableName": "{State name}", "Item": {"pk": {"S": "a"}, "sk": {"S": "b"}}}`, []string{
		"explicit deny in a resource-based policy",
	}},
	{"dynamodb", "GetItem", `{"TableName": "{State name}", "Key": {"pk": {"S": "a"}, "sk": {"S": "b"}},
		"ConsistentRead": true}`, []string{"{}"}},
	{"dynamodb", "Query", `{"TableName": "{State name}", "KeyConditionExpression": "pk = :p",
		"ExpressionAttributeValues": {":p": {"S": "a"}}, "ConsistentRead": true}`, []string{`"Count":1`}},
	{"dynamodb", "Scan", `{"TableName": "{State name}"}`, []string{`"ScannedCount":1`, `"sk":{"S":"seeded"}`}},
	{"dynamodb", "DescribeTimeToLive", `{"TableName": "{State name}"}`, []string{
		`{"TimeToLiveDescription":{"AttributeName":"expires","TimeToLiveStatus":"ENABLED"}}`,
	}},
	{"dynamodb", "UpdateTimeToLive", `{"TableName": "{State name}", "TimeToLiveSpecification": {"Enabled": false,
		"AttributeName": "expires"}}`, []string{`"Enabled":false`}},
	{"dynamodb", "DescribeContinuousBackups", `{"TableName": "{State name}"}`, []string{
		`"PointInTimeRecoveryStatus":"ENABLED"`,
	}},
	{"dynamodb", "UpdateContinuousBackups", `{"TableName": "{State name}", "PointInTimeRecoverySpecification": {
		"PointInTimeRecoveryEnabled": false}}`, []string{`"PointInTimeRecoveryStatus":"DISABLED"`}},
	{"dynamodb", "GetResourcePolicy", `{"ResourceArn": "{State}"}`, []string{`\"Effect\":\"Deny\"`, `"RevisionId":"`}},
	{"dynamodb", "PutResourcePolicy", `{"ResourceArn": "{State}", "Policy": "{\"Statement\": {\"Effect\": \"Allow\",` +
		` \"Action\": \"dynamodb:GetItem\", \"Resource\": \"*\", \"Principal\": \"*\"}}"}`, []string{`"RevisionId":"`}},
	{"dynamodb", "DeleteResourcePolicy", `{"ResourceArn": "{State}"}`, []string{`"RevisionId":"`}},
	{"dynamodb", "UpdateTable", `{"TableName": "{State name}", "DeletionProtectionEnabled": false}`, []string{
		`"TableStatus":"ACTIVE"`,
	}},
	{"dynamodb", "DeleteTable", `{"TableName": "{State name}"}`, []string{`"TableStatus":"DELETING"`}},
	{"cloudformation", "DescribeStacks", `{"StackName": "trailkeeper"}`, []string{
		"<StackStatus>CREATE_COMPLETE</StackStatus>", "<StackId>arn:aws:cloudformation:eu-west-1:111122223333:stack/trailke",
	}},
	{"cloudformation", "ListStackResources", `{"StackName": "trailkeeper"}`, []string{
		"<LogicalResourceId>Guard00000001</LogicalResourceId>", "<PhysicalResourceId>{Guard name}</PhysicalResourceId>",
	}},
	{"cloudformation", "DescribeStackResources", `{"StackName": "trailkeeper"}`, []string{
		"<LogicalResourceId>Guard00000001</LogicalResourceId>", "<StackName>trailkeeper</StackName>",
	}},
	{"cloudformation", "UpdateTerminationProtection", `{"StackName": "state", "EnableTerminationProtection": "false"}`, []string{
		"<StackId>arn:aws:cloudformation:",
	}},
	{"cloudformation", "GetTemplate", `{"StackName": "state"}`, []string{"AWS::DynamoDB::Table"}},
	{"secretsmanager", "GetSecretValue", `{"SecretId": "app"}`, []string{`"VersionStages":["AWSCURRENT"]`}},
	{"secretsmanager", "PutSecretValue", `{"SecretId": "app", "SecretString": "two", "ClientRequestToken":
		"11111111-1111-1111-1111-111111111111"}`, []string{`"VersionId":"11111111-1111-1111-1111-111111111111"`}},
	{"secretsmanager", "UpdateSecret", `{"SecretId": "app", "SecretString": "three", "ClientRequestToken":
		"22222222-2222-2222-2222-222222222222"}`, []string{`"VersionId":"22222222-2222-2222-2222-222222222222"`}},
	{"secretsmanager", "UpdateSecretVersionStage", `{"SecretId": "app", "VersionStage": "AWSCURRENT", "RemoveFromVersionId":
		"22222222-2222-2222-2222-222222222222", "MoveToVersionId": "11111111-1111-1111-1111-111111111111"}`, []string{
		`"Name":"app"`,
	}},
	{"secretsmanager", "DescribeSecret", `{"SecretId": "app"}`, []string{
		`{"11111111-1111-1111-1111-111111111111":["AWSCURRENT"],"22222222-2222-2222-2222-222222222222":["AWSPREVIOUS"]}`,
	}},
	{"secretsmanager", "PutResourcePolicy", `{"SecretId": "app", "ResourcePolicy": "{\"Statement\": {\"Effect\": \"Allow\",` +
		` \"Action\": \"secretsmanager:*\", \"Resource\": \"*\", \"Principal\": \"*\"}}"}`, []string{`"Name":"app"`}},
	{"secretsmanager", "GetResourcePolicy", `{"SecretId": "app"}`, []string{`\"Effect\":\"Allow\"`}},
	{"secretsmanager", "DeleteResourcePolicy", `{"SecretId": "app"}`, []string{`"Name":"app"`}},
	{"secretsmanager", "DeleteSecret", `{"SecretId": "app", "RecoveryWindowInDays": 7}`, []string{`"DeletionDate":17`}},
	{"secretsmanager", "RestoreSecret", `{"SecretId": "app"}`, []string{`"Name":"app"`}},
	{"monitoring", "PutMetricData", `{"Namespace": "demo", "MetricData": [{"MetricName": "m", "Value": 2}]}`, nil},
	{"monitoring", "ListMetrics", `{"Namespace": "demo"}`, []string{`"MetricName":"m"`}},
	{
		"monitoring", "GetMetricData", `{"StartTime": 1772442000, "EndTime": 1772446000, "MetricDataQueries": [{"Id": "q",
		"MetricStat": {"Metric": {"Namespace": "demo", "MetricName": "m"}, "Period": 60, "Stat": "Sum"}}]}`,
		[]string{`"Values":[2]`, `"Timestamps":[17724`},
	},
	{"iam", "GetRole", `{"RoleName": "{GuardRole name}"}`, []string{
		"<Arn>{GuardRole}</Arn>", "<AssumeRolePolicyDocument>%7B%22Statement%22%3A%5B%7B%22Action", "<Path>/</Path>",
	}},
	{"iam", "ListRolePolicies", `{"RoleName": "{GuardRole name}"}`, []string{
		"<PolicyNames><member>guard</member></PolicyNames>", "<IsTruncated>false</IsTruncated>",
	}},
	{"iam", "GetRolePolicy", `{"RoleName": "{GuardRole name}", "PolicyName": "guard"}`, []string{
		"<PolicyDocument>%7B%22Statement%22", "cloudtrail%3AGet%2A",
	}},
	{"iam", "ListAttachedRolePolicies", `{"RoleName": "{GuardRole name}"}`, []string{
		"<PolicyName>AWSLambdaBasicExecutionRole</PolicyName>", "<IsTruncated>false</IsTruncated>",
	}},
	{"iam", "AttachRolePolicy", `{"RoleName": "{GuardRole name}", "PolicyArn": "arn:aws:iam::aws:policy/AWSDenyAll"}`, nil},
	{"iam", "DetachRolePolicy", `{"RoleName": "{GuardRole name}", "PolicyArn": "arn:aws:iam::aws:policy/AWSDenyAll"}`, nil},
	{"iam", "GetPolicy", `{"PolicyArn": "arn:aws:iam::aws:policy/AWSDenyAll"}`, []string{
		"<DefaultVersionId>v1</DefaultVersionId>",
	}},
	{"iam", "GetPolicyVersion", `{"PolicyArn": "arn:aws:iam::aws:policy/AWSDenyAll", "VersionId": "v1"}`, []string{
		"%22Effect%22%3A%22Deny%22",
	}},
	{"iam", "PutRolePermissionsBoundary", `{"RoleName": "{GuardRole name}",
		"PermissionsBoundary": "arn:aws:iam::aws:policy/AWSDenyAll"}`, nil},
	{"iam", "DeleteRolePermissionsBoundary", `{"RoleName": "{GuardRole name}"}`, nil},
	{"iam", "PutRolePolicy", `{"RoleName": "{GuardRole name}", "PolicyName": "x",
		"PolicyDocument": "{\"Statement\": {\"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"*\"}}"}`, nil},
	{"iam", "DeleteRolePolicy", `{"RoleName": "{GuardRole name}", "PolicyName": "x"}`, nil},
	{"iam", "UpdateAssumeRolePolicy", `{"RoleName": "{GuardRole name}",
		"PolicyDocument": "{\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRole\", \"Principal\": \"*\"}}"}`, nil},
	{"iam", "DeleteRole", `{"RoleName": "{GuardRole name}"}`, []string{"<Code>DeleteConflict</Code>"}},
	{"iam", "CreatePolicyVersion", `{"PolicyArn": "arn:aws:iam::aws:policy/AWSDenyAll", "PolicyDocument": "{}"}`, []string{
		"<Code>NoSuchEntity</Code>",
	}},
	{"iam", "SetDefaultPolicyVersion", `{"PolicyArn": "arn:aws:iam::aws:policy/AWSDenyAll", "VersionId": "v1"}`, []string{
		"<Code>NoSuchEntity</Code>",
	}},
	{"observabilityadmin", "GetTelemetryEvaluationStatus", `POST /GetTelemetryEvaluationStatus
		{}`, []string{`"Status":"NOT_STARTED"`}},
	{"observabilityadmin", "ListTelemetryRules", `POST /ListTelemetryRules
		{"MaxResults": 5}`, []string{`"TelemetryRuleSummaries":[]`}},
	{"organizations", "DescribeOrganization", `{}`, []string{`"MasterAccountId":"111122223333"`, `"Id":"o-a1b2c3d4e5"`}},
	{
		"organizations", "ListDelegatedAdministrators", `{"ServicePrincipal": "cloudtrail.amazonaws.com"}`,
		[]string{`"Id":"444455556666"`},
	},
	{
		"organizations", "ListDelegatedServicesForAccount", `{"AccountId": "444455556666"}`,
		[]string{`"ServicePrincipal":"cloudtrail.amazonaws.com"`},
	},
	{"organizations", "ListPolicies", `{"Filter": "SERVICE_CONTROL_POLICY"}`, []string{`"Policies":[]`}},
	{"organizations", "ListPoliciesForTarget", `{"Filter": "SERVICE_CONTROL_POLICY", "TargetId": "r-a1b2"}`, []string{
		`"Policies":[]`,
	}},
	{"organizations", "ListTargetsForPolicy", `{"PolicyId": "p-a1b2c3d4"}`, []string{"PolicyNotFoundException"}},
	{"organizations", "DescribePolicy", `{"PolicyId": "p-a1b2c3d4"}`, []string{"PolicyNotFoundException"}},
	{"scheduler", "GetSchedule", `GET /schedules/{Sweep name}?groupName=default`, []string{
		`"ScheduleExpression":"rate(5 minutes)"`, `"RetryPolicy":{"MaximumEventAgeInSeconds":60,"MaximumRetryAttempts":0}`,
	}},
	{"scheduler", "UpdateSchedule", `PUT /schedules/{Sweep name}
		{"ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"}, "ClientToken": "x",
		"Target": {"Arn": "{Guard}", "RoleArn": "{SweepRole}", "Input": "x"}}`, []string{`{"ScheduleArn":"{Sweep}"}`}},
	{"scheduler", "DeleteSchedule", `DELETE /schedules/{Sweep name}?clientToken=x`, []string{"{}"}},
	{"scheduler", "CreateSchedule", `POST /schedules/{Sweep name}
		{"ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"},
		"Target": {"Arn": "{Guard}", "RoleArn": "{SweepRole}", "Input": "x"}}`, []string{`{"ScheduleArn":"{Sweep}"}`}},
	{"logs", "DescribeLogGroups", `{}`, []string{`"logGroupName":"trailkeeper-Log`}},
	{"logs", "PutRetentionPolicy", `{"logGroupName": "x", "retentionInDays": 1}`, []string{"ResourceNotFoundException"}},
	{"logs", "DeleteRetentionPolicy", `{"logGroupName": "x"}`, []string{"ResourceNotFoundException"}},
	{"logs", "DeleteLogGroup", `{"logGroupName": "x"}`, []string{"ResourceNotFoundException"}},
	{"lambda", "DeleteFunction", `DELETE /2015-03-31/functions/{Guard name}`, nil},
	{"monitoring", "DescribeAlarms", `{"AlarmNames": ["app/dead", "app/none"]}`, []string{
		`"AlarmArn":"arn:aws:cloudwatch:eu-west-1:111122223333:alarm:app/dead"`, `"ActionsEnabled":true`, `"Threshold":0`,
	}},
	{"monitoring", "DisableAlarmActions", `{"AlarmNames": ["app/dead"]}`, nil},
	{"monitoring", "EnableAlarmActions", `{"AlarmNames": ["app/dead"]}`, nil},
	{"monitoring", "SetAlarmState", `{"AlarmName": "app/dead", "StateValue": "ALARM", "StateReason": "test"}`, nil},
	{"monitoring", "PutMetricAlarm", `{"AlarmName": "app/dead", "Namespace": "AWS/Lambda", "MetricName": "Errors",
		"Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1000000,
		"ComparisonOperator": "GreaterThanThreshold"}`, nil},
	{"monitoring", "DeleteAlarms", `{"AlarmNames": ["app/dead"]}`, nil},
	{"cloudformation", "DeleteStack", `{"StackName": "trailkeeper"}`, []string{"<DeleteStackResponse"}},
}

// nobodys is the ID of no event source mapping.
const nobodys = "1234abcd-12ab-34cd-56ef-1234567890ab"

// refusedHere are the calls of the list that the cloud, as it is set up, refuses as AWS would.
var refusedHere = []string{
	"StartMessageMoveTask", "CancelMessageMoveTask", "PutItem",
	"PutRetentionPolicy", "DeleteRetentionPolicy", "DeleteLogGroup", "DeleteRole", "CreatePolicyVersion", "SetDefaultPolicyVersion",
	"GetEventSourceMapping", "UpdateEventSourceMapping", "DeleteEventSourceMapping", "GetEventDataStore", "ListTargetsForPolicy",
	"DescribePolicy",
}

// raw makes a request as a client without an SDK does, signed as nobody checks.
func raw(t *testing.T, c *Cloud, service, op, request string) (status int, body string, header http.Header) {
	t.Helper()
	var r *http.Request
	rest := slices.Contains([]string{"s3", "lambda", "scheduler", "observabilityadmin"}, service)
	switch first, text, _ := strings.Cut(request, "\n"); {
	case rest:
		method, path, _ := strings.Cut(first, " ")
		r = httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(strings.TrimSpace(text)))
	case slices.Contains([]string{"sts", "sns", "iam", "cloudformation"}, service):
		r = httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(form(t, op, request)))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	default:
		r = httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(request))
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		r.Header.Set("X-Amz-Target", "x."+op)
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=operator/20261001/"+region+"/"+service+
		"/aws4_request, SignedHeaders=host, Signature=x")
	w := httptest.NewRecorder()
	c.door.ServeHTTP(w, r)
	answer, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(answer), w.Header()
}

// form writes a flat request as the query protocol does.
func form(t *testing.T, op, request string) string {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal([]byte(request), &members); err != nil {
		t.Fatal(err)
	}
	values := url.Values{"Action": {op}, "Version": {"2010-03-31"}}
	for name, v := range members {
		values.Set(name, fmt.Sprint(v))
	}
	return values.Encode()
}

// TestEveryCallIsAnswered: each operation of the models is in the list, and answers as its service does.
func TestEveryCallIsAnswered(t *testing.T) {
	c := newCloud(t, nil, func(o *Options) {
		o.Strict, o.HistoryDelay = true, 1
		o.OrganizationID, o.DelegatedAdministrators = "o-a1b2c3d4e5", []string{"444455556666"}
	})
	state := Options{}
	stateTemplate(t)(&state)
	edit(t, "Guard", "Writer")(&state)
	if err := c.Deploy(state.Template, account, region, "state"); err != nil {
		t.Fatal(err)
	}
	if err := c.SetItem(Item{"pk": map[string]any{"S": "a"}, "sk": map[string]any{"S": "seeded"}}); err != nil {
		t.Fatal(err)
	}
	raw(t, c, "s3", "", "PUT /empty"+within)
	names := []string{"{handle}", ""}
	for _, id := range []string{"Key", "Topic", "Guard", "Stop", "Failures", "State", "GuardRole", "Sweep", "SweepRole", "Subscription", "Slack", "Connection"} {
		arn := c.ARNOf(id)
		name := arn[strings.LastIndexAny(arn, ":/")+1:]
		names = append(names, "{"+id+"}", arn, "{"+id+" name}", name, "{"+id+" url}", c.QueueURL(id))
	}
	left := map[string]bool{}
	for service, m := range wire.Models() {
		for _, op := range m.Played() {
			left[service+" "+op] = true
		}
	}
	for _, call := range every {
		c.Pass(2e9) // CloudTrail takes one write a second
		fill := strings.NewReplacer(names...)
		status, body, _ := raw(t, c, call.service, call.op, fill.Replace(call.request))
		if refused := slices.Contains(refusedHere, call.op); (status >= 300) != refused {
			t.Errorf("%s %s: %d %s", call.service, call.op, status, body)
		}
		for _, want := range call.want {
			if !strings.Contains(body, fill.Replace(want)) {
				t.Errorf("%s %s: want %s in\n%s", call.service, call.op, fill.Replace(want), body)
			}
		}
		if _, handle, ok := strings.Cut(body, `"ReceiptHandle":"`); ok {
			names[1], _, _ = strings.Cut(handle, `"`)
		}
		delete(left, call.service+" "+call.op)
	}
	if len(left) > 0 {
		t.Errorf("never called: %v", left)
	}
}

// TestOtherCallsAreNotSimulated: whatever else a service is asked, it says so in its own form, which no client tries
// again; so does a service that is not there.
func TestOtherCallsAreNotSimulated(t *testing.T) {
	c := newCloud(t, nil)
	for _, tt := range []struct{ service, op, request, want string }{
		{"cloudtrail", "CreateChannel", `{}`, `{"__type":"NotImplemented","message":"\"CreateChannel\" of cloudtrail is not`},
		{"dynamodb", "CreateTable", `{}`, `"message":"\"CreateTable\" of dynamodb is not simulated; the local run knows`},
		{"events", "CreateEventBus", `{}`, `"__type":"NotImplemented"`},
		{"kms", "Decrypt", `{}`, `"__type":"NotImplemented"`},
		{"sqs", "CreateQueue", `{}`, `"__type":"NotImplemented"`},
		{"secretsmanager", "CreateSecret", `{}`, `"__type":"NotImplemented"`},
		{"monitoring", "PutDashboard", `{}`, `"__type":"NotImplemented"`},
		{"sns", "AddPermission", `{}`, `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error>` +
			`<Type>Sender</Type><Code>NotImplemented</Code><Message>&#34;AddPermission&#34; of sns is not simulated`},
		{"sts", "AssumeRole", `{}`, `<Code>NotImplemented</Code>`},
		{"cloudformation", "CreateStack", `{}`, `<Code>NotImplemented</Code>`},
		{"s3", "", `PUT /demo/key?tagging`, `<Error><Code>NotImplemented</Code><Message>&#34;PutObjectTagging&#34; of s3`},
		{"s3", "", `GET /demo?acl`, `&#34;GetBucketAcl&#34; of s3`},
		{"s3", "", `GET /demo?prefix=x`, `&#34;ListObjects&#34; of s3`},
		{"s3", "", `PATCH /demo`, `&#34;PATCH /demo&#34; of s3`},
		{"lambda", "", `DELETE /2015-03-31/functions/x/aliases/y`, `{"Message":"\"DeleteAlias\" of lambda is not simulated`},
		{"lambda", "", `GET /x`, `\"GET /x\" of lambda`},
		{"sagemaker", "ListModels", `{}`, `"message":"the service sagemaker is not simulated; the local run serves cloudform`},
	} {
		status, body, header := raw(t, c, tt.service, tt.op, tt.request)
		if status != http.StatusNotImplemented || !strings.Contains(body, tt.want) || header.Get("X-Amzn-Requestid") == "" {
			t.Errorf("%s %s: %d %s; want %s", tt.service, tt.op, status, body, tt.want)
		}
	}
}

// TestTooLarge: what is too large is refused in the service's form as well.
func TestTooLarge(t *testing.T) {
	c := newCloud(t, nil)
	status, body, _ := raw(t, c, "kms", "Decrypt", `{"x": "`+strings.Repeat("x", 3<<20)+`"}`)
	if status != http.StatusRequestEntityTooLarge || !strings.Contains(body, `"__type":"RequestEntityTooLarge"`) {
		t.Errorf("%d %.200s", status, body)
	}
}

var update = flag.Bool("update", false, "write the table of calls in lambda/README.md anew")

// TestCallsOfTheManual: lambda/README.md lists the calls that are played.
func TestCallsOfTheManual(t *testing.T) {
	const page, begin, end = "../../README.md", "see lambda/internal/localcloud -->\n", "<!-- /calls -->"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatal("lambda/README.md has no place for the calls")
	}
	var rows []string
	for service, m := range wire.Models() {
		name := strings.Replace(service, "monitoring", "cloudwatch", 1) // as clients call it
		rows = append(rows, "| `"+name+"` | "+strings.Join(m.Played(), ", ")+" |\n")
	}
	slices.Sort(rows)
	table := "| service | calls |\n|---|---|\n" + strings.Join(rows, "")
	want := before + begin + table + end + after
	switch {
	case want == string(text):
	case *update:
		if err := os.WriteFile(page, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("lambda/README.md lists other calls; go test . -update in this folder writes:\n%s", table)
	}
}
