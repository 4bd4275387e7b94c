package main_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// needs lists, for each type of resource, the calls that CloudFormation makes with the execution role to create, read,
// update and delete one (the permissions of the handlers in the resource type schemas of the CloudFormation registry,
// less those for properties that no template of ours has, and those for deleting what is retained). A type that is not
// here has nothing that says what it needs.
var needs = map[string]func(d deployed, id string) []request{
	"AWS::CloudTrail::Trail": func(d deployed, id string) []request {
		// Stopping and deleting are not among them: no template asks for either.
		all := append(
			on(
				d.arn(id),
				"cloudtrail",
				"CreateTrail UpdateTrail StartLogging PutEventSelectors PutInsightSelectors GetTrail GetTrailStatus "+
					"GetEventSelectors GetInsightSelectors GetEventConfiguration AddTags RemoveTags ListTags",
			),
			on("*", "cloudtrail", "DescribeTrails")...)
		if role, ok := d.resources[id].Properties["CloudWatchLogsRoleArn"]; ok {
			all = append(all, with(on(d.text(role), "iam", "PassRole"), "iam:PassedToService", "cloudtrail.amazonaws.com")...)
			all = append(all, on(d.text(role), "iam", "GetRole")...)
		}
		return all
	},
	"AWS::CloudWatch::Alarm": func(d deployed, id string) []request {
		return on(
			d.arn(id),
			"cloudwatch",
			"PutMetricAlarm DeleteAlarms DescribeAlarms TagResource UntagResource ListTagsForResource",
		)
	},
	"AWS::CloudWatch::Dashboard": func(d deployed, id string) []request {
		return on(
			d.arn(id),
			"cloudwatch",
			"PutDashboard GetDashboard DeleteDashboards TagResource UntagResource ListTagsForResource",
		)
	},
	"AWS::DynamoDB::Table": func(d deployed, id string) []request {
		all := on(
			d.arn(id),
			"dynamodb",
			"CreateTable UpdateTable DescribeTable DescribeContinuousBackups UpdateContinuousBackups DescribeTimeToLive "+
				"UpdateTimeToLive DescribeContributorInsights DescribeKinesisStreamingDestination GetResourcePolicy "+
				"PutResourcePolicy TagResource UntagResource ListTagsOfResource",
		)
		if key, ok := object(d.resources[id].Properties["SSESpecification"])["KMSMasterKeyId"]; ok {
			all = append(
				all,
				with(
					on(d.text(key), "kms", "Encrypt Decrypt ReEncryptFrom ReEncryptTo GenerateDataKey CreateGrant"),
					"kms:ViaService",
					d.service("dynamodb"),
				)...)
			all = append(all, on(d.text(key), "kms", "DescribeKey")...)
		}
		return all
	},
	"AWS::Events::ApiDestination": func(d deployed, id string) []request {
		return on(
			d.arn(id),
			"events",
			"CreateApiDestination UpdateApiDestination DescribeApiDestination DeleteApiDestination",
		)
	},
	"AWS::Events::Connection": func(d deployed, id string) []request {
		secret := d.place.arn(
			"secretsmanager",
			"secret:events!connection/"+d.name(id)+"/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f-AbCdEf",
		)
		role := d.global(
			"iam",
			"role/aws-service-role/apidestinations.events.amazonaws.com/AWSServiceRoleForAmazonEventBridgeApiDestinations",
		)
		return slices.Concat(
			on(d.arn(id), "events", "CreateConnection UpdateConnection DescribeConnection DeleteConnection"),
			on(secret, "secretsmanager", "CreateSecret UpdateSecret DeleteSecret GetSecretValue PutSecretValue"),
			with(on(role, "iam", "CreateServiceLinkedRole"), "iam:AWSServiceName", "apidestinations.events.amazonaws.com"),
		)
	},
	"AWS::Events::EventBusPolicy": func(d deployed, _ string) []request {
		return append(on("*", "events", "PutPermission RemovePermission"),
			on(d.place.arn("events", "event-bus/default"), "events", "DescribeEventBus")...)
	},
	"AWS::Events::Rule": func(d deployed, id string) []request {
		all := on(
			d.arn(id),
			"events",
			"PutRule DescribeRule DeleteRule PutTargets RemoveTargets ListTargetsByRule TagResource UntagResource "+
				"ListTagsForResource",
		)
		for _, target := range list(d.resources[id].Properties["Targets"]) {
			if role, ok := object(target)["RoleArn"]; ok {
				all = append(all, with(on(d.text(role), "iam", "PassRole"), "iam:PassedToService", "events.amazonaws.com")...)
			}
		}
		return all
	},
	"AWS::IAM::ManagedPolicy": func(d deployed, id string) []request {
		all := on(
			d.arn(id),
			"iam",
			"CreatePolicy DeletePolicy GetPolicy CreatePolicyVersion DeletePolicyVersion GetPolicyVersion ListPolicyVersions "+
				"ListEntitiesForPolicy",
		)
		for _, ref := range list(d.resources[id].Properties["Roles"]) {
			role, _ := object(ref)["Ref"].(string)
			attach := with(on(d.arn(role), "iam", "AttachRolePolicy DetachRolePolicy"), "iam:PolicyARN", d.arn(id))
			if boundary, ok := d.resources[role].Properties["PermissionsBoundary"]; ok {
				attach = with(attach, "iam:PermissionsBoundary", d.text(boundary))
			}
			all = append(all, attach...)
		}
		return all
	},
	"AWS::IAM::Policy": func(d deployed, id string) []request {
		var all []request
		for _, ref := range list(d.resources[id].Properties["Roles"]) {
			role, _ := object(ref)["Ref"].(string)
			put := on(d.arn(role), "iam", "PutRolePolicy")
			if boundary, ok := d.resources[role].Properties["PermissionsBoundary"]; ok {
				put = with(put, "iam:PermissionsBoundary", d.text(boundary))
			}
			all = slices.Concat(all, put, on(d.arn(role), "iam", "GetRolePolicy DeleteRolePolicy"))
		}
		return all
	},
	"AWS::IAM::Role": func(d deployed, id string) []request {
		bounded := on(d.arn(id), "iam", "CreateRole PutRolePolicy PutRolePermissionsBoundary")
		if boundary, ok := d.resources[id].Properties["PermissionsBoundary"]; ok {
			bounded = with(bounded, "iam:PermissionsBoundary", d.text(boundary))
		}
		return append(
			bounded,
			on(d.arn(id), "iam", "GetRole UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy DeleteRole DeleteRolePolicy "+
				"GetRolePolicy ListRolePolicies ListAttachedRolePolicies TagRole UntagRole ListRoleTags")...)
	},
	"AWS::KMS::Key": func(d deployed, id string) []request {
		all := append(
			on("*", "kms", "CreateKey"),
			on(d.arn(id), "kms", "PutKeyPolicy UpdateKeyDescription ScheduleKeyDeletion EnableKeyRotation DescribeKey "+
				"GetKeyPolicy GetKeyRotationStatus ListResourceTags")...)
		// Asked of the caller's own policies: the key is not there yet (KMS Developer Guide, "Controlling access to tags").
		if d.resources[id].Properties["Tags"] != nil {
			all = append(all, on("*", "kms", "TagResource")...)
		}
		return all
	},
	"AWS::Lambda::EventInvokeConfig": func(d deployed, id string) []request {
		return on(
			d.functionOf(id),
			"lambda",
			"PutFunctionEventInvokeConfig UpdateFunctionEventInvokeConfig GetFunctionEventInvokeConfig "+
				"DeleteFunctionEventInvokeConfig",
		)
	},
	"AWS::Lambda::EventSourceMapping": func(d deployed, id string) []request {
		of := d.functionOf(id)
		return slices.Concat(
			with(on("*", "lambda", "CreateEventSourceMapping"), "lambda:FunctionArn", of),
			with(
				on(d.arn(id), "lambda", "GetEventSourceMapping UpdateEventSourceMapping DeleteEventSourceMapping"),
				"lambda:FunctionArn", of,
			),
			on(d.arn(id), "lambda", "TagResource UntagResource ListTags"),
		)
	},
	"AWS::Lambda::Function": lambdaNeeds,
	"AWS::Lambda::Permission": func(d deployed, id string) []request {
		return on(d.functionOf(id), "lambda", "AddPermission RemovePermission GetPolicy")
	},
	"AWS::Logs::LogGroup": func(d deployed, id string) []request {
		return slices.Concat(
			on(
				d.arn(id),
				"logs",
				"CreateLogGroup DeleteLogGroup PutRetentionPolicy DeleteRetentionPolicy AssociateKmsKey DisassociateKmsKey "+
					"GetDataProtectionPolicy TagResource UntagResource ListTagsForResource",
			),
			on("*", "logs", "DescribeLogGroups DescribeIndexPolicies DescribeResourcePolicies"),
		)
	},
	"AWS::Logs::MetricFilter": func(d deployed, id string) []request {
		group := d.place.arn("logs", "log-group:"+d.text(d.resources[id].Properties["LogGroupName"])+":*")
		return on(group, "logs", "PutMetricFilter DescribeMetricFilters DeleteMetricFilter")
	},
	"AWS::Organizations::Policy": func(d deployed, id string) []request {
		properties := d.resources[id].Properties
		kind, _ := properties["Type"].(string)
		of := func(resource, actions string) []request {
			return with(on(d.global("organizations", resource), "organizations", actions), "organizations:PolicyType", kind)
		}
		const organization = "o-a1b2c3d4e5/"
		made := "policy/" + organization + strings.ToLower(kind) + "/p-1a2b3c4d"
		all := slices.Concat(
			with(on("*", "organizations", "CreatePolicy"), "organizations:PolicyType", kind),
			of(made, "DescribePolicy UpdatePolicy DeletePolicy AttachPolicy DetachPolicy ListTargetsForPolicy"),
			on(d.global("organizations", made), "organizations", "ListTagsForResource"),
		)
		for _, target := range list(properties["TargetIds"]) {
			on := "account/"
			switch name, _ := target.(string); {
			case strings.HasPrefix(name, "r-"):
				on = "root/"
			case strings.HasPrefix(name, "ou-"):
				on = "ou/"
			}
			all = append(all, of(on+organization+target.(string), "AttachPolicy DetachPolicy")...)
		}
		return all
	},
	"AWS::Logs::SubscriptionFilter": func(d deployed, id string) []request {
		group := d.place.arn("logs", "log-group:"+d.text(d.resources[id].Properties["LogGroupName"])+":*")
		return on(group, "logs", "PutSubscriptionFilter DescribeSubscriptionFilters DeleteSubscriptionFilter")
	},
	"AWS::S3::Bucket": func(d deployed, id string) []request {
		return on(
			d.arn(id),
			"s3",
			"CreateBucket ListBucket PutBucketTagging TagResource UntagResource PutEncryptionConfiguration "+
				"PutLifecycleConfiguration PutBucketPublicAccessBlock PutBucketVersioning PutBucketOwnershipControls "+
				"GetBucketAcl GetAccelerateConfiguration GetLifecycleConfiguration GetBucketPublicAccessBlock "+
				"GetAnalyticsConfiguration GetBucketCORS GetEncryptionConfiguration GetInventoryConfiguration GetBucketLogging "+
				"GetMetricsConfiguration GetBucketNotification GetBucketVersioning GetReplicationConfiguration GetBucketWebsite "+
				"GetBucketObjectLockConfiguration GetBucketTagging ListTagsForResource GetBucketAbac GetBucketOwnershipControls "+
				"GetIntelligentTieringConfiguration GetBucketMetadataTableConfiguration",
		)
	},
	"AWS::S3::BucketPolicy": func(d deployed, id string) []request {
		return on(d.text(d.resources[id].Properties["Bucket"]), "s3", "GetBucketPolicy PutBucketPolicy")
	},
	"AWS::SSM::Parameter": func(d deployed, id string) []request {
		return on(d.arn(id), "ssm", "PutParameter GetParameters DeleteParameter AddTagsToResource RemoveTagsFromResource "+
			"ListTagsForResource")
	},
	"AWS::Scheduler::Schedule": func(d deployed, id string) []request {
		role := d.text(object(d.resources[id].Properties["Target"])["RoleArn"])
		return append(on(d.arn(id), "scheduler", "CreateSchedule GetSchedule UpdateSchedule DeleteSchedule"),
			with(on(role, "iam", "PassRole"), "iam:PassedToService", "scheduler.amazonaws.com")...)
	},
	"AWS::StepFunctions::StateMachine": func(d deployed, id string) []request {
		role := d.text(d.resources[id].Properties["RoleArn"])
		return append(
			on(d.arn(id), "states", "CreateStateMachine DescribeStateMachine UpdateStateMachine DeleteStateMachine TagResource "+
				"UntagResource ListTagsForResource"),
			with(on(role, "iam", "PassRole"), "iam:PassedToService", "states.amazonaws.com")...)
	},
	"AWS::SNS::Subscription": func(d deployed, id string) []request {
		topic := d.text(d.resources[id].Properties["TopicArn"])
		return append(
			on(topic, "sns", "Subscribe"),
			on("*", "sns", "Unsubscribe GetSubscriptionAttributes SetSubscriptionAttributes")...)
	},
	"AWS::SNS::Topic": func(d deployed, id string) []request {
		return on(d.arn(id), "sns", "CreateTopic DeleteTopic GetTopicAttributes SetTopicAttributes ListSubscriptionsByTopic "+
			"GetDataProtectionPolicy TagResource UntagResource ListTagsForResource")
	},
	"AWS::SNS::TopicPolicy": func(d deployed, id string) []request {
		return on(d.text(list(d.resources[id].Properties["Topics"])[0]), "sns", "SetTopicAttributes")
	},
	"AWS::SQS::Queue": func(d deployed, id string) []request {
		return on(
			d.arn(id),
			"sqs",
			"CreateQueue DeleteQueue GetQueueUrl GetQueueAttributes SetQueueAttributes TagQueue UntagQueue ListQueueTags",
		)
	},
	"AWS::SQS::QueuePolicy": func(d deployed, id string) []request {
		return on(d.text(list(d.resources[id].Properties["Queues"])[0]), "sqs", "SetQueueAttributes")
	},
}

func lambdaNeeds(d deployed, id string) []request {
	p := d.resources[id].Properties
	code := object(p["Code"])
	object := d.bucket(d.text(code["S3Bucket"]) + "/" + d.text(code["S3Key"]))
	all := slices.Concat(
		on(
			d.arn(id),
			"lambda",
			"CreateFunction GetFunction UpdateFunctionCode UpdateFunctionConfiguration DeleteFunction PutFunctionConcurrency "+
				"DeleteFunctionConcurrency GetFunctionCodeSigningConfig GetFunctionRecursionConfig GetRuntimeManagementConfig "+
				"TagResource UntagResource ListTags",
		),
		with(on(d.text(p["Role"]), "iam", "PassRole"), "iam:PassedToService", "lambda.amazonaws.com"),
		with(on(object, "s3", "GetObject GetObjectVersion"), "aws:ResourceAccount", account),
	)
	if key, ok := p["KmsKeyArn"]; ok {
		all = append(
			all,
			with(
				on(d.text(key), "kms", "Encrypt Decrypt GenerateDataKey CreateGrant"),
				"kms:ViaService",
				d.service("lambda"),
			)...)
		all = append(all, on(d.text(key), "kms", "DescribeKey")...)
	}
	return all
}

// functionOf is the ARN of the function that a permission or a configuration is for.
func (d deployed) functionOf(id string) string {
	named := d.text(d.resources[id].Properties["FunctionName"])
	for function, r := range d.resources {
		if arn := d.arn(function); r.Type == "AWS::Lambda::Function" && (named == arn || named == d.name(function)) {
			return arn
		}
	}
	panic(id + " is for no function of the stack")
}

var dynamicReference = regexp.MustCompile(`{{resolve:secretsmanager:((?:arn:[^}]+:secret:)?[^:}]+):`)

// reads are the secrets that a resource's dynamic references name.
func (d deployed) reads(id string) []request {
	raw, err := json.Marshal(d.resources[id].Properties)
	if err != nil {
		panic(err) // decoded from JSON
	}
	var all []request
	for _, m := range dynamicReference.FindAllSubmatch(raw, -1) {
		secret := string(m[1])
		if !strings.HasPrefix(secret, "arn:") {
			secret = d.place.arn("secretsmanager", "secret:"+secret+"-AbCdEf")
		}
		all = append(all, on(secret, "secretsmanager", "GetSecretValue")...)
	}
	return all
}

// on asks for several actions of a service.
func on(resource, service, actions string) []request {
	var all []request
	for _, action := range strings.Fields(actions) {
		all = append(all, request{service + ":" + action, resource, map[string]string{"aws:PrincipalAccount": account}})
	}
	return all
}

func with(requests []request, key, value string) []request {
	for i := range requests {
		requests[i].context = maps.Clone(requests[i].context)
		requests[i].context[key] = value
	}
	return requests
}
