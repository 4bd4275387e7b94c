"""Writes what CloudFormation cannot change in place of each resource type that the golden templates use, as cfn-lint's copy of the
CloudFormation registry's schemas has it. Run it with cfn-lint installed; with --check it only says whether the file is up to date.
"""
import glob
import json
import sys

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

PATH = "cdk/testdata/create-only.json"
KINDS = ["createOnlyProperties", "conditionalCreateOnlyProperties"]

types = {"AWS::IAM::ManagedPolicy"}  # made where a role has more to say than IAM takes inline
for path in glob.glob("cdk/golden/*.json"):
    with open(path) as f:
        types.update(r["Type"] for r in json.load(f)["Resources"].values())


def properties(name):
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", name).schema
    return sorted({p.removeprefix("/properties/") for kind in KINDS for p in schema.get(kind, [])})


new = "{\n" + ",\n".join(f"  {json.dumps(t)}: {json.dumps(properties(t))}" for t in sorted(types)) + "\n}\n"
if "--check" not in sys.argv:
    with open(PATH, "w") as f:
        f.write(new)
elif new != open(PATH).read():
    sys.exit(f"{PATH} is not what cfn-lint's schemas say: run .ci/tables --write")
