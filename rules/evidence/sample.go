package evidence

import (
	"cmp"

	"trailkeeper/events"
	"trailkeeper/rules/evidence/calls"
)

// SampleOf is the detail of a record of a call on what the names hold, without who called, when and where; and false
// where they hold nothing that it could be about. One about a log group says where that is.
func SampleOf(n Names, c calls.Call) (detail map[string]any, ok bool) {
	request := map[string]any{}
	detail = map[string]any{"eventSource": c.Source, "eventName": c.Event, "requestParameters": request}
	switch c.Of {
	case calls.Bucket, calls.LogFile:
		if len(n.Buckets) == 0 {
			return nil, false
		}
		request["bucketName"] = n.Buckets[0].Name
		if c.At == "key" {
			request["key"] = n.Buckets[0].Prefix + "sample.json.gz"
		}
	case calls.Key:
		if len(n.Keys) == 0 {
			return nil, false
		}
		request["keyId"] = n.Keys[0]
		detail["resources"] = []any{map[string]any{"ARN": n.Keys[0], "type": "AWS::KMS::Key"}}
	case calls.LogGroup:
		if len(n.LogGroups) == 0 {
			return nil, false
		}
		name, short := logGroup(n.LogGroups[0])
		at, _ := events.ParseARN(short)
		request[c.At] = name
		detail["recipientAccountId"], detail["awsRegion"] = at.Account, at.Region
	default:
		request[cmp.Or(c.At, "name")] = sampleValue(c)
	}
	return detail, true
}

// sampleValue is what a call is about that no baseline names.
func sampleValue(c calls.Call) string {
	switch c.At {
	case "servicePrincipal":
		return calls.Principals()[0]
	case "roleName":
		return calls.ServiceRoleName
	case "RegionName":
		return "ap-east-1"
	case "policyType":
		return "SERVICE_CONTROL_POLICY"
	}
	return "sample"
}
