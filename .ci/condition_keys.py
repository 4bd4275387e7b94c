"""Writes which condition keys each action carries, as parliament's copy of the Service Authorization Reference has it.

The actions are those that cdk/testdata/condition-keys.json names already: add one with an empty list and run this with parliament installed.
With --check it only says whether the file is up to date. Keys that every action carries (aws:PrincipalArn and the like) are not listed.
"""
import json
import sys
from importlib import resources

PATH = "cdk/testdata/condition-keys.json"

services = {s["prefix"]: s for s in json.loads(resources.files("parliament").joinpath("iam_definition.json").read_text())}


def keys(action):
    prefix, name = action.split(":")
    service = services[prefix]
    types = {r["resource"]: r["condition_keys"] for r in service["resources"]}
    found = set()
    for privilege in service["privileges"]:
        if privilege["privilege"] == name:
            for t in privilege["resource_types"]:
                found.update(t["condition_keys"])
                found.update(types.get(t["resource_type"].rstrip("*"), []))
    return sorted(found)


with open(PATH) as f:
    old = f.read()
new = "{\n" + ",\n".join(f"  {json.dumps(a)}: {json.dumps(keys(a))}" for a in sorted(json.loads(old))) + "\n}\n"
if "--check" not in sys.argv:
    with open(PATH, "w") as f:
        f.write(new)
elif new != old:
    sys.exit(f"{PATH} is not what parliament's definitions say: run .ci/tables --write")
