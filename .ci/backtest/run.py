"""Runs the state machine of archive.backtest, as it stands in a template, in moto's interpreter of the Amazon States
Language, with the watch's program behind it, and compares its report with the one that the command makes by itself."""

import glob
import gzip
import http.server
import json
import logging
import os
import queue
import re
import subprocess
import sys
import threading
import time

import boto3
from botocore.exceptions import ClientError
from moto.core.config import default_user_config
from moto.server import ThreadedMotoServer
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils

template, program, rules, command = sys.argv[1:]
REGION, ACCOUNT, LOGS, RESULTS = "eu-west-1", "123456789012", "org-logs", "results"

logging.disable(logging.ERROR)  # moto's, of every request
default_user_config["stepfunctions"] = {"execute_state_machine": True}
server = ThreadedMotoServer(port=0, verbose=False)
server.start()
port = server.get_host_and_port()[1]
endpoint, os.environ["MOTO_PORT"] = f"http://127.0.0.1:{port}", str(port)  # where its interpreter looks for S3
keys = {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": "example", "AWS_SECRET_ACCESS_KEY": "example"}
os.environ.update(keys)
s3, states = (boto3.client(name, region_name=REGION, endpoint_url=endpoint) for name in ("s3", "stepfunctions"))
for name in (LOGS, RESULTS):
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})


class Runtime:
    """A running program under a Lambda Runtime API of its own. It takes one invocation at a time."""

    def __init__(self):
        self.asked, self.answered = queue.Queue(), queue.Queue()
        runtime = self

        class API(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                payload = runtime.asked.get()
                self.send_response(200)
                self.send_header("Lambda-Runtime-Aws-Request-Id", str(time.monotonic_ns()))
                self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + 900) * 1000)))
                self.end_headers()
                self.wfile.write(payload)

            def do_POST(self):
                if self.headers.get("Transfer-Encoding") == "chunked":
                    body = b""
                    while size := int(self.rfile.readline(), 16):
                        body += self.rfile.read(size)
                        self.rfile.readline()
                    self.rfile.readline()
                else:
                    body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(202)
                self.end_headers()
                runtime.answered.put((body, self.path.endswith("/error")))

            def log_message(self, *_):
                pass

        api = http.server.ThreadingHTTPServer(("127.0.0.1", 0), API)
        threading.Thread(target=api.serve_forever, daemon=True).start()
        self.process = subprocess.Popen([program], stdout=subprocess.DEVNULL, env=keys | {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}", "AWS_ENDPOINT_URL": endpoint, "LAMBDA_TASK_ROOT": rules,
            "TRAILKEEPER_RESULTS": f"{ACCOUNT}/{RESULTS}/runs/", "TRAILKEEPER_LOG_BUCKETS": f"{ACCOUNT}/{LOGS}/AWSLogs/",
        })

    def invoke(self, payload):
        self.asked.put(payload)
        return self.answered.get(timeout=120)


free = queue.Queue()
runtimes = [Runtime() for _ in range(2)]
for one in runtimes:
    free.put(one)
calls, said, throttled = [], [], set()
crash = lambda asked: False  # which invocations end with a crash of the function


def invoke(parameters, region, state_credentials):
    """In place of moto's Lambda, which needs Docker. Every third step is throttled once, as Lambda would say it."""
    payload = parameters["Payload"]
    asked = json.loads(payload)
    item = asked["run"] + asked["step"] + asked.get("item", "")
    said.append(payload.decode())
    calls.append(asked)
    if len(throttled) * 3 < len(calls) and item not in throttled and "failed" not in asked:
        throttled.add(item)
        raise ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "Rate Exceeded."},
                           "ResponseMetadata": {"HTTPStatusCode": 429, "RequestId": "0"}}, "Invoke")
    if crash(asked):
        body, failed = b'{"errorType":"Runtime.ExitError","errorMessage":"RequestId: 0 Error: Runtime exited with error"}', True
    else:
        runtime = free.get()
        try:
            body, failed = runtime.invoke(payload)
        finally:
            free.put(runtime)
    said.append(body.decode())
    answer = {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": json.loads(body or b"null")}
    return answer | {"FunctionError": "Unhandled"} if failed else answer


lambda_eval_utils._invoke_lambda_function = invoke


def fill():
    """An archive of some months: the records of this repository's fixtures, and what else lies in such a bucket."""
    records = []
    for name in sorted(glob.glob("events/testdata/*.json")):
        with open(name, encoding="utf8") as f:
            event = json.load(f)
        if isinstance(event, dict) and isinstance(event.get("detail"), dict) and "eventName" in event["detail"]:
            records.append(event["detail"])
    number = 0
    for account in ("111122223333", "444455556666"):
        for region in ("eu-west-1", "us-east-1"):
            for month in (1, 2, 3, 4):
                for day in (1, 15):
                    number += 1
                    batch = []
                    for i in range(40):
                        record = json.loads(json.dumps(records[(number * 7 + i) % len(records)]))
                        record |= {"recipientAccountId": account, "awsRegion": region, "eventID": f"id-{number // 2}-{i}",
                                   "eventTime": f"2026-{month:02}-{day:02}T09:{i:02}:00Z"}
                        batch.append(record)
                    body = gzip.compress(json.dumps({"Records": batch}).encode())
                    if number % 10 == 3:
                        body = body[:-40]  # it breaks off
                    s3.put_object(Bucket=LOGS, Body=body, Key=f"AWSLogs/{account}/CloudTrail/{region}/2026/{month:02}/{day:02}/"
                                  f"{account}_CloudTrail_{region}_2026{month:02}{day:02}T0945Z_{number:016}.json.gz")
    digest = "111122223333_CloudTrail-Digest_eu-west-1_main_eu-west-1_20260302T091500Z.json.gz"
    for key in ("AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/03/02/" + digest, "AWSLogs/notes.txt",
                'AWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/02/"},"Next":"x","${Function}$.a States.Format(\'{}\').json'):
        s3.put_object(Bucket=LOGS, Key=key, Body=b"{}")
    return number


with open(template, encoding="utf8") as f:
    machine, = (r["Properties"] for r in json.load(f)["Resources"].values() if r["Type"] == "AWS::StepFunctions::StateMachine")
values = {"Partition": "aws", "Function": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:backtest", "Results": RESULTS}
assert machine["DefinitionSubstitutions"].keys() == values.keys(), machine["DefinitionSubstitutions"]
definition = machine["DefinitionString"]
for name, value in values.items():
    definition = definition.replace("${%s}" % name, value)
# The waits between tries are the only change.
definition = re.sub(r'"IntervalSeconds":\d+', '"IntervalSeconds":1', re.sub(r'"BackoffRate":\d+', '"BackoffRate":1', definition))
states.create_state_machine(name="trailkeeper-Backtest", definition=definition, roleArn=f"arn:aws:iam::{ACCOUNT}:role/x")

environment = os.environ | {"AWS_ENDPOINT_URL": endpoint, "AWS_EC2_METADATA_DISABLED": "true"}


def backtest(*arguments):
    """The command's report, and what it says besides."""
    done = subprocess.run([command, "rules", "backtest", "--json", *arguments], env=environment, capture_output=True, text=True)
    if not done.stdout:
        sys.exit(f"FAIL {arguments}: {done.stderr}")
    return json.loads(done.stdout), done.stderr


files = fill()
archive = f"s3://{LOGS}/AWSLogs/"
alone, _ = backtest(archive)
together, notes = backtest("--distributed", archive)
print(notes, end="")
days = ("--since", "2026-02-10", "--until", "2026-03-05", "--account", "111122223333")
some_alone, _ = backtest(*days, archive)
some, _ = backtest("--distributed", *days, archive)
lists, shards = (len({a["item"] for a in calls if a["step"] == step and a["run"] == calls[0]["run"]}) for step in ("list", "read"))
before = len(calls)
worked = {a["item"].rsplit("/", 1)[1] for a in calls if a["step"] == "read"}
broken = sorted(worked)[-1]
crash = lambda asked: asked["step"] == "read" and asked["item"].endswith(broken) and "failed" not in asked
crashed, _ = backtest("--distributed", archive)
why = [s for s in crashed["skipped"] if "not read, because the shard" in s["reason"]]
keys_said = [k["Key"] for k in s3.list_objects_v2(Bucket=LOGS)["Contents"] if any(json.dumps(k["Key"])[1:-1] in t for t in said)]
refused = subprocess.run([command, "rules", "backtest", "--distributed", "s3://elsewhere/"], env=environment, capture_output=True, text=True)
checks = {
    f"{lists} lists and {shards} shards of {files} files": lists > 5 and shards > 5 and alone["files"] > files,
    f"{len(throttled)} throttled invocations were made again": len(throttled) > 5,
    "the report is the command's own, byte for byte": together == alone and json.dumps(together) == json.dumps(alone),
    f"it has {alone['records']} records, {alone['skipped_faults']} faults and findings": alone["records"] > 1000
        and alone["skipped_faults"] > 2 and alone["skipped_digests"] == 1 and any(r["findings"] for r in alone["rules"].values()),
    "so has that of some days of an account": some == some_alone and 0 < some["records"] < alone["records"],
    f"of a shard that crashes, {len(why)} files are named": len(why) > 0 and all("Runtime.ExitError" in s["reason"] for s in why)
        and crashed["files"] == alone["files"] and crashed["records"] < alone["records"],
    "it was tried three times": sum(crash(a) for a in calls[before:]) in (3, 4),  # once it may be throttled
    "no key of the archive goes through the state machine": not keys_said,
    "another bucket is refused in a sentence": "is below none of the buckets that the setting archive.buckets names" in refused.stderr,
}
for what, ok in checks.items():
    print("ok  " if ok else "FAIL", what)
for one in runtimes:
    one.process.kill()
if refused.returncode != 1 or not all(checks.values()):
    print({k: (some[k], some_alone[k]) for k in some if some[k] != some_alone[k]})
    print(refused.stderr, crashed["skipped"][:3], keys_said)
    sys.exit(1)
os._exit(0)
