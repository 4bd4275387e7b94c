package delivery

import (
	"slices"
	"strings"

	"trailkeeper/rules/expression"
)

// cloudTrail is how the detail-types of CloudTrail's events end, and the rest how they begin (EventBridge User Guide,
// "AWS service events delivered via AWS CloudTrail"). The documentation has two spellings of a sign-in.
const (
	cloudTrail      = " via CloudTrail"
	apiCall         = "AWS API Call" + cloudTrail
	serviceEvent    = "AWS Service Event" + cloudTrail
	consoleAction   = "AWS Console Action" + cloudTrail
	networkActivity = "AWS Network Activity Event" + cloudTrail
	signIn          = "AWS Console Sign In" + cloudTrail
	signInAlso      = "AWS Console Signin" + cloudTrail
	insight         = "AWS Insight" + cloudTrail
)

// typesOf are the detail-types of a record by its eventType (CloudTrail User Guide, "CloudTrail record contents").
var typesOf = map[string][]string{
	"AwsApiCall":           {apiCall},
	"AwsServiceEvent":      {serviceEvent},
	"AwsConsoleAction":     {consoleAction},
	"AwsConsoleSignIn":     {signIn, signInAlso},
	"AwsVpceEvent":         {networkActivity},
	"AwsVpceEvents":        {networkActivity},
	"AwsCloudTrailInsight": {insight},
}

// every are all detail-types, in the order in which a pattern has them.
var every = []string{
	apiCall,
	serviceEvent,
	consoleAction,
	networkActivity,
	signIn,
	signInAlso,
	insight,
}

// signIns are the names that only a sign-in to the console has. Those of IAM Identity Center are service events.
var signIns = []string{"ConsoleLogin", "CheckMfa"}

const signInSource = "signin.amazonaws.com"

// detailTypes are those that the records of a clause may have.
func detailTypes(c expression.Clause) []string {
	types := byType(c.Fields["eventType"])
	onlySignIns := onlyOf(c.Fields["eventName"], signIns)
	sources, of := exact(c.Fields["eventSource"])
	noSignIns := of && !slices.Contains(sources, signInSource)
	return slices.DeleteFunc(types, func(t string) bool {
		signing := t == signIn || t == signInAlso
		return t == insight && ofCalls(c.Fields) || onlySignIns && !signing && t != apiCall || noSignIns && signing
	})
}

// byType are the detail-types of an eventType.
func byType(tests []expression.Test) []string {
	kinds, all := exact(tests)
	if !all {
		return slices.Clone(every)
	}
	var types []string
	for _, kind := range kinds {
		known := typesOf[kind]
		if known == nil {
			known = []string{apiCall}
		}
		types = union(types, known)
	}
	return types
}

// onlyOf reports whether a field has one of some texts.
func onlyOf(tests []expression.Test, texts []string) bool {
	found, all := exact(tests)
	return all && !slices.ContainsFunc(found, func(text string) bool { return !slices.Contains(texts, text) })
}

// ofCalls reports whether the fields are those of a call or of its caller: an Insights event has neither, and its call
// below insightDetails.
func ofCalls(fields map[string][]expression.Test) bool {
	return slices.ContainsFunc([]string{
		"eventName", "eventSource", "errorCode", "userIdentity.type", "sourceIPAddress",
	}, func(path string) bool { return fields[path] != nil })
}

// exact are the texts that a field may have, in their own case or in lower; false where it may have others.
func exact(tests []expression.Test) ([]string, bool) {
	var texts []string
	for _, t := range tests {
		switch t.Op {
		case expression.Is:
			texts = append(texts, t.Text)
		case expression.IsFold:
			at := slices.IndexFunc(knownTexts, func(known string) bool { return strings.ToLower(known) == t.Text })
			if at < 0 {
				texts = append(texts, t.Text)
			} else {
				texts = append(texts, knownTexts[at])
			}
		default:
			return nil, false
		}
	}
	return texts, len(texts) > 0
}

// knownTexts are the texts that are looked for in their own case.
var knownTexts = slices.Concat(signIns, []string{
	"AwsApiCall", "AwsServiceEvent", "AwsConsoleAction", "AwsConsoleSignIn", "AwsVpceEvent", "AwsVpceEvents",
	"AwsCloudTrailInsight",
})

// readVerbs are how the names of management events begin that may not arrive in the state ENABLED. Describe, Get and
// List are those that EventBridge names; of other calls that only read it says that some services have them.
var readVerbs = []string{
	"describe", "get", "list", "assumerole", "batchdescribe", "batchget", "check", "decrypt", "detect", "download",
	"encrypt", "estimate", "export", "filter", "generate", "head", "lookup", "preview", "query", "scan", "search",
	"select", "sign", "simulate", "test", "validate", "verify", "view",
}

// mayRead reports whether a record of the clause may be a management event that only reads.
func mayRead(c expression.Clause) bool {
	if c.Writes || slices.Equal(c.Fields["readOnly"], []expression.Test{{Op: expression.Truth, Text: "false"}}) {
		return false
	}
	if kinds, all := exact(c.Fields["eventType"]); all && !slices.Contains(kinds, "AwsApiCall") {
		return false
	}
	tests := c.Fields["eventName"]
	return len(tests) == 0 || slices.ContainsFunc(tests, func(t expression.Test) bool {
		name := strings.ToLower(t.Text)
		return slices.ContainsFunc(readVerbs, func(verb string) bool {
			switch t.Op {
			case expression.Is, expression.IsFold:
				return strings.HasPrefix(name, verb)
			case expression.StartsWith:
				return strings.HasPrefix(name, verb) || strings.HasPrefix(verb, name)
			}
			return true
		})
	})
}

// dataCalls are data events by their services: the names of some, and how all names begin where it is a star
// (CloudTrail User Guide, "Logging data events"). They arrive only if a trail logs them.
var dataCalls = map[string][]string{
	"s3.amazonaws.com": {
		"AbortMultipartUpload", "CompleteMultipartUpload", "CopyObject", "CreateMultipartUpload", "DeleteObject",
		"DeleteObjectTagging", "DeleteObjects", "GetObject", "GetObjectAcl", "GetObjectAttributes", "GetObjectLegalHold",
		"GetObjectRetention", "GetObjectTagging", "GetObjectTorrent", "HeadObject", "ListMultipartUploads",
		"ListObjectVersions", "ListObjects", "ListParts", "PutObject", "PutObjectAcl", "PutObjectLegalHold",
		"PutObjectRetention",
		"PutObjectTagging", "RestoreObject", "SelectObjectContent", "UploadPart", "UploadPartCopy",
	},
	"lambda.amazonaws.com": {"Invoke", "InvokeExecution"},
	"dynamodb.amazonaws.com": {
		"BatchExecuteStatement", "BatchGetItem", "BatchWriteItem", "DeleteItem", "ExecuteStatement", "ExecuteTransaction",
		"GetItem", "GetRecords", "PutItem", "Query", "Scan", "TransactGetItems", "TransactWriteItems", "UpdateItem",
	},
	"sqs.amazonaws.com": {
		"ChangeMessageVisibility", "DeleteMessage", "DeleteMessageBatch", "ReceiveMessage", "SendMessage", "SendMessageBatch",
	},
	"sns.amazonaws.com":              {"Publish", "PublishBatch"},
	"kinesis.amazonaws.com":          {"GetRecords", "PutRecord", "PutRecords", "SubscribeToShard"},
	"ebs.amazonaws.com":              {"CompleteSnapshot", "GetSnapshotBlock", "ListChangedBlocks", "PutSnapshotBlock"},
	"bedrock.amazonaws.com":          {"ApplyGuardrail", "InvokeAgent", "InvokeFlow", "Retrieve", "RetrieveAndGenerate"},
	"cognito-identity.amazonaws.com": {"GetCredentialsForIdentity", "GetId", "GetOpenIdToken"},
}

// dataEvents are the services whose data events the fields are about; none where they may be about other calls.
func dataEvents(fields map[string][]expression.Test) []string {
	sources, all := exact(fields["eventSource"])
	names, named := exact(fields["eventName"])
	if !all || !named {
		return nil
	}
	var found []string
	for _, source := range sources {
		calls := dataCalls[source]
		if slices.ContainsFunc(names, func(name string) bool {
			return !slices.ContainsFunc(calls, func(call string) bool { return strings.EqualFold(call, name) })
		}) {
			return nil
		}
		found = append(found, strings.TrimSuffix(source, ".amazonaws.com"))
	}
	return found
}
