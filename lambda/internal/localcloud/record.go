package localcloud

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"
)

// busEvent is an event on the default bus.
type busEvent struct {
	id       string // of the CloudTrail record, or of the envelope where there is none
	name     string // for people: "StopLogging", or the detail-type
	readOnly bool
	ours     bool // on the bus of the stack's account and Region
	local    bool // only on the default bus: nobody forwards it
	payload  json.RawMessage
}

// record makes the CloudTrail record of a call and the event around it (CloudTrail User Guide, "CloudTrail record contents"). A call
// refused with AccessDenied has no requestParameters.
func (c *Cloud) record(cl *call, op operation, answer map[string]any, failed *awsError) busEvent {
	now := c.time.Now().UTC().Format("2006-01-02T15:04:05Z")
	id := c.id("event")
	detail := map[string]any{
		"eventVersion": "1.11", "userIdentity": c.identity(cl), "eventTime": now, "eventSource": "cloudtrail.amazonaws.com",
		"eventName": cl.op, "awsRegion": cl.region, "sourceIPAddress": cl.source, "userAgent": cl.agent,
		"requestParameters": lowered(cl.params), "responseElements": nil, "requestID": uuidOf("request", id), "eventID": id,
		"readOnly": !op.write, "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": cl.who.Account,
		"eventCategory": "Management",
		"tlsDetails": map[string]any{
			"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256",
			"clientProvidedHostHeader": "cloudtrail." + cl.region + "." + c.stack.urlSuffix(),
		},
	}
	if failed != nil {
		detail["errorCode"], detail["errorMessage"] = failed.Code, failed.Message
		if failed.Recorded != "" {
			detail["errorCode"], detail["requestParameters"] = failed.Recorded, nil
		}
	} else if op.write && len(answer) > 0 {
		detail["responseElements"] = lowered(answer)
	}
	ev := busEvent{
		id: id, name: cl.op, readOnly: !op.write, ours: cl.who.Account == c.opts.Account && cl.region == c.opts.Region,
	}
	ev.payload = envelope(map[string]any{
		"id": uuidOf("envelope", id), "source": "aws.cloudtrail", "detail-type": "AWS API Call via CloudTrail",
		"account": cl.who.Account, "region": cl.region, "time": now, "detail": detail,
	})
	return ev
}

// envelope is an event as EventBridge delivers it ("Events in Amazon EventBridge").
func envelope(fields map[string]any) json.RawMessage {
	fields["version"] = "0"
	if fields["resources"] == nil {
		fields["resources"] = []string{}
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		return json.RawMessage(`{}`) // maps of texts always encode
	}
	return raw
}

// identity is the userIdentity element.
func (c *Cloud) identity(cl *call) map[string]any {
	p := cl.who
	if p.role == nil {
		return map[string]any{
			"type": "IAMUser", "principalId": "AIDA" + strings.ToUpper(strings.ReplaceAll(uuidOf("user", p.UserName), "-", ""))[:17],
			"arn": p.iamARN(c.opts.Partition), "accountId": p.Account, "accessKeyId": p.AccessKey, "userName": p.UserName,
		}
	}
	return map[string]any{
		"type": "AssumedRole", "principalId": p.role.roleID + ":" + cl.session(), "arn": p.arn(c.opts.Partition, cl.session()),
		"accountId": p.Account, "accessKeyId": p.AccessKey,
		"sessionContext": map[string]any{
			"sessionIssuer": map[string]any{
				"type": "Role", "principalId": p.role.roleID, "arn": p.role.arn, "accountId": p.Account, "userName": p.role.name,
			},
			"attributes": map[string]any{"creationDate": c.start.Format("2006-01-02T15:04:05Z"), "mfaAuthenticated": "false"},
		},
	}
}

// lowered writes API members as records do: with a small first letter.
func lowered(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if v == nil {
			return nil
		}
		out := make(map[string]any, len(v))
		for name, value := range v {
			r, n := utf8.DecodeRuneInString(name)
			out[string(unicode.ToLower(r))+name[n:]] = lowered(value)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = lowered(v[i])
		}
		return out
	default:
		return v
	}
}
