"""Sets moto up, runs the guard once under a Lambda Runtime API of this file's own, and looks at what moto holds afterwards."""

import http.server
import json
import socket
import subprocess
import sys
import threading
import time

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
trails, topics, queues = (boto3.client(s, **keys) for s in ("cloudtrail", "sns", "sqs"))
boto3.client("s3", **keys).create_bucket(Bucket="trail-logs", CreateBucketConfiguration={"LocationConstraint": REGION})
trails.create_trail(Name="main", S3BucketName="trail-logs")
trails.start_logging(Name="main")
trails.stop_logging(Name="main")
topic = topics.create_topic(Name="trailkeeper")["TopicArn"]
inbox, failures = (queues.create_queue(QueueName=n)["QueueUrl"] for n in ("inbox", "failures"))
topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:inbox")
boto3.client("secretsmanager", **keys).create_secret(Name="trailkeeper", SecretString='{"webhook": "http://127.0.0.1:9/services/none"}')

event = {
    "eventName": "StopLogging", "eventSource": "cloudtrail.amazonaws.com", "eventType": "AwsApiCall", "awsRegion": REGION,
    "eventID": "a0000001-0000-4000-8000-000000000001", "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 5)),
    "recipientAccountId": ACCOUNT, "requestParameters": {"name": "main"}, "userIdentity": {"type": "IAMUser", "userName": "mallory"},
}
answered, served = threading.Event(), []


class Runtime(http.server.BaseHTTPRequestHandler):
    """The Lambda Runtime API, with one invocation."""

    def do_GET(self):
        if served:
            answered.wait()
            time.sleep(60)
        served.append(self.path)
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", "one")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + 60) * 1000)))
        self.end_headers()
        self.wfile.write(json.dumps(event).encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(202)
        self.end_headers()
        if self.path.endswith("/error"):
            print("the guard failed:", body.decode())
        served.append(self.path)
        answered.set()

    def log_message(self, *_):
        pass


runtime = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Runtime)
threading.Thread(target=runtime.serve_forever, daemon=True).start()
guard = subprocess.Popen([bootstrap], env={
    "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{runtime.server_port}", "AWS_ENDPOINT_URL": endpoint, "AWS_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "example", "AWS_SECRET_ACCESS_KEY": "example", "AWS_LAMBDA_LOG_FORMAT": "JSON",
    "TRAILKEEPER_MODE": "restart", "TRAILKEEPER_STACK": "trailkeeper", "TRAILKEEPER_ACCOUNTS": ACCOUNT, "TRAILKEEPER_PARTITION": "aws",
    "TRAILKEEPER_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/trailkeeper", "TRAILKEEPER_TOPIC_ARN": topic, "TRAILKEEPER_SLACK_SECRET": "trailkeeper",
    "TRAILKEEPER_FAILURE_QUEUE": failures, "TRAILKEEPER_ASYNC_RETRIES": "2",
})
done = answered.wait(60)
guard.kill()


def held(url):
    return [m["Body"] for m in queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])]


told, parked = held(inbox), held(failures)
checks = {
    "the invocation succeeded": done and served[-1].endswith("/response"),
    "the trail logs again": trails.get_trail_status(Name="main")["IsLogging"],
    "the topic has the outcome": any('\\"outcome\\":\\"restored\\"' in m for m in told),
    "the topic has Slack's failure": any('\\"outcome\\":\\"undelivered\\"' in m for m in told),
    "Slack's message is parked": any('"channel":"slack"' in m for m in parked),
}
for what, ok in checks.items():
    print("ok  " if ok else "FAIL", what)
sys.exit(not all(checks.values()))
