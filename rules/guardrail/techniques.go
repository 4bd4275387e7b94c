package guardrail

import "slices"

// Techniques is the catalogue, in the order of the IDs. It is of Pacu's and Stratus Red Team's techniques against
// CloudTrail and EventBridge, and of what the API models of the services offer besides.
func Techniques() []Technique {
	return slices.Concat(
		onTrails(), onLake(), onBucket(), onKeys(), onCloudWatch(),
		onEventBridge(), onFunction(), onChannels(), onIdentity(), onOrganization(), onDeployment(),
	)
}

func onTrails() []Technique {
	update := denied(TrailAny, "cloudtrail:UpdateTrail")
	selectors := denied(TrailAny, "cloudtrail:PutEventSelectors")
	return []Technique{
		{"A1", "Stop a trail", denied(TrailAny, "cloudtrail:StopLogging")},
		{"A2", "Delete a trail", denied(TrailAny, "cloudtrail:DeleteTrail")},
		{"A3", "Make a multi-Region trail one of a single Region", update},
		{"A4", "Drop global service events", update},
		{"A5", "Redirect log files to another bucket or prefix", update},
		{"A6", "Swap or remove the key", update},
		{"A7", "Cut the delivery to CloudWatch Logs", update},
		{"A8", "Switch off log file validation", update},
		{"A9", "Remove the delivery topic", update},
		{"A10", "Make an organization trail one of one account", update},
		{"A11", "Exclude management events", selectors},
		{"A12", "Record reads or writes alone", selectors},
		{"A13", "Exclude events of KMS or the RDS Data API", selectors},
		{"A14", "The same with advanced event selectors", selectors},
		{"A15", "Thin out data events", selectors},
		{"A16", "Switch off Insights", denied(TrailAny, "cloudtrail:PutInsightSelectors")},
		{"A17", "Change the event configuration", denied(TrailAny, "cloudtrail:PutEventConfiguration")},
		{"A18", "Change a trail's tags", denied(TrailAny, "cloudtrail:AddTags", "cloudtrail:RemoveTags")},
		{"A19", "Block the re-creation of a trail with others", denied(TrailAny, "cloudtrail:CreateTrail")},
		{"A20", "Delete CloudTrail's service-linked role", denied(RoleCloudTrail, "iam:DeleteServiceLinkedRole")},
		{"A21", "Flood with stops and starts", slices.Concat(
			denied(TrailAny, "cloudtrail:StopLogging"),
			left("it starts a trail, which harms nobody", TrailAny, "cloudtrail:StartLogging"),
		)},
		{"A22", "Hide parameters behind their size", slices.Concat(update, selectors)},
		{"A23", "Move to a Region that nobody watches", denied(Account, "account:EnableRegion")},
	}
}

func onLake() []Technique {
	update := denied(EventDataStore, "cloudtrail:UpdateEventDataStore")
	return []Technique{
		{"B1", "Stop ingestion", denied(EventDataStore, "cloudtrail:StopEventDataStoreIngestion")},
		{"B2", "Delete an event data store", denied(EventDataStore, "cloudtrail:DeleteEventDataStore")},
		{"B3", "Lift its termination protection", update},
		{"B4", "Shorten its retention, Regions or accounts", update},
		{"B5", "Filter what it records", update},
		{"B6", "Other levers of Lake", slices.Concat(
			denied(EventDataStore, "cloudtrail:DisableFederation", "cloudtrail:PutResourcePolicy",
				"cloudtrail:DeleteResourcePolicy"),
			denied(Channel, "cloudtrail:DeleteChannel", "cloudtrail:UpdateChannel"),
			denied(DashboardLake, "cloudtrail:DeleteDashboard"),
		)},
		{
			"B7", "Remove CloudTrail's delegated administrator",
			denied(Anything, "cloudtrail:DeregisterOrganizationDelegatedAdmin"),
		},
	}
}

func onBucket() []Technique {
	return []Technique{
		{"C1", "Expire log files", denied(Bucket, "s3:PutLifecycleConfiguration")},
		{"C2", "Refuse delivery", denied(Bucket, "s3:PutBucketPolicy", "s3:DeleteBucketPolicy")},
		{"C3", "Delete the bucket", denied(Bucket, "s3:DeleteBucket")},
		{"C4", "Delete or overwrite log and digest files", denied(LogObject, "s3:DeleteObject", "s3:DeleteObjectVersion",
			"s3:PutObject", "s3:PutObjectTagging", "s3:DeleteObjectTagging")},
		{"C5", "Suspend versioning or MFA delete", denied(Bucket, "s3:PutBucketVersioning")},
		{"C6", "Encrypt with a foreign key", slices.Concat(denied(Bucket, "s3:PutEncryptionConfiguration"),
			denied(LogObject, "s3:UpdateObjectEncryption"))},
		{"C7", "Change Object Lock or retention", slices.Concat(denied(Bucket, "s3:PutBucketObjectLockConfiguration"),
			denied(LogObject, "s3:PutObjectRetention", "s3:PutObjectLegalHold", "s3:BypassGovernanceRetention"))},
		{"C8", "Stop or redirect replication", denied(Bucket, "s3:PutReplicationConfiguration", "s3:PauseReplication")},
		{"C9", "Change ACL, ownership, notifications or Block Public Access", slices.Concat(
			denied(Bucket, "s3:PutBucketAcl", "s3:PutBucketOwnershipControls", "s3:PutBucketNotification",
				"s3:PutBucketPublicAccessBlock"),
			denied(LogObject, "s3:PutObjectAcl", "s3:PutObjectVersionAcl"),
		)},
	}
}

func onKeys() []Technique {
	return []Technique{
		{"D1", "Disable a trail's key", denied(Key, "kms:DisableKey")},
		{"D2", "Schedule its deletion", denied(Key, "kms:ScheduleKeyDeletion")},
		{"D3", "Rewrite its policy", denied(Key, "kms:PutKeyPolicy")},
		{"D4", "Other levers of keys", denied(Key, "kms:RevokeGrant", "kms:RetireGrant", "kms:DeleteImportedKeyMaterial",
			"kms:DeleteAlias", "kms:UpdateAlias", "kms:DisableKeyRotation")},
	}
}

func onCloudWatch() []Technique {
	return []Technique{
		{"E1", "Delete a trail's log group", denied(LogGroup, "logs:DeleteLogGroup")},
		{"E2", "Delete a log stream", denied(LogStream, "logs:DeleteLogStream")},
		{"E3", "Shorten the retention", denied(LogGroup, "logs:PutRetentionPolicy")},
		{"E4", "Cut off or blind who reads it", slices.Concat(
			denied(LogGroup, "logs:DeleteSubscriptionFilter", "logs:PutSubscriptionFilter", "logs:DeleteMetricFilter",
				"logs:PutMetricFilter", "logs:PutDataProtectionPolicy", "logs:PutTransformer", "logs:AssociateKmsKey",
				"logs:DisassociateKmsKey", "logs:PutLogGroupDeletionProtection"),
			left("the destination of a subscription is not known to the deployment", Anything, "logs:DeleteDestination"),
		)},
		{"E5", "Silence alarms", denied(AlarmOwn, "cloudwatch:DeleteAlarms", "cloudwatch:DisableAlarmActions",
			"cloudwatch:SetAlarmState", "cloudwatch:PutMetricAlarm", "cloudwatch:PutAlarmMuteRule")},
		{"E6", "Delete the guard's own log group, or change how long it keeps", denied(LogGroup, "logs:DeleteLogGroup", "logs:PutRetentionPolicy",
			"logs:DeleteRetentionPolicy")},
		{"E7", "Delete or overwrite the dashboard", denied(DashboardOwn, "cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard")},
	}
}

func onEventBridge() []Technique {
	return []Technique{
		{"F1", "Disable a rule", denied(Rule, "events:DisableRule")},
		{"F2", "Delete a rule", denied(Rule, "events:DeleteRule")},
		{"F3", "Remove a target", denied(Rule, "events:RemoveTargets")},
		{"F4", "Repoint or neutralise a rule", denied(Rule, "events:PutRule")},
		{"F5", "Poison a target", denied(Rule, "events:PutTargets")},
		{"F6", "Break the API destination", slices.Concat(
			denied(Destination, "events:DeleteApiDestination", "events:UpdateApiDestination"),
			denied(Connection, "events:DeauthorizeConnection", "events:DeleteConnection", "events:UpdateConnection"),
		)},
		{"F7", "Change the event bus", slices.Concat(
			denied(BusOwn, "events:UpdateEventBus", "events:DeleteEventBus"),
			left(noResource, Anything, "events:PutPermission", "events:RemovePermission"),
			left("no archive is part of the deployment", Anything, "events:DeleteArchive"),
		)},
	}
}

func onFunction() []Technique {
	return []Technique{
		{"G1", "Replace the code", denied(Function, "lambda:UpdateFunctionCode")},
		{"G2", "Reconfigure the function", denied(Function, "lambda:UpdateFunctionConfiguration")},
		{"G3", "Starve it", denied(Function, "lambda:PutFunctionConcurrency")},
		{"G4", "Delete it", denied(Function, "lambda:DeleteFunction")},
		{
			"G5", "Revoke who may invoke it, or admit others",
			denied(Function, "lambda:RemovePermission", "lambda:AddPermission"),
		},
		{"G6", "Change how it is invoked", slices.Concat(
			denied(Function, "lambda:PutFunctionEventInvokeConfig", "lambda:UpdateFunctionEventInvokeConfig",
				"lambda:DeleteFunctionEventInvokeConfig", "lambda:CreateAlias", "lambda:UpdateAlias", "lambda:DeleteAlias",
				"lambda:PutRuntimeManagementConfig", "lambda:PutFunctionCodeSigningConfig",
				"lambda:DeleteFunctionCodeSigningConfig", "lambda:CreateFunctionUrlConfig", "lambda:UpdateFunctionUrlConfig",
				"lambda:PutFunctionRecursionConfig", "lambda:PutFunctionScalingConfig"),
			left(mapping, Anything, "lambda:CreateEventSourceMapping", "lambda:UpdateEventSourceMapping",
				"lambda:DeleteEventSourceMapping"),
			left("it lifts a limit, which the warden does as well", Function, "lambda:DeleteFunctionConcurrency"),
			left("no code signing configuration is part of the deployment", Anything, "lambda:DeleteCodeSigningConfig"),
		)},
		{"G7", "Exhaust the account's concurrency", left(anyFunction, Anything, "lambda:InvokeFunction")},
	}
}

func onChannels() []Technique {
	return []Technique{
		{"H1", "Delete the topic", denied(Topic, "sns:DeleteTopic")},
		{"H2", "Unsubscribe", left(noResource, Anything, "sns:Unsubscribe")},
		{"H3", "Change the topic's policy or subscriptions", slices.Concat(
			denied(Topic, "sns:SetTopicAttributes", "sns:AddPermission", "sns:RemovePermission", "sns:Subscribe",
				"sns:PutDataProtectionPolicy"),
			left(noResource, Anything, "sns:SetSubscriptionAttributes"),
		)},
		{"H4", "Empty, delete or close a queue", slices.Concat(
			denied(Queue, "sqs:PurgeQueue", "sqs:DeleteQueue", "sqs:SetQueueAttributes", "sqs:AddPermission",
				"sqs:RemovePermission", "sqs:StartMessageMoveTask"),
			left(dataPlane, Queue, "sqs:DeleteMessage", "sqs:SendMessage"),
		)},
		{"H5", "Replace or delete the secret or the parameter", slices.Concat(
			denied(Secret, "secretsmanager:DeleteSecret", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecret",
				"secretsmanager:UpdateSecretVersionStage", "secretsmanager:PutResourcePolicy",
				"secretsmanager:DeleteResourcePolicy", "secretsmanager:RotateSecret", "secretsmanager:CancelRotateSecret"),
			denied(Parameter, "ssm:DeleteParameter", "ssm:DeleteParameters", "ssm:PutParameter"),
		)},
		{"H6", "Delete or change the state table", slices.Concat(
			denied(Table, "dynamodb:DeleteTable", "dynamodb:UpdateTable", "dynamodb:UpdateTimeToLive",
				"dynamodb:PutResourcePolicy", "dynamodb:DeleteResourcePolicy", "dynamodb:UpdateContinuousBackups"),
			left(dataPlane, Table, "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
		)},
		{"H7", "Disable the deployment's own key", slices.Concat(
			denied(Key, "kms:DisableKey", "kms:ScheduleKeyDeletion", "kms:PutKeyPolicy"),
			left(unnamedKey, Anything, "kms:DisableKey", "kms:ScheduleKeyDeletion", "kms:PutKeyPolicy"),
		)},
		{"H8", "Revoke the webhook, archive the channel, rotate the token", left(notAWS, Anything, "")},
	}
}

func onIdentity() []Technique {
	return []Technique{
		{"I1", "Change what a role may do", denied(Role, "iam:DetachRolePolicy", "iam:AttachRolePolicy",
			"iam:DeleteRolePolicy", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary",
			"iam:DeleteRolePermissionsBoundary")},
		{"I2", "Change who may take a role", denied(Role, "iam:UpdateAssumeRolePolicy")},
		{"I3", "Delete a role", denied(Role, "iam:DeleteRole")},
		{"I4", "Change a managed policy or the boundary", denied(ManagedPolicy, "iam:CreatePolicyVersion",
			"iam:SetDefaultPolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion")},
		{"I5", "Make or pass a role of an exempt name", denied(Role, "iam:CreateRole", "iam:PassRole")},
	}
}

func onOrganization() []Technique {
	return []Technique{
		{"J1", "End CloudTrail's trusted access", left(managementOnly, Anything, "organizations:DisableAWSServiceAccess")},
		{
			"J2", "Remove a delegated administrator",
			left(managementOnly, Anything, "organizations:DeregisterDelegatedAdministrator"),
		},
		{"J3", "Lift an organization's policy, or move the account from under it", left(managementOnly, Anything,
			"organizations:DetachPolicy", "organizations:UpdatePolicy", "organizations:DeletePolicy",
			"organizations:DisablePolicyType", "organizations:MoveAccount")},
		{"J4", "Leave the organization, or close the account", slices.Concat(
			denied(Anything, "organizations:LeaveOrganization"),
			denied(Account, "account:CloseAccount"),
			left(managementOnly, Anything, "organizations:RemoveAccountFromOrganization", "organizations:CloseAccount"),
		)},
	}
}

func onDeployment() []Technique {
	return []Technique{
		{"K1", "Delete the stack", denied(Stack, "cloudformation:DeleteStack")},
		{"K2", "Update the stack", denied(Stack, "cloudformation:UpdateStack", "cloudformation:ExecuteChangeSet",
			"cloudformation:RollbackStack")},
		{"K3", "Lift its protection", denied(Stack, "cloudformation:UpdateTerminationProtection",
			"cloudformation:SetStackPolicy")},
		{"K4", "Delete or change the forwarders' stack instances", denied(StackSet, "cloudformation:DeleteStackInstances",
			"cloudformation:UpdateStackInstances", "cloudformation:UpdateStackSet", "cloudformation:DeleteStackSet")},
		{"K5", "Delete or change a schedule", denied(Schedule, "scheduler:DeleteSchedule", "scheduler:UpdateSchedule",
			"scheduler:CreateSchedule")},
	}
}
