"""Reduces botocore's service models to the calls that the loopback cloud plays: its requests are checked by them, and its answers written.

  pip install botocore==1.44.8 && python3 .ci/models.py > lambda/internal/localcloud/wire/models.json
"""
import json

import botocore.loaders

PLAYED = {
    "cloudformation": "DescribeStacks DescribeStackResources GetTemplate ListStackResources DeleteStack UpdateTerminationProtection",
    "cloudtrail": "CreateTrail DeleteTrail UpdateTrail StartLogging StopLogging PutEventSelectors PutInsightSelectors PutEventConfiguration GetEventConfiguration "
    "AddTags RemoveTags GetTrail GetTrailStatus GetEventSelectors GetInsightSelectors DescribeTrails ListTrails ListTags LookupEvents ListPublicKeys ListEventDataStores "
    "GetEventDataStore",
    "dynamodb": "GetItem PutItem Query Scan ListTables DescribeTable DeleteTable UpdateTable DescribeTimeToLive UpdateTimeToLive DescribeContinuousBackups "
    "UpdateContinuousBackups GetResourcePolicy PutResourcePolicy DeleteResourcePolicy",
    "events": "PutEvents ListRules DescribeRule DisableRule EnableRule ListTargetsByRule ListRuleNamesByTarget PutRule DeleteRule PutTargets RemoveTargets "
    "DescribeConnection UpdateConnection DeauthorizeConnection DeleteConnection DescribeApiDestination UpdateApiDestination DeleteApiDestination",
    "iam": "GetRole ListRolePolicies GetRolePolicy ListAttachedRolePolicies GetPolicy GetPolicyVersion DetachRolePolicy AttachRolePolicy DeleteRolePolicy "
    "PutRolePolicy PutRolePermissionsBoundary DeleteRolePermissionsBoundary UpdateAssumeRolePolicy DeleteRole CreatePolicyVersion SetDefaultPolicyVersion",
    "kms": "CreateKey DescribeKey ListKeys ListAliases CreateAlias GetKeyPolicy PutKeyPolicy DisableKey EnableKey ScheduleKeyDeletion CancelKeyDeletion "
    "GetKeyRotationStatus EnableKeyRotation DisableKeyRotation",
    "lambda": "Invoke GetFunction GetFunctionConfiguration ListFunctions UpdateFunctionCode UpdateFunctionConfiguration DeleteFunction "
    "GetFunctionConcurrency PutFunctionConcurrency DeleteFunctionConcurrency GetPolicy AddPermission RemovePermission "
    "GetFunctionEventInvokeConfig PutFunctionEventInvokeConfig UpdateFunctionEventInvokeConfig DeleteFunctionEventInvokeConfig "
    "GetEventSourceMapping ListEventSourceMappings UpdateEventSourceMapping DeleteEventSourceMapping GetAccountSettings",
    "logs": "DescribeLogGroups DeleteLogGroup PutRetentionPolicy DeleteRetentionPolicy",
    "monitoring": "GetMetricData ListMetrics PutMetricData DescribeAlarms EnableAlarmActions DisableAlarmActions DeleteAlarms SetAlarmState PutMetricAlarm",
    "observabilityadmin": "GetTelemetryEvaluationStatus ListTelemetryRules",
    "organizations": "DescribeOrganization ListDelegatedAdministrators ListDelegatedServicesForAccount ListPolicies ListPoliciesForTarget "
    "ListTargetsForPolicy DescribePolicy",
    "s3": "CreateBucket DeleteBucket HeadBucket ListBuckets GetBucketLocation PutBucketPolicy GetBucketPolicy DeleteBucketPolicy "
    "PutObject GetObject HeadObject DeleteObject ListObjectsV2 PutBucketNotificationConfiguration GetBucketNotificationConfiguration "
    "PutBucketLifecycleConfiguration GetBucketLifecycleConfiguration DeleteBucketLifecycle PutBucketVersioning GetBucketVersioning",
    "scheduler": "GetSchedule CreateSchedule UpdateSchedule DeleteSchedule",
    "secretsmanager": "GetSecretValue DescribeSecret PutSecretValue UpdateSecret UpdateSecretVersionStage DeleteSecret RestoreSecret GetResourcePolicy "
    "PutResourcePolicy DeleteResourcePolicy",
    "sns": "Publish CreateTopic DeleteTopic SetTopicAttributes GetTopicAttributes ListTopics ListSubscriptions ListSubscriptionsByTopic "
    "Subscribe Unsubscribe GetSubscriptionAttributes SetSubscriptionAttributes RemovePermission",
    "sqs": "SendMessage ReceiveMessage DeleteMessage DeleteMessageBatch ChangeMessageVisibility StartMessageMoveTask CancelMessageMoveTask PurgeQueue "
    "GetQueueAttributes SetQueueAttributes ListQueues GetQueueUrl DeleteQueue",
    "ssm": "GetParameter PutParameter DeleteParameter",
    "sts": "GetCallerIdentity",
}
# Of these, CloudTrail keeps no management event, at most a data event.
DATA = "GetItem PutItem Query Scan PutEvents Invoke GetMetricData PutMetricData Publish SendMessage ReceiveMessage DeleteMessage DeleteMessageBatch " \
    "ChangeMessageVisibility PutObject GetObject HeadObject DeleteObject ListObjectsV2".split()
# What these members would do is not played: a request that has one is refused.
UNPLAYED = {
    "ScanInput": "IndexName AttributesToGet Limit Select ScanFilter ConditionalOperator ReturnConsumedCapacity TotalSegments Segment "
    "ProjectionExpression FilterExpression ExpressionAttributeNames ExpressionAttributeValues",
    "UpdateTableInput": "AttributeDefinitions BillingMode ProvisionedThroughput GlobalSecondaryIndexUpdates StreamSpecification ReplicaUpdates TableClass "
    "MultiRegionConsistency GlobalTableWitnessUpdates OnDemandThroughput WarmThroughput GlobalTableSettingsReplicationMode DisassociationProtectionEnabled "
    "VectorIndexUpdates",
    "DescribeAlarmsInput": "ChildrenOfAlarmName ParentsOfAlarmName ActionPrefix", "SetAlarmStateInput": "StateReasonData",
    "PutMetricAlarmInput": "InsufficientDataActions ExtendedStatistic Unit EvaluateLowSampleCountPercentile Tags ThresholdMetricId EvaluationWindow "
    "WarmUpConfiguration EvaluationCriteria EvaluationInterval ActionConfiguration",
    "EnableKeyRotationRequest": "RotationPeriodInDays",
    "PutSecretValueRequest": "SecretBinary RotationToken", "UpdateSecretRequest": "SecretBinary Type",
    "CreateBucketRequest": "ACL GrantFullControl GrantRead GrantReadACP GrantWrite GrantWriteACP ObjectLockEnabledForBucket ObjectOwnership BucketNamespace",
    "CreateBucketConfiguration": "Location Bucket Tags",
    "GetObjectRequest": "IfMatch IfModifiedSince IfNoneMatch IfUnmodifiedSince Range ResponseCacheControl ResponseContentDisposition ResponseContentEncoding "
    "ResponseContentLanguage ResponseContentType ResponseExpires SSECustomerAlgorithm SSECustomerKey SSECustomerKeyMD5 RequestPayer PartNumber",
    "HeadObjectRequest": "IfMatch IfModifiedSince IfNoneMatch IfUnmodifiedSince Range ResponseCacheControl ResponseContentDisposition ResponseContentEncoding "
    "ResponseContentLanguage ResponseContentType ResponseExpires SSECustomerAlgorithm SSECustomerKey SSECustomerKeyMD5 RequestPayer PartNumber",
    "PutObjectRequest": "ACL CacheControl ContentDisposition ContentLanguage Expires IfMatch IfNoneMatch GrantFullControl GrantRead GrantReadACP GrantWriteACP "
    "WriteOffsetBytes Metadata StorageClass WebsiteRedirectLocation SSECustomerAlgorithm SSECustomerKey SSECustomerKeyMD5 SSEKMSEncryptionContext RequestPayer "
    "Tagging ObjectLockMode ObjectLockRetainUntilDate ObjectLockLegalHoldStatus",
    "DeleteObjectRequest": "MFA RequestPayer BypassGovernanceRetention IfMatch IfMatchLastModifiedTime IfMatchSize",
    "PutBucketVersioningRequest": "MFA",
    "LifecycleRule": "Transitions NoncurrentVersionTransitions",
    "LifecycleRuleFilter": "Tag ObjectSizeGreaterThan ObjectSizeLessThan",
    "LifecycleRuleAndOperator": "Tags ObjectSizeGreaterThan ObjectSizeLessThan",
    "ListObjectsV2Request": "FetchOwner RequestPayer OptionalObjectAttributes",
    "CreateKeyRequest": "CustomKeyStoreId XksKeyId MultiRegion Tags CustomerMasterKeySpec",
    "CreateTopicInput": "Tags DataProtectionPolicy",
    "GetTemplateInput": "ChangeSetName",
    "GetFunctionRequest": "Qualifier", "GetFunctionConfigurationRequest": "Qualifier", "ListFunctionsRequest": "MasterRegion FunctionVersion",
    "UpdateFunctionCodeRequest": "S3ObjectStorageMode ImageUri Publish PublishTo SourceKMSKeyArn",
    "UpdateFunctionConfigurationRequest": "TracingConfig FileSystemConfigs ImageConfig EphemeralStorage SnapStart CapacityProviderConfig DurableConfig "
    "RuntimeConfig AcceleratorConfig",
    "DescribeLogGroupsRequest": "accountIdentifiers includeLinkedAccounts logGroupClass logGroupIdentifiers",
    "DeleteFunctionRequest": "Qualifier", "GetPolicyRequest": "Qualifier", "RemovePermissionRequest": "Qualifier",
    "AddPermissionRequest": "Qualifier FunctionUrlAuthType InvokedViaFunctionUrl EventSourceToken PrincipalOrgID",
    "DestinationConfig": "OnSuccess",
    "UpdateEventSourceMappingRequest": "FunctionName KMSKeyArn MetricsConfig LoggingConfig ParallelizationFactor DestinationConfig MaximumRecordAgeInSeconds "
    "BisectBatchOnFunctionError MaximumRetryAttempts TumblingWindowInSeconds SourceAccessConfigurations AmazonManagedKafkaEventSourceConfig "
    "SelfManagedKafkaEventSourceConfig ProvisionedPollerConfig",
    "PutRuleRequest": "ScheduleExpression RoleArn Tags",
    "Target": "KinesisParameters RunCommandParameters EcsParameters BatchParameters SqsParameters HttpParameters RedshiftDataParameters "
    "SageMakerPipelineParameters AppSyncParameters",
    "UpdateConnectionRequest": "InvocationConnectivityParameters KmsKeyIdentifier",
    "UpdateConnectionAuthRequestParameters": "BasicAuthParameters OAuthParameters InvocationHttpParameters ConnectivityParameters",
    "PutParameterRequest": "KeyId Tags AllowedPattern Policies",
    "DeleteStackInput": "RetainResources RoleARN DeletionMode", "DescribeStackResourcesInput": "PhysicalResourceId",
    "InvocationRequest": "ClientContext DurableExecutionName TenantId Qualifier LogType",
}
# These are left out wherever they are: Go does not read their patterns.
LEFT_OUT = "PartitionKeys DocumentDBEventSourceConfig EventBridgeParameters EventBridgePutEventsV2Parameters EventBridgePutRawEventsParameters".split()
SHAPE = "type required min max pattern enum flattened payload timestampFormat".split()
S3 = "http://s3.amazonaws.com/doc/2006-03-01/"
MEMBER = "shape location locationName flattened".split()


def kept(of, names):
    return {k: of[k] for k in names if k in of}


def reach(shapes, name, found):
    """Keeps a shape and those that it is made of."""
    if name in found:
        return
    shape = shapes[name]
    found[name] = kept(shape, SHAPE)
    for part in ("member", "key", "value"):
        if part in shape:
            found[name][part] = kept(shape[part], MEMBER)
            reach(shapes, shape[part]["shape"], found)
    if "members" in shape:
        found[name]["members"] = {k: kept(v, MEMBER) for k, v in shape["members"].items() if k not in LEFT_OUT}
        for left_out in UNPLAYED.get(name, "").split():
            if left_out in found[name]["members"]:  # another service may have a shape of the same name
                found[name]["members"][left_out]["unplayed"] = True
    for member, of in shape.get("members", {}).items():
        if member not in LEFT_OUT:
            reach(shapes, of["shape"], found)


models = {}
for service, played in PLAYED.items():
    model = botocore.loaders.Loader().load_service_model({"monitoring": "cloudwatch"}.get(service, service), "service-2")
    about, shapes, found, operations = model["metadata"], model["shapes"], {}, {}
    for name in sorted(played.split()):
        op = model["operations"][name]
        errors = set()
        for e in op.get("errors", []):
            errors |= {e["shape"], shapes[e["shape"]].get("error", {}).get("code", e["shape"])}
        operations[name] = {"errors": sorted(errors)}
        if name in DATA:
            operations[name]["data"] = True
        for side in ("input", "output"):
            if side in op:
                operations[name][side] = op[side]["shape"]
                reach(shapes, op[side]["shape"], found)
        if "resultWrapper" in op.get("output", {}):
            operations[name]["wrapper"] = op["output"]["resultWrapper"]
    models[service] = {"operations": operations, "shapes": found, "namespace": about.get("xmlNamespace", S3 if service == "s3" else "")}
    if about["protocol"].startswith("rest-"): # which call is meant, the path says
        models[service]["routes"] = {
            name: {"method": op["http"]["method"], "uri": op["http"]["requestUri"], "status": op["http"].get("responseCode", 200)}
            for name, op in model["operations"].items()
        }
print("{")
print(",\n".join(f'"{service}": ' + json.dumps(of, sort_keys=True, separators=(",", ":"))
      .replace('},"', '},\n"') for service, of in sorted(models.items())))
print("}")
