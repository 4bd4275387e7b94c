"""parliament over every IAM policy: those of the deployment, and every policy of every role, queue, topic, key, bucket and table of the golden templates.

A finding that exceptions.json does not explain fails; so does an exception that explains nothing any more.
"""

import json
import pathlib
import re
import sys

import parliament

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
ACCOUNT, REGION, PARTITION = "111122223333", "eu-west-1", "aws"
PSEUDO = {"AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::Partition": PARTITION, "AWS::URLSuffix": "amazonaws.com"}
# What stands for the ARN of a resource. An unknown type stops the check: its policies would be judged with a wrong resource.
ARNS = {
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:%s:%s:table/%%s",
    "AWS::Events::ApiDestination": "arn:aws:events:%s:%s:api-destination/%%s/00000000-0000-0000-0000-000000000000",
    "AWS::Events::Connection": "arn:aws:events:%s:%s:connection/%%s/00000000-0000-0000-0000-000000000000",
    "AWS::Events::Rule": "arn:aws:events:%s:%s:rule/%%s",
    "AWS::IAM::Role": "arn:aws:iam::{a}:role/%s",
    "AWS::KMS::Key": "arn:aws:kms:%s:%s:key/00000000-0000-0000-0000-000000000000",
    "AWS::Lambda::Function": "arn:aws:lambda:%s:%s:function:%%s",
    "AWS::Logs::LogGroup": "arn:aws:logs:%s:%s:log-group:%%s:*",
    "AWS::S3::Bucket": "arn:aws:s3:::%s",
    "AWS::SNS::Topic": "arn:aws:sns:%s:%s:%%s",
    "AWS::SQS::Queue": "arn:aws:sqs:%s:%s:%%s",
    "AWS::SSM::Parameter": "arn:aws:ssm:%s:%s:parameter/%%s",
    "AWS::Scheduler::Schedule": "arn:aws:scheduler:%s:%s:schedule/default/%%s",
}


def arn(resources, name):
    form = ARNS[resources[name]["Type"]].replace("{a}", ACCOUNT)
    if "%%s" in form or form.count("%s") == 2:
        form = form % (REGION, ACCOUNT)
    return form % name if "%s" in form else form


def resolve(value, resources):
    """Puts plain texts in the place of what CloudFormation fills in."""
    if isinstance(value, list):
        return [resolve(v, resources) for v in value]
    if not isinstance(value, dict):
        return value
    if "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return separator.join(resolve(p, resources) for p in parts)
    if "Fn::GetAtt" in value:
        name, attribute = value["Fn::GetAtt"]
        return arn(resources, name) if attribute.endswith("Arn") else name
    if "Ref" in value:
        name = value["Ref"]
        if name in PSEUDO:
            return PSEUDO[name]
        return arn(resources, name) if resources[name]["Type"] == "AWS::SNS::Topic" else name
    return {k: resolve(v, resources) for k, v in value.items()}


def documents(value, path):
    """Every policy document below a value, wherever it stands."""
    if isinstance(value, dict):
        if "Statement" in value:
            yield path, value
            return
        for key, below in value.items():
            yield from documents(below, path + "." + key)
    elif isinstance(value, list):
        for below in value:
            yield from documents(below, path)


def policies():
    for file in sorted((ROOT / "cdk").glob("*-policy.json")):
        text = re.sub(r"\bACCOUNT\b", ACCOUNT, file.read_text())
        yield from documents(json.loads(text), "cdk/" + file.name)
    for file in sorted((ROOT / "cdk" / "golden").rglob("*.json")):
        resources = json.loads(file.read_text())["Resources"]
        for name, resource in resources.items():
            for path, document in documents(resource.get("Properties", {}), re.sub(r"[0-9A-F]{8}$", "", name)):
                yield file.stem + "." + path, resolve(document, resources)


def with_resource(document):
    """A trust policy has no Resource: it is the role's own, and parliament wants one."""
    if any(a.startswith("sts:") for s in document["Statement"] for a in ([s["Action"]] if isinstance(s["Action"], str) else s["Action"])):
        role = {"Resource": ARNS["AWS::IAM::Role"].replace("{a}", ACCOUNT) % "role"}
        return document | {"Statement": [role | s for s in document["Statement"]]}
    return document


def findings(where, document):
    document = with_resource(document) if where.endswith("AssumeRolePolicyDocument") else document
    for finding in parliament.analyze_policy_string(json.dumps(document), where).findings:
        finding = parliament.enhance_finding(finding)
        yield {"where": where, "issue": finding.issue, "detail": str(finding.detail), "at": str(finding.location)}


def explains(exception, finding):
    return (
        exception["issue"] == finding["issue"]
        and re.search(exception["where"], finding["where"])
        and re.search(exception.get("detail", ""), finding["detail"] + finding["at"])
    )


def main():
    exceptions = json.loads((HERE / "exceptions.json").read_text())
    used, count, wrong, seen = set(), 0, 0, set()
    for where, document in policies():
        count += 1
        text = json.dumps(document, sort_keys=True)
        place = where.split(".", 1)[-1] + text
        if place in seen:  # the same in another template
            continue
        seen.add(place)
        for finding in findings(where, document):
            known = [i for i, e in enumerate(exceptions) if explains(e, finding)]
            used.update(known)
            if not known:
                wrong += 1
                print("%(where)s: %(issue)s: %(detail)s %(at)s" % finding)
    for i, exception in enumerate(exceptions):
        if i not in used:
            wrong += 1
            print("exceptions.json explains what is no longer found:", json.dumps(exception))
    print(f"{count} policies, {len(seen)} of them different, {wrong} findings that nothing explains")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main())
