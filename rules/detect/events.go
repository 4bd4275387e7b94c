package detect

import (
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"trailkeeper/rules/expression"
)

const eventsFile = "events.yaml"

// trackedEvents is the ID of the rule that stands for the names in events.yaml.
const trackedEvents = "tracked-events"

// readyMade are the lists of events that events.yaml may name.
var readyMade = map[string][]string{
	"cloudtrail": {
		"AddTags", "CreateTrail", "DeleteEventDataStore", "DeleteTrail", "PutEventSelectors", "PutInsightSelectors",
		"RemoveTags", "StartLogging", "StopEventDataStoreIngestion", "StopLogging", "UpdateEventDataStore", "UpdateTrail",
	},
	"iam": {
		"AddUserToGroup", "AttachGroupPolicy", "AttachRolePolicy", "AttachUserPolicy", "CreateAccessKey", "CreateGroup",
		"CreateLoginProfile", "CreatePolicy", "CreatePolicyVersion", "CreateRole", "CreateUser", "DeactivateMFADevice",
		"DeleteGroupPolicy", "DeletePolicy", "DeletePolicyVersion", "DeleteRolePolicy", "DeleteUserPolicy",
		"DeleteVirtualMFADevice", "DetachGroupPolicy", "DetachRolePolicy", "DetachUserPolicy", "PutGroupPolicy",
		"PutRolePolicy", "PutUserPolicy", "SetDefaultPolicyVersion", "UpdateAccessKey", "UpdateAssumeRolePolicy",
		"UpdateLoginProfile",
	},
	"network": {
		"AcceptVpcPeeringConnection", "AttachInternetGateway", "AuthorizeSecurityGroupEgress",
		"AuthorizeSecurityGroupIngress", "CreateCustomerGateway", "CreateInternetGateway", "CreateNetworkAcl",
		"CreateNetworkAclEntry", "CreateRoute", "CreateRouteTable", "CreateSecurityGroup", "CreateVpc",
		"CreateVpcPeeringConnection", "DeleteCustomerGateway", "DeleteFlowLogs", "DeleteInternetGateway",
		"DeleteNetworkAcl", "DeleteNetworkAclEntry", "DeleteRoute", "DeleteRouteTable", "DeleteSecurityGroup", "DeleteVpc",
		"DeleteVpcPeeringConnection", "DetachInternetGateway", "DisassociateRouteTable", "ModifyVpcAttribute",
		"ReplaceNetworkAclAssociation", "ReplaceNetworkAclEntry", "ReplaceRoute", "ReplaceRouteTableAssociation",
		"RevokeSecurityGroupEgress", "RevokeSecurityGroupIngress",
	},
	"data": {
		"DeleteBucket", "DeleteBucketCors", "DeleteBucketEncryption", "DeleteBucketLifecycle", "DeleteBucketPolicy",
		"DeleteBucketPublicAccessBlock", "DeleteBucketReplication", "DeleteDBCluster", "DeleteDBInstance", "DeleteTable",
		"DisableKey", "ModifyDBClusterSnapshotAttribute", "ModifyDBSnapshotAttribute", "ModifyImageAttribute",
		"ModifySnapshotAttribute", "PutBucketAcl", "PutBucketCors", "PutBucketLifecycle", "PutBucketPolicy",
		"PutBucketPublicAccessBlock", "PutBucketReplication", "ScheduleKeyDeletion",
	},
	"config": {
		"DeleteConfigRule", "DeleteConfigurationAggregator", "DeleteConfigurationRecorder", "DeleteDeliveryChannel",
		"DeleteEvaluationResults", "PutConfigurationRecorder", "PutDeliveryChannel", "StopConfigurationRecorder",
	},
	"ec2": {
		"CreateKeyPair", "GetPasswordData", "ImportKeyPair", "ModifyInstanceAttribute", "RunInstances",
		"SendSSHPublicKey", "SendSerialConsoleSSHPublicKey", "TerminateInstances",
	},
}

var validEvent = func(name string) bool {
	return len(name) <= 128 && strings.Trim(
		name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-",
	) == ""
}

// events reads events.yaml: a list of the names of events and of ready-made lists.
func (l *loader) events(s Source) {
	if _, err := fs.Stat(s.Files, eventsFile); err != nil {
		return
	}
	l.file(s, eventsFile, func(d *document, root *yaml.Node) {
		for _, node := range d.scalars(root, eventsFile) {
			names, known := readyMade[node.Value]
			switch {
			case known:
				l.tracked = append(l.tracked, names...)
			case node.Value == "" || !validEvent(node.Value):
				d.report(node, "%q is no name of an event", short(node.Value))
			default:
				l.tracked = append(l.tracked, node.Value)
			}
		}
	})
}

// track makes the rule that stands for the names of events.
func (l *loader) track(language *expression.Language) {
	if len(l.tracked) == 0 {
		return
	}
	slices.Sort(l.tracked)
	var quoted []string
	for _, name := range slices.Compact(l.tracked) {
		quoted = append(quoted, strconv.Quote(name))
	}
	r := &reader{doc: &document{file: eventsFile}, language: language}
	text := func(s string) *yaml.Node {
		return &yaml.Node{
			Kind:   yaml.ScalarNode,
			Value:  s,
			Line:   1,
			Column: 1,
		}
	}
	m := mapping{r.doc, text(""), map[string]*yaml.Node{
		"title": text("{{ record.eventName }} by {{ record.userIdentity.arn }}"),
	}}
	rule := &Rule{
		ID:          trackedEvents,
		File:        eventsFile,
		Description: "The events that events.yaml names.",
		title:       r.template(m, "title"),
		severity:    severity{constant: "low"},
		match:       r.expression(text("record.eventName in ["+strings.Join(quoted, ", ")+"]"), expression.Condition),
	}
	l.add(rule, r, text(""))
	l.problems = append(l.problems, r.doc.problems...)
}
