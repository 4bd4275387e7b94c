"""Reduces botocore's service models to what the loopback cloud is compared with: errors, required members, and the bounds of members.

  pip install botocore==1.44.8 && python3 .ci/models.py > lambda/internal/localcloud/testdata/models.json
"""
import json

import botocore.loaders

PLAYED = {
    "cloudtrail": "CreateTrail DeleteTrail UpdateTrail StartLogging StopLogging PutEventSelectors PutInsightSelectors PutEventConfiguration GetEventConfiguration "
    "AddTags RemoveTags GetTrail GetTrailStatus GetEventSelectors GetInsightSelectors DescribeTrails ListTrails ListTags LookupEvents",
    "dynamodb": "GetItem PutItem Query",
    "events": "PutEvents",
    "lambda": "Invoke",
    "secretsmanager": "GetSecretValue",
    "sns": "Publish",
    "monitoring": "GetMetricData ListMetrics PutMetricData",
    "sqs": "SendMessage ReceiveMessage DeleteMessage DeleteMessageBatch ChangeMessageVisibility StartMessageMoveTask CancelMessageMoveTask PurgeQueue GetQueueAttributes",
}


def bounds(shapes, name, path, found, above=()):
    shape = shapes[name]
    own = {k: shape[k] for k in ("min", "max", "enum", "required") if k in shape}
    if own:
        found[path] = dict(own, type=shape["type"])
    if name in above:
        return
    above += (name,)
    for member, of in sorted(shape.get("members", {}).items()):
        bounds(shapes, of["shape"], f"{path}.{member}".lstrip("."), found, above)
    if shape["type"] == "list":
        bounds(shapes, shape["member"]["shape"], path + "[]", found, above)


models = {}
for service, played in PLAYED.items():
    model = botocore.loaders.Loader().load_service_model({"monitoring": "cloudwatch"}.get(service, service), "service-2")
    shapes = model["shapes"]
    for name in sorted(played.split()):
        op = model["operations"][name]
        errors = set()
        for e in op.get("errors", []):
            errors |= {e["shape"], shapes[e["shape"]].get("error", {}).get("code", e["shape"])}
        members = {}
        if "input" in op and service == "cloudtrail":
            bounds(shapes, op["input"]["shape"], "", members)
        members.pop("", None)
        models.setdefault(service, {})[name] = {
            "errors": sorted(errors), "required": sorted(shapes[op["input"]["shape"]].get("required", [])) if "input" in op else [], "members": members,
        }
print(json.dumps(models, indent=1, sort_keys=True))
