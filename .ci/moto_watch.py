"""Runs the watch under a Lambda Runtime API of this file's own. moto holds the log files, and makes itself what AWS would send of them: S3's notifications to
a queue, through a topic and on the event bus, and a subscription of CloudWatch Logs. Then it looks at what the watch has published and answered."""

import base64
import copy
import functools
import gzip
import http.server
import json
import queue
import subprocess
import sys
import threading
import time

import boto3

endpoint, bootstrap, folder = sys.argv[1:]
REGION, ACCOUNT = "eu-west-1", "123456789012"
keys = {"region_name": REGION, "endpoint_url": endpoint, "aws_access_key_id": "example", "aws_secret_access_key": "example"}
s3, topics, queues, tables, bus, logs, streams, kms = (
    boto3.client(s, **keys) for s in ("s3", "sns", "sqs", "dynamodb", "events", "logs", "kinesis", "kms")
)


def arn(service, name):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}"


# What the deployment has.
tables.create_table(
    TableName="watch-state", BillingMode="PAY_PER_REQUEST",
    KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")],
)
notifications = topics.create_topic(Name="watch")["TopicArn"]
inbox, failures, objects = (queues.create_queue(QueueName=n)["QueueUrl"] for n in ("watch-inbox", "watch-failures", "watch-objects"))
topics.subscribe(TopicArn=notifications, Protocol="sqs", Endpoint=arn("sqs", "watch-inbox"))

# The three ways of a notification, and the log group.
deliveries = topics.create_topic(Name="deliveries")["TopicArn"]
topics.subscribe(TopicArn=deliveries, Protocol="sqs", Endpoint=arn("sqs", "watch-objects"))
bus.put_rule(Name="objects", EventPattern=json.dumps({"source": ["aws.s3"]}))
bus.put_targets(Rule="objects", Targets=[{"Id": "objects", "Arn": arn("sqs", "watch-objects")}])
ALL = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
ways = {
    "by-queue": {"QueueConfigurations": [{"QueueArn": arn("sqs", "watch-objects"), "Events": ALL}]},
    "by-topic": {"TopicConfigurations": [{"TopicArn": deliveries, "Events": ALL}]},
    "by-bus": {"EventBridgeConfiguration": {}},
}
key_id = kms.create_key()["KeyMetadata"]["KeyId"]
for bucket, configuration in ways.items():
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
streams.create_stream(StreamName="log-events", ShardCount=1)
logs.create_log_group(logGroupName="trail")
logs.create_log_stream(logGroupName="trail", logStreamName=f"{ACCOUNT}_CloudTrail_{REGION}")
logs.put_subscription_filter(
    logGroupName="trail", filterName="watch", filterPattern="", destinationArn=arn("kinesis", "stream/log-events"), roleArn=f"arn:aws:iam::{ACCOUNT}:role/x")

with open("events/testdata/console-login-without-mfa.json") as fixture:
    sign_in = json.load(fixture)["detail"]


@functools.cache
def record(n):
    """A sign-in without MFA, known by its address."""
    one = copy.deepcopy(sign_in)
    one.update(eventID=f"a0000001-0000-4000-8000-{n:012}", sourceIPAddress=f"192.0.2.{n}", recipientAccountId=ACCOUNT, awsRegion=REGION,
               eventTime=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 300)))
    return one


def key(name):
    return f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/2026/03/02/{ACCOUNT}_CloudTrail_{REGION}_20260302T0915Z_{name}.json.gz"


def put(bucket, name, *records, cut=0, **more):
    body = gzip.compress(json.dumps({"Records": records}).encode())
    s3.put_object(Bucket=bucket, Key=key(name), Body=body[: len(body) - cut], ContentEncoding="gzip", **more)


def held(url, most=200):
    """Takes what a queue holds, as Lambda's event source mapping does."""
    found = []
    while some := queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"]).get("Messages", []):
        found += some
        for m in some:
            queues.delete_message(QueueUrl=url, ReceiptHandle=m["ReceiptHandle"])
    return found[:most]


def batch(messages):
    return {"Records": [{
        "messageId": m["MessageId"], "receiptHandle": m["ReceiptHandle"], "body": m["Body"], "attributes": m.get("Attributes", {}), "messageAttributes": {},
        "md5OfBody": m["MD5OfBody"], "eventSource": "aws:sqs", "eventSourceARN": arn("sqs", "watch-objects"), "awsRegion": REGION,
    } for m in messages]}


work, answers = queue.Queue(), queue.Queue()


class Runtime(http.server.BaseHTTPRequestHandler):
    """The Lambda Runtime API."""

    def do_GET(self):
        body = json.dumps(work.get()).encode()
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", f"request-{time.monotonic_ns()}")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + 60) * 1000)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def do_POST(self):
        body = self.body()
        self.send_response(202)
        self.end_headers()
        answers.put((self.path.rsplit("/", 1)[1], body.decode()))

    def log_message(self, *_):
        pass


runtime = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Runtime)
threading.Thread(target=runtime.serve_forever, daemon=True).start()
watch = subprocess.Popen([bootstrap], env={
    "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{runtime.server_port}", "AWS_ENDPOINT_URL": endpoint, "AWS_REGION": REGION, "LAMBDA_TASK_ROOT": folder,
    "AWS_ACCESS_KEY_ID": "example", "AWS_SECRET_ACCESS_KEY": "example", "AWS_LAMBDA_LOG_FORMAT": "JSON",
    "TRAILKEEPER_STACK": "trailkeeper", "TRAILKEEPER_ACCOUNTS": ACCOUNT, "TRAILKEEPER_PARTITION": "aws", "TRAILKEEPER_TOPIC_ARN": notifications,
    "TRAILKEEPER_FAILURE_QUEUE": failures, "TRAILKEEPER_TABLE": "watch-state", "TRAILKEEPER_REMOVED_LOGS": "true",
    "TRAILKEEPER_LOG_BUCKETS": ",".join(f"{ACCOUNT}/{bucket}/AWSLogs/" for bucket in ways), "TRAILKEEPER_LOG_GROUPS": f"{ACCOUNT}:trail",
}, stdout=open(".tmp/moto-watch.log", "w"))


def invoke(payload):
    work.put(payload)
    return answers.get(timeout=60)


def told():
    return [json.loads(m["Body"])["Message"] for m in held(inbox)]


checks = {}
try:
    held(objects)  # moto's own tests of the configurations
    for n, bucket in enumerate(ways, 1):
        put(bucket, "one", record(n))
        messages = held(objects)
        checks[f"{bucket}: moto sends a notification"] = len(messages) >= 1  # on the bus, one of tags as well
        answer = invoke(batch(messages))
        checks[f"{bucket}: nothing failed"] = answer == ("response", '{"batchItemFailures":[]}')
        found = told()
        checks[f"{bucket}: the record is published once"] = len(found) == 1 and f"192.0.2.{n}" in found[0]
        invoke(batch(messages))
        checks[f"{bucket}: the notification again publishes nothing"] = told() == []

    put("by-queue", "good one", record(11), ServerSideEncryption="aws:kms", SSEKMSKeyId=key_id)
    put("by-queue", "cut", record(12), record(13), cut=8)
    put("by-queue", "gone", record(14))
    s3.delete_object(Bucket="by-queue", Key=key("gone"))
    messages = held(objects)
    by_key = {m["MessageId"]: m["Body"] for m in messages}
    kind, answer = invoke(batch(messages))
    failed = [by_key[f["itemIdentifier"]] for f in json.loads(answer)["batchItemFailures"]]
    checks["of a batch, the truncated and the vanished object fail"] = (
        kind == "response" and len(failed) == 2 and any("_cut." in b for b in failed) and any("_gone." in b and "ObjectCreated" in b for b in failed))
    found = "\n".join(told())
    checks["a key with a space, and one of KMS, is read"] = "192.0.2.11" in found
    checks["whole records before the break are published"] = "192.0.2.12" in found and "192.0.2.13" in found
    removed = [b for b in by_key.values() if "ObjectRemoved" in b]
    checks["a removal is reported, if moto tells of it"] = ("log file of CloudTrail was removed" in found) == bool(removed)

    logs.put_log_events(logGroupName="trail", logStreamName=f"{ACCOUNT}_CloudTrail_{REGION}", logEvents=[
        {"timestamp": int(time.time() * 1000), "message": text} for text in (json.dumps(record(21)), "no record", json.dumps(record(1)), json.dumps(record(22)))])
    shard = streams.describe_stream(StreamName="log-events")["StreamDescription"]["Shards"][0]["ShardId"]
    start = streams.get_shard_iterator(StreamName="log-events", ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    sent = [r["Data"] for r in streams.get_records(ShardIterator=start)["Records"]]
    checks["moto packs log events"] = len(sent) == 1
    kinds = [invoke({"awslogs": {"data": base64.b64encode(data).decode()}})[0] for data in sent]
    found = "\n".join(told())
    checks["the log group's records are published"] = kinds == ["response"] and "192.0.2.21" in found and "192.0.2.22" in found
    checks["one that came in a log file is not published again"] = '"event_id":"a0000001-0000-4000-8000-000000000001"' not in found
    checks["what is no record is named"] = "record 2" in found
    checks["what is no record is kept"] = any("no record" in m["Body"] or "awslogs" in m["Body"] for m in held(failures))
finally:
    watch.kill()

for what, ok in checks.items():
    print("ok  " if ok else "FAIL", what)
sys.exit(not all(checks.values()))
