"""Sets moto up, runs the guard under a Lambda Runtime API of this file's own (an event, then three sweeps), and looks at what moto holds."""

import http.server
import json
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import boto3

endpoint, bootstrap = sys.argv[1:]
REGION, ACCOUNT = "eu-west-1", "123456789012"

for _ in range(100):
    try:
        socket.create_connection(("127.0.0.1", int(endpoint.rsplit(":", 1)[1])), 1).close()
        break
    except OSError:
        time.sleep(0.1)

keys = {"region_name": REGION, "endpoint_url": endpoint, "aws_access_key_id": "example", "aws_secret_access_key": "example"}
trails, topics, queues, tables = (boto3.client(s, **keys) for s in ("cloudtrail", "sns", "sqs", "dynamodb"))
boto3.client("s3", **keys).create_bucket(Bucket="trail-logs", CreateBucketConfiguration={"LocationConstraint": REGION})
trails.create_trail(Name="main", S3BucketName="trail-logs")
trails.start_logging(Name="main")
trails.stop_logging(Name="main")
trails.create_trail(Name="quiet", S3BucketName="trail-logs")
trails.start_logging(Name="quiet")
tables.create_table(
    TableName="trailkeeper-state", BillingMode="PAY_PER_REQUEST",
    KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")],
)
topic = topics.create_topic(Name="trailkeeper")["TopicArn"]
inbox, failures = (queues.create_queue(QueueName=n)["QueueUrl"] for n in ("inbox", "failures"))
topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:inbox")
boto3.client("secretsmanager", **keys).create_secret(Name="trailkeeper", SecretString='{"webhook": "http://127.0.0.1:9/services/none"}')

stopped = {
    "eventName": "StopLogging", "eventSource": "cloudtrail.amazonaws.com", "eventType": "AwsApiCall", "awsRegion": REGION,
    "eventID": "a0000001-0000-4000-8000-000000000001", "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 5)),
    "recipientAccountId": ACCOUNT, "requestParameters": {"name": "main"}, "userIdentity": {"type": "IAMUser", "userName": "mallory"},
}

def sweep(n):
    return {"detail-type": "Scheduled Event", "source": "aws.scheduler", "id": f"sweep-{n}", "time": f"2026-03-02T09:{n:02}:00Z", "detail": {}}

# What to do before each invocation, and its event. The second sweep finds what no event reports, the third that all is well again.
invocations = [
    (lambda: None, stopped), (lambda: None, sweep(0)), (lambda: trails.stop_logging(Name="quiet"), sweep(5)), (lambda: None, sweep(10)),
]
finished, given, failed = threading.Event(), [], []

class Runtime(http.server.BaseHTTPRequestHandler):
    """The Lambda Runtime API."""

    def do_GET(self):
        if len(given) == len(invocations):
            finished.set()
            time.sleep(60)
        before, event = invocations[len(given)]
        before()
        given.append(event)
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", f"request-{len(given)}")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + 60) * 1000)))
        self.end_headers()
        self.wfile.write(json.dumps(event).encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(202)
        self.end_headers()
        if self.path.endswith("/error"):
            failed.append(body.decode())

    def log_message(self, *_):
        pass

class Front(http.server.BaseHTTPRequestHandler):
    """Stands before moto and answers what moto does not know as AWS answers an operation that it does not know; moto says 500."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("X-Amz-Target", "").endswith(".GetEventConfiguration"):
            return self.answer(400, "application/x-amz-json-1.1", b'{"__type":"UnknownOperationException"}')
        request = urllib.request.Request(endpoint + self.path, body, dict(self.headers))
        try:
            response = urllib.request.urlopen(request)
        except urllib.error.HTTPError as refused:
            response = refused
        self.answer(response.status, response.headers.get("Content-Type", ""), response.read())

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


front = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Front)
threading.Thread(target=front.serve_forever, daemon=True).start()
runtime = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Runtime)
threading.Thread(target=runtime.serve_forever, daemon=True).start()
guard = subprocess.Popen([bootstrap], env={
    "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{runtime.server_port}", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{front.server_port}", "AWS_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "example", "AWS_SECRET_ACCESS_KEY": "example", "AWS_LAMBDA_LOG_FORMAT": "JSON",
    "TRAILKEEPER_MODE": "restart", "TRAILKEEPER_STACK": "trailkeeper", "TRAILKEEPER_ACCOUNTS": ACCOUNT, "TRAILKEEPER_PARTITION": "aws",
    "TRAILKEEPER_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/trailkeeper", "TRAILKEEPER_TOPIC_ARN": topic, "TRAILKEEPER_SLACK_SECRET": "trailkeeper",
    "TRAILKEEPER_FAILURE_QUEUE": failures, "TRAILKEEPER_ASYNC_RETRIES": "2", "TRAILKEEPER_TABLE": "trailkeeper-state", "TRAILKEEPER_RECORDED": "true",
    "TRAILKEEPER_SWEEP_MINUTES": "5",
})
done = finished.wait(120)
guard.kill()

def held(url):
    all_of_it = []
    while some := queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        all_of_it += [m["Body"] for m in some]
    return all_of_it

told, parked = held(inbox), held(failures)
known = {i["sk"]["S"].split("/")[-1]: i["document"]["S"] for i in tables.scan(TableName="trailkeeper-state")["Items"] if i["pk"]["S"] == "trail"}
quiet = [m for m in told if "trail/quiet" in m]
checks = {
    "every invocation succeeded": done and not failed,
    "the trail logs again": trails.get_trail_status(Name="main")["IsLogging"],
    "the topic has the outcome": any('\\"outcome\\":\\"restored\\"' in m for m in told),
    "the topic has Slack's failure": any('\\"outcome\\":\\"undelivered\\"' in m for m in told),
    "the sweep recorded a baseline and announced it": "baseline" in known.get("quiet", "") and any('\\"finding\\":\\"recorded\\"' in m for m in quiet),
    "it recorded none of a trail that was just stopped": "baseline" not in known.get("main", "baseline"),
    "the trail that no event reported logs again": trails.get_trail_status(Name="quiet")["IsLogging"],
    "the topic was told so once": sum('\\"finding\\":\\"not_logging\\"' in m and '\\"outcome\\":\\"restored\\"' in m for m in quiet) == 1,
    "Slack's message is parked": any('"channel":"slack"' in m for m in parked),
}
for what, ok in checks.items():
    print("ok  " if ok else "FAIL", what)
for error in failed:
    print("the guard failed:", error)
sys.exit(not all(checks.values()))
