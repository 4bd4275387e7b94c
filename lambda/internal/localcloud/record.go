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
	ours     bool   // on the bus of the stack's account and Region
	local    bool   // only on the default bus: nobody forwards it
	bus      string // only on this bus; empty: as CloudTrail's events, on the default one and where they are forwarded to
	payload  json.RawMessage
	detail   map[string]any // the CloudTrail record; nil where there is none
}

// record makes the CloudTrail record of a call and the event around it (CloudTrail User Guide, "CloudTrail record contents"). A call
// refused with AccessDenied has no requestParameters.
func (c *Cloud) record(cl *call, op operation, answer map[string]any, failed *awsError) busEvent {
	now := c.time.Now().UTC().Format("2006-01-02T15:04:05Z")
	id := c.id("event")
	detail := map[string]any{
		"eventVersion": "1.11", "userIdentity": c.identity(cl), "eventTime": now, "eventSource": "cloudtrail.amazonaws.com",
		"eventName": cl.op, "awsRegion": cl.region, "sourceIPAddress": cl.source, "userAgent": cl.agent,
		"requestParameters": bounded("requestParameters", lowered(cl.params)), "responseElements": nil, "requestID": uuidOf("request", id), "eventID": id,
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
		detail["responseElements"] = bounded("responseElements", lowered(answer))
	}
	ev := busEvent{
		id: id, name: cl.op, readOnly: !op.write, ours: cl.who.Account == c.opts.Account && cl.region == c.opts.Region, detail: detail,
	}
	ev.payload = envelope(map[string]any{
		"id": uuidOf("envelope", id), "source": "aws.cloudtrail", "detail-type": "AWS API Call via CloudTrail",
		"account": cl.who.Account, "region": cl.region, "time": now, "detail": detail,
	})
	return ev
}

// mostElement is how much of an element of a record is kept ("Quotas in AWS CloudTrail"), in bytes.
const mostElement = 100 << 10

// bounded leaves out what is too much for a record.
func bounded(name string, element any) any {
	raw, err := json.Marshal(element)
	if err != nil || len(raw) <= mostElement {
		return element
	}
	return map[string]any{"reason": name + " too large", "omitted": true, "originalSize": len(raw)}
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
	if p.RoleName != "" {
		id := roleID(p.RoleName)
		return c.assumedRole(p, id, p.UserName, p.iamARN(c.opts.Partition), p.RoleName)
	}
	if p.role == nil {
		return map[string]any{
			"type": "IAMUser", "principalId": "AIDA" + strings.ToUpper(strings.ReplaceAll(uuidOf("user", p.UserName), "-", ""))[:17],
			"arn": p.iamARN(c.opts.Partition), "accountId": p.Account, "accessKeyId": p.AccessKey, "userName": p.UserName,
		}
	}
	return c.assumedRole(p, p.role.roleID, cl.session(), p.role.arn, p.role.name)
}

func (c *Cloud) assumedRole(p Principal, id, session, arn, name string) map[string]any {
	return map[string]any{
		"type": "AssumedRole", "principalId": id + ":" + session, "arn": p.arn(c.opts.Partition, session),
		"accountId": p.Account, "accessKeyId": p.AccessKey,
		"sessionContext": map[string]any{
			"sessionIssuer": map[string]any{"type": "Role", "principalId": id, "arn": arn, "accountId": p.Account, "userName": name},
			"attributes":    map[string]any{"creationDate": c.start.Format("2006-01-02T15:04:05Z"), "mfaAuthenticated": "false"},
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
