package protect_test

import "trailkeeper/rules/protect"

const (
	deployer = "arn:aws:iam::111122223333:role/cdk-hnb659fds-cfn-exec-role-111122223333-eu-west-1"
	keyID    = "0d4b0f0a-1111-2222-3333-444455556666"
)

func whole() protect.Deployment {
	return protect.Deployment{
		Stack: "keeper", Partition: "aws", Region: "eu-west-1", Account: "111122223333",
		Deployer: deployer,
		Function: "sentry",
		Topics:   []string{"arn:aws:sns:eu-west-1:111122223333:security"},
		Queues:   []string{"arn:aws:sqs:eu-west-1:444455556666:lost"},
		Tables:   []string{"keeper-StateTable96BC688D-1A2B3C"},
		Keys:     []string{keyID, "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234"},
		Secret:   "slack/keeper",
		Boundary: "bounds",
		Policies: []string{"p-a1b2c3d4"},
	}
}

// values are, by event source and field, or by the field alone, what a call about the deployment has there, and what one
// about something else has.
var values = map[string]struct{ own, foreign []string }{
	"alarmName":              {[]string{"keeper/guard-errors"}, []string{"other/keeper", "keepe"}},
	"alarmNames":             {[]string{"keeper/guard-errors"}, []string{"other/keeper"}},
	"muteTargets.alarmNames": {[]string{"keeper/guard-errors"}, []string{"other"}},
	"dashboardName":          {[]string{"keeper-eu-west-1"}, []string{"other-keeper"}},
	"dashboardNames":         {[]string{"keeper-eu-west-1"}, []string{"other-keeper"}},
	"responseElements.functionArn": {
		[]string{
			"arn:aws:lambda:eu-west-1:111122223333:function:keeper-WatchFunction-x", "arn:aws:lambda:eu-west-1:111122223333:function:sentry",
			"arn:aws:lambda:eu-west-1:111122223333:function:sentry:live",
		},
		[]string{
			"arn:aws:lambda:eu-west-1:111122223333:function:other-keeper", "arn:aws:lambda:eu-west-1:111122223333:function:sentry2",
			"arn:aws:lambda:us-east-1:111122223333:function:keeper-WatchFunction-x",
		},
	},
	"resources.ARN": {
		[]string{"arn:aws:kms:eu-west-1:111122223333:key/" + keyID, "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234"},
		[]string{"arn:aws:kms:eu-west-1:111122223333:key/mrk-12345", "arn:aws:kms:eu-west-1:999999999999:key/" + keyID},
	},
	"logGroupName": {
		[]string{"keeper-GuardLog047B64CB-x", "/aws/lambda/keeper-guard", "/aws/lambda/sentry"},
		[]string{"/aws/lambda/sentry2", "/aws/keeper", "other"},
	},
	"logGroupIdentifier": {
		[]string{"arn:aws:logs:eu-west-1:111122223333:log-group:keeper-GuardLog:*", "keeper-GuardLog"},
		[]string{"arn:aws:logs:eu-west-1:111122223333:log-group:other:*"},
	},
	"resourceIdentifier": {
		[]string{"arn:aws:logs:eu-west-1:111122223333:log-group:keeper-GuardLog", "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/sentry"},
		[]string{"arn:aws:logs:eu-west-1:111122223333:log-group:other", "arn:aws:logs:eu-west-1:111122223333:query-result:*"},
	},
	"rule": {[]string{"keeper-tampering"}, []string{"other"}},
	"eventBusName": {
		[]string{"default", "arn:aws:events:eu-west-1:111122223333:event-bus/default", ""}, []string{"keeper", "partner"},
	},
	"functionName": {
		[]string{
			"keeper-GuardFunction9CCE20FB-x", "arn:aws:lambda:eu-west-1:111122223333:function:keeper-guard:live",
			"111122223333:function:keeper-guard", "sentry", "sentry:7", "arn:aws:lambda:eu-west-1:111122223333:function:sentry",
		},
		[]string{"other", "sentry2", "arn:aws:lambda:eu-west-1:111122223333:function:other-keeper"},
	},
	"topicArn": {
		[]string{"arn:aws:sns:eu-west-1:111122223333:keeper-Topic", "arn:aws:sns:eu-west-1:111122223333:security"},
		[]string{"arn:aws:sns:eu-west-1:111122223333:security2", "arn:aws:sns:eu-west-1:111122223333:other"},
	},
	"subscriptionArn": {
		[]string{"arn:aws:sns:eu-west-1:111122223333:keeper-Topic:" + keyID, "arn:aws:sns:eu-west-1:111122223333:security:" + keyID},
		[]string{"arn:aws:sns:eu-west-1:111122223333:other:" + keyID},
	},
	"sns.amazonaws.com resourceArn": {
		[]string{"arn:aws:sns:eu-west-1:111122223333:keeper-Topic"}, []string{"arn:aws:sns:eu-west-1:111122223333:other"},
	},
	"queueUrl": {
		[]string{
			"https://sqs.eu-west-1.amazonaws.com/111122223333/keeper-GuardFailures-x",
			"https://eu-west-1.queue.amazonaws.com/111122223333/keeper-GuardFailures-x",
			"https://sqs.eu-west-1.amazonaws.com/444455556666/lost",
		},
		[]string{
			"https://sqs.eu-west-1.amazonaws.com/111122223333/other",
			"https://sqs.eu-west-1.amazonaws.com/999999999999/keeper-x",
			"https://sqs.eu-west-1.amazonaws.com/444455556666/lost2",
		},
	},
	"sourceArn": {
		[]string{"arn:aws:sqs:eu-west-1:111122223333:keeper-x", "arn:aws:sqs:eu-west-1:444455556666:lost"},
		[]string{"arn:aws:sqs:eu-west-1:111122223333:other"},
	},
	"secretId": {
		[]string{
			"slack/keeper", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:slack/keeper",
			"arn:aws:secretsmanager:eu-west-1:111122223333:secret:slack/keeper-AbCdEf",
		},
		[]string{"slack/keeper2", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:slack/keeper2-AbCdEf"},
	},
	"ssm.amazonaws.com name": {
		[]string{"/keeper/deployment", "keeper", "arn:aws:ssm:eu-west-1:111122223333:parameter/keeper/deployment"}, []string{"/other/keeper"},
	},
	"names":     {[]string{"/keeper/deployment"}, []string{"/other"}},
	"tableName": {[]string{"keeper-StateTable96BC688D-1A2B3C"}, []string{"keeper-StateTable96BC688D", "other"}},
	"dynamodb.amazonaws.com resourceArn": {
		[]string{"arn:aws:dynamodb:eu-west-1:111122223333:table/keeper-StateTable96BC688D-1A2B3C"},
		[]string{"arn:aws:dynamodb:eu-west-1:111122223333:table/other"},
	},
	"roleName": {[]string{"keeper-GuardRole87F67C2B-x"}, []string{"other-keeper", "cdk-hnb659fds-cfn-exec-role"}},
	"policyArn": {
		[]string{"arn:aws:iam::111122223333:policy/trailkeeper/keeper-Further", "arn:aws:iam::111122223333:policy/bounds"},
		[]string{"arn:aws:iam::aws:policy/AWSDenyAll", "arn:aws:iam::111122223333:policy/bounds2"},
	},
	"servicePrincipal": {[]string{"cloudtrail.amazonaws.com"}, []string{"config.amazonaws.com"}},
	"policyId":         {[]string{"p-a1b2c3d4"}, []string{"p-99999999"}},
	"accountId":        {[]string{"111122223333"}, []string{"999999999999"}},
	"stackName": {
		[]string{"keeper", "arn:aws:cloudformation:eu-west-1:111122223333:stack/keeper/" + keyID},
		[]string{"keeper-2", "arn:aws:cloudformation:eu-west-1:111122223333:stack/keeper2/" + keyID},
	},
	"stackSetName":                 {[]string{"keeper-forwarders", "keeper-forwarders:" + keyID}, []string{"other"}},
	"scheduler.amazonaws.com name": {[]string{"keeper-sweep"}, []string{"other"}},
}

// namesOf are such values of each call of EventBridge whose field is name: it is that of a rule, an API destination, a
// connection or a bus.
var namesOf = map[string]struct{ own, foreign []string }{
	"DeleteApiDestination":  {[]string{"keeper-slack"}, []string{"default", "other-slack", "keepe"}},
	"UpdateApiDestination":  {[]string{"keeper-slack"}, []string{"default", "other-slack", "keepe"}},
	"DeauthorizeConnection": {[]string{"keeper-slack"}, []string{"default", "other-slack", "keepe"}},
	"DeleteConnection":      {[]string{"keeper-slack"}, []string{"default", "other-slack", "keepe"}},
	"UpdateConnection":      {[]string{"keeper-slack"}, []string{"default", "other-slack", "keepe"}},
	"DeleteRule":            {[]string{"keeper-tampering"}, []string{"default", "other-tampering", "keepe"}},
	"DisableRule":           {[]string{"keeper-tampering"}, []string{"default", "other-tampering", "keepe"}},
	"PutRule":               {[]string{"keeper-tampering"}, []string{"default", "other-tampering", "keepe"}},
	"DeleteEventBus": {
		[]string{"default", "arn:aws:events:eu-west-1:111122223333:event-bus/default"}, []string{"keeper", "keeper-slack", "defaults"},
	},
	"UpdateEventBus": {
		[]string{"default", "arn:aws:events:eu-west-1:111122223333:event-bus/default"}, []string{"keeper", "keeper-slack", "defaults"},
	},
}

func valuesOf(c protect.Call) (own, foreign []string) {
	if c.Source == "events.amazonaws.com" && c.Field == "name" {
		v := namesOf[c.Event]
		return v.own, v.foreign
	}
	v, found := values[c.Source+" "+c.Field]
	if !found {
		v = values[c.Field]
	}
	return v.own, v.foreign
}
