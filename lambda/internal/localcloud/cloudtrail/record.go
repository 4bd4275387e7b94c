package cloudtrail

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/kernel"
)

// record is the CloudTrail record of a call, and the event around it.
type record struct {
	event  kernel.Event
	detail map[string]any
}

// recorder makes the records.
type recorder struct{ kernel *kernel.Kernel }

// of makes the record of a call (CloudTrail User Guide, "CloudTrail record contents"). A call refused with
// AccessDenied has no requestParameters.
func (r recorder) of(cl *kernel.Call, op operation, answer map[string]any, failed *kernel.Error) record {
	now := r.kernel.Now()
	id := r.kernel.ID("event")
	detail := map[string]any{
		"eventVersion":       "1.11",
		"userIdentity":       r.identity(cl),
		"eventTime":          recordTime(now),
		"eventSource":        principal,
		"eventName":          cl.Op,
		"awsRegion":          cl.Region,
		"sourceIPAddress":    cl.Source,
		"userAgent":          cl.Agent,
		"requestParameters":  bounded("requestParameters", lowered(cl.Params)),
		"responseElements":   nil,
		"requestID":          kernel.UUID("request", id),
		"eventID":            id,
		"readOnly":           !op.write,
		"eventType":          "AwsApiCall",
		"managementEvent":    true,
		"recipientAccountId": cl.Who.Account,
		"eventCategory":      "Management",
		"tlsDetails": map[string]any{
			"tlsVersion":               "TLSv1.3",
			"cipherSuite":              "TLS_AES_128_GCM_SHA256",
			"clientProvidedHostHeader": "cloudtrail." + cl.Region + "." + cloudformation.URLSuffix(r.kernel.Partition),
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
	ev := kernel.Envelope{
		ID:         kernel.UUID("envelope", id),
		Source:     "aws.cloudtrail",
		DetailType: "AWS API Call via CloudTrail",
		Time:       now,
		Detail:     detail,
	}.Event(kernel.Site{Account: cl.Who.Account, Region: cl.Region}, "")
	ev.ID, ev.Name, ev.Recorded, ev.ReadOnly = id, cl.Op, true, !op.write
	return record{ev, detail}
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

// identity is the userIdentity element.
func (r recorder) identity(cl *kernel.Call) map[string]any {
	p := cl.Who
	switch {
	case p.RoleName != "":
		return r.assumedRole(p,
			kernel.Role{ID: kernel.RoleID(p.RoleName), ARN: p.IAMARN(r.kernel.Partition), Name: p.RoleName}, p.UserName)
	case p.Role != nil:
		return r.assumedRole(p, *p.Role, p.Session())
	}
	return map[string]any{
		"type":        "IAMUser",
		"principalId": "AIDA" + strings.ToUpper(strings.ReplaceAll(kernel.UUID("user", p.UserName), "-", ""))[:17],
		"arn":         p.IAMARN(r.kernel.Partition),
		"accountId":   p.Account,
		"accessKeyId": p.AccessKey,
		"userName":    p.UserName,
	}
}

func (r recorder) assumedRole(p kernel.Principal, role kernel.Role, session string) map[string]any {
	return map[string]any{
		"type":        "AssumedRole",
		"principalId": role.ID + ":" + session,
		"arn":         p.ARN(r.kernel.Partition),
		"accountId":   p.Account,
		"accessKeyId": p.AccessKey,
		"sessionContext": map[string]any{
			"sessionIssuer": map[string]any{
				"type":        "Role",
				"principalId": role.ID,
				"arn":         role.ARN,
				"accountId":   p.Account,
				"userName":    role.Name,
			},
			"attributes": map[string]any{"creationDate": recordTime(r.kernel.Began), "mfaAuthenticated": "false"},
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
