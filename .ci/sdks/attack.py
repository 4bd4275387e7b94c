"""Attacks `trailkeeper simulate --listen` with boto3: it makes a trail of its own, stops it, weakens and deletes one that has a baseline, and must find
each as it was. Usage: attack.py TRAIL, with AWS_ENDPOINT_URL."""

import json
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

trail = sys.argv[1]
config = Config(region_name="eu-west-1", retries={"mode": "standard", "total_max_attempts": 10})
api = {name: boto3.client(name, config=config) for name in ("cloudtrail", "s3", "sts", "events", "lambda", "dynamodb", "sns", "sqs", "cloudformation", "kms")}
trails = api["cloudtrail"]


def refused(code, call, **request):
    """The call must fail with the code."""
    try:
        call(**request)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e
        return
    raise AssertionError(f"{call.__name__} was taken; want {code}")


def soon(what, check):
    """Within 20 seconds, through moments in which there is no trail."""
    for _ in range(40):
        try:
            if check():
                return print("ok  ", what)
        except ClientError as e:
            assert e.response["Error"]["Code"] == "TrailNotFoundException", e
        time.sleep(0.5)
    raise AssertionError(f"not so: {what}")


assert api["sts"].get_caller_identity()["Arn"] == "arn:aws:iam::111122223333:user/operator"
refused("S3BucketDoesNotExistException", trails.create_trail, Name="boto3", S3BucketName="boto3-logs")
api["s3"].create_bucket(Bucket="boto3-logs", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
refused("InsufficientS3BucketPolicyException", trails.create_trail, Name="boto3", S3BucketName="boto3-logs")
api["s3"].put_bucket_policy(Bucket="boto3-logs", Policy=json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": ["s3:GetBucketAcl", "s3:PutObject"],
    "Resource": ["arn:aws:s3:::boto3-logs", "arn:aws:s3:::boto3-logs/*"],
}]}))
trails.create_trail(Name="boto3", S3BucketName="boto3-logs")
trails.start_logging(Name="boto3")
trails.stop_logging(Name="boto3")
soon("a stopped trail logs again", lambda: trails.get_trail_status(Name="boto3")["IsLogging"])
trails.update_trail(Name=trail, EnableLogFileValidation=False)
soon("a weakened trail is as it was", lambda: trails.get_trail(Name=trail)["Trail"]["LogFileValidationEnabled"])
trails.delete_trail(Name=trail)
soon("a deleted trail logs again", lambda: trails.get_trail_status(Name=trail)["IsLogging"])
found = trails.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "DeleteTrail"}])["Events"]
assert found[0]["Username"] == "operator" and json.loads(found[0]["CloudTrailEvent"])["eventName"] == "DeleteTrail", found

trails.delete_trail(Name="boto3")  # an account has five in a Region

rules = api["events"].list_rules()["Rules"]
api["events"].disable_rule(Name=rules[0]["Name"])
assert api["events"].describe_rule(Name=rules[0]["Name"])["State"] == "DISABLED"
api["events"].enable_rule(Name=rules[0]["Name"])
function = api["lambda"].list_functions()["Functions"][0]["FunctionName"]
assert api["lambda"].get_function(FunctionName=function)["Configuration"]["FunctionName"] == function
for pages, operation in (
    (api["dynamodb"], "list_tables"), (api["sns"], "list_topics"), (api["sns"], "list_subscriptions"), (api["sqs"], "list_queues"),
    (api["cloudformation"], "describe_stacks"), (api["kms"], "list_keys"), (trails, "list_trails"), (trails, "list_public_keys"),
):
    assert any(v for p in pages.get_paginator(operation).paginate() for k, v in p.items() if k != "ResponseMetadata"), operation
refused("NotImplemented", trails.list_channels)
refused("NotImplemented", boto3.client("ec2", config=config).describe_instances)
print("boto3", boto3.__version__, "found the trails as they were")
